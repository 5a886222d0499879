/**
 * What `check` found: where, what, what was expected there, and what to do. Types, and where a text stands. Pure.
 *
 * @module
 */
import type { Severity } from "../../config/lint/code.ts";
import { CHECK_CODES, type CheckCode, type OwnCheckCode } from "./code.ts";

/** What to do about a finding; a command makes a line to type of it. */
export type CheckStep =
  | "choose-side"
  | "correct-then-encrypt"
  | "merge"
  | "decide"
  | "diagnose"
  | "encrypt"
  | "encrypt-anew"
  | "explain-rules"
  | "find-whole-version"
  | "lint"
  | "make-config"
  | "rename-config"
  | "restore-then-edit"
  | "rotate"
  | "take-out"
  | "update-then-encrypt-anew"
  | "update-keys";

/** A finding. */
export interface CheckFinding {
  readonly code: CheckCode;
  readonly severity: Severity;
  /** Absolute. */
  readonly path: string;
  /** From 1; undefined: it is about the file as a whole. */
  readonly lineNumber?: number;
  /** One clause: what is there. Absolute paths stand in double quotes. Never a value. */
  readonly found: string;
  /** One clause: what should be there. */
  readonly expected: string;
  readonly step: CheckStep;
  /** The step encrypts for a key of a service or of PGP, which only sops can. */
  readonly isForSops?: boolean;
}

/** @returns what a finding has whose step encrypts for these keys */
export function forKeys(keys: readonly { readonly type: string }[]): Pick<CheckFinding, "isForSops"> {
  return keys.some(({ type }) => type !== "age") ? { isForSops: true } : {};
}

/** @returns the finding, as bad as its kind can be where nothing else is said */
export function finding(
  code: OwnCheckCode,
  rest: Omit<CheckFinding, "code" | "severity"> & Partial<Pick<CheckFinding, "severity">>,
): CheckFinding {
  return { severity: CHECK_CODES[code].severity, ...rest, code };
}
