/**
 * What the commands for a file tell besides their result.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
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

/** @throws {UserError} `usage` for a type that stands twice, as SOPS refuses it; the order itself means nothing here */
export function checkDecryptionOrder({ decryptionOrder }: CommonFlags, variable: string | undefined): void {
  const types = (decryptionOrder ?? variable ?? "").split(",").map((type) => type.trim()).filter((type) => type !== "");
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) throw new UserError("usage", `the decryption order names "${twice}" twice`);
}
