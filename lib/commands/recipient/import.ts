/**
 * `recipient import FILE`: gives all recipients of a file to rules of `.sops.yaml`, each by the name that it has there.
 *
 * Importing what is there changes nothing. Never touches an encrypted file: the next step does. Spec: sops-config §3–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readImportedRecipients } from "./source.ts";
import { addToRules } from "./add_to_rules.ts";
import { type ChangeFlags, readConfigFor } from "./rule_choice.ts";

/** Flags of `recipient import`. */
export interface RecipientImportFlags extends ChangeFlags {
  /** Keep ssh keys as they are. */
  readonly sshNative?: boolean;
}

/**
 * Runs `recipient import`.
 *
 * @param args a file, or `-` for standard input
 * @returns the exit code
 * @throws {UserError} `not-found` without the file or a recipient in it; `malformed` and `unsupported` for what is no public
 * key, or none that age can use; `usage` for a recipient without a name, or when it is not clear which rule; what reading
 * and editing the config throws. Nothing has been written then
 */
export async function recipientImport(
  flags: RecipientImportFlags,
  [file = "-"]: readonly string[],
  session: Session,
): Promise<number> {
  const read = await readConfigFor(session, flags);
  const added = await readImportedRecipients(session, read.config, file, flags);
  await addToRules(session, read, added, flags);
  return EXIT.done;
}
