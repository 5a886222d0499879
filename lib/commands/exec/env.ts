/**
 * `exec-env FILE COMMAND`: a command with the values of a file in its environment.
 *
 * The values are handed to the shell as variables and stand nowhere else. Spec: sops-engine §5.9.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Session } from "../../base/show/session.ts";
import { decryptedDocuments, type Document, formatFlatScalar, openEncryptedFile } from "../../sops/mod.ts";
import { type OpeningFlags, openingOf } from "../file/opening.ts";
import { shellWords } from "./shell.ts";
import { checkVariable, runWithVariables } from "./variables.ts";
import { findTarget, readTarget, type TypeFlags } from "../file/target.ts";

/** The flags of `exec-env`. */
export interface ExecEnvFlags extends OpeningFlags, Pick<TypeFlags, "inputType"> {
  readonly pristine?: boolean;
  readonly sameProcess?: boolean;
}

/**
 * Runs a command.
 *
 * @param args file and command line
 * @returns the exit status of the command
 * @throws {UserError} as opening does; `unsupported` for values that no variable can hold
 */
export async function execEnv(
  flags: ExecEnvFlags,
  [file, command = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { host } = session;
  const target = findTarget(session, file, flags);
  const opened = await openEncryptedFile(await readTarget(host, target), openingOf(session, target, flags));
  const env = variablesOf(decryptedDocuments(opened)[0], target.name);
  return await runWithVariables(host, shellWords(host, command), {
    env,
    name: target.name,
    isPristine: flags.pristine ?? false,
  });
}

/** @returns the top-level values of a document as variables, the last of several with one name */
function variablesOf(document: Document | undefined, name: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const item of document?.root.items ?? []) {
    if (item.kind === "comment") continue;
    const { key, value } = item;
    if (value.kind !== "leaf") {
      throw new UserError(
        "unsupported",
        `cannot use ${name} as an environment: "${key}" is a ${value.kind}, expected a value`,
        {
          hints: ["exec-file hands over the whole file"],
        },
      );
    }
    const text = formatFlatScalar(value.value);
    checkVariable(key, text, name);
    env[key] = text;
  }
  return env;
}
