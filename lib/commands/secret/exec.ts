/**
 * `secret exec -- COMMAND`: a command with the secrets of a vault in its environment, and nowhere else.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Session } from "../../base/show/session.ts";
import { formatSecretText, readSecrets } from "../../repository/secrets/values.ts";
import { checkVariable, runWithVariables } from "../exec/variables.ts";
import { findSecretTarget, openSecretFile, type SecretFlags } from "./target.ts";

/** The flags of `secret exec`. */
export type SecretExecFlags = Omit<SecretFlags, "json">;

/**
 * Runs a command.
 *
 * @returns its exit status
 * @throws {UserError} `usage` without a command; `not-found` for one that is not there; as opening does
 */
export async function secretExec(flags: SecretExecFlags, words: readonly string[], session: Session): Promise<number> {
  const { host } = session;
  if (words.length === 0) {
    throw new UserError("usage", "no command to run", { hints: ["write it behind --: sopsmith secret exec -- env"] });
  }
  const target = await findSecretTarget(session, flags);
  const name = session.report.path(target.path);
  const env: Record<string, string> = {};
  for (const secret of readSecrets(await openSecretFile(session, target))) {
    const text = formatSecretText(secret);
    checkVariable(secret.name, text, name);
    env[secret.name] = text;
  }
  return await runWithVariables(host, words, { env, name });
}
