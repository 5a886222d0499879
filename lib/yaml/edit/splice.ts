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
  const sorted = isSorted(splices) ? splices : [...splices].sort(compareSplices);
  const pieces: string[] = []; // a text that grows by addition is a tree of hundreds of thousands of pieces
  let done = 0;
  for (const { start, end, text } of sorted) {
    if (start < done || end < start || end > source.length) {
      throw new InternalError(
        `splice ${start}-${end} overlaps another or lies outside the ${source.length} units of text`,
      );
    }
    pieces.push(source.slice(done, start), text);
    done = end;
  }
  pieces.push(source.slice(done));
  return pieces.join("");
}

function compareSplices(a: Splice, b: Splice): number {
  return a.start - b.start || a.end - b.end;
}

function isSorted(splices: readonly Splice[]): boolean {
  for (let i = 1; i < splices.length; i++) if (compareSplices(splices[i - 1]!, splices[i]!) > 0) return false;
  return true;
}

/** @returns whether the splices only add text and take none away */
export function isPureInsertion(splices: readonly Splice[]): boolean {
  return splices.every((splice) => splice.start === splice.end);
}
