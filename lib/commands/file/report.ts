/**
 * What the commands for a file tell besides their result.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import type { StoreWarning } from "../../sops/mod.ts";

/** Flags that every command for a file takes. */
export interface CommonFlags {
  readonly verbose?: boolean;
  readonly decryptionOrder?: string;
}

/** Shows what a store has noticed in a file. */
export function reportWarnings({ report }: Session, warnings: readonly StoreWarning[], name: string): void {
  for (const { problem, lineNumber } of warnings) report.warning(`${name}:${lineNumber}: ${problem}`);
}

/** What a rotation does not take back. */
export const REMOVED_CAN_READ = "whoever was removed can still read what git has: change the values themselves, too";

/** @param count of comments that a rotation could not open, and left as they were @param name of the files they stand in */
export function warnOfLostComments({ report }: Session, count: number, name: string): void {
  if (count === 0) return;
  const [lost, them] = [formatCount(count, "encrypted comment"), count === 1 ? "it" : "them"];
  report.warning(`${lost} of ${name} stood in another place once, and nobody can open ${them} with the new data key`);
  report.note(`the version before the change has ${them}, in git or in a backup: write ${them} anew with edit`);
}

/** @throws {UserError} `usage` for a type that stands twice, as SOPS refuses it; the order itself means nothing here */
export function checkDecryptionOrder({ decryptionOrder }: CommonFlags, variable: string | undefined): void {
  const types = (decryptionOrder ?? variable ?? "").split(",").map((type) => type.trim()).filter((type) => type !== "");
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) throw new UserError("usage", `the decryption order names "${twice}" twice`);
}
