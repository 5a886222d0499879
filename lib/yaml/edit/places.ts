/**
 * Where things stand in the text of a configuration file, as edits need it: ends of nodes without the comments behind
 * them, starts of nodes with their anchors, dashes of list items, indentation, line breaks. Pure.
 *
 * Answers questions only; `append.ts`, `scalars.ts` and `lib/config/edit/add_rule.ts` make the changes.
 *
 * @module
 */
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { lineEnd, lineNumberAt, lineStart, lineText, type SourceText } from "../position.ts";
import type { WrittenNode } from "../resolve.ts";

/**
 * Finds the line break that a new line beside another one gets: a file may mix them.
 *
 * @param offset on the neighbour; default on the first line
 * @returns the line break that ends the neighbour, of a last line the one before it, `\n` for a text of one line
 */
export function lineBreakOf(text: SourceText, offset = 0): "\n" | "\r\n" {
  const { source } = text;
  const behind = source.indexOf("\n", offset);
  const end = behind === -1 ? source.lastIndexOf("\n") : behind;
  return end > 0 && source[end - 1] === "\r" ? "\r\n" : "\n";
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

/** @returns whether the value of a pair or an item has no text of its own (a missing value, not a written `null`) */
export function isUnwritten(node: unknown): boolean {
  return !isNode(node) || (isScalar(node) && node.range![0] === node.range![1] && node.anchor === undefined);
}

/**
 * Finds where the text of a node ends.
 *
 * @returns the offset behind its last character; comments, blank lines and white space behind it do not count
 */
export function contentEnd(text: SourceText, node: WrittenNode): number {
  const [start, end] = node.range;
  if (isSeq(node) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1) as WrittenNode;
    return isUnwritten(last) ? text.source.lastIndexOf("-", last.range[0]) + 1 : contentEnd(text, last);
  }
  if (isMap(node) && !node.flow && node.items.length > 0) return pairEnd(text, node.items.at(-1)!);
  return start + text.source.slice(start, end).trimEnd().length;
}

/** @returns the offset behind the last character of a pair: of its value, else of its colon, else of its key */
export function pairEnd(text: SourceText, pair: YAMLMap.Parsed["items"][number]): number {
  if (pair.value !== null && !isUnwritten(pair.value)) return contentEnd(text, pair.value as WrittenNode);
  return colonEnd(text, pair.key as WrittenNode);
}

/** @returns the offset behind the colon of a key; the end of the key when no colon follows on its line */
export function colonEnd(text: SourceText, key: WrittenNode): number {
  const end = contentEnd(text, key);
  const colon = /^[ \t]*:/.exec(text.source.slice(end, endOfLine(text, end)));
  return end + (colon?.[0].length ?? 0);
}

/** @returns where a node starts, its anchor and a tag on the same line included */
export function nodeStart(text: SourceText, node: WrittenNode): number {
  const [start] = node.range;
  if (isAlias(node)) return start;
  const anchor = node.anchor === undefined ? -1 : text.source.lastIndexOf(`&${node.anchor}`, start);
  const own = anchor === -1 ? start : anchor;
  if (node.tag === undefined) return own;
  const before = text.source.slice(lineStart(text, lineNumberAt(text, own)), own);
  return own - (/![^\s]*[ \t]+$/.exec(before)?.[0].length ?? 0);
}

/** @returns the offset of the dash before an item of a block list */
export function dashOffset(text: SourceText, seq: YAMLSeq.Parsed, index: number): number {
  const [first] = seq.range;
  const column = indentAt(text, first);
  const item = seq.items[index] as WrittenNode;
  for (let line = lineNumberAt(text, nodeStart(text, item)); line > 0; line--) {
    const dash = lineStart(text, line) + column;
    if (dash <= first) break;
    if (text.source[dash] === "-" && leadingSpace(text, line).length === column) return dash;
  }
  return first;
}

/** @returns the white space between a dash and what follows it on its line; one space when nothing follows */
export function gapAfterDash(text: SourceText, dash: number): string {
  const gap = /^([ \t]+)[^\s#]/.exec(text.source.slice(dash + 1, endOfLine(text, dash)));
  return gap?.[1] ?? " ";
}

/** @returns the column of the keys of a mapping in block style */
export function mapColumn(text: SourceText, map: YAMLMap.Parsed): number {
  const [first] = map.items;
  return indentAt(text, first === undefined ? map.range[0] : nodeStart(text, first.key as WrittenNode));
}

/** @returns whether a list or mapping is written with brackets */
export function isFlow(node: Node): boolean {
  return (isSeq(node) || isMap(node)) && node.flow === true;
}
