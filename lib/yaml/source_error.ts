/**
 * Errors about a place in a text file: message with line and column, and the line with a caret under the place.
 *
 * Shows at most two lines of the file, shortened around the caret, and no line that holds a private key. Pure.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { mentionsPrivateKey } from "../base/identity_text.ts";
import { lineText, positionAt, type SourceText } from "./position.ts";

/** The most columns of a source line that an error shows, so that it fits 80 with its number and indent. */
const MAX_EXCERPT_COLUMNS = 72;

/** How many columns before the caret stay visible when a line is shortened. */
const CONTEXT_COLUMNS = 36;

/** Control, direction and invisible characters, which must not reach a terminal. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes the error for a mistake at a place in a file.
 *
 * @param text the file
 * @param offset where the mistake is
 * @param problem what was found there, in the words of the file's author
 * @param hints next steps, best first
 * @returns an error of kind `malformed` with location and excerpt, to be thrown by the caller
 */
export function malformedAt(
  text: SourceText,
  offset: number,
  problem: string,
  hints: readonly string[] = [],
): UserError {
  const { lineNumber, column } = positionAt(text, offset);
  return new UserError("malformed", `cannot read "${text.path}": line ${lineNumber}, column ${column}: ${problem}`, {
    hints,
    details: formatExcerpt(text, offset),
    location: { path: text.path, line: lineNumber, column },
  });
}

/** What a reader refused and read on behind. */
export interface Refusal {
  /** What it is, where another sentence than the problem may be better. */
  readonly kind?: "undefined-alias" | "private-key";
  readonly offset: number;
  /** Where the value is written to which the place leads, where that matters. */
  readonly definition?: number;
  readonly problem: string;
  readonly hints?: readonly string[];
}

/** A text with what its reader refuses; without such a list, the first refusal ends the reading. */
export interface RefusableText extends SourceText {
  readonly refusals?: Refusal[] | undefined;
}

/**
 * Refuses a place of a file.
 *
 * @returns undefined where refusals are collected: the reader goes on as if nothing stood there
 * @throws {UserError} `malformed` where they are not
 */
export function refuse(text: RefusableText, refusal: Refusal): undefined {
  if (text.refusals === undefined) throw malformedAt(text, refusal.offset, refusal.problem, refusal.hints);
  text.refusals.push(refusal);
}

/**
 * Formats the line of a place, the line before it and a caret under the place.
 *
 * @returns two or three lines, none wider than 79 columns up to line 9,999; tabs show as spaces and other controls as `�`
 */
export function formatExcerpt(text: SourceText, offset: number): readonly string[] {
  const { lineNumber, column } = positionAt(text, offset);
  const width = String(lineNumber).length;
  const line = printable(lineText(text, lineNumber));
  const excerpt: string[] = [];
  const before = lineNumber > 1 ? printable(lineText(text, lineNumber - 1)) : "";
  if (before.trim() !== "") {
    excerpt.push(`${String(lineNumber - 1).padStart(width)} │ ${shortenAround(before, 0).shown}`);
  }
  const { shown, caret } = shortenAround(line, column - 1);
  excerpt.push(`${lineNumber} │ ${shown}`, `${" ".repeat(width)} │ ${" ".repeat(caret)}^`);
  return excerpt;
}

/** Cuts a line to {@link MAX_EXCERPT_COLUMNS} so that the place stays visible. */
function shortenAround(line: string, index: number): { shown: string; caret: number } {
  const isCut = line.length > MAX_EXCERPT_COLUMNS;
  const start = isCut ? Math.max(0, index - CONTEXT_COLUMNS) : 0;
  const end = start + MAX_EXCERPT_COLUMNS - (isCut ? 2 : 0); // room for the two signs that something is cut
  const head = start > 0 ? "…" : "";
  const tail = line.length > end ? "…" : "";
  return { shown: head + line.slice(start, end) + tail, caret: index - start + head.length };
}

/** Makes a line safe and one column wide per code unit; hides it where it holds a private key. */
function printable(line: string): string {
  if (mentionsPrivateKey(line)) {
    return " ".repeat(line.length - line.trimStart().length) + "(line with a private key not shown)";
  }
  return line.replace(/\t/g, " ").replace(UNPRINTABLE, "\ufffd");
}
