/**
 * `secret list`: the names of the secrets of a vault. They stand in clear in its file, so no key is needed.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { listSecretNames } from "../../repository/secrets/values.ts";
import { findSecretTarget, readSecretFile, type SecretFlags } from "./target.ts";

/** The flags of `secret list`. */
export type SecretListFlags = SecretFlags;

/** @throws {UserError} `not-found` without a file; `malformed` for one that cannot be read */
export async function secretList(flags: SecretListFlags, _: readonly string[], session: Session): Promise<number> {
  const { report } = session;
  const target = await findSecretTarget(session, flags);
  const names = await listSecretNames(readSecretFile(session, target), target.path);
  if (names.length > 0) report.data(names.join("\n"));
  report.say(`${formatCount(names.length, "secret")} in ${report.path(target.path)}`);
  report.json({ vault: target.vault.name, file: target.path, names });
  return EXIT.done;
}
