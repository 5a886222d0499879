/**
 * Edits of a text as a list of replaced pieces. Everything outside the pieces survives byte for byte. Pure.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";

/** The piece from `start` to `end` (UTF-16 code units, end exclusive) is replaced by `text`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Applies splices to a text. Insertions at the same place keep their order in the list.
 *
 * @throws {InternalError} when a splice lies outside the text or two replace the same piece
 */
export function applySplices(source: string, splices: readonly Splice[]): string {
  const sorted = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let done = 0;
  for (const { start, end, text } of sorted) {
    if (start < done || end < start || end > source.length) {
      throw new InternalError(
        `splice ${start}-${end} overlaps another or lies outside the ${source.length} units of text`,
      );
    }
    result += source.slice(done, start) + text;
    done = end;
  }
  return result + source.slice(done);
}

/** @returns whether the splices only add text and take none away */
export function isPureInsertion(splices: readonly Splice[]): boolean {
  return splices.every((splice) => splice.start === splice.end);
}
