/**
 * The recipients that this machine has the identities of. Nobody is asked for a passphrase, and no plugin or command is
 * run: what only they could tell is left out. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { withoutComment } from "../../keys/age/recipient.ts";
import { loadIdentities } from "../../keys/places/identities.ts";

/** Whether a key is one's own: an ssh key is, whatever comment it has in a file. */
export class OwnRecipients {
  readonly #bare: ReadonlySet<string>;

  /** @param recipients with or without their comments */
  constructor(recipients: readonly string[]) {
    this.#bare = new Set(recipients.map(withoutComment));
  }

  /** Whether none is known. */
  get isEmpty(): boolean {
    return this.#bare.size === 0;
  }

  /** @param key of a rule or of a file, with the comment that it may have there */
  has({ text }: { readonly text: string }): boolean {
    return this.#bare.has(withoutComment(text));
  }
}

/** @returns what can be told without asking anybody */
export async function findOwnRecipients(host: Host): Promise<OwnRecipients> {
  const { identities } = await loadIdentities(host);
  const recipients = await Promise.all(identities.map((identity) => identity.findRecipient()));
  return new OwnRecipients(recipients.flatMap((recipient) => recipient ?? []));
}
