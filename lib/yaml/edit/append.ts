/**
 * New items in lists and new pairs in mappings, block or flow style, in the layout that the others have. Pure.
 *
 * Every splice is an insertion. Spec: sops-config §1 (dialects 2 and 3), §3.
 *
 * @module
 */
import { isMap, isNode, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import { lineNumberAt, type SourceText } from "../position.ts";
import type { WrittenNode } from "../resolve.ts";
import type { Splice } from "./splice.ts";
import {
  contentEnd,
  dashOffset,
  endOfLine,
  gapAfterDash,
  indentAt,
  isFlow,
  leadingSpace,
  lineBreakOf,
  mapColumn,
  nodeStart,
  pairEnd,
} from "./places.ts";
import { formatText, type Quoting, quotingOf } from "./scalars.ts";

/** A new list item: YAML text, and what stands behind it as a comment where the line can carry one. */
export interface NewItem {
  readonly text: string;
  /** Without `#`. */
  readonly comment?: string;
}

/** @returns the item as it stands on a line of its own behind the dash */
export function formatItem(item: NewItem): string {
  return item.comment === undefined ? item.text : `${item.text} # ${item.comment}`;
}

/** Plans a new last item of a list that has items or is written with brackets. */
export function appendItem(text: SourceText, seq: YAMLSeq.Parsed, item: NewItem): Splice[] {
  if (isFlow(seq)) return appendInBrackets(text, seq, item.text);
  const last = seq.items.length - 1;
  const dash = dashOffset(text, seq, last);
  const at = endOfLine(text, contentEnd(text, seq));
  const line = " ".repeat(indentAt(text, dash)) + "-" + gapAfterDash(text, dash) + formatItem(item);
  return [{ start: at, end: at, text: lineBreakOf(text, at) + line }];
}

/**
 * Plans a new last pair of a mapping.
 *
 * @param lines of the pair in block style, each indented as below the key; the first starts with the key
 * @param flow the pair in flow style
 */
export function appendPair(text: SourceText, map: YAMLMap.Parsed, lines: readonly string[], flow: string): Splice[] {
  if (isFlow(map)) return appendFlowPair(text, map, flow);
  const at = endOfLine(text, contentEnd(text, map));
  const indent = " ".repeat(mapColumn(text, map));
  const block = lines.map((line) => lineBreakOf(text, at) + indent + line).join("");
  return [{ start: at, end: at, text: block }];
}

/** A pair inside `[…]` without braces of its own (`[a: b]`) gets them. */
function appendFlowPair(text: SourceText, map: YAMLMap.Parsed, pair: string): Splice[] {
  if (text.source[map.range[0]] === "{") return appendInBrackets(text, map, pair);
  const start = nodeStart(text, map.items[0]!.key as WrittenNode);
  const end = pairEnd(text, map.items[0]!);
  return [{ start, end: start, text: "{" }, { start: end, end, text: `, ${pair}}` }];
}

/** Plans new text as the last entry inside `[…]` or `{…}`. */
export function appendInBrackets(text: SourceText, node: YAMLMap.Parsed | YAMLSeq.Parsed, entry: string): Splice[] {
  const { source } = text;
  const open = node.range[0];
  const close = node.range[1] - 1;
  const ends = isMap(node)
    ? node.items.map((pair) => pairEnd(text, pair))
    : node.items.map((item) => contentEnd(text, item as WrittenNode));
  const end = ends.at(-1);
  if (end === undefined) {
    const spaced = /^[ \t]+$/.test(source.slice(open + 1, close));
    return [{ start: open + 1, end: open + 1, text: spaced ? ` ${entry}` : entry }];
  }
  if (!isOnOwnLine(text, node, node.items.length - 1, ends)) {
    return [{ start: end, end, text: `, ${entry}` }];
  }
  const comma = findComma(source, end, close);
  const at = endOfLine(text, comma ?? end);
  const line = lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, entryStart(text, node, ends.length - 1))) +
    entry;
  return comma === undefined
    ? [{ start: end, end, text: "," }, { start: at, end: at, text: line }]
    : [{ start: at, end: at, text: `${line},` }];
}

/** Plans new text before an entry inside `[…]`. */
export function insertInBrackets(text: SourceText, seq: YAMLSeq.Parsed, index: number, entry: string): Splice[] {
  const at = entryStart(text, seq, index);
  const ends = seq.items.map((item) => contentEnd(text, item as WrittenNode));
  const separator = isOnOwnLine(text, seq, index, ends)
    ? lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, at))
    : " ";
  return [{ start: at, end: at, text: `${entry},${separator}` }];
}

/** @returns whether an entry starts on another line than what stands before it, and the bracket closes on a later one */
function isOnOwnLine(
  text: SourceText,
  node: YAMLMap.Parsed | YAMLSeq.Parsed,
  index: number,
  ends: readonly number[],
): boolean {
  const line = lineNumberAt(text, entryStart(text, node, index));
  const before = ends[index - 1] ?? node.range[0];
  return line > lineNumberAt(text, before) && lineNumberAt(text, node.range[1] - 1) > lineNumberAt(text, ends.at(-1)!);
}

function entryStart(text: SourceText, node: YAMLMap.Parsed | YAMLSeq.Parsed, index: number): number {
  const entry = node.items[index];
  return nodeStart(text, (isNode(entry) ? entry : entry!.key) as WrittenNode);
}

/** @returns the offset behind the first comma between two offsets, undefined when there is none; comments are skipped */
export function findComma(source: string, from: number, to: number): number | undefined {
  for (const match of source.slice(from, to).matchAll(/#[^\n]*|,/g)) {
    if (match[0] === ",") return from + match.index + 1;
  }
  return undefined;
}

/** @returns how a list quotes its last literal item; `plain` when it has none */
export function itemQuoting(seq: YAMLSeq.Parsed | undefined): Quoting {
  const last = seq?.items.findLast((item) => isScalar(item));
  return last === undefined ? "plain" : quotingOf(last);
}

/** @returns the key of a new pair, in double quotes where the mapping writes its keys so */
export function formatKey(map: YAMLMap.Parsed | undefined, name: string): string {
  const first = map?.items[0]?.key;
  return formatText(name, isScalar(first) ? quotingOf(first) : "plain", false);
}

/** @returns the list itself when the node is one */
export function asSeq(node: unknown): YAMLSeq.Parsed | undefined {
  return isSeq(node) ? node as YAMLSeq.Parsed : undefined;
}
