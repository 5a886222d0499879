/**
 * Lines of a text as edits need them: indentation, ends, line breaks. Pure.
 *
 * @module
 */
import { isMap, isSeq, type Node, type YAMLMap } from "yaml";
import { entriesOf, type TokenizedText } from "../entries.ts";
import { lineEnd, lineNumberAt, lineStart, lineText, type SourceText } from "../position.ts";

/**
 * Finds the line break that a new line beside another one gets: a file may mix them.
 *
 * @param offset on the neighbour; default on the first line
 * @returns the line break that ends the neighbour, of a last line the one before it, `\n` for a text of one line
 */
export function lineBreakOf(text: SourceText, offset = 0): "\n" | "\r\n" | "\r" {
  const { source, lineStarts } = text;
  const lineNumber = lineNumberAt(text, offset);
  const next = lineStarts[lineNumber] ?? lineStarts[lineNumber - 1]!;
  if (source.startsWith("\r\n", next - 2)) return "\r\n";
  return source[next - 1] === "\r" ? "\r" : "\n";
}

/** @returns how many code units stand before an offset on its line, the byte order mark not counted */
export function indentAt(text: SourceText, offset: number): number {
  const start = lineStart(text, lineNumberAt(text, offset));
  return offset - start - (start === 0 && text.source.startsWith("\ufeff") ? 1 : 0);
}

/** @returns the white space that a line starts with */
export function leadingSpace(text: SourceText, lineNumber: number): string {
  return /^[ \t]*/.exec(lineText(text, lineNumber))![0];
}

/** @returns the end of the line that an offset lies on, before its line break */
export function endOfLine(text: SourceText, offset: number): number {
  return lineEnd(text, lineNumberAt(text, offset));
}

/** @returns whether nothing but white space stands between an offset and the end of its line */
export function isLastOnLine(text: SourceText, offset: number): boolean {
  return text.source.slice(offset, endOfLine(text, offset)).trim() === "";
}

/** @returns whether nothing but white space stands before an offset on its line */
export function isFirstOnLine(text: SourceText, offset: number): boolean {
  return leadingSpace(text, lineNumberAt(text, offset)).length === indentAt(text, offset);
}

/** @returns the column of the keys of a mapping in block style */
export function mapColumn(text: TokenizedText, map: YAMLMap.Parsed): number {
  return indentAt(text, entriesOf(text, map)[0]?.start ?? map.range[0]);
}

/** @returns whether a list or mapping is written with brackets */
export function isFlow(node: Node): boolean {
  return (isSeq(node) || isMap(node)) && node.flow === true;
}
