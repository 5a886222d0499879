/**
 * A place in a YAML text that moves from token to token over white space, comments and line breaks, by the rules of
 * go-yaml's scanner. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { findLineStarts, positionAt } from "../position.ts";
import { YamlComment } from "./nodes.ts";

/** Characters by their code, as far as the grammar names them. */
export const CHAR = {
  tab: 0x09,
  lf: 0x0a,
  cr: 0x0d,
  space: 0x20,
  doubleQuote: 0x22,
  hash: 0x23,
  percent: 0x25,
  ampersand: 0x26,
  singleQuote: 0x27,
  asterisk: 0x2a,
  comma: 0x2c,
  hyphen: 0x2d,
  dot: 0x2e,
  colon: 0x3a,
  question: 0x3f,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openMapping: 0x7b,
  pipe: 0x7c,
  closeMapping: 0x7d,
  greater: 0x3e,
  exclamation: 0x21,
} as const;

/** @returns whether a character ends a line; YAML 1.1, which go-yaml follows, knows five that do */
export function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d || (code >= 0x85 && (code === 0x85 || code === 0x2028 || code === 0x2029));
}

/** @returns whether a character is a space or a tab */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** @returns whether a character is a blank, a line break or the end of the text (NaN) */
export function isBlankOrEnd(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || isBreak(code) || code !== code;
}

const RARE_BLANK = /[\t\r\u0085\u2028\u2029]/;

/** A place in a text. */
export class Cursor {
  pos = 0;
  /** Where the line of `pos` starts. */
  lineStart = 0;
  /** Whether a line break lies between the last token and `pos`. */
  isNewLine = true;
  /** Whether tabs may follow the last token: go-yaml allows none where a key could start. */
  allowsTabs = false;
  /** How many brackets are open. */
  flowDepth = 0;
  /** Comments on lines of their own since they were last taken. */
  pending: YamlComment[] = [];
  /** The comment behind the last token on its line, until it is taken. */
  inline: YamlComment | undefined;
  /** Whether the text holds a tab or a line break other than LF, CR of CR LF included. */
  readonly #hasRareBlanks: boolean;
  /** The first space at or behind some place, looked for once. */
  #nextSpace = -1;

  /**
   * @param source the whole text
   * @param path for messages
   */
  constructor(readonly source: string, readonly path: string) {
    this.#hasRareBlanks = RARE_BLANK.test(source);
    if (source.charCodeAt(0) === 0xfeff) this.pos = this.lineStart = 1;
  }

  /** The character at the place, NaN at the end of the text. */
  get code(): number {
    return this.source.charCodeAt(this.pos);
  }

  /** The column of the place, from 0; a byte order mark does not count. */
  get column(): number {
    return this.pos - this.lineStart;
  }

  /** Whether a document ends here: at the end of the text, `---` or `...`. */
  get isAtDocumentEnd(): boolean {
    return this.pos >= this.source.length || (this.pos === this.lineStart && isMarker(this.source, this.pos));
  }

  /** Moves behind a token of some characters. */
  consume(length: number, allowsTabs: boolean): void {
    this.pos += length;
    this.isNewLine = false;
    this.allowsTabs = allowsTabs;
  }

