/**
 * Anchors, tags and aliases in a YAML text. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { CHAR, type Cursor, isBlankOrEnd } from "./cursor.ts";
import type { Place, Properties } from "./nodes.ts";

/** What `%TAG` made of the handles of a document. */
export type TagHandles = ReadonlyMap<string, string>;

/** The prefix of standard tags, which `!!` stands for. */
const STANDARD_PREFIX = "tag:yaml.org,2002:";

/** Moves over the anchor and tag before a node, blanks and line breaks behind them included. */
export function readProperties(cursor: Cursor, handles: TagHandles): Properties {
  const start = cursor.pos;
  let anchor: Properties["anchor"];
  let tag: Properties["tag"];
  let end = start;
  let isOneLine = true;
  for (;;) {
    if (cursor.code === CHAR.ampersand && anchor === undefined) anchor = readName(cursor);
    else if (cursor.code === CHAR.exclamation && tag === undefined) tag = readTag(cursor, handles);
    else break;
    end = cursor.pos;
    cursor.skip();
    if (cursor.isNewLine) isOneLine = false;
    if (!isOneLine) break;
  }
  return { start, end, ...(anchor === undefined ? {} : { anchor }), ...(tag === undefined ? {} : { tag }) };
}

/** Moves over `&name` or `*name`. */
export function readName(cursor: Cursor): Place & { readonly name: string } {
  const { source, pos: start } = cursor;
  let end = start + 1;
  while (isNameCharacter(source.charCodeAt(end))) end++;
  const after = source.charAt(end);
  if (end === start + 1 || !(isBlankOrEnd(source.charCodeAt(end)) || "?:,]}%@`".includes(after))) {
    cursor.fail("a name behind `&` or `*` with a character that SOPS does not read there");
  }
  cursor.consume(end - start, true);
  return { name: source.slice(start + 1, end), start, end };
}

function isNameCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) ||
    code === 0x5f || code === CHAR.hyphen;
}

function readTag(cursor: Cursor, handles: TagHandles): Place & { readonly name: string } {
  const { source, pos: start } = cursor;
  let end = start + 1;
  while (!isBlankOrEnd(source.charCodeAt(end))) end++;
  const text = source.slice(start, end);
  if (cursor.flowDepth > 0 && /[,[\]{}]/.test(text) && !text.startsWith("!<")) {
    cursor.fail("a tag with a comma or a bracket behind it", start);
  }
  cursor.consume(end - start, true);
  return { name: nameOfTag(cursor, text, start, handles), start, end };
}

function nameOfTag(cursor: Cursor, text: string, start: number, handles: TagHandles): string {
  const verbatim = /^!<([0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]+)>$/.exec(text)?.[1];
  if (verbatim !== undefined) return shortTag(verbatim);
  const parts = /^(!(?:[0-9A-Za-z_-]*!)?)(.*)$/.exec(text);
  const [handle, suffix] = [parts?.[1] ?? "", parts?.[2] ?? ""];
  if (text.startsWith("!<") || !/^[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]*$/.test(suffix)) {
    cursor.fail("a tag that SOPS does not read", start);
  }
  const prefix = handles.get(handle);
  if (prefix !== undefined) return shortTag(prefix + suffix);
  if (handle === "!" || handle === "!!") {
    if (handle === "!!" && suffix === "") cursor.fail("a tag without a name", start);
    return text;
  }
  cursor.fail("a tag with a handle that no %TAG line explains", start);
}

function shortTag(name: string): string {
  return name.startsWith(STANDARD_PREFIX) ? `!!${name.slice(STANDARD_PREFIX.length)}` : name;
}
