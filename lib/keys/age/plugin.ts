/** @module */
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import type { Recipient, Stanza } from "../primitives/stanza.ts";
export function unwrapWithPlugin(_h: Host, _s: Secret, _st: Stanza[]): Promise<Uint8Array | undefined> {
  return Promise.resolve(undefined);
}
export function createPluginRecipient(_h: Host, _t: string): Recipient {
  return { wrapFileKey: () => [] };
}