  /**
   * Finds the end of a line that is one word from here on. Searching for the next blank and the next line feed is many times
   * faster than looking at each character, and most values, encrypted ones first, are one word.
   *
   * @returns where the word ends; -1 where the rest of the line is anything else
   */
  findWordOnRest(): number {
    const { source, pos } = this;
    if (this.#hasRareBlanks) return -1;
    const end = source.indexOf("\n", pos);
    if (end === -1) return -1;
    if (this.#nextSpace < pos) {
      const space = source.indexOf(" ", pos);
      this.#nextSpace = space === -1 ? source.length : space;
    }
    return this.#nextSpace > end && source.charCodeAt(end - 1) !== CHAR.colon ? end : -1;
  }

  /** Moves over one line break. */
  breakLine(): void {
    const { source, pos } = this;
    this.pos += source.charCodeAt(pos) === CHAR.cr && source.charCodeAt(pos + 1) === CHAR.lf ? 2 : 1;
    this.lineStart = this.pos;
  }

  /** Moves to the next token and collects the comments on the way. */
  skip(): void {
    const { source } = this;
    for (;;) {
      const code = source.charCodeAt(this.pos);
      if (code === CHAR.space) {
        this.pos++;
      } else if (code === CHAR.tab && (this.flowDepth > 0 || (this.allowsTabs && !this.isNewLine))) {
        this.pos++;
      } else if (code === CHAR.hash) {
        this.skipComment();
      } else if (isBreak(code)) {
        this.breakLine();
        this.isNewLine = true;
      } else {
        return;
      }
    }
  }

  /** Moves over the comment at the place and collects it. */
  skipComment(): void {
    const { source, pos: start } = this;
    let end = start + 1;
    while (end < source.length && !isBreak(source.charCodeAt(end))) end++;
    const comment = new YamlComment(source.slice(start + 1, end), start, end, this.column);
    if (this.isNewLine) this.pending.push(comment);
    else this.inline = comment;
    this.pos = end;
  }

  /** @returns the comment behind the last token on its line, once */
  takeInline(): YamlComment | undefined {
    const { inline } = this;
    this.inline = undefined;
    return inline;
  }

  /**
   * Puts the collected comments that belong to a block that ends into it, up to the first that does not.
   *
   * @param deeperThan column that they have to be deeper than
   * @param next column of what follows: go-yaml takes a comment that stands further left for one of the block as well
   */
  moveComments(items: unknown[], deeperThan: number, next: number): void {
    const { pending } = this;
    if (pending.length === 0) return;
    let count = 0;
    while (count < pending.length && (pending[count]!.column > deeperThan || pending[count]!.column < next)) count++;
    items.push(...pending.splice(0, count));
  }

  /**
   * @param problem in the words of the file's author, without content of the file
   * @param offset of the mistake; absent: here
   * @throws {UserError} always: `malformed`
   */
  fail(problem: string, offset: number = this.pos): never {
    throw malformed(this, offset, problem);
  }
}

/** @returns the error for a mistake at a place: line and column, and nothing of the content */
export function malformed(
  { source, path }: { readonly source: string; readonly path: string },
  offset: number,
  problem: string,
): UserError {
  const text = { path, source, lineStarts: findLineStarts(source) };
  const { lineNumber, column } = positionAt(text, offset);
  return new UserError("malformed", `cannot read "${path}": line ${lineNumber}, column ${column}: ${problem}`, {
    location: { path, line: lineNumber, column },
  });
}

/** @returns whether `---` or `...` stands at an offset, with nothing glued to it */
export function isMarker(source: string, offset: number): boolean {
  const code = source.charCodeAt(offset);
  return (code === CHAR.hyphen || code === CHAR.dot) && source.charCodeAt(offset + 1) === code &&
    source.charCodeAt(offset + 2) === code && isBlankOrEnd(source.charCodeAt(offset + 3));
}

/** @returns whether a character stands at the place with a blank or a line end behind it: `-`, `?`, `:` */
export function isIndicator(cursor: Cursor, code: number): boolean {
  return cursor.code === code && isBlankOrEnd(cursor.source.charCodeAt(cursor.pos + 1));
}

/**
 * Whether nothing stands behind a place on its line, and a comment on the next line with text. Where a block is written to
 * such a place, the comment could come to belong to the block.
 */
export function isAboveComment(source: string, offset: number): boolean {
  let hasBreak = false;
  for (let at = offset; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (isBreak(code)) hasBreak = true;
    else if (!isBlank(code)) return hasBreak && code === CHAR.hash;
  }
  return false;
}
