/**
 * `secret delete NAME`: one secret of a vault taken away.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { confirm } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { findSecretFormat, listSecretNames } from "../../repository/secrets/values.ts";
import { unsetValue } from "../../sops/mod.ts";
import { changeFile } from "../file/target.ts";
import { findSecretTarget, readSecretFile, reportChange, type SecretFlags, unknownSecret } from "./target.ts";

/** The flags of `secret delete`. */
export interface SecretDeleteFlags extends SecretFlags {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** @throws {UserError} `not-found` without such a secret; `usage` without a terminal to ask on; as opening and writing do */
export async function secretDelete(
  flags: SecretDeleteFlags,
  [name = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const target = await findSecretTarget(session, flags);
  const names = await listSecretNames(readSecretFile(session, target), target.path);
  if (!names.includes(name)) throw unknownSecret(target, name, names);
  const { path, surroundings } = target;
  const file = report.path(path);
  if (!flags.force && !flags.dryRun) {
    const question = { text: `delete ${name} from ${file}`, instead: "pass --force to delete it" };
    if (!await confirm(host, question)) throw new UserError("cancelled", "nothing was changed");
  }
  const change = { path, dryRun: flags.dryRun, reason: "the file without the secret" };
  await changeFile(session, change, async (content) => {
    const bytes = content ?? readSecretFile(session, target);
    const format = findSecretFormat(path, bytes);
    return { after: await unsetValue(bytes, [name], { ...surroundings, path, format }), outcome: undefined };
  });
  if (!flags.dryRun) report.done(`deleted ${name} from ${file}; git still has it: change it where it is used`);
  reportChange(session, target, { changed: !flags.dryRun, names: [name] });
  return EXIT.done;
}
