/**
 * Splices that add, replace and take away entries and items of a YAML text, in the author's indentation. Pure.
 * Spec: sops-engine §9.
 *
 * @module
 */
import { InternalError, UserError } from "../../../base/error.ts";
import type { Splice } from "../../../yaml/edit/splice.ts";
import {
  type CopiedNode,
  STYLE,
  type YamlAlias,
  YamlComment,
  YamlEntry,
  YamlLeaf,
  YamlList,
  YamlMapping,
  type YamlNode,
} from "../../../yaml/scan/nodes.ts";
import type { Comment, Entry, List, Mapping, Node } from "../../tree/tree.ts";
import type { AddedItem, StructureChange } from "../../tree/change.ts";
import { itemOf } from "../../tree/replace.ts";
import type { YamlFile } from "./file.ts";
import { isUnsafeForLiteral, layoutOf, METADATA_LAYOUT, withLineEnds } from "./layout.ts";
import { planRemoval } from "./removal.ts";
import {
  type BlockLayout,
  formatBehindKey,
  formatBlock,
  formatBlockEntry,
  formatFlow,
  formatFlowEntry,
  formatItem,
  isInlineValue,
} from "./text.ts";
import { endOfLine, leadOf, planValueChanges, writeOut } from "./values.ts";

/** A collection that stands in the text. */
export type Collection = YamlMapping | YamlList;

/** Where a node stands: as the value of an entry or an item of a list. */
interface Site {
  readonly container: Collection;
  readonly index: number;
  readonly entry: YamlEntry | undefined;
}

/**
 * Plans a change of the structure. Aliases whose anchor the change touches are written out with what they stood for.
 *
 * @throws {UserError} `usage` where the text has no place for the change
 */
export function planStructureChange(file: YamlFile, change: StructureChange): Splice[] {
  const target = change.action === "replace" ? change.node : change.container;
  const alias = findAliasAround(file, target);
  if (alias !== undefined) return planInAlias(file, alias, change);
  const splices = planInText(file, change);
  if (change.action === "replace" && change.node.kind === "leaf" && change.value.kind === "leaf") return splices;
  return [...splices, ...detachAliases(file, splices)];
}

function planInText(file: YamlFile, change: StructureChange): Splice[] {
  switch (change.action) {
    case "append":
      return planAppend(file, change.container as Collection, change.added);
    case "replace":
      return planReplace(file, change.node as YamlNode, change.value);
    case "remove":
      return planRemoval(file, change.container as Collection, change.index);
  }
}

/** @returns the alias that stands for a node, where the node has no text of its own */
function findAliasAround(file: YamlFile, target: Node): YamlAlias | undefined {
  if (target instanceof YamlLeaf || target instanceof YamlMapping || target instanceof YamlList) return undefined;
  return file.aliases.find(({ node }) => node !== undefined && holds(node, target));
}

function holds(node: CopiedNode, target: Node): boolean {
  if (node === target) return true;
  if (node.kind === "leaf") return false;
  return (node.items as readonly { kind: string; value?: CopiedNode }[]).some((item) =>
    item.kind === "entry" ? holds(item.value!, target) : item.kind !== "comment" && holds(item as CopiedNode, target)
  );
}

/** A change below an alias: what it stands for is written out, changed. */
function planInAlias(file: YamlFile, alias: YamlAlias, change: StructureChange): Splice[] {
  const value = withStructureChange(alias.node!, change);
  const splices = writeOut(file, alias, value);
  return [...splices, ...detachAliases(file, splices)];
}

/** @returns a copy of a node with the change made in it */
function withStructureChange(node: Node, change: StructureChange): Node {
  if (change.action === "replace" && node === change.node) return change.value;
  if (node.kind === "leaf") return node;
  let items = (node.items as readonly (Entry | Node | Comment)[]).map((item) => {
    if (item.kind === "comment") return item;
    if (item.kind !== "entry") return withStructureChange(item, change);
    return { kind: "entry", key: item.key, value: withStructureChange(item.value, change) } as const;
  });
  if (change.action === "remove" && change.container === node) items = items.filter((_, i) => i !== change.index);
  if (change.action === "append" && change.container === node) items.push(...change.added.map(itemOf));
  return node.kind === "list"
    ? { kind: "list", items: items as (Node | Comment)[] }
    : { kind: "mapping", items: items as (Entry | Comment)[] };
}

