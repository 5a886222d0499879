/**
 * The Secret Service of Linux desktops (GNOME Keyring, KWallet, KeePassXC), through `secret-tool` of libsecret.
 *
 * Entries have the attributes `service` and `username` and the label that Go programs give them, so each finds the other's.
 * I/O through the host.
 *
 * @module
 */
import type { CommandResult, Host } from "../../base/host/host.ts";
import { Secret } from "../../base/secret.ts";
import { type Keychain, keychainFailed, keychainMissing, runKeychain } from "./command.ts";
import type { KeychainEntry } from "./entry.ts";

const COMMAND = "secret-tool";
const INSTALL = "install secret-tool (package libsecret-tools, libsecret or libsecret-utils)";

/** @returns the Secret Service of this session */
export function createLinuxKeychain(host: Host): Keychain {
  return {
    has: async (entry) => await isFound(host, entry),
    async read(entry) {
      const found = await runTool(host, ["lookup", ...attributes(entry)]);
      if (found.code === 0) return new Secret(new TextDecoder().decode(found.stdout));
      if (found.stderr.length > 0) throw failure("read", found);
      if (!await isFound(host, entry)) return undefined;
      // One that a person has not unlocked is not looked up: it must not count as absent.
      throw keychainFailed("read", { code: 1, stderr: new TextEncoder().encode("it is locked") }, "denied");
    },
    async write(entry, value) {
      const label = `Password for '${entry.account}' on '${entry.service}'`;
      const args = ["store", `--label=${label}`, ...attributes(entry)];
      const stored = await runTool(host, args, value.reveal());
      if (stored.code !== 0) throw failure("write to", stored);
    },
  };
}

/** Finds locked entries, too, and unlocks none. */
async function isFound(host: Host, entry: KeychainEntry): Promise<boolean> {
  const found = await runTool(host, ["search", "--all", ...attributes(entry)]);
  if (found.code !== 0) throw failure("read", found);
  return found.stdout.length > 0;
}

function attributes({ service, account }: KeychainEntry): string[] {
  return ["service", service, "username", account];
}

function failure(action: string, result: CommandResult): Error {
  const isLocked = /\blocked\b/.test(new TextDecoder().decode(result.stderr));
  return keychainFailed(action, result, isLocked ? "denied" : "io");
}

async function runTool(host: Host, args: readonly string[], stdin?: Uint8Array): Promise<CommandResult> {
  const result = await runKeychain(host, COMMAND, args, stdin === undefined ? {} : { stdin });
  if (result === undefined) throw keychainMissing(COMMAND, INSTALL);
  return result;
}
