/**
 * `completion SHELL`: the script that makes a shell complete `sopsmith` with Tab. Prints only; loads no configuration.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { suggest } from "../../base/show/suggest.ts";
import { COMPLETION_SCRIPTS } from "./scripts.ts";
import { SHELLS } from "./shell.ts";

/** `completion` has no flags of its own. */
export type CompletionFlags = Readonly<Record<never, never>>;

/**
 * Prints the script of a shell.
 *
 * @param args the shell's name
 * @throws {UserError} `usage` for a shell that there is no script for
 */
export function completion(
  _flags: CompletionFlags,
  [name = ""]: readonly string[],
  { host }: Session,
): number {
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined) throw unknownShell(name);
  host.stdout.write(COMPLETION_SCRIPTS[shell]);
  return EXIT.done;
}

function unknownShell(name: string): UserError {
  const near = suggest(name, SHELLS);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return new UserError("usage", `no completion for the shell "${name}"${meant}`, {
    hints: [`name one of ${SHELLS.join(", ")}`],
  });
}