/** Aliases stand for what their anchors held before the splices. */
function detachAliases(file: YamlFile, splices: readonly Splice[]): Splice[] {
  const isTouched = (start: number, end: number): boolean =>
    splices.some((splice) => splice.start <= end && splice.end >= start);
  const isGone = (start: number, end: number): boolean =>
    splices.some((splice) => splice.start <= start && splice.end >= end && splice.end > splice.start);
  return file.aliases.flatMap((alias) => {
    const { target, node } = alias;
    const from = target.properties?.start ?? target.start;
    if (node === undefined || !isTouched(from, target.end) || isGone(alias.start, alias.end)) return [];
    return writeOut(file, alias, node);
  });
}

/** The layout of new lines: the metadata block keeps the one of SOPS. */
function layoutFor(file: YamlFile, container: Collection): BlockLayout {
  const isMetadata = file.documents.some(({ metadata }) => {
    const value = metadata?.value;
    return value instanceof YamlMapping && value.start <= container.start && container.end <= value.end;
  });
  return isMetadata ? METADATA_LAYOUT : layoutOf(file);
}

/** The layout of new lines whose last one ends at `lineEnd`. */
function safeLayout(file: YamlFile, container: Collection, lineEnd: number): BlockLayout {
  return { ...layoutFor(file, container), avoidsLiteral: isUnsafeForLiteral(file.source, lineEnd, 0) };
}

function planAppend(
  file: YamlFile,
  container: Collection,
  items: readonly AddedItem[],
): Splice[] {
  if (items.some(({ key }) => (container.kind === "mapping") !== (key !== undefined))) {
    throw new UserError("usage", "cannot add to the file: a list has no keys, and a mapping has nothing without one");
  }
  const added = { kind: container.kind, items: items.map(itemOf) } as Mapping | List;
  const document = file.documents.find(({ root }) => root === container);
  const isEmpty = container.items.every((item) => item.kind === "comment");
  if (container.isFlow) {
    const site = isEmpty && document === undefined ? findSite(file, container) : undefined;
    const isInBlock = site !== undefined && !site.container.isFlow && container.items.length === 0;
    return isInBlock ? planReplace(file, container, added) : appendInBrackets(file, container, added);
  }
  const end = isEmpty ? container.end : endOfLine(file.source, endOfItems(file, container));
  const layout = safeLayout(file, container, end);
  if (document !== undefined && isEmpty) {
    const text = formatBlock(added, container.column, layout);
    return planTopLines(file, document, `${" ".repeat(container.column)}${text}\n`);
  }
  const texts = items.map(({ key, value }) =>
    key === undefined
      ? gapOfDash(file, container as YamlList) + formatItem(value, container.column, layout)
      : formatBlockEntry({ key, value }, container.column, layout)
  );
  const pad = `\n${" ".repeat(container.column)}`;
  return [{ start: end, end, text: withLineEnds(texts.map((text) => pad + text).join(""), file.source) }];
}

/** @returns the `-` with the blanks behind it, as the last item of a list has them */
function gapOfDash({ source }: YamlFile, list: YamlList): string {
  const gap = /^-( +)(?=[^ #\r\n])/.exec(source.slice(list.dashes.at(-1), (list.dashes.at(-1) ?? 0) + 10));
  return gap?.[0] ?? "- ";
}

/** @returns where the last item of a collection or the last comment in it ends */
function endOfItems(file: YamlFile, { items, start }: Collection): number {
  let end = start;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]!;
    if (item.kind !== "comment") return Math.max(end, endOfItem(file, item));
    if (item instanceof YamlComment) end = Math.max(end, item.end);
  }
  return end;
}

/** @returns where the text of an entry or item ends, with the comments of its value that stand below it */
export function endOfItem(file: YamlFile, item: YamlEntry | YamlNode): number {
  const [, end] = spanOf(file, item);
  const value = item instanceof YamlEntry ? item.value : item;
  if (!(value instanceof YamlMapping || value instanceof YamlList) || value.isFlow) return end;
  return Math.max(end, endOfItems(file, value));
}

