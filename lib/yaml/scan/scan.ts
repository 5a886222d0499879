/**
 * Scans a YAML text: every document as nodes with places, in one pass and without a list of tokens.
 *
 * Reads what go-yaml reads, refuses what go-yaml and SOPS refuse, and says where but never what. Pure.
 * Reference: go.yaml.in/yaml v3.0.4; spec: sops-engine §4.2.
 *
 * @module
 */
import { CHAR, Cursor, isBreak, isMarker, malformed } from "./cursor.ts";
import { type YamlDocumentNode, YamlLeaf, YamlMapping, type YamlScan } from "./nodes.ts";
import { Reader } from "./reader.ts";

/** What go-yaml refuses, but for a byte order mark at the start. */
// deno-lint-ignore no-control-regex -- these are the characters that are looked for
const REFUSED_CHARACTER = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/**
 * Scans a text.
 *
 * @param source the whole text, byte order mark included
 * @param path for messages
 * @throws {UserError} `malformed` for everything that SOPS would not read, with line and column
 */
export function scanYaml(source: string, path: string): YamlScan {
  const refused = source.search(REFUSED_CHARACTER);
  if (refused !== -1) throw malformed({ source, path }, refused, "a control character");
  const cursor = new Cursor(source, path);
  const reader = new Reader(cursor);
  const documents: YamlDocumentNode[] = [];
  for (;;) {
    const isEnded = skipEnds(cursor);
    readDirectives(reader);
    if (cursor.pos >= source.length) break;
    const isExplicit = cursor.pos === cursor.lineStart && isMarker(source, cursor.pos);
    if (!isExplicit && (documents.length > 0 || isEnded)) {
      cursor.fail("text behind the end of a document, without a `---`");
    }
    if (isExplicit) cursor.consume(3, true);
    documents.push(readDocument(reader));
    reader.refusesDuplicates = false;
  }
  const last = documents.at(-1);
  if (last === undefined) throw malformed({ source, path }, 0, "no document, where SOPS needs one with keys");
  last.root.items.push(...cursor.pending.splice(0));
  return { documents, aliases: reader.aliases };
}

/** Moves over `...` lines. @returns whether there was one */
function skipEnds(cursor: Cursor): boolean {
  let isEnded = false;
  cursor.allowsTabs = false;
  cursor.skip();
  while (cursor.pos === cursor.lineStart && cursor.code === CHAR.dot && isMarker(cursor.source, cursor.pos)) {
    cursor.consume(3, true);
    cursor.skip();
    if (!cursor.isNewLine && cursor.pos < cursor.source.length) cursor.fail("text behind `...`");
    isEnded = true;
  }
  return isEnded;
}

/** Reads `%YAML` and `%TAG` lines, which a `---` has to follow. */
function readDirectives(reader: Reader): void {
  const { cursor } = reader;
  const handles = new Map<string, string>();
  let hasAny = false;
  while (cursor.code === CHAR.percent && cursor.pos === cursor.lineStart) {
    hasAny = true;
    const start = cursor.pos;
    let end = start;
    while (end < cursor.source.length && !isBreak(cursor.source.charCodeAt(end))) end++;
    const line = cursor.source.slice(start, end).replace(/[ \t]+(?:#.*)?$/, "");
    const tag = /^%TAG[ \t]+(!(?:[0-9A-Za-z_-]*!)?)[ \t]+(\S+)$/.exec(line);
    if (tag !== null) handles.set(tag[1]!, tag[2]!);
    else if (!/^%YAML[ \t]+1\.1$/.test(line)) {
      cursor.fail("a line with `%` that SOPS does not read: it knows `%YAML 1.1` only");
    }
    cursor.consume(end - start, true);
    cursor.skip();
  }
  const isStart = cursor.code === CHAR.hyphen && cursor.pos === cursor.lineStart && isMarker(cursor.source, cursor.pos);
  if (hasAny && !isStart) cursor.fail("a line with `%` without a `---` behind it");
  reader.handles = handles;
}

function readDocument(reader: Reader): YamlDocumentNode {
  const { cursor } = reader;
  const head = cursor.pending.splice(0);
  const start = cursor.pos;
  reader.anchors.clear();
  cursor.skip();
  const behindMarker = cursor.takeInline();
  if (behindMarker !== undefined) head.push(behindMarker);
  cursor.pending.unshift(...head);
  reader.rootColumn = cursor.isAtDocumentEnd ? 0 : cursor.column;
  reader.lastEnd = start;
  const node = reader.readBlockNode(
    { indent: -1, canOpenBlock: cursor.isNewLine, canBeFlush: false, offset: start },
    -1,
  );
  if (!cursor.isAtDocumentEnd) cursor.fail("text that belongs to no key and no list");
  const behind = cursor.takeInline();
  let root: YamlMapping;
  if (node instanceof YamlMapping) {
    root = node;
  } else {
    if (node.kind !== "leaf" || node.value !== null) {
      cursor.fail("a value that is no mapping, where SOPS needs keys on top", start);
    }
    root = new YamlMapping(start, 0, false, undefined);
  }
  if (behind !== undefined) root.items.push(behind);
  root.items.push(...cursor.pending.splice(0));
  const nothing = node instanceof YamlLeaf && node.end > node.start ? node : undefined;
  return { root, nothing, end: cursor.pos };
}
