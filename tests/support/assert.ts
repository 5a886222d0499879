/**
 * The assertions of the tests, over `node:assert/strict`: short names, typed results, and one that knows the error kinds.
 *
 * @module
 */
import strict from "node:assert/strict";
import { type ErrorKind, UserError } from "../../lib/base/error.ts";

/** Fails unless `condition` is true. */
export function assert(condition: boolean, message = "expected true"): asserts condition {
  strict.equal(condition, true, message);
}

/** Fails unless both are equal in depth, prototypes included. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  strict.deepEqual(actual, expected, message);
}

/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string): void {
  if (!text.includes(part)) strict.fail(`expected text that includes\n  ${part}\nbut found\n  ${text}`);
}

/** Fails unless `body` throws. @returns what it threw */
export function assertThrows(body: () => unknown, message?: RegExp): Error {
  try {
    body();
  } catch (error) {
    return checkError(error, message);
  }
  return strict.fail("expected an error, but nothing was thrown");
}

/** Fails unless `body` rejects (or throws). @returns what it threw */
export async function assertRejects(body: () => Promise<unknown>, message?: RegExp): Promise<Error> {
  try {
    await body();
  } catch (error) {
    return checkError(error, message);
  }
  return strict.fail("expected a rejection, but the promise was fulfilled");
}

/** Fails unless `error` is a {@link UserError} of `kind` whose message matches. @returns the error */
export function assertUserError(error: unknown, kind: ErrorKind, message?: RegExp): UserError {
  if (!(error instanceof UserError)) throw error;
  strict.equal(error.kind, kind, `expected kind ${kind}, found ${error.kind}: ${error.message}`);
  if (message !== undefined) strict.match(error.message, message);
  return error;
}

function checkError(error: unknown, message: RegExp | undefined): Error {
  if (!(error instanceof Error)) return strict.fail(`expected an Error, but ${String(error)} was thrown`);
  if (message !== undefined) strict.match(error.message, message);
  return error;
}
