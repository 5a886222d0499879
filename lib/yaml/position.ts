/**
 * Offsets, lines and columns of a text. Lines end at `\n` or `\r\n`, in YAML at a lone `\r`, too; offsets and columns count
 * UTF-16 code units. Pure.
 *
 * @module
 */

/** A text whose line starts are known. */
export interface SourceText {
  /** Path as given, for messages. */
  readonly path: string;
  readonly source: string;
  /** Where each line starts, ascending, first 0. */
  readonly lineStarts: readonly number[];
}

/** A place as people count it, both from 1. */
export interface Position {
  readonly lineNumber: number;
  readonly column: number;
}

/** @returns where each line of a text starts, ascending, first 0 */
export function findLineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** A line break of YAML, as go-yaml and `.sops.yaml` files have it. */
export const YAML_LINE_BREAK = /\r\n|\n|\r/;

/** @returns where each line of a YAML text starts, ascending, first 0 */
export function findYamlLineStarts(source: string): number[] {
  if (!/\r(?!\n)/.test(source)) return findLineStarts(source);
  const breaks = source.matchAll(new RegExp(YAML_LINE_BREAK, "g"));
  return [0, ...Array.from(breaks, ({ index, 0: text }) => index + text.length)];
}

/** @returns the line and column of an offset; a byte order mark does not count as a column */
export function positionAt(text: SourceText, offset: number): Position {
  const lineNumber = lineNumberAt(text, offset);
  const start = contentStart(text, lineNumber);
  return { lineNumber, column: Math.max(0, offset - start) + 1 };
}

/** @returns the 1-based number of the line that an offset lies on */
export function lineNumberAt(text: SourceText, offset: number): number {
  const { lineStarts } = text;
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** @returns the offset at which a line starts (before a byte order mark); the end of the text for a line after the last */
export function lineStart(text: SourceText, lineNumber: number): number {
  return text.lineStarts[lineNumber - 1] ?? text.source.length;
}

/** @returns the offset behind a line's last character, before its line break */
export function lineEnd(text: SourceText, lineNumber: number): number {
  const next = text.lineStarts[lineNumber];
  if (next === undefined) return text.source.length;
  return text.source.startsWith("\r\n", next - 2) ? next - 2 : next - 1;
}

/** @returns a line without its line break and byte order mark; empty for a line that does not exist */
export function lineText(text: SourceText, lineNumber: number): string {
  return text.source.slice(contentStart(text, lineNumber), lineEnd(text, lineNumber));
}

function contentStart(text: SourceText, lineNumber: number): number {
  const start = lineStart(text, lineNumber);
  return start === 0 && text.source.startsWith("\ufeff") ? 1 : start;
}
