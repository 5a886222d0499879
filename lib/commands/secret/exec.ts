/**
 * `secret exec -- COMMAND`: a command with the secrets of a vault in its environment, and nowhere else.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Session } from "../../base/show/session.ts";
import { formatSecretText } from "../../repository/secrets/values.ts";
import { checkVariable, runWithVariables } from "../exec/variables.ts";
import { readAllSecrets } from "./open.ts";
import { SecretPlaces } from "./places.ts";
import type { SecretFlags } from "./target.ts";

/** The flags of `secret exec`. */
export type SecretExecFlags = Omit<SecretFlags, "json">;

/** Where the variables come from, in messages. */
const SOURCE = "the secrets";

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
  const env: Record<string, string> = {};
  for (const secret of await readAllSecrets(session, new SecretPlaces(session, flags))) {
    const text = formatSecretText(secret);
    checkVariable(secret.name, text, SOURCE);
    env[secret.name] = text;
  }
  return await runWithVariables(host, words, { env, name: SOURCE });
}
