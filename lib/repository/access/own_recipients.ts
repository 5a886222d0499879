/**
 * The recipients that this machine has the identities of. Nobody is asked for a passphrase, and no plugin or command is
 * run: what only they could tell is left out. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { withoutComment } from "../../keys/age/recipient.ts";
import { loadIdentities } from "../../keys/places/identities.ts";

/** @returns the recipients without their comments */
export async function findOwnRecipients(host: Host): Promise<ReadonlySet<string>> {
  const { identities } = await loadIdentities(host);
  const recipients = await Promise.all(identities.map((identity) => identity.findRecipient()));
  return new Set(recipients.flatMap((recipient) => recipient === undefined ? [] : [withoutComment(recipient)]));
}
