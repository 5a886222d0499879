/**
 * Plain and quoted scalars, folded over lines as go-yaml folds them. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { CHAR, type Cursor, isBlank, isBlankOrEnd, isBreak, isMarker } from "./cursor.ts";
import { STYLE, type Style, type YamlList, type YamlMapping } from "./nodes.ts";

/**
 * What can be a key or a value on its own: a scalar, an alias, or a collection in brackets. One shape for all three, since
 * a file is made of them.
 */
export interface Atom {
  readonly start: number;
  readonly end: number;
  /** Whether it ends on the line that it starts on; only such an atom can be a key. */
  readonly isOneLine: boolean;
  readonly style: Style;
  /** The text of a scalar, escapes and folds resolved; undefined for an alias or a collection. */
  readonly text: string | undefined;
  readonly collection: YamlMapping | YamlList | undefined;
  /** The name of an alias. */
  readonly alias: string | undefined;
}

/**
 * Scans an unquoted scalar and the white space behind it, since only that tells where the scalar ends.
 *
 * @param indent column of the block around it; its further lines are deeper
 */
export function scanPlain(cursor: Cursor, indent: number): Atom {
  const { source, pos: start } = cursor;
  const isFlow = cursor.flowDepth > 0;
  cursor.consume(0, true);
  let runStart = start;
  let end = scanPlainRun(cursor, isFlow);
  let folded: string | undefined;
  while (isBreak(cursor.code)) {
    const joint = skipPlainBreaks(cursor, indent);
    const { code, pos } = cursor;
    if (code === CHAR.hash || code !== code || (!isFlow && cursor.column <= indent)) break;
    if (pos === cursor.lineStart && isMarker(source, pos)) break;
    const runEnd = scanPlainRun(cursor, isFlow);
    if (runEnd === pos) break;
    folded = (folded ?? "") + source.slice(runStart, end) + joint;
    runStart = pos;
    end = runEnd;
    cursor.isNewLine = false;
  }
  const last = source.slice(runStart, end);
  const text = folded === undefined ? last : folded + last;
  const isOneLine = folded === undefined;
  return { start, end, isOneLine, style: STYLE.plain, text, collection: undefined, alias: undefined };
}

/** Moves over the rest of a line as far as it belongs to a plain scalar. @returns where its text ends */
function scanPlainRun(cursor: Cursor, isFlow: boolean): number {
  const { source } = cursor;
  let at = cursor.pos;
  const wordEnd = isFlow ? -1 : cursor.findWordOnRest();
  if (wordEnd !== -1) {
    cursor.pos = wordEnd;
    return wordEnd;
  }
  let end = at;
  for (;; at++) {
    const code = source.charCodeAt(at);
    if (code > CHAR.question && code < 0x80 && !isFlow) {
      end = at + 1;
    } else if (code === CHAR.space || code === CHAR.tab) {
      continue;
    } else if (
      code !== code || isBreak(code) || (code === CHAR.colon && isBlankOrEnd(source.charCodeAt(at + 1))) ||
      (code === CHAR.hash && at > end) || (isFlow && endsPlainInFlow(code))
    ) {
      break;
    } else {
      end = at + 1;
    }
  }
  cursor.pos = at;
  return end;
}

function endsPlainInFlow(code: number): boolean {
  return code === CHAR.comma || code === CHAR.question || code === CHAR.openList || code === CHAR.closeList ||
    code === CHAR.openMapping || code === CHAR.closeMapping;
}

/** @returns what the line breaks between two lines of a plain scalar mean */
function skipPlainBreaks(cursor: Cursor, indent: number): string {
  let first = "";
  let further = "";
  for (;;) {
    const { code } = cursor;
    if (isBreak(code)) {
      if (first === "") first = readBreak(cursor);
      else further += readBreak(cursor);
      cursor.isNewLine = true;
    } else if (isBlank(code)) {
      if (code === CHAR.tab && cursor.column <= indent) {
        cursor.fail("a tab used as indentation, where YAML allows only spaces");
      }
      cursor.pos++;
    } else {
      return foldBreaks(first, further);
    }
  }
}

/** Moves over a line break. @returns what it means: LF, or the break itself for the two that Unicode made for it */
export function readBreak(cursor: Cursor): string {
  const { code } = cursor;
  cursor.breakLine();
  return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
}

