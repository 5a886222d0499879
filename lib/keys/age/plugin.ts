/**
 * Keys of age plugins (YubiKey, Secure Enclave, TPM, …): wrapped and unwrapped by the plugin's own program.
 *
 * I/O through the host. Reference: C2SP, age plugin protocol, `recipient-v1` and `identity-v1`.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import type { Recipient, Stanza } from "../primitives/stanza.ts";
import { findPluginName } from "./identity.ts";
import { openPlugin, type PluginConnection, PluginMalfunction } from "./plugin_connection.ts";

/** The only file of a conversation; the protocol could carry several. */
const FILE_INDEX = "0";

const NO_BODY = new Uint8Array();

/**
 * @param text a plugin recipient that has been parsed before
 * @returns what wraps for it; throws `UserError` where the plugin is missing or fails
 */
export function createPluginRecipient(host: Host, text: string): Recipient {
  const name = text.slice("age1".length, text.lastIndexOf("1"));
  return {
    wrapFileKey: (fileKey) =>
      talk(host, { name, machine: "recipient-v1", action: `encrypt for ${name}` }, async (plugin) => {
        await plugin.send({ args: ["add-recipient", text], body: NO_BODY });
        await plugin.send({ args: ["wrap-file-key"], body: fileKey });
        // Labels say which recipients may share a header; here each has one of its own, so any answer is right.
        await plugin.send({ args: ["extension-labels"], body: NO_BODY });
        await plugin.send({ args: ["done"], body: NO_BODY });
        const wrapped: Stanza[] = [];
        await plugin.serve({
          "recipient-stanza": ({ args: [, index, ...args], body }) => {
            if (index !== FILE_INDEX || args.length === 0) {
              throw new PluginMalfunction("sent a stanza for another file");
            }
            wrapped.push({ args, body });
          },
          "labels": () => {},
        });
        if (wrapped.length === 0) throw new PluginMalfunction("sent no stanza");
        return wrapped;
      }),
  };
}

/**
 * Unwraps the key of a file.
 *
 * @param identity of a plugin, parsed before
 * @returns undefined when none of the stanzas is for the identity
 * @throws {UserError} `not-found` without the plugin; `io` when it fails, with what it says; `cancelled`
 */
export async function unwrapWithPlugin(
  host: Host,
  identity: Secret,
  stanzas: readonly Stanza[],
): Promise<Uint8Array | undefined> {
  const name = findPluginName(identity) ?? "";
  return await talk(host, { name, machine: "identity-v1", action: `use the identity of ${name}` }, async (plugin) => {
    await plugin.send({ args: ["add-identity", identity.revealText()], body: NO_BODY });
    for (const { args, body } of stanzas) await plugin.send({ args: ["recipient-stanza", FILE_INDEX, ...args], body });
    await plugin.send({ args: ["done"], body: NO_BODY });
    let fileKey: Uint8Array | undefined;
    await plugin.serve({
      "file-key": ({ args, body }) => {
        if (args.length !== 2 || args[1] !== FILE_INDEX || fileKey !== undefined) {
          throw new PluginMalfunction("sent a key for another file");
        }
        fileKey = body;
      },
    });
    return fileKey;
  });
}

/** What a conversation is for. */
interface Conversation {
  readonly name: string;
  readonly machine: "recipient-v1" | "identity-v1";
  /** To stand after "cannot". */
  readonly action: string;
}

async function talk<Result>(
  host: Host,
  { name, machine, action }: Conversation,
  body: (plugin: PluginConnection) => Promise<Result>,
): Promise<Result> {
  const program = `age-plugin-${name}`;
  const plugin = await openPlugin(host, program, machine);
  if (plugin === undefined) {
    throw new UserError("not-found", `cannot ${action}: the program ${program} is missing`, {
      hints: [`install ${program}, and see that it is in PATH`],
    });
  }
  try {
    return await body(plugin);
  } catch (error) {
    if (!(error instanceof PluginMalfunction)) throw error;
    const hints = plugin.couldNotAsk ? ["run it in a terminal: the plugin wanted to ask something"] : [];
    throw new UserError("io", `cannot ${action}: ${program} ${error.message}`, { hints });
  } finally {
    await plugin.close();
  }
}
