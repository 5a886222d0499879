/**
 * `recipient add [NAME] [RECIPIENT…]`: gives one or more public keys to rules of `.sops.yaml`, in the dialect of the file.
 *
 * Adding what is there changes nothing. Never touches an encrypted file: the next step does. Spec: sops-config §3–4,
 * keys §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readAddedRecipients, type RecipientSourceFlags } from "./source.ts";
import { addToRules } from "./add_to_rules.ts";
import { type ChangeFlags, readConfigFor } from "./rule_choice.ts";

/** Flags of `recipient add`. */
export type RecipientAddFlags = ChangeFlags & RecipientSourceFlags;

/**
 * Runs `recipient add`.
 *
 * @param args a name, a recipient, or both
 * @returns the exit code
 * @throws {UserError} `usage` without a recipient, with two sources, or when it is not clear which rule; `malformed` and
 * `unsupported` for what is no public key, or none that age can use; `refused` for a host key that is not confirmed; what
 * reading and editing the config throws. Nothing has been written then
 */
export async function recipientAdd(
  flags: RecipientAddFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const read = await readConfigFor(session, flags);
  const added = await readAddedRecipients(session, read.config, flags, args);
  await addToRules(session, read, added, flags);
  return EXIT.done;
}