/** One line break becomes a space, further ones stay. */
function foldBreaks(first: string, further: string): string {
  if (first !== "\n") return first + further;
  return further === "" ? " " : further;
}

/** Scans a scalar in single quotes. */
export function scanSingleQuoted(cursor: Cursor): Atom {
  return scanQuoted(cursor, CHAR.singleQuote);
}

/** Scans a scalar in double quotes. */
export function scanDoubleQuoted(cursor: Cursor): Atom {
  return scanQuoted(cursor, CHAR.doubleQuote);
}

function scanQuoted(cursor: Cursor, quote: number): Atom {
  const { source, pos: start, lineStart } = cursor;
  const isDouble = quote === CHAR.doubleQuote;
  cursor.consume(1, true);
  let text = "";
  let runStart = cursor.pos;
  for (;;) {
    const { code, pos } = cursor;
    if (code === quote) {
      if (isDouble || source.charCodeAt(pos + 1) !== quote) break;
      text += source.slice(runStart, pos + 1);
      cursor.pos = runStart = pos + 2;
    } else if (isDouble && code === CHAR.backslash) {
      text += source.slice(runStart, pos);
      cursor.pos++;
      text += isBreak(cursor.code) ? readEscapedBreak(cursor) : readEscape(cursor);
      runStart = cursor.pos;
    } else if (isBreak(code)) {
      let end = pos;
      while (end > runStart && isBlank(source.charCodeAt(end - 1))) end--;
      text += source.slice(runStart, end);
      const first = readBreak(cursor);
      text += foldBreaks(first, readFurtherBreaks(cursor, start));
      runStart = cursor.pos;
    } else if (code !== code) {
      cursor.fail("a quote that is never closed", start);
    } else {
      cursor.pos++;
    }
  }
  text += source.slice(runStart, cursor.pos);
  cursor.pos++;
  const isOneLine = cursor.lineStart === lineStart;
  const style = isDouble ? STYLE.double : STYLE.single;
  return { start, end: cursor.pos, isOneLine, style, text, collection: undefined, alias: undefined };
}

/** Moves over blank lines and the blanks before the next text. @returns the line breaks among them */
function readFurtherBreaks(cursor: Cursor, quoteStart: number): string {
  let further = "";
  for (;;) {
    if (cursor.pos === cursor.lineStart && isMarker(cursor.source, cursor.pos)) {
      cursor.fail("a quote that is not closed before the document ends", quoteStart);
    }
    if (isBlank(cursor.code)) cursor.pos++;
    else if (isBreak(cursor.code)) further += readBreak(cursor);
    else return further;
  }
}

function readEscapedBreak(cursor: Cursor): string {
  const start = cursor.pos;
  cursor.breakLine();
  return readFurtherBreaks(cursor, start);
}

/** What a backslash and a character mean. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["\t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  [" ", " "],
  ['"', '"'],
  ["'", "'"],
  ["/", "/"],
  ["\\", "\\"],
  ["N", "\u0085"],
  ["_", "\u00a0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
]);

/** How many hexadecimal digits follow. */
const ESCAPE_DIGITS: ReadonlyMap<string, number> = new Map([["x", 2], ["u", 4], ["U", 8]]);

const MAX_CODE_POINT = 0x10ffff;

function readEscape(cursor: Cursor): string {
  const { source, pos } = cursor;
  const letter = source.charAt(pos);
  const simple = ESCAPES.get(letter);
  if (simple !== undefined) {
    cursor.pos++;
    return simple;
  }
  const count = ESCAPE_DIGITS.get(letter);
  if (count === undefined) cursor.fail("a backslash before a character that it does not escape", pos - 1);
  const digits = source.slice(pos + 1, pos + 1 + count);
  const value = /^[0-9a-fA-F]+$/.test(digits) && digits.length === count ? parseInt(digits, 16) : NaN;
  if (!(value <= MAX_CODE_POINT) || (value >= 0xd800 && value <= 0xdfff)) {
    cursor.fail("an escaped character that does not exist", pos - 1);
  }
  cursor.pos += 1 + count;
  return String.fromCodePoint(value);
}
