/**
 * The pieces of INI lines: names of keys and values, read and written as gopkg.in/ini.v1 does. Pure.
 * Spec: sops-engine §4.6.
 *
 * @module
 */
import { UserError } from "../../../base/error.ts";

/** What Go's `unicode.IsSpace` takes for white space, and JavaScript's `trim` does not quite. */
const SPACE = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEADING_SPACE = new RegExp(`^[${SPACE}]+`);
const TRAILING_SPACE = new RegExp(`[${SPACE}]+$`);

/** Shortest line that starts with a key in three quotes. */
const MIN_TRIPLE_KEY_LENGTH = 7;

/** @returns the text without white space at its start */
export function goTrimStart(text: string): string {
  return text.replace(LEADING_SPACE, "");
}

/** @returns the text without white space at its end */
export function goTrimEnd(text: string): string {
  return text.replace(TRAILING_SPACE, "");
}

/** @returns the text without white space at both ends */
export function goTrim(text: string): string {
  return goTrimEnd(goTrimStart(text));
}

/** A key at the start of a line. */
export interface KeyName {
  readonly key: string;
  /** Up to the end of the name, its quotes included. */
  readonly nameLength: number;
  /** Up to the end of the delimiter. */
  readonly length: number;
  /** Whether text between a quoted name and the delimiter is lost. */
  readonly hasDropped: boolean;
}

/** @returns undefined where a quote is not closed or no delimiter follows */
export function readKeyName(line: string): KeyName | undefined {
  const quote = /^(?:"(?:"")?|`)/.exec(line)?.[0] ?? "";
  const opening = quote === '"""' && line.length < MIN_TRIPLE_KEY_LENGTH ? '"' : quote;
  if (opening === "") {
    const end = line.search(/[=:]/);
    if (end === -1) return undefined;
    const key = goTrim(line.slice(0, end));
    return { key, nameLength: key.length, length: end + 1, hasDropped: false };
  }
  const close = line.indexOf(opening, opening.length);
  if (close === -1) return undefined;
  const behind = close + opening.length;
  const delimiter = line.slice(behind).search(/[=:]/);
  if (delimiter === -1) return undefined;
  return {
    key: goTrim(line.slice(opening.length, close)),
    nameLength: behind,
    length: behind + delimiter + 1,
    hasDropped: goTrim(line.slice(behind, behind + delimiter)) !== "",
  };
}

/** A value that starts on a line, with its place in the text that was read. */
export interface ValueText {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** What a value can be. */
export type SingleLineValue =
  | ValueText & { readonly kind: "plain"; readonly commentStart?: number }
  /** In backticks or three quotes, closed on the line. */
  | ValueText & { readonly kind: "quoted" }
  /** In backticks or three quotes that are closed on another line. */
  | { readonly kind: "open"; readonly start: number; readonly quote: string }
  /** Goes on with the next line. */
  | ValueText & { readonly kind: "continued" };

/** @param text what follows a delimiter, with the line break at its end if the line has one */
export function readSingleLineValue(text: string): SingleLineValue {
  const line = goTrimStart(text);
  if (line === "") {
    const start = text.startsWith(" ") ? 1 : 0;
    return { kind: "plain", value: "", start, end: start };
  }
  const start = text.length - line.length;
  const quote = line.startsWith('"""') && line.length > 3 ? '"""' : line.startsWith("`") ? "`" : undefined;
  if (quote !== undefined) {
    const close = line.slice(quote.length).lastIndexOf(quote);
    if (close === -1) return { kind: "open", start, quote };
    const value = line.slice(quote.length, quote.length + close);
    return { kind: "quoted", value, start, end: start + quote.length + close + quote.length };
  }
  const trimmed = goTrim(line);
  if (trimmed.endsWith("\\")) {
    return { kind: "continued", value: trimmed.slice(0, -1), start, end: start + trimmed.length };
  }
  const comment = trimmed.search(/[#;]/);
  const written = comment === -1 ? trimmed : goTrim(trimmed.slice(0, comment));
  const isQuoted = /^(["'])[^]*\1$/.test(written) && written.length >= 2 &&
    written.indexOf(written[0]!, 1) === written.length - 1;
  const value = isQuoted ? written.slice(1, -1) : written;
  const place = { value, start, end: start + written.length };
  return comment === -1 ? { kind: "plain", ...place } : { kind: "plain", ...place, commentStart: start + comment };
}

/**
 * Formats a value as ini.v1 writes it, or in other quotes where that could not be read again.
 *
 * @param behind what follows on the line: a comment
 * @throws {UserError} `unsupported` for a text that no quotes can hold
 */
export function formatIniValue(text: string, behind = ""): string {
  const written = /[\n`]/.test(text)
    ? `"""${text}"""`
    : /[#;]/.test(text)
    ? `\`${text}\``
    : goTrim(text) === text
    ? text
    : `"${text}"`;
  if (readsBackAs(written, text, behind)) return written;
  for (const candidate of [`\`${text}\``, `"""${text}"""`]) {
    if (readsBackAs(candidate, text, "")) return candidate;
  }
  throw new UserError(
    "unsupported",
    "cannot write a value into INI: it holds quotes and line breaks that no quoting of INI can hold",
    { hints: ["keep this value in a YAML or JSON file"] },
  );
}

function readsBackAs(written: string, text: string, behind: string): boolean {
  const [first, ...others] = written.split("\n");
  const found = readSingleLineValue(` ${first}${others.length === 0 ? behind : ""}\n`);
  if (found.kind === "open") {
    // the first line that holds the quote must be the last one, and end with it
    const last = others.at(-1);
    return last !== undefined && last.indexOf(found.quote) === last.length - found.quote.length &&
      others.slice(0, -1).every((line) => !line.includes(found.quote)) &&
      written.slice(found.quote.length, -found.quote.length) === text;
  }
  if (others.length > 0 || found.kind === "continued" || found.value !== text) return false;
  if (found.kind === "quoted") return found.end === written.length + 1;
  return found.commentStart === undefined || found.commentStart > written.length;
}

/**
 * Formats a key as ini.v1 writes it, or in backticks where that could not be read again.
 *
 * @throws {UserError} `usage` for a key that INI cannot hold
 */
export function formatIniKey(key: string): string {
  const written = /["=:]/.test(key) ? `\`${key}\`` : key.includes("`") ? `"""${key}"""` : key;
  for (const candidate of [written, `\`${key}\``]) {
    const found = readKeyName(`${candidate} =`);
    const isLine = !/^[#;[]/.test(candidate) && !key.includes("\n") && key !== "" && key !== "-";
    if (isLine && found?.key === key && found.nameLength === candidate.length && !found.hasDropped) return candidate;
  }
  throw new UserError(
    "usage",
    "cannot write a key into INI: it is empty, `-`, or holds characters that INI cannot quote",
    {
      hints: ["choose another key"],
    },
  );
}

/** @throws {UserError} `usage` for a name that a section header cannot hold */
export function checkSectionName(name: string): void {
  if (name !== "" && !/[\n\r#;]/.test(name)) return;
  throw new UserError(
    "usage",
    "cannot write a section into INI: its name is empty, or holds `#`, `;` or a line break",
    {
      hints: ["choose another name"],
    },
  );
}
