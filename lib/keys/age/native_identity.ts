/**
 * The identities of keys files as what unwraps: X25519 natively, hybrid ones through the library, plugin ones through their
 * plugin. Each loads what it needs only for a file that has a stanza for it. I/O through the host, for plugins only.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { decodeBech32 } from "../primitives/bech32.ts";
import type { Identity } from "../primitives/stanza.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import type { ParsedIdentity } from "./identity.ts";
import { createX25519Identity } from "./x25519_stanza.ts";

const HYBRID_TYPE = "mlkem768x25519";

/** @returns what unwraps with an identity that has been parsed before */
export function createIdentity(host: Host, { kind, secret }: ParsedIdentity, crypto: StanzaCrypto): Identity {
  switch (kind) {
    case "x25519": {
      const bytes = decodeBech32(secret.revealText())?.bytes;
      if (bytes === undefined) throw new InternalError("an identity that has not been parsed");
      return createX25519Identity(crypto, bytes);
    }
    case "hybrid":
      return {
        async unwrapFileKey(stanzas, header) {
          if (stanzas.every(({ args }) => args[0] !== HYBRID_TYPE)) return null;
          const { unwrapHybrid } = await import("./hybrid.ts");
          return await unwrapHybrid(secret, header) ?? null;
        },
      };
    case "plugin":
      return {
        async unwrapFileKey(stanzas) {
          const { unwrapWithPlugin } = await import("./plugin.ts");
          return await unwrapWithPlugin(host, secret, stanzas) ?? null;
        },
      };
  }
}
