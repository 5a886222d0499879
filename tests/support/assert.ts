/**
 * The assertions of the tests, over `node:assert/strict`: short names, typed results, and one that knows the error kinds.
 *
 * On Windows, where paths are built by the rules of the machine, `\` and `/` count as the same character; tests of the
 * rules themselves compare text of one system on all three.
 *
 * @module
 */
import strict from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type ErrorKind, UserError } from "../../lib/base/error.ts";

/** Fails unless `condition` is true. */
export function assert(condition: boolean, message = "expected true"): asserts condition {
  strict.equal(condition, true, message);
}

/** Fails unless both are equal in depth, prototypes included. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (IS_WINDOWS && isDeepStrictEqual(withSlashes(actual), withSlashes(expected))) return;
  strict.deepEqual(actual, expected, message);
}

const IS_WINDOWS = Deno.build.os === "windows";

/** @returns a copy of lists, plain objects and text, with `/` for every `\` */
function withSlashes(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\\+/g, "/");
  if (Array.isArray(value)) return value.map(withSlashes);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [withSlashes(key), withSlashes(inner)]));
}

function assertMatches(text: string, pattern: RegExp): void {
  if (IS_WINDOWS && pattern.test(text.replace(/\\+/g, "/"))) return;
  strict.match(text, pattern);
}

/** Fails unless `text` contains `part`, also where a message was fitted to the terminal in the middle of it. */
export function assertStringIncludes(text: string, part: string): void {
  if (!text.includes(part) && !text.replace(/\n {2,}/g, " ").includes(part)) {
    strict.fail(`expected text that includes\n  ${part}\nbut found\n  ${text}`);
  }
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
  if (message !== undefined) assertMatches(error.message, message);
  return error;
}

function checkError(error: unknown, message: RegExp | undefined): Error {
  if (!(error instanceof Error)) return strict.fail(`expected an Error, but ${String(error)} was thrown`);
  if (message !== undefined) assertMatches(error.message, message);
  return error;
}