/**
 * Puts whole lines at the end of a document, before its metadata; their keys stand in the column of its top mapping.
 *
 * @param lines with a line break at the end
 */
export function planTopLines(file: YamlFile, document: YamlFile["documents"][number], lines: string): Splice[] {
  const { source } = file;
  const { root, nothing, metadata } = document;
  if (nothing !== undefined) {
    const isOnOwnLine = /(?:^\ufeff?|\n)$/.test(source.slice(0, nothing.start).slice(-2));
    const text = withLineEnds(lines.replace(/\n$/, ""), source);
    if (isOnOwnLine) return [{ start: nothing.start, end: nothing.end, text }];
    const lineEnd = endOfLine(source, nothing.end);
    return [
      { start: nothing.start, end: nothing.end, text: "" },
      { start: lineEnd, end: lineEnd, text: withLineEnds("\n", source) + text },
    ];
  }
  const lineStartOf = (offset: number): number => source.lastIndexOf("\n", offset - 1) + 1;
  if (metadata !== undefined) {
    const start = lineStartOf(metadata.from);
    return [{ start, end: start, text: withLineEnds(lines, source) }];
  }
  const { end } = document;
  if (end === 0 || source[end - 1] === "\n" || source[end - 1] === "\ufeff") {
    return [{ start: end, end, text: withLineEnds(lines, source) }];
  }
  const last = root.items.findLast((item) => item instanceof YamlEntry);
  if (last !== undefined && endsInBlockScalar(last.value, source.slice(0, end))) {
    // a line break behind it would become part of its text
    const start = Math.max(lineStartOf(last.from), source.startsWith("\ufeff") ? 1 : 0);
    return [{ start, end: start, text: withLineEnds(lines, source) }];
  }
  return [{ start: end, end, text: withLineEnds(`\n${lines}`, source) }];
}

/** @param text up to the end of the document: blanks on its last line are a part of the block too */
function endsInBlockScalar(node: YamlNode, text: string): boolean {
  if (node instanceof YamlLeaf) {
    return (node.style === STYLE.literal || node.style === STYLE.folded) && text.slice(node.end).trim() === "";
  }
  if (!(node instanceof YamlMapping || node instanceof YamlList) || node.isFlow) return false;
  const last = node.items.findLast((item) => item.kind !== "comment");
  return last !== undefined && endsInBlockScalar(last.kind === "entry" ? last.value : last, text);
}

/** Adds inside brackets, on a line of its own where the items have theirs. */
function appendInBrackets(file: YamlFile, container: Collection, added: Mapping | List): Splice[] {
  const texts = added.items.map((item) =>
    item.kind === "entry" ? formatFlowEntry(item) : item.kind === "comment" ? [] : formatFlow(item)
  ).flat();
  return insertInBrackets(file, container, texts);
}

