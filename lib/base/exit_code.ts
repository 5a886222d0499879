/**
 * Exit codes: one table for the program, `--help`, README and man page. Pure.
 *
 * @module
 */
import type { ErrorKind } from "./error.ts";

/** Every exit code with its meaning, in ascending order. They are API; nothing above 130 is used. */
export const EXIT_CODES = [
  { code: 0, name: "done", meaning: "done" },
  { code: 1, name: "failed", meaning: "failed; nothing was changed unless the message says so" },
  {
    code: 2,
    name: "usage",
    meaning: "usage: unknown command, flag or vault, or a question with no terminal to ask on",
  },
  { code: 3, name: "differences", meaning: "a check found differences" },
  { code: 4, name: "noIdentity", meaning: "no usable identity" },
  { code: 5, name: "integrity", meaning: "integrity failure: data does not match its signature or MAC" },
  { code: 70, name: "internal", meaning: "a bug in sopsmith" },
  { code: 130, name: "interrupted", meaning: "interrupted" },
] as const;

/** The name of a row of {@link EXIT_CODES}. */
export type ExitName = typeof EXIT_CODES[number]["name"];

/** Exit code by name. */
export const EXIT = Object.fromEntries(EXIT_CODES.map((row) => [row.name, row.code])) as Readonly<
  Record<ExitName, number>
>;

/** @returns the exit code that an error of this kind ends the program with */
export function exitCodeOf(kind: ErrorKind): number {
  switch (kind) {
    case "usage":
      return EXIT.usage;
    case "no-identity":
      return EXIT.noIdentity;
    case "integrity":
      return EXIT.integrity;
    case "cancelled":
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}
