/**
 * Whether this machine has an identity for a file that is about to be encrypted. I/O through the host; nobody is asked
 * for anything. Spec: keys §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { withoutComment } from "../../keys/age/recipient.ts";
import { loadIdentities } from "../../keys/places/identities.ts";
import type { VaultPlaces } from "./keys.ts";

/**
 * Finds out whether what is encrypted for these recipients could be read here.
 *
 * @param recipients of all groups, as the file will have them
 * @param places of the vault that the file belongs to
 * @returns false only when it is certain: an identity that only a passphrase, a command or a device could tell counts
 */
export async function mayOpenHere(
  host: Host,
  recipients: readonly string[],
  places: VaultPlaces = {},
): Promise<boolean> {
  const { identities } = await loadIdentities(host, places);
  const wanted = new Set(recipients.map(withoutComment));
  for (const identity of identities) {
    const own = await identity.findRecipient();
    if (own === undefined || wanted.has(withoutComment(own))) return true;
  }
  return false;
}
