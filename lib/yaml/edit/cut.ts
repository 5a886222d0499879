/**
 * Takes items of lists and pairs of mappings away, block or flow style, with the comments that belong to them.
 *
 * To an entry belong the comment at the end of its line, deeper comments below it, and the comment block directly above
 * it, unless that block heads the entries below too or holds an entry that is commented out. Everything else stays.
 * Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias, isMap, isScalar } from "yaml";
import { commentColumn, commentOn, entriesOf, type Entry, placeOf } from "../entries.ts";
import type { YamlDocument } from "../parse.ts";
import { lineEnd, lineNumberAt, lineStart, lineText } from "../position.ts";
import { headsSeveral } from "../heads.ts";
import { endOfLine, indentAt, isFirstOnLine, isFlow } from "./lines.ts";
import type { Splice } from "./splice.ts";

/** What the comments of a file may hold. */
export interface CutOptions {
  /** Matches the text of a comment in which an entry is commented out: such a one belongs to nobody. */
  readonly commentedOut: RegExp;
}

/**
 * Plans that one entry of several goes.
 *
 * @returns undefined when the text of the entry cannot be told from that of its neighbours: a first pair behind a dash
 * with comments below it, the only entry of a block
 */
export function cutEntry(document: YamlDocument, entry: Entry, options: CutOptions): Splice[] | undefined {
  if (isFlow(entry.owner!)) return cutInBrackets(document, entry, options);
  return entry.owner!.items.length > 1 ? cutFromBlock(document, entry, options) : undefined;
}

/**
 * Plans that the only entry goes and brackets without content stay.
 *
 * @param at offset behind the key or dash that the list or mapping belongs to
 */
export function cutOnlyEntry(
  document: YamlDocument,
  entry: Entry,
  { at, ...options }: CutOptions & { readonly at: number },
): Splice[] | undefined {
  const owner = entry.owner!;
  if (isFlow(owner)) return cutInBrackets(document, entry, options);
  const lines = cutFromBlock(document, entry, options);
  const behind = placeOf(document, owner).anchor?.end ?? at;
  return lines && [{ start: behind, end: behind, text: isMap(owner) ? " {}" : " []" }, ...lines];
}

function cutFromBlock(document: YamlDocument, entry: Entry, options: CutOptions): Splice[] | undefined {
  const { start, end, owner, index } = entry;
  if (isFirstOnLine(document, start)) return [cutLines(document, entry, { end, ...options })];
  // Behind a dash: the next entry takes its place.
  const next = entriesOf(document, owner!)[index + 1];
  if (next === undefined) return undefined;
  const between = document.source.slice(endOfLine(document, end), next.start);
  return /\S/.test(between) ? undefined : [{ start, end: next.start, text: "" }];
}

/** Cuts whole lines: those of an entry, the comments that are its own, and the blank line that set it off. */
function cutLines(
  document: YamlDocument,
  entry: Entry,
  { end, ...options }: CutOptions & { readonly end: number },
): Splice {
  const { owner, index, start } = entry;
  let from = firstOwnLine(document, entry, options);
  let to = lineNumberAt(document, end);
  while (isDeeperComment(document, to + 1, indentAt(document, start))) to++;
  const isBlankAbove = from > 1 && isBlank(document, from - 1);
  if (index === owner!.items.length - 1) {
    if (isBlankAbove && (isBlank(document, to + 1) || isEndOfText(document, to + 1))) from--;
  } else if (isBlank(document, to + 1)) {
    const isBelowHead = index === 0 && from > 1 && commentColumn(document, from - 1) === undefined;
    if (isBlankAbove || isBelowHead) to++;
  }
  const at = lineStart(document, from) + (from === 1 && document.source.startsWith("\ufeff") ? 1 : 0);
  if (to < document.lineStarts.length) return { start: at, end: lineStart(document, to + 1), text: "" };
  return { start: from > 1 ? lineEnd(document, from - 1) : at, end: document.source.length, text: "" };
}

/** @returns the first of the comment lines that belong to an entry; its own line where none does */
function firstOwnLine(document: YamlDocument, entry: Entry, { commentedOut }: CutOptions): number {
  const line = lineNumberAt(document, entry.start);
  // A comment above a text or an alias may head several of them.
  const isOneLine = isAlias(entry.value) || isScalar(entry.value);
  if (isOneLine && headsSeveral(document, entry)) return line;
  let from = line;
  for (; commentColumn(document, from - 1) !== undefined; from--) {
    if (!isOneLine && isDeeperComment(document, from - 1, indentAt(document, entry.start))) break;
    const comment = document.source.slice(commentOn(document, from - 1), lineEnd(document, from - 1));
    if (commentedOut.test(comment)) return isOneLine ? from : line;
  }
  return from;
}

function isDeeperComment(document: YamlDocument, line: number, column: number): boolean {
  return (commentColumn(document, line) ?? 0) > column;
}

function isBlank(document: YamlDocument, line: number): boolean {
  return lineStart(document, line) < document.source.length && lineText(document, line).trim() === "";
}

function isEndOfText(document: YamlDocument, line: number): boolean {
  return lineStart(document, line) >= document.source.length;
}

function cutInBrackets(document: YamlDocument, entry: Entry, options: CutOptions): Splice[] {
  const { source } = document;
  const owner = entry.owner!;
  const { start, end, index, commaEnd } = entry;
  const [open, close] = [owner.range[0] + 1, owner.range[1] - 1];
  const isLast = index === owner.items.length - 1;
  const behind = commaEnd ?? end;
  const lead = index === 0 ? open : entriesOf(document, owner)[index - 1]!.commaEnd!;
  const lostComma = isLast && index > 0 && commaEnd === undefined ? [{ start: lead - 1, end: lead, text: "" }] : [];
  if (isAloneOnLines(document, { start, end: behind }, open)) {
    return [...lostComma, cutLines(document, entry, { end: behind, ...options })];
  }
  if (owner.items.length === 1) {
    const hasComment = document.comments.some((at) => at > open && at < close);
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
function isAloneOnLines(
  document: YamlDocument,
  { start, end }: { readonly start: number; readonly end: number },
  open: number,
): boolean {
  const line = lineNumberAt(document, end);
  const after = document.source.slice(end, commentOn(document, line) ?? lineEnd(document, line));
  return lineNumberAt(document, open) < lineNumberAt(document, start) && isFirstOnLine(document, start) &&
    after.trim() === "";
}
