/**
 * Takes items of lists and pairs of mappings away, block or flow style, with the comments that belong to them.
 *
 * To an entry belong the comment at the end of its line, deeper comments below it, and the comment block directly above
 * it, unless that block heads the entries below too or holds an entry that is commented out. Everything else stays.
 * Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import { lineEnd, lineNumberAt, lineStart, lineText, type SourceText } from "../position.ts";
import type { WrittenNode } from "../resolve.ts";
import type { Splice } from "./splice.ts";
import { findComma } from "./append.ts";
import { contentEnd, dashOffset, endOfLine, indentAt, isFlow, leadingSpace, nodeStart, pairEnd } from "./places.ts";
import { headsSeveral } from "../../config/rules/key_name.ts";

/** A list or a mapping. */
export type Collection = YAMLMap.Parsed | YAMLSeq.Parsed;

/** An entry that is commented out. */
const COMMENTED_OUT = /^\s*#+\s*-\s|age1[0-9a-z]{20}/;

/**
 * Plans that one entry of several goes.
 *
 * @returns undefined when the text of the entry cannot be told from that of its neighbours: a first pair behind a dash
 * with comments below it, the only entry of a block
 */
export function cutEntry(text: SourceText, node: Collection, index: number): Splice[] | undefined {
  if (isFlow(node)) return cutInBrackets(text, node, index);
  return node.items.length > 1 ? cutFromBlock(text, node, index) : undefined;
}

/**
 * Plans that the only entry goes and brackets without content stay.
 *
 * @param at offset behind the key or dash that the list or mapping belongs to
 */
export function cutLastEntry(text: SourceText, node: Collection, at: number): Splice[] | undefined {
  if (isFlow(node)) return cutInBrackets(text, node, 0);
  const lines = cutFromBlock(text, node, 0);
  const behind = node.anchor === undefined ? at : nodeStart(text, node) + `&${node.anchor}`.length;
  return lines && [{ start: behind, end: behind, text: isMap(node) ? " {}" : " []" }, ...lines];
}

function cutFromBlock(text: SourceText, node: Collection, index: number): Splice[] | undefined {
  const start = entryStart(text, node, index);
  const end = entryEnd(text, node, index);
  const line = lineNumberAt(text, start);
  if (leadingSpace(text, line).length === indentAt(text, start)) {
    return [cutLines(text, node, index, [line, lineNumberAt(text, end)])];
  }
  // Behind a dash: the next entry takes its place.
  if (node.items.length === index + 1) return undefined;
  const next = entryStart(text, node, index + 1);
  const between = text.source.slice(endOfLine(text, end), next);
  return /\S/.test(between) ? undefined : [{ start, end: next, text: "" }];
}

/** Cuts whole lines: those of an entry, the comments that are its own, and the blank line that set it off. */
function cutLines(
  text: SourceText,
  node: Collection,
  index: number,
  [first, last]: readonly [number, number],
): Splice {
  const column = leadingSpace(text, first).length;
  const oneLine = isOneLine(node, index);
  let from = oneLine && headsSeveral(text, first) ? first : firstOwnLine(text, first, column, oneLine);
  let to = last;
  while (isDeeperComment(lineText(text, to + 1), column)) to++;
  const isBlankAbove = from > 1 && isBlank(text, from - 1);
  if (index === node.items.length - 1) {
    if (isBlankAbove && (isBlank(text, to + 1) || isEndOfText(text, to + 1))) from--;
  } else if (isBlank(text, to + 1)) {
    const isBelowHead = index === 0 && from > 1 && !/^\s*#/.test(lineText(text, from - 1));
    if (isBlankAbove || isBelowHead) to++;
  }
  const start = lineStart(text, from) + (from === 1 && text.source.startsWith("\ufeff") ? 1 : 0);
  if (to < text.lineStarts.length) return { start, end: lineStart(text, to + 1), text: "" };
  return { start: from > 1 ? lineEnd(text, from - 1) : start, end: text.source.length, text: "" };
}

