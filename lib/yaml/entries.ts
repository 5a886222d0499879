/**
 * Where the parts of a YAML file stand: of each item of a list and each pair of a mapping the dash, anchor, tag, colon,
 * value, comma and comment, exactly as the parser read them. Nothing is searched for in the text.
 *
 * Computed once for each document, from the source tokens that `parseYaml` keeps. Pure.
 *
 * @module
 */
import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { lineEnd, lineNumberAt, lineStart, type SourceText } from "./position.ts";
import type { WrittenNode } from "./resolve.ts";

/** A half-open piece of the text in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A list or a mapping. */
export type Collection = YAMLMap.Parsed | YAMLSeq.Parsed;

/** A text whose comments are known. */
export interface CommentedText extends SourceText {
  /** Where the comments of the whole text start, ascending. */
  readonly comments: readonly number[];
}

/** A parsed text, as far as the places in it need it. */
export interface TokenizedText extends CommentedText {
  readonly root: Document.Parsed;
  /** What stands before the root node of the first document: its `---`, anchor and tag among them. */
  readonly rootTokens: readonly CST.SourceToken[];
}

/** A node with what belongs to it. Comments and white space behind it do not count. */
export interface Place extends Span {
  /** `&name` */
  readonly anchor: Span | undefined;
}

/** An item of a list, a pair of a mapping, or the root of the document. */
export interface Entry extends Span {
  /** Undefined for the root. */
  readonly owner: Collection | undefined;
  /** Among the entries of its owner. */
  readonly index: number;
  /** Undefined for an item. */
  readonly key: WrittenNode | undefined;
  /** The item, or the value of the pair; undefined when there is none at all (`{name}`). */
  readonly value: WrittenNode | undefined;
  /** Of an item of a block list. */
  readonly dash: number | undefined;
  /** White space between the dash and what follows on its line; one space when nothing follows. */
  readonly gap: string;
  /** Offset behind the dash or colon that the value stands behind; without one the end of the key or the start. */
  readonly headEnd: number;
  /** Offset behind the comma that ends it in brackets. */
  readonly commaEnd: number | undefined;
  /** It stands inside brackets, at whatever depth. */
  readonly isInBrackets: boolean;
}

/** @returns the entries of a list or mapping, in the order of the text */
export function entriesOf(text: TokenizedText, collection: Collection): readonly Entry[] {
  return indexOf(text).entries.get(collection) ?? [];
}

/** @returns the entry that a node of the document is the key or the value of */
export function entryOf(text: TokenizedText, node: WrittenNode): Entry {
  return indexOf(text).byNode.get(node)!;
}

/** @returns where a node of the document stands, its anchor and tag included */
export function placeOf(text: TokenizedText, node: WrittenNode): Place {
  return indexOf(text).places.get(node)!;
}

/** @returns whether a value has no text of its own (a missing value, not a written `null`) */
export function isUnwritten(node: unknown): boolean {
  return !isNode(node) || (isScalar(node) && node.range![0] === node.range![1] && node.anchor === undefined);
}

/** @returns the offset of the `#` of the comment on a line, undefined when it has none */
export function commentOn(text: CommentedText, lineNumber: number): number | undefined {
  const { comments } = text;
  const [start, end] = [lineStart(text, lineNumber), lineEnd(text, lineNumber)];
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comments[middle]! < start) low = middle + 1;
    else high = middle;
  }
  const found = comments[low];
  return found !== undefined && found < end ? found : undefined;
}

/** @returns the column of the `#` on a line that holds nothing but a comment; undefined for other lines */
export function commentColumn(text: CommentedText, lineNumber: number): number | undefined {
  const comment = commentOn(text, lineNumber);
  if (comment === undefined) return undefined;
  const before = text.source.slice(lineStart(text, lineNumber), comment).replace("\ufeff", "");
  return before.trim() === "" ? before.length : undefined;
}

/**
 * Finds the comment that ends the line of an offset.
 *
 * @param offset end of a value; only spaces and tabs may stand between it and the comment, and one `,`
 * @returns the offset of `#`, undefined when no comment follows
 */
export function commentBehind(text: CommentedText, offset: number): number | undefined {
  const comment = commentOn(text, lineNumberAt(text, offset));
  if (comment === undefined || comment <= offset) return undefined;
  return ["", ","].includes(text.source.slice(offset, comment).trimEnd()) ? comment : undefined;
}

/** Everything that is known of the places in one document. */
interface Index {
  readonly entries: Map<Collection, readonly Entry[]>;
  readonly byNode: Map<WrittenNode, Entry>;
  readonly places: Map<WrittenNode, Place>;
}

const known = new WeakMap<Document.Parsed, Index>();

function indexOf(text: TokenizedText): Index {
  const found = known.get(text.root);
  if (found !== undefined) return found;
  const index: Index = { entries: new Map(), byNode: new Map(), places: new Map() };
  const root = text.root.contents as WrittenNode | null;
  if (root !== null) {
    const { start, end } = new Indexer(text, index).readNode(root, text.rootTokens, false);
    index.byNode.set(root, { ...ROOT, value: root, start, end, headEnd: start });
  }
  known.set(text.root, index);
  return index;
}

const ROOT = {
  owner: undefined,
  index: 0,
  key: undefined,
  dash: undefined,
  gap: " ",
  commaEnd: undefined,
  isInBrackets: false,
};

