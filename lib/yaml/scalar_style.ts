/**
 * The style in which go-yaml writes a text: plain, in single or double quotes, or as a literal block.
 *
 * A text is written so that go-yaml v3.0.4 reads the same text back; which style that is decides go-yaml, and canonical
 * output follows it to the byte. Two exceptions, both where go-yaml writes what it cannot read: a text of several lines
 * that starts with a tab, and a literal block whose indentation indicator would be wrong, stand in double quotes.
 * Nothing is ever folded. Pure. Spec: sops-engine §4.3.1.
 *
 * @module
 */
import { resolvePlainScalar } from "./plain_scalar.ts";

/** How a text is written. */
export type TextStyle = "plain" | "single" | "double" | "literal";

/** The columns that a text of several lines needs to know. */
export interface TextPlace {
  /** Column of the mapping or list that holds the text. */
  readonly parentColumn: number;
  /** Column at which the lines of a block stand. */
  readonly contentColumn: number;
  /** Columns of one level, as an indentation indicator says it. */
  readonly indent: number;
}

/** One word of printable ASCII that starts no syntax: most texts, encrypted values among them. It may not end in `:`. */
const PLAIN_WORD = /^[$(/;<=A-Z\\^_a-z][!-~]*$/;

/** Several such words between which no comment and no value starts. */
const PLAIN_WORDS = /^[$(/;<=A-Z\\^_a-z)](?:[!-9;-~]|:(?=[!-~])| (?=[ -"$-~]))*$/;

/** The words of {@link PLAIN_WORD} texts that another type, or a reader of YAML 1.1, claims. */
const CLAIMED_WORDS: ReadonlySet<string> = new Set(
  ["y", "yes", "on", "n", "no", "off", "true", "false", "null"].flatMap((word) => [
    word,
    word[0]!.toUpperCase() + word.slice(1),
    word.toUpperCase(),
  ]),
);

/** Longest of {@link CLAIMED_WORDS}. */
const MAX_WORD_LENGTH = 5;

/** Numbers of YAML 1.1 to the base 60: `12:30:45`. */
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** What go-yaml never writes as it is, tab and line feed apart; everything beyond the basic plane is among it. */
const UNPRINTABLE = /[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** What would be read as syntax in a plain text outside brackets. */
const INDICATORS = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))|:(?:[ \t]|$)|[ \t\n\r\u0085\u2028\u2029]#/;

/** A space at either end, or a line break anywhere. */
const LOOSE = /^ | $|[\n\r\u0085\u2028\u2029]/;

/** A line break beside a space. */
const BREAK_AND_SPACE = / [\n\r\u0085\u2028\u2029]|[\n\r\u0085\u2028\u2029] /;

const SPACE_BEFORE_BREAK = / (?:[\n\u2028\u2029]|$)/;

/** What starts a text that needs an indentation indicator in a literal block. */
const STARTS_BLANK = /^[ \n\u2028\u2029]/;

/** Longest key, in bytes, that go-yaml writes without `?`. */
const MAX_SIMPLE_KEY_BYTES = 128;

/** Most bytes of UTF-8 that one UTF-16 code unit takes. */
const MAX_BYTES_PER_UNIT = 3;

const ESCAPES: Readonly<Record<number, string>> = {
  0x00: "0",
  0x07: "a",
  0x08: "b",
  0x09: "t",
  0x0a: "n",
  0x0b: "v",
  0x0c: "f",
  0x0d: "r",
  0x1b: "e",
  0x22: '"',
  0x5c: "\\",
  0x85: "N",
  0xa0: "_",
  0x2028: "L",
  0x2029: "P",
};

/** @returns the style that go-yaml chooses for a text, wherever it stands in block YAML */
export function chooseTextStyle(text: string): TextStyle {
  if (PLAIN_WORD.test(text) ? !text.endsWith(":") : PLAIN_WORDS.test(text)) {
    return text.length <= MAX_WORD_LENGTH && CLAIMED_WORDS.has(text) ? "double" : "plain";
  }
  const isPrintable = !UNPRINTABLE.test(text);
  if (text.includes("\n")) {
    return isPrintable && !text.startsWith("\t") && !SPACE_BEFORE_BREAK.test(text) ? "literal" : "double";
  }
  if (resolvePlainScalar(text) !== text || BASE_60.test(text) || CLAIMED_WORDS.has(text)) return "double";
  if (!isPrintable || text.includes("\t") || BREAK_AND_SPACE.test(text)) return "double";
  return INDICATORS.test(text) || LOOSE.test(text) ? "single" : "plain";
}

/** The bytes that {@link PLAIN_WORD} lets a text start with. */
const STARTS_PLAIN = new Uint8Array(256);
for (let code = 0; code < 0x80; code++) if (PLAIN_WORD.test(String.fromCharCode(code))) STARTS_PLAIN[code] = 1;

const CODE = { space: 0x20, hash: 0x23, colon: 0x3a, tilde: 0x7e } as const;

/**
 * Tells a text of ASCII that is certainly written plain, from its bytes; most are. A property test holds it to
 * {@link chooseTextStyle}.
 */
export function isPlainAscii(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= MAX_WORD_LENGTH || STARTS_PLAIN[bytes[start]!] === 0) return false;
  for (let at = start + 1; at < end; at++) {
    const code = bytes[at]!;
    if (code < CODE.space || code > CODE.tilde) return false;
    if (code !== CODE.space && code !== CODE.colon) continue;
    if (at + 1 === end) return false;
    const next = bytes[at + 1]!;
    if (code === CODE.colon ? next === CODE.space : next === CODE.hash) return false;
  }
  return true;
}

/**
 * Formats a text as go-yaml writes it.
 *
 * @param place what a text of several lines is laid out by
 * @returns the scalar without a line break behind it, unless the text itself ends so
 */
export function formatText(text: string, place: TextPlace): string {
  switch (chooseTextStyle(text)) {
    case "plain":
      return text === "<<" ? "!!merge <<" : text;
    case "single":
      return formatSingleQuoted(text, place.contentColumn);
    case "double":
      return formatDoubleQuoted(text);
    case "literal": {
      const isIndicated = STARTS_BLANK.test(text);
      if (isIndicated && place.contentColumn - Math.max(0, place.parentColumn) !== place.indent) {
        return formatDoubleQuoted(text);
      }
      const header = formatLiteralHeader(text, isIndicated ? place.indent : undefined);
      return `${header}\n${formatLiteralLines(text, place.contentColumn)}`;
    }
  }
}

/** @returns whether a key can stand before its `:` without a `?` */
export function isSimpleKey(text: string): boolean {
  if (/[\n\r\u0085\u2028\u2029]/.test(text)) return false;
  return text.length * MAX_BYTES_PER_UNIT <= MAX_SIMPLE_KEY_BYTES ||
    new TextEncoder().encode(text).length <= MAX_SIMPLE_KEY_BYTES;
}

/** @returns a text in double quotes, on one line, with go-yaml's escapes */
export function formatDoubleQuoted(text: string): string {
  if (text.startsWith("\ufeff")) return `"${escapeEach(text)}"`; // go-yaml looks for the mark at the wrong place
  return `"${
    text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]+/g, escapeEach)
  }"`;
}

function escapeEach(text: string): string {
  let escaped = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const digits = code.toString(16).toUpperCase();
    escaped += "\\" + (ESCAPES[code] ??
      (code <= 0xff
        ? `x${digits.padStart(2, "0")}`
        : code <= 0xffff
        ? `u${digits.padStart(4, "0")}`
        : `U${digits.padStart(8, "0")}`));
  }
  return escaped;
}

/** @param contentColumn where the text goes on behind a U+2028 or U+2029, which are line breaks */
export function formatSingleQuoted(text: string, contentColumn: number): string {
  const quoted = text.replaceAll("'", "''");
  return `'${quoted.replace(/([\u2028\u2029]+)(?=[^\u2028\u2029])/g, (breaks) => breaks + " ".repeat(contentColumn))}'`;
}

/**
 * Formats the header of a literal block.
 *
 * @param indicator the columns of the content beyond the parent's, where the text starts with a space or a line break
 */
export function formatLiteralHeader(text: string, indicator: number | undefined): string {
  const chomping = /[\n\u2028\u2029]$/.test(text)
    ? /(?:^|[\n\u2028\u2029])[\n\u2028\u2029]$/.test(text) ? "+" : ""
    : "-";
  return `|${indicator ?? ""}${chomping}`;
}

/** @returns the lines of a literal block, the last without a line break that the text does not have */
export function formatLiteralLines(text: string, contentColumn: number): string {
  return text.replace(/[^\n\u2028\u2029]+/g, (line) => " ".repeat(contentColumn) + line);
}
