/**
 * Block scalars (`|` and `>`), as go-yaml reads them. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { CHAR, type Cursor, isBlank, isBreak } from "./cursor.ts";
import { readBreak } from "./flow_scalars.ts";

/** A block scalar that was scanned. */
export interface BlockScalar {
  /** What it means. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What happens to the line breaks at the end: `-` none, absent one, `+` all. */
type Chomping = "-" | "+" | "";

/**
 * Scans a block scalar. Trailing blank lines are part of its range only where they are part of its text (`|+`).
 *
 * @param indent column of the block around it, -1 for the document
 */
export function scanBlockScalar(cursor: Cursor, indent: number): BlockScalar {
  const { pos: start } = cursor;
  const isLiteral = cursor.code === CHAR.pipe;
  cursor.consume(1, true);
  const { chomping, digit } = readHeader(cursor);
  const fixed = digit === 0 ? 0 : Math.max(indent, 0) + digit;
  const body = readBody(cursor, { fixed, least: Math.max(indent + 1, 1), isLiteral });
  cursor.isNewLine = true;
  const text = body.text + (chomping === "-" ? "" : body.lastBreak) + (chomping === "+" ? body.trailing : "");
  return { text, start, end: chomping === "+" ? body.end : body.textEnd };
}

function readHeader(cursor: Cursor): { chomping: Chomping; digit: number } {
  let chomping: Chomping | undefined;
  let digit = 0;
  for (;;) {
    const character = cursor.source.charAt(cursor.pos);
    if (chomping === undefined && (character === "+" || character === "-")) chomping = character;
    else if (digit === 0 && character >= "1" && character <= "9") digit = Number(character);
    else if (character === "0" && digit === 0) cursor.fail("an indentation of 0 behind `|` or `>`");
    else break;
    cursor.pos++;
  }
  while (isBlank(cursor.code)) cursor.pos++;
  if (cursor.code === CHAR.hash) cursor.skipComment();
  if (!isBreak(cursor.code) && cursor.code === cursor.code) cursor.fail("text behind `|` or `>` on the same line");
  return { chomping: chomping ?? "", digit };
}

interface Body {
  readonly text: string;
  /** The line break of the last line with text. */
  readonly lastBreak: string;
  /** The line breaks of the blank lines behind it. */
  readonly trailing: string;
  /** Where the last line with text ends. */
  readonly textEnd: number;
  /** Where the last blank line ends. */
  readonly end: number;
}

function readBody(
  cursor: Cursor,
  { fixed, least, isLiteral }: { fixed: number; least: number; isLiteral: boolean },
): Body {
  const { source } = cursor;
  let text = "";
  let lastBreak = "";
  let wasBlank = false;
  let textEnd = cursor.pos;
  if (isBreak(cursor.code)) cursor.breakLine();
  let { breaks: trailing, indent, end: blankEnd } = readBlankLines(cursor, fixed, least);
  while (cursor.column === indent && cursor.pos < source.length) {
    const isBlankLine = isBlank(cursor.code);
    if (!isLiteral && lastBreak === "\n" && !wasBlank && !isBlankLine) {
      if (trailing === "") text += " ";
    } else {
      text += lastBreak;
    }
    text += trailing;
    wasBlank = isBlankLine;
    const lineStart = cursor.pos;
    let at = lineStart;
    while (at < source.length && !isBreak(source.charCodeAt(at))) at++;
    text += source.slice(lineStart, at);
    cursor.pos = textEnd = at;
    lastBreak = isBreak(cursor.code) ? readBreak(cursor) : "";
    ({ breaks: trailing, end: blankEnd } = readBlankLines(cursor, indent, least));
  }
  return { text, lastBreak, trailing, textEnd, end: blankEnd ?? textEnd };
}

/**
 * Moves over blank lines and over the indentation of the next line.
 *
 * @param fixed the indentation, 0 where the first line with text tells it
 * @param least the smallest indentation that it can tell
 * @returns the line breaks, the indentation, and where the last blank line ends (undefined without one)
 */
function readBlankLines(
  cursor: Cursor,
  fixed: number,
  least: number,
): { breaks: string; indent: number; end: number | undefined } {
  let breaks = "";
  let deepest = 0;
  let end: number | undefined;
  for (;;) {
    while ((fixed === 0 || cursor.column < fixed) && cursor.code === CHAR.space) cursor.pos++;
    if (cursor.column > deepest) deepest = cursor.column;
    if ((fixed === 0 || cursor.column < fixed) && cursor.code === CHAR.tab) {
      cursor.fail("a tab used as indentation, where YAML allows only spaces");
    }
    if (!isBreak(cursor.code)) break;
    end = cursor.pos;
    breaks += readBreak(cursor);
  }
  return { breaks, indent: fixed === 0 ? Math.max(deepest, least) : fixed, end };
}
