/**
 * `filestatus FILE`: whether SOPS would take the file for encrypted, as JSON.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { fileStatus } from "../../sops/mod.ts";
import type { CommonFlags } from "./report.ts";
import { findTarget, readTarget, type TypeFlags } from "./target.ts";

/** The flags of `filestatus`. */
export interface FilestatusFlags extends CommonFlags, Pick<TypeFlags, "inputType"> {
  readonly config?: string;
}

/**
 * Prints the status.
 *
 * @throws {UserError} `not-found`, `denied`, `io`
 */
export async function filestatus(flags: FilestatusFlags, [file]: readonly string[], session: Session): Promise<number> {
  const target = findTarget(session, file, flags);
  const status = await fileStatus(await readTarget(session.host, target), {
    path: target.path ?? target.name,
    format: target.inputFormat,
  });
  session.host.stdout.write(`${JSON.stringify(status)}\n`);
  return EXIT.done;
}
