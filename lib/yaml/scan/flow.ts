/**
 * Collections in brackets, as go-yaml reads them. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { canMerge, refuseDuplicateKeys } from "./block.ts";
import { CHAR } from "./cursor.ts";
import { STYLE, type YamlComment, YamlEntry, YamlList, YamlMapping, type YamlNode } from "./nodes.ts";
import type { Reader } from "./reader.ts";

/**
 * Reads a collection in brackets; the cursor stands at the opening one.
 *
 * @param indent column of the block around it
 */
export function readFlowCollection(reader: Reader, indent: number): YamlMapping | YamlList {
  const { cursor } = reader;
  const { pos: start } = cursor;
  const isList = cursor.code === CHAR.openList;
  const closing = isList ? CHAR.closeList : CHAR.closeMapping;
  const collection = isList
    ? new YamlList(start, indent, true, undefined)
    : new YamlMapping(start, indent, true, undefined);
  const items = collection.items as (YamlNode | YamlEntry | YamlComment)[];
  items.push(...cursor.pending.splice(0));
  cursor.flowDepth++;
  cursor.consume(1, true);
  for (let isFirst = true;; isFirst = false) {
    skipInFlow(reader, items, start);
    if (cursor.code === closing) break;
    if (!isFirst) {
      if (cursor.code !== CHAR.comma) {
        cursor.fail(`a character inside brackets where \`,\` or the closing one was expected`);
      }
      cursor.consume(1, true);
      skipInFlow(reader, items, start);
      if (cursor.code === closing) break;
    }
    items.push(isList ? readFlowItem(reader, items, indent) : readFlowEntry(reader, items, indent));
  }
  cursor.consume(1, true);
  cursor.flowDepth--;
  collection.end = cursor.pos;
  reader.lastEnd = cursor.pos;
  if (collection.kind === "mapping") refuseDuplicateKeys(reader, collection);
  return collection;
}

function skipInFlow(reader: Reader, items: (YamlNode | YamlEntry | YamlComment)[], start: number): void {
  const { cursor } = reader;
  cursor.skip();
  takeComments(reader, items);
  if (cursor.isAtDocumentEnd) cursor.fail("a bracket that is never closed", start);
}

/** Comments between brackets stay in the collection, before what follows them. */
function takeComments({ cursor }: Reader, items: (YamlNode | YamlEntry | YamlComment)[]): void {
  const inline = cursor.takeInline();
  if (inline !== undefined) items.push(inline);
  if (cursor.pending.length > 0) items.push(...cursor.pending.splice(0));
}

/** Reads an item of a list: a node, or a mapping of one pair. */
function readFlowItem(reader: Reader, items: (YamlNode | YamlEntry | YamlComment)[], indent: number): YamlNode {
  const { cursor } = reader;
  const { pos: start } = cursor;
  if (cursor.code === CHAR.question) return readPair(reader, items, indent);
  const properties = propertiesHere(reader);
  const isBroken = properties !== undefined && cursor.isNewLine;
  const atom = endsNode(reader) ? undefined : reader.readAtom(indent);
  if (atom === undefined && properties === undefined) cursor.fail("a `,` or `:` without a value before it");
  if (atom !== undefined && cursor.code === CHAR.colon && !isBroken && !cursor.isNewLine && reader.isKey(atom)) {
    const mapping = new YamlMapping(start, indent, true, undefined);
    const key = reader.keyOf(atom, properties);
    const value = readFlowValue(reader, items, indent);
    mapping.items.push(new YamlEntry(key, value, atom.start, atom.end, start));
    mapping.end = reader.lastEnd;
    return mapping;
  }
  if (atom !== undefined) return reader.nodeOf(atom, indent, properties);
  const { pos } = cursor;
  return reader.close(
    reader.leafOf("", properties?.end ?? pos, properties?.end ?? pos, STYLE.absent, indent, properties),
  );
}

function readPair(reader: Reader, items: (YamlNode | YamlEntry | YamlComment)[], indent: number): YamlMapping {
  const mapping = new YamlMapping(reader.cursor.pos, indent, true, undefined);
  mapping.items.push(readFlowEntry(reader, items, indent));
  mapping.end = reader.lastEnd;
  return mapping;
}

function readFlowEntry(reader: Reader, items: (YamlNode | YamlEntry | YamlComment)[], indent: number): YamlEntry {
  const { cursor } = reader;
  const from = cursor.pos;
  const isExplicit = cursor.code === CHAR.question;
  if (isExplicit) {
    cursor.consume(1, true);
    cursor.skip();
    takeComments(reader, items);
  }
  const properties = propertiesHere(reader);
  const isBroken = properties !== undefined && cursor.isNewLine;
  if (endsNode(reader)) cursor.fail("a `:` or `,` without a key before it");
  const atom = reader.readAtom(indent);
  const isPair = cursor.code === CHAR.colon && (isExplicit || (!isBroken && !cursor.isNewLine && reader.isKey(atom)));
  const key = reader.keyOf(atom, properties);
  if (!isPair) {
    const value = reader.leafOf("", atom.end, atom.end, STYLE.absent, indent);
    return new YamlEntry(key, value, atom.start, atom.end, from);
  }
  const value = readFlowValue(reader, items, indent);
  if (key === "<<" && atom.style === STYLE.plain && reader.refusesDuplicates && !canMerge(value)) {
    cursor.fail("a merge key `<<` whose value is neither a mapping nor a list of them", from);
  }
  return new YamlEntry(key, value, atom.start, atom.end, from);
}

function readFlowValue(reader: Reader, items: (YamlNode | YamlEntry | YamlComment)[], indent: number): YamlNode {
  const { cursor } = reader;
  cursor.consume(1, true);
  const offset = cursor.pos;
  cursor.skip();
  takeComments(reader, items);
  const properties = propertiesHere(reader);
  if (endsNode(reader)) {
    const end = properties?.end ?? offset;
    return reader.close(reader.leafOf("", end, end, STYLE.absent, indent, properties));
  }
  return reader.nodeOf(reader.readAtom(indent), indent, properties);
}

function propertiesHere(reader: Reader): ReturnType<Reader["openProperties"]> | undefined {
  const { code } = reader.cursor;
  return code === CHAR.ampersand || code === CHAR.exclamation ? reader.openProperties() : undefined;
}

/** Whether no node stands here: the entry ends, or its value follows. */
function endsNode({ cursor }: Reader): boolean {
  const { code } = cursor;
  return code === CHAR.comma || code === CHAR.closeList || code === CHAR.closeMapping || code === CHAR.colon;
}