type SourceTokens = readonly CST.SourceToken[];
type Item = CST.BlockMap["items"][number] | CST.BlockSequence["items"][number] | CST.FlowCollection["items"][number];

/** Walks the nodes together with the tokens that they were made of. */
class Indexer {
  readonly #text: TokenizedText;
  readonly #index: Index;

  constructor(text: TokenizedText, index: Index) {
    this.#text = text;
    this.#index = index;
  }

  /** @param before the tokens in front of the node: its anchor and tag are among them */
  readNode(node: WrittenNode, before: SourceTokens, isInBrackets: boolean): Place {
    const end = isCollection(node) ? this.#readCollection(node, isInBrackets) : this.#endOf(node);
    const anchor = before.findLast(({ type }) => type === "anchor");
    const tag = before.findLast(({ type }) => type === "tag");
    const [own] = node.range;
    const place: Place = {
      start: Math.min(own, anchor?.offset ?? own, tag?.offset ?? own),
      end,
      anchor: anchor && { start: anchor.offset, end: anchor.offset + anchor.source.length },
    };
    this.#index.places.set(node, place);
    return place;
  }

  /** A folded or literal text has its line breaks in its range. */
  #endOf(node: Exclude<WrittenNode, Collection>): number {
    const [start, end] = node.range;
    if (isAlias(node) || !node.type?.startsWith("BLOCK_")) return end;
    return start + this.#text.source.slice(start, end).trimEnd().length;
  }

  /** @returns the end of what is written */
  #readCollection(node: Collection, isInBrackets: boolean): number {
    const isFlow = node.flow === true;
    const items = isMap(node) ? node.items.map((pair) => pair.srcToken as Item) : itemTokens(node);
    const commas = isFlow ? commasBehind(node) : undefined;
    const entries = node.items.map((child, index): Entry => {
      const item = items[index]!;
      const comma = commas?.get(item);
      const base = {
        owner: node,
        index,
        commaEnd: comma && comma.offset + 1,
        isInBrackets: isFlow || isInBrackets,
      };
      const entry = isNode(child)
        ? this.#readItem(child as WrittenNode, item, base)
        : this.#readPair(child as YAMLMap.Parsed["items"][number], item, base);
      if (entry.key !== undefined) this.#index.byNode.set(entry.key, entry);
      if (entry.value !== undefined) this.#index.byNode.set(entry.value, entry);
      return entry;
    });
    this.#index.entries.set(node, entries);
    return isFlow || entries.length === 0 ? node.range[1] : entries.at(-1)!.end;
  }

  #readItem(node: WrittenNode, { start }: Item, base: EntryBase): Entry {
    const dash = start.find(({ type }) => type === "seq-item-ind");
    const isBarePair = isMap(node) && node.srcToken === undefined; // `[a: b]`: what stands before it is its key's
    const place = this.readNode(node, isBarePair ? [] : start, base.isInBrackets);
    const headEnd = dash === undefined ? place.start : dash.offset + 1;
    const space = dash && start[start.indexOf(dash) + 1];
    const isBare = space?.type !== "space" || place.start !== headEnd + space.source.length;
    return {
      ...base,
      key: undefined,
      value: node,
      dash: dash?.offset,
      gap: isBare ? " " : space.source,
      start: dash?.offset ?? place.start,
      headEnd,
      end: isUnwritten(node) ? headEnd : place.end,
    };
  }

  #readPair(pair: YAMLMap.Parsed["items"][number], { start, sep = [] }: Item, base: EntryBase): Entry {
    const key = pair.key as WrittenNode;
    const value = (pair.value ?? undefined) as WrittenNode | undefined;
    const place = this.readNode(key, start, base.isInBrackets);
    const mark = start.find(({ type }) => type === "explicit-key-ind");
    const colon = sep.find(({ type }) => type === "map-value-ind");
    const headEnd = colon === undefined ? place.end : colon.offset + 1;
    const end = value === undefined ? headEnd : this.readNode(value, sep, base.isInBrackets).end;
    return {
      ...base,
      key,
      value,
      dash: undefined,
      gap: " ",
      start: mark?.offset ?? place.start,
      headEnd,
      end: isUnwritten(value) ? headEnd : end,
    };
  }
}

type EntryBase = Pick<Entry, "owner" | "index" | "commaEnd" | "isInBrackets">;

/** Items that only carry a comment or a last comma have no node. In brackets a pair of its own is a mapping. */
function itemTokens(node: YAMLSeq.Parsed): readonly Item[] {
  const { type, items } = node.srcToken as CST.BlockSequence | CST.FlowCollection;
  return (items as readonly Item[]).filter((item) =>
    type === "block-seq"
      ? item.start.some((token) => token.type === "seq-item-ind")
      : item.value !== undefined || item.sep !== undefined || item.start.some(isNodeProperty)
  );
}

/** The comma that ends an item is the parser's first token of the next one. */
function commasBehind(node: Collection): ReadonlyMap<Item, CST.SourceToken> {
  const { items = [] } = (node.srcToken ?? {}) as Partial<CST.FlowCollection>;
  const commas = new Map<Item, CST.SourceToken>();
  items.forEach((item, at) => {
    const comma = items[at + 1]?.start.find(({ type }) => type === "comma");
    if (comma !== undefined) commas.set(item, comma);
  });
  return commas;
}

function isNodeProperty({ type }: CST.SourceToken): boolean {
  return type === "anchor" || type === "tag";
}
