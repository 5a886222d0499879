/**
 * New items in lists and new pairs in mappings, block or flow style, in the layout that the others have. Pure.
 *
 * Every splice is an insertion, except that a written null gives way to a value. Spec: sops-config §1 (dialects 2 and 3), §3.
 *
 * @module
 */
import { isAlias, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import {
  type Collection,
  entriesOf,
  type Entry,
  entryOf,
  isUnwritten,
  placeOf,
  type Span,
  type TokenizedText,
} from "../entries.ts";
import { lineNumberAt } from "../position.ts";
import type { MapEntry } from "../resolve.ts";
import { anchorSpan } from "./copy.ts";
import { endOfLine, indentAt, isFlow, leadingSpace, lineBreakOf, mapColumn } from "./lines.ts";
import { formatText, type Quoting, quotingOf } from "./quoting.ts";
import type { Splice } from "./splice.ts";

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

/**
 * Plans new items of a list that has items or is written with brackets.
 *
 * @param last of a list without brackets the item that they stand behind; default the last one
 */
export function appendItems(
  text: TokenizedText,
  seq: YAMLSeq.Parsed,
  items: readonly NewItem[],
  last = entriesOf(text, seq).at(-1),
): Splice[] {
  if (isFlow(seq) || last === undefined) return appendInBrackets(text, seq, items.map((item) => item.text));
  const at = endOfLine(text, last.end);
  const head = lineBreakOf(text, at) + " ".repeat(indentAt(text, last.dash!)) + "-" + last.gap;
  return [{ start: at, end: at, text: items.map((item) => head + formatItem(item)).join("") }];
}

/** A pair in both styles. */
export interface NewPair {
  /** In block style, each line indented as below the key; the first starts with the key. */
  readonly lines: readonly string[];
  /** In flow style. */
  readonly flow: string;
}

/**
 * Plans a new pair of a mapping.
 *
 * @param last of a mapping without brackets the pair that it stands behind; default the last one
 */
export function appendPair(
  text: TokenizedText,
  map: YAMLMap.Parsed,
  { lines, flow }: NewPair,
  last: Span = placeOf(text, map),
): Splice[] {
  if (isFlow(map)) return appendFlowPair(text, map, flow);
  const at = endOfLine(text, last.end);
  const indent = " ".repeat(mapColumn(text, map));
  const block = lines.map((line) => lineBreakOf(text, at) + indent + line).join("");
  return [{ start: at, end: at, text: block }];
}

/** A pair inside `[…]` without braces of its own (`[a: b]`) gets them. */
function appendFlowPair(text: TokenizedText, map: YAMLMap.Parsed, pair: string): Splice[] {
  if (text.source[map.range[0]] === "{") return appendInBrackets(text, map, [pair]);
  const { start, end } = entriesOf(text, map)[0]!;
  return [{ start, end: start, text: "{" }, { start: end, end, text: `, ${pair}}` }];
}

/** Plans new texts as the last entries inside `[…]` or `{…}`. */
export function appendInBrackets(text: TokenizedText, node: Collection, added: readonly string[]): Splice[] {
  const open = node.range[0];
  const close = node.range[1] - 1;
  const last = entriesOf(text, node).at(-1);
  if (last === undefined) {
    const spaced = /^[ \t]+$/.test(text.source.slice(open + 1, close));
    return [{ start: open + 1, end: open + 1, text: (spaced ? " " : "") + added.join(", ") }];
  }
  const { end, commaEnd } = last;
  if (!isOnOwnLine(text, node, last)) return [{ start: end, end, text: added.map((entry) => `, ${entry}`).join("") }];
  const at = endOfLine(text, commaEnd ?? end);
  const lead = lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, last.start));
  const lines = added.map((entry) => lead + entry).join(",");
  return commaEnd === undefined
    ? [{ start: end, end, text: "," }, { start: at, end: at, text: lines }]
    : [{ start: at, end: at, text: `${lines},` }];
}

/** Plans new text before an entry inside `[…]`. */
export function insertInBrackets(text: TokenizedText, next: Entry, entry: string): Splice[] {
  const at = next.start;
  const separator = isOnOwnLine(text, next.owner!, next)
    ? lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, at))
    : " ";
  return [{ start: at, end: at, text: `${entry},${separator}` }];
}

/** @returns whether an entry starts on another line than what stands before it, and the bracket closes on a later one */
function isOnOwnLine(text: TokenizedText, node: Collection, { start, index }: Entry): boolean {
  const entries = entriesOf(text, node);
  const before = entries[index - 1]?.end ?? node.range[0];
  return lineNumberAt(text, start) > lineNumberAt(text, before) &&
    lineNumberAt(text, node.range[1] - 1) > lineNumberAt(text, entries.at(-1)!.end);
}

/**
 * Plans a value for a key that stands there without one.
 *
 * @param lines the first behind the key, from its colon on; the others relative to the key
 */
export function fillPair(
  text: TokenizedText,
  { key, value: old }: Pick<MapEntry, "key" | "value">,
  lines: readonly string[],
): Splice[] {
  const isAnchorOnly = old !== undefined && !isAlias(old) && old.anchor !== undefined && old.range[0] === old.range[1];
  const start = isAnchorOnly ? anchorSpan(text, old).end : entryOf(text, key).headEnd;
  const end = old === undefined || isAnchorOnly || isUnwritten(old) ? start : old.range[1];
  const [first = "", ...below] = lines;
  const indent = " ".repeat(indentAt(text, key.range[0]));
  const at = endOfLine(text, end);
  const splices: Splice[] = [
    { start, end, text: first.slice(first.indexOf(":") + 1) },
    { start: at, end: at, text: below.map((line) => lineBreakOf(text, at) + indent + line).join("") },
  ];
  return splices.filter(({ start, end, text }) => start !== end || text !== "");
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