/** Puts texts of more items behind the last one inside brackets. */
export function insertInBrackets(file: YamlFile, container: Collection, texts: readonly string[]): Splice[] {
  const { source } = file;
  const last = container.items.findLast((item) => item.kind !== "comment");
  const closing = container.end - 1;
  if (last === undefined) {
    const start = container.items.length === 0 ? container.start + 1 : closing;
    return [{ start, end: start, text: texts.join(", ") }];
  }
  const [from, end] = spanOf(file, last);
  const comma = /^(?:[ \t\r\n]|#[^\n]*)*,/.exec(source.slice(end, closing))?.[0];
  const lineStart = source.lastIndexOf("\n", from - 1) + 1;
  const pad = source.slice(lineStart, from);
  const isOnOwnLine = lineStart > 0 && /^[ \t]*$/.test(pad);
  const lead = isOnOwnLine ? withLineEnds(`\n${pad}`, source) : " ";
  const text = lead + texts.join(`,${lead}`);
  if (comma !== undefined) return [{ start: end + comma.length, end: end + comma.length, text }];
  return [{ start: end, end, text: `,${text}` }];
}

/** @returns where an item starts, its anchor and tag included, and where it ends; an alias has the place of its name */
export function spanOf(file: YamlFile, item: YamlEntry | YamlNode): [start: number, end: number] {
  if (item instanceof YamlEntry) return [item.from, spanOf(file, item.value)[1]];
  if (item instanceof YamlLeaf || item instanceof YamlMapping || item instanceof YamlList) {
    return [item.properties?.start ?? item.start, Math.max(item.end, item.properties?.end ?? 0)];
  }
  const alias = file.aliases.find(({ node }) => node === item);
  if (alias === undefined) throw new InternalError("a node has no place in its file");
  return [alias.start, alias.end];
}

function planReplace(file: YamlFile, node: YamlNode, value: Node): Splice[] {
  if (node instanceof YamlLeaf && value.kind === "leaf") {
    return planValueChanges(file, new Map([[node, value.value]]));
  }
  const site = findSite(file, node);
  if (site === undefined || !("start" in node)) {
    throw new UserError("usage", "cannot replace the top of a document: it has to stay a mapping");
  }
  const { source } = file;
  const { container, entry, index } = site;
  const start = node.properties?.start ?? node.start;
  if (container.isFlow) {
    const lead = node instanceof YamlLeaf && node.start === node.end ? leadOf(file, node) : "";
    return [{ start, end: node.end, text: lead + formatFlow(value) }];
  }
  const valueLineEnd = endOfLine(source, node.end);
  const isItem = entry === undefined;
  const offset = isItem ? dashOf(container as YamlList, index) + 1 : colonOf(source, entry) + 1;
  const lineEnd = endOfLine(source, offset);
  const isCommentBehindMark = lineEnd < start && /^[ \t]+#/.test(source.slice(offset, lineEnd));
  const isClear = /^[ \t]*$/.test(source.slice(node.end, valueLineEnd));
  const safe = safeLayout(file, container, valueLineEnd);
  // A comment on the line would become text of a literal block.
  const layout = isCommentBehindMark || !isClear ? { ...safe, avoidsLiteral: true } : safe;
  const text = isItem
    ? ` ${formatItem(value, container.column, layout)}`
    : formatBehindKey(value, container.column, layout);
  const write = (at: number, end: number, piece: string): Splice => ({
    start: at,
    end,
    text: withLineEnds(piece, source),
  });
  const column = container.column + 2;
  const ownLines = isItem ? `\n${" ".repeat(column)}${text.slice(1)}` : text;
  if (isCommentBehindMark) {
    if (isInlineValue(value)) return [write(offset, offset, text), write(lineEnd, node.end, "")];
    return [write(lineEnd, node.end, ownLines)];
  }
  if (isClear || isInlineValue(value)) return [write(offset, node.end, text)];
  return [write(offset, node.end, ""), write(valueLineEnd, valueLineEnd, ownLines)];
}

/** @returns where the `-` of an item stands */
export function dashOf(list: YamlList, index: number): number {
  const comments = list.items.slice(0, index).filter((item) => item.kind === "comment").length;
  return list.dashes[index - comments] ?? list.start;
}

function colonOf(source: string, entry: YamlEntry): number {
  const gap = /^(?:[ \t\r\n]|(?<=\s)#[^\n]*)*/.exec(source.slice(entry.end, entry.end + 2000))?.[0] ?? "";
  return entry.end + gap.length;
}

function findSite(file: YamlFile, target: YamlNode): Site | undefined {
  const visit = (container: YamlNode): Site | undefined => {
    if (!(container instanceof YamlMapping || container instanceof YamlList)) return undefined;
    for (const [index, item] of container.items.entries()) {
      if (item.kind === "comment") continue;
      const entry = item instanceof YamlEntry ? item : undefined;
      const node = (entry === undefined ? item : entry.value) as YamlNode;
      const found = node === target ? { container, index, entry } : visit(node);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const { root, metadata } of file.documents) {
    if (metadata !== undefined && metadata.value === target) {
      return { container: root, index: -1, entry: metadata };
    }
    const found = visit(root) ?? (metadata === undefined ? undefined : visit(metadata.value));
    if (found !== undefined) return found;
  }
  return undefined;
}
