/**
 * Block mappings and block lists: what belongs together by its column, comments included. Pure.
 * Reference: go.yaml.in/yaml v3.0.4; spec: sops-engine §4.4.
 *
 * @module
 */
import { CHAR, type Cursor, isIndicator } from "./cursor.ts";
import { findDuplicateKey } from "./duplicate_key.ts";
import {
  type Properties,
  STYLE,
  type YamlComment,
  YamlEntry,
  YamlLeaf,
  YamlList,
  YamlMapping,
  type YamlNode,
} from "./nodes.ts";
import type { Atom } from "./flow_scalars.ts";
import type { NodeContext, Reader } from "./reader.ts";

/** Where a block collection stands. */
export interface BlockPlace {
  readonly column: number;
  /** Column that comments have to be deeper than to belong to the collection when it ends. */
  readonly outer: number;
}

interface Key {
  readonly atom: Atom;
  readonly properties: Properties | undefined;
}

/** A comment in the column of a `-` belongs to the item before it where the list ends. */
const INSIDE_DASH = 0.5;

/**
 * Reads a block mapping.
 *
 * @param first its first key, the cursor being at the `:`; undefined where the cursor is at a `?`
 */
export function readMapping(reader: Reader, first: Key | undefined, { column, outer }: BlockPlace): YamlMapping {
  const { cursor } = reader;
  const start = first?.properties?.start ?? first?.atom.start ?? cursor.pos;
  const mapping = new YamlMapping(start, column, false, undefined);
  let key = first;
  for (;;) {
    takePending(reader, mapping.items);
    if (key === undefined) readEntry(reader, mapping);
    else readValue(reader, mapping, { ...key, from: key.properties?.start ?? key.atom.start });
    if (endsBlock(reader, column)) break;
    if (cursor.column > column) cursor.fail("a line that is indented deeper than the keys above it");
    key = undefined;
  }
  closeBlock(reader, mapping, { column, outer });
  refuseDuplicateKeys(reader, mapping);
  return mapping;
}

/** Reads an entry from its key or `?` on. */
function readEntry(reader: Reader, mapping: YamlMapping): void {
  const { cursor } = reader;
  const from = cursor.pos;
  if (isIndicator(cursor, CHAR.question)) return readExplicitEntry(reader, mapping);
  if (isIndicator(cursor, CHAR.colon)) cursor.fail("a `:` without a key");
  if (isIndicator(cursor, CHAR.hyphen)) cursor.fail("a list item where a key was expected");
  const hasProperties = cursor.code === CHAR.ampersand || cursor.code === CHAR.exclamation;
  const properties = hasProperties ? reader.openProperties() : undefined;
  if (hasProperties && (cursor.isNewLine || isIndicator(cursor, CHAR.colon))) {
    cursor.fail("an anchor or a tag without a key behind it", from);
  }
  const atom = reader.readAtom(mapping.column);
  if (cursor.isNewLine || !isIndicator(cursor, CHAR.colon) || !reader.isKey(atom)) {
    cursor.fail("text that belongs to no key and no list", from);
  }
  readValue(reader, mapping, { atom, properties, from });
}

/** Reads the value behind the `:` of a key that stands before it. */
function readValue(reader: Reader, mapping: YamlMapping, key: Key & { from: number }): void {
  const { cursor } = reader;
  const name = reader.keyOf(key.atom, key.properties);
  const isMerge = name === "<<" && key.atom.style === STYLE.plain && reader.refusesDuplicates;
  cursor.consume(1, true);
  const offset = cursor.pos;
  cursor.skip();
  const context: NodeContext = { indent: mapping.column, canOpenBlock: cursor.isNewLine, canBeFlush: true, offset };
  const value = readChild(reader, mapping.items, context, mapping.column);
  if (isMerge && !canMerge(value)) {
    cursor.fail("a merge key `<<` whose value is neither a mapping nor a list of them", key.from);
  }
  mapping.items.push(new YamlEntry(name, value, key.atom.start, key.atom.end, key.from));
}

