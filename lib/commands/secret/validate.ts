/**
 * `secret validate NAMES`: whether every one of them has a value; no key is needed to tell.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { listSecretNames } from "../../repository/secrets/values.ts";
import { quoteForShell } from "../shared/next_step.ts";
import { findSecretContent, findSecretTarget, formatSecretCommand, type SecretFlags } from "./target.ts";

/** The flags of `secret validate`. */
export type SecretValidateFlags = SecretFlags;

/**
 * Compares the names that are asked for with those in the file.
 *
 * @param names that have to be there
 * @returns the exit code for differences when one has no value
 * @throws {UserError} as finding and reading the file do; a file that is not there has no secret
 */
export async function secretValidate(
  flags: SecretValidateFlags,
  names: readonly string[],
  session: Session,
): Promise<number> {
  const { report } = session;
  const target = await findSecretTarget(session, flags);
  const { path, vault } = target;
  const content = findSecretContent(session, target);
  const present = content === undefined ? [] : await listSecretNames(content, path);
  const missing = names.filter((name) => !present.includes(name));
  report.json({ vault: vault.name, file: path, required: names, missing });
  for (const name of missing) report.say(`${report.symbols.failed} ${name} has no value in ${report.path(path)}`);
  if (missing[0] !== undefined) {
    report.next(formatSecretCommand(target, `set ${quoteForShell(missing[0])}`));
    return EXIT.differences;
  }
  report.done(`${formatCount(names.length, "required secret")} in ${report.path(path)}`);
  return EXIT.done;
}
