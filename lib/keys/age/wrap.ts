/**
 * Encrypts the data key of a SOPS file for its recipients: one armored age file for each, with exactly one recipient.
 *
 * X25519 and ssh recipients natively, post-quantum ones through the age library, plugin ones through their plugin. I/O
 * through the host, for plugins only. Spec: sops-engine §2.1, §2.2, §2.5.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { decodeBech32 } from "../primitives/bech32.ts";
import type { Recipient } from "../primitives/stanza.ts";
import { createStanzaCrypto } from "../primitives/busy_crypto.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import { findSshPublicKey } from "../ssh/public_key.ts";
import { sealAgeFile } from "./age_file.ts";
import { encodeArmor } from "./armor.ts";
import { parseRecipient } from "./recipient_parse.ts";
import { createX25519Recipient, type WrapContext } from "./x25519_stanza.ts";

/**
 * @param recipient as it stands in a rule or file
 * @param dataKey the key, or one group's share of it
 * @returns the armored age file
 * @throws {UserError} `malformed` for what is no recipient; `not-found` without the plugin, and what it says it fails at
 */
export type KeyWrapper = (recipient: string, dataKey: Uint8Array) => Promise<string>;

/** @returns what encrypts data keys for any recipient that SOPS takes */
export function createKeyWrapper(host: Host, crypto: StanzaCrypto = createStanzaCrypto()): KeyWrapper {
  const context = { crypto, randomBytes: host.randomBytes };
  const wrappers = new Map<string, Promise<(dataKey: Uint8Array) => Promise<string>>>();
  return async (text, dataKey) => {
    let wrapper = wrappers.get(text);
    if (wrapper === undefined) wrappers.set(text, wrapper = createWrapper(host, text, context));
    return await (await wrapper)(dataKey);
  };
}

async function createWrapper(
  host: Host,
  text: string,
  context: WrapContext,
): Promise<(dataKey: Uint8Array) => Promise<string>> {
  const { kind } = parseRecipient(text);
  if (kind === "hybrid") {
    const { sealForHybrid } = await import("./hybrid.ts");
    return async (dataKey) => encodeArmor(await sealForHybrid(text, dataKey));
  }
  const recipient = await createRecipient(host, kind, text, context);
  return (dataKey) => sealAgeFile(context, recipient, dataKey);
}

async function createRecipient(
  host: Host,
  kind: "x25519" | "plugin" | "ssh-ed25519" | "ssh-rsa",
  text: string,
  context: WrapContext,
): Promise<Recipient> {
  switch (kind) {
    case "x25519": {
      const decoded = decodeBech32(text);
      if (decoded === undefined) throw new InternalError("a recipient that has not been parsed");
      return createX25519Recipient(context, decoded.bytes);
    }
    case "plugin": {
      const { createPluginRecipient } = await import("./plugin.ts");
      return createPluginRecipient(host, text);
    }
    case "ssh-ed25519":
    case "ssh-rsa": {
      const publicKey = findSshPublicKey(text);
      if (publicKey === undefined) throw new InternalError("an ssh recipient that has not been parsed");
      if (kind === "ssh-rsa") return (await import("../ssh/rsa_stanza.ts")).createSshRsaRecipient(publicKey);
      const { createSshEd25519Recipient } = await import("../ssh/ed25519_stanza.ts");
      return createSshEd25519Recipient(context.crypto, publicKey, context.randomBytes);
    }
  }
}