/** @returns the first of the comment lines that belong to what stands below them; that line itself without any */
function firstOwnLine(text: SourceText, line: number, column: number, isOneLine: boolean): number {
  let from = line;
  while (from > 1) {
    const above = lineText(text, from - 1);
    if (!/^\s*#/.test(above) || (!isOneLine && isDeeperComment(above, column))) break;
    if (COMMENTED_OUT.test(above)) return isOneLine ? from : line;
    from--;
  }
  return from;
}

function isDeeperComment(line: string, column: number): boolean {
  const comment = /^[ \t]*#/.exec(line);
  return comment !== null && comment[0].length - 1 > column;
}

function isBlank(text: SourceText, line: number): boolean {
  return lineStart(text, line) < text.source.length && lineText(text, line).trim() === "";
}

function isEndOfText(text: SourceText, line: number): boolean {
  return lineStart(text, line) >= text.source.length;
}

/** @returns whether an entry is a text or an alias: a comment above such may head several of them */
function isOneLine(node: Collection, index: number): boolean {
  const entry = isSeq(node) ? node.items[index] : node.items[index]!.value;
  return isAlias(entry) || isScalar(entry);
}

function cutInBrackets(text: SourceText, node: Collection, index: number): Splice[] {
  const { source } = text;
  const [open, close] = [node.range[0] + 1, node.range[1] - 1];
  const start = entryStart(text, node, index);
  const end = entryEnd(text, node, index);
  const isLast = index === node.items.length - 1;
  const next = isLast ? close : entryStart(text, node, index + 1);
  const behind = findComma(source, end, next) ?? end;
  const lead = index === 0 ? open : findComma(source, entryEnd(text, node, index - 1), start)!;
  const lostComma = isLast && index > 0 && behind === end ? [{ start: lead - 1, end: lead, text: "" }] : [];
  if (isAloneOnLines(text, start, behind, open)) {
    const lines = [lineNumberAt(text, start), lineNumberAt(text, behind)] as const;
    return [...lostComma, cutLines(text, node, index, lines)];
  }
  if (node.items.length === 1) {
    const hasComment = /#/.test(source.slice(open, start) + source.slice(behind, close));
    return hasComment ? [{ start, end: behind, text: "" }] : [{ start: open, end: close, text: "" }];
  }
  const space = source.slice(lead, start);
  if (isLast && index > 0) {
    return space.trim() === "" && lostComma.length > 0
      ? [{ start: lead - 1, end, text: "" }]
      : [...lostComma, { start: space.trim() === "" ? lead : start, end: behind, text: "" }];
  }
  if (space !== "" && /^[ \t]+$/.test(space)) return [{ start: lead, end: behind, text: "" }];
  return [{ start, end: behind + /^[ \t]*/.exec(source.slice(behind))![0].length, text: "" }];
}

/** @returns whether nothing but a comment shares the lines of an entry in brackets */
function isAloneOnLines(text: SourceText, start: number, end: number, open: number): boolean {
  const line = lineNumberAt(text, start);
  const before = text.source.slice(lineStart(text, line), start);
  const after = text.source.slice(end, lineEnd(text, lineNumberAt(text, end)));
  return lineNumberAt(text, open) < line && before.trim() === "" && /^\s*(?:#.*)?$/.test(after);
}

/** @returns where an entry starts: at its dash, its key, or in brackets at itself */
function entryStart(text: SourceText, node: Collection, index: number): number {
  if (isMap(node)) return nodeStart(text, node.items[index]!.key as WrittenNode);
  return isFlow(node)
    ? nodeStart(text, node.items[index] as WrittenNode)
    : dashOffset(text, node as YAMLSeq.Parsed, index);
}

function entryEnd(text: SourceText, node: Collection, index: number): number {
  return isMap(node)
    ? pairEnd(text, (node as YAMLMap.Parsed).items[index]!)
    : contentEnd(text, node.items[index] as WrittenNode);
}