function readExplicitEntry(reader: Reader, mapping: YamlMapping): void {
  const cursor: Cursor = reader.cursor;
  const { column } = mapping;
  const from = cursor.pos;
  cursor.consume(1, false);
  cursor.skip();
  const keyContext: NodeContext = { indent: column, canOpenBlock: true, canBeFlush: true, offset: cursor.pos };
  const node = readChild(reader, mapping.items, keyContext, column);
  if (!(node instanceof YamlLeaf) || typeof node.value !== "string") {
    cursor.fail("a key that is no text, which SOPS does not support: put it in quotes", from);
  }
  const { start, end } = node;
  let offset = reader.lastEnd;
  let value: YamlNode;
  if (cursor.column === column && cursor.isNewLine && isIndicator(cursor, CHAR.colon) && !cursor.isAtDocumentEnd) {
    takePending(reader, mapping.items);
    cursor.consume(1, false);
    offset = cursor.pos;
    cursor.skip();
    value = readChild(reader, mapping.items, { indent: column, canOpenBlock: true, canBeFlush: true, offset }, column);
  } else {
    value = reader.leafOf("", offset, offset, STYLE.absent, column);
  }
  mapping.items.push(new YamlEntry(node.value, value, start, end, from));
}

/** Reads a block list; the cursor stands at its first `-`. */
export function readList(reader: Reader, outer: number, indent: number): YamlList {
  const { cursor } = reader;
  const { column } = cursor;
  const list = new YamlList(cursor.pos, column, false, undefined);
  for (;;) {
    takePending(reader, list.items);
    list.dashes.push(cursor.pos);
    cursor.consume(1, false);
    const offset = cursor.pos;
    cursor.skip();
    const context: NodeContext = { indent: column, canOpenBlock: true, canBeFlush: false, offset };
    list.items.push(readChild(reader, list.items, context, column - INSIDE_DASH));
    if (endsBlock(reader, column)) break;
    if (isIndicator(cursor, CHAR.hyphen) && cursor.column === column) continue;
    if (cursor.column === column && column === indent) break;
    cursor.fail(
      cursor.column > column ? "a line that is indented deeper than its list" : "a key where a list item was expected",
    );
  }
  closeBlock(reader, list, { column, outer });
  return list;
}

/**
 * Reads the value of an entry or an item, and puts the comments around it where go-yaml takes them for: those of a scalar
 * before it in the container, those of a collection into the collection.
 */
function readChild(
  reader: Reader,
  items: (YamlNode | YamlEntry | YamlComment)[],
  context: NodeContext,
  outer: number,
): YamlNode {
  const { cursor } = reader;
  const behindMark = cursor.takeInline();
  if (behindMark !== undefined) items.push(behindMark);
  const headCount = cursor.pending.length;
  const node = reader.readBlockNode(context, outer);
  const isAbsent = node instanceof YamlLeaf && node.style === STYLE.absent;
  const behind = cursor.takeInline();
  const isCollection = node instanceof YamlMapping || node instanceof YamlList;
  if (isCollection && node.isFlow) {
    if (behind !== undefined) (node.items as YamlComment[]).splice(headCount, 0, behind);
  } else if (!isAbsent) {
    if (!isCollection) items.push(...cursor.pending.splice(0, headCount));
    if (behind !== undefined) {
      behind.isInline = true;
      items.push(behind);
    }
  }
  return node;
}

function takePending(reader: Reader, items: unknown[]): void {
  const { cursor } = reader;
  if (cursor.pending.length > 0) items.push(...cursor.pending.splice(0));
}

/** Whether the next token lies outside of a block in some column. */
function endsBlock({ cursor }: Reader, column: number): boolean {
  if (cursor.isAtDocumentEnd) return true;
  if (!cursor.isNewLine) cursor.fail("text behind a value that has ended");
  return cursor.column < column;
}

function closeBlock(reader: Reader, block: YamlMapping | YamlList, { column, outer }: BlockPlace): void {
  const { cursor } = reader;
  block.end = reader.lastEnd;
  const next = cursor.isAtDocumentEnd ? reader.rootColumn : Math.min(cursor.column, column);
  cursor.moveComments(block.items, Math.max(outer, next), next);
}

/** Whether go-yaml can merge a value: a mapping, or a list of mappings that stands here and behind no alias. */
export function canMerge(value: YamlNode): boolean {
  if (value instanceof YamlList) return value.items.every(({ kind }) => kind === "mapping" || kind === "comment");
  return value.kind === "mapping";
}

/** @throws {UserError} `malformed` for a key that stands twice in a mapping, in the document where SOPS looks */
export function refuseDuplicateKeys(reader: Reader, { items }: YamlMapping): void {
  if (!reader.refusesDuplicates) return;
  const duplicate = findDuplicateKey(items);
  if (duplicate !== undefined) reader.cursor.fail("a key that stands a second time in its mapping", duplicate.start);
}
