/**
 * Errors about a place in a file that may hold secrets: path, line and column, and nothing of what stands there. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { findLineStarts, positionAt } from "../../yaml/position.ts";

/** A text that is being read. */
export interface PlacedText {
  /** For messages. */
  readonly path: string;
  readonly source: string;
}

/** What {@link errorAt} may add. */
export interface PlaceErrorOptions {
  /** `malformed` where nothing else is said. */
  readonly kind?: "malformed" | "unsupported";
  readonly hints?: readonly string[];
}

/**
 * Makes the error for a mistake at a place, to be thrown by the caller.
 *
 * @param offset where, in UTF-16 code units
 * @param problem what was found, in words that hold no content
 */
export function errorAt(
  { path, source }: PlacedText,
  offset: number,
  problem: string,
  options: PlaceErrorOptions = {},
): UserError {
  const { lineNumber, column } = positionAt({ path, source, lineStarts: findLineStarts(source) }, offset);
  return new UserError(
    options.kind ?? "malformed",
    `cannot read "${path}": line ${lineNumber}, column ${column}: ${problem}`,
    { hints: options.hints ?? [], location: { path, line: lineNumber, column } },
  );
}
