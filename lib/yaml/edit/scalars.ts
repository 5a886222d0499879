/**
 * Text values of a configuration file: how a new one is written, and how a key joins a comma-separated one.
 *
 * Knows the five ways YAML writes a text (plain, single and double quotes, folded, literal) on one line or several.
 * Does not take characters away. Pure. Spec: sops-config §1 (dialect 1), §3.
 *
 * @module
 */
import type { Scalar } from "yaml";
import { lineNumberAt, type SourceText } from "../position.ts";
import type { Splice } from "./splice.ts";
import { endOfLine, isLastOnLine, leadingSpace, lineBreakOf } from "./places.ts";

/** How a text stands on its line. */
export type Quoting = "plain" | "single" | "double";

/** Texts that some YAML reader takes for something else than text. */
const OTHER_TYPE =
  /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=|---|\.\.\.|[-+]?\.(?:inf|nan)|[-+]?[.\d][\d._:+a-fox-]*)$/i;
/** A start that YAML reads as an indicator. */
const INDICATOR = /^[-?:,[\]{}#&*!|>'"%@`\s]/;
// deno-lint-ignore no-control-regex -- these need an escape sequence
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

/**
 * Writes a text as a YAML value.
 *
 * @param quoting as the neighbours do; quotes are added where a plain text would be read as something else
 * @param flow whether it stands inside brackets
 */
export function formatText(text: string, quoting: Quoting, flow: boolean): string {
  if (quoting === "double" || CONTROL.test(text)) return JSON.stringify(text);
  return quoting === "plain" && isPlain(text, flow) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** @returns whether a text can stand without quotes */
function isPlain(text: string, flow: boolean): boolean {
  return text !== "" && !INDICATOR.test(text) && !OTHER_TYPE.test(text) && isPlainInside(text, flow);
}

/** @returns whether a text can stand without quotes behind the start of a plain value */
function isPlainInside(text: string, flow: boolean): boolean {
  return !/: |\s#|:$|\s$/.test(text) && !(flow && /[,[\]{}?]/.test(text));
}

/** @returns how a scalar is quoted; `plain` for folded and literal ones */
export function quotingOf(scalar: Scalar): Quoting {
  if (scalar.type === "QUOTE_DOUBLE") return "double";
  return scalar.type === "QUOTE_SINGLE" ? "single" : "plain";
}

/** A text value and what stands around it. */
export interface TextPlace {
  /** Written in the file, and not null. */
  readonly scalar: Scalar.Parsed;
  /** Column of the mapping key that the text belongs to. */
  readonly keyColumn: number;
  /** It stands inside brackets. */
  readonly flow: boolean;
}

/**
 * Plans the insertion of a key at the end of a comma-separated text, in its line layout: one key per line stays one key
 * per line, a trailing comma stays a trailing comma. A plain text gets quotes where it cannot hold the comma or the key.
 *
 * @param key without comma
 */
export function insertIntoText(text: SourceText, place: TextPlace, key: string): Splice[] {
  const { scalar, keyColumn, flow } = place;
  const [start, end] = scalar.range;
  if (scalar.type === "BLOCK_FOLDED" || scalar.type === "BLOCK_LITERAL") {
    return insertIntoBlockText(text, text.source.slice(start, end), start, key, keyColumn);
  }
  const written = quotingOf(scalar);
  const quoting = written === "plain" && (flow || !isPlainInside(key, true)) ? "single" : written;
  const quote = written === "plain" ? 0 : 1;
  const inner = text.source.slice(start + quote, end - quote);
  const content = inner.trimEnd();
  const at = start + quote + content.length;
  const newKey = escapeInside(key, quoting);
  if (content === "") return [insertion(start + quote, newKey)];

  const layout = layoutOf(content);
  const ownLine = layout.ownLine && !inner.includes("\\") && (quote === 1 || isLastOnLine(text, at));
  const before = ownLine ? lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, at)) : layout.gap;
  const added = layout.trailingComma ? `${before}${newKey},` : `,${before}${newKey}`;
  if (quoting === written) return [insertion(at, added)];
  const doubled = [...inner.matchAll(/'/g)].map((match) => insertion(start + match.index, "'"));
  return [insertion(start, "'"), ...doubled, insertion(at, `${added}'`)];
}

function insertIntoBlockText(
  text: SourceText,
  raw: string,
  start: number,
  key: string,
  keyColumn: number,
): Splice[] {
  const written = raw.trimEnd();
  const headerEnd = endOfLine(text, start);
  const at = start + written.length;
  const lineBreak = lineBreakOf(text, at);
  if (at <= headerEnd) return [insertion(headerEnd, lineBreak + " ".repeat(keyColumn + 2) + key)];

  const layout = layoutOf(text.source.slice(headerEnd, at).trimStart());
  const onlyOne = !written.slice(0, -1).includes(",");
  const lineNumber = lineNumberAt(text, at);
  if (!layout.ownLine && !onlyOne) {
    return [insertion(at, layout.trailingComma ? `${layout.gap}${key},` : `,${layout.gap}${key}`)];
  }
  const newLine = lineBreak + leadingSpace(text, lineNumber) + key;
  return layout.trailingComma
    ? [insertion(endOfLine(text, at), `${newLine},`)]
    : [insertion(at, ","), insertion(endOfLine(text, at), newLine)];
}

/** How the keys of a comma-separated text stand. */
interface Layout {
  readonly trailingComma: boolean;
  /** Whether the last of several lines holds one key. */
  readonly ownLine: boolean;
  /** White space behind the commas of the last line. */
  readonly gap: string;
}

function layoutOf(written: string): Layout {
  const trailingComma = written.endsWith(",");
  const lines = (trailingComma ? written.slice(0, -1) : written).split("\n");
  const last = lines.at(-1)!;
  const gap = /,([ \t]*)[^,]*$/.exec(last);
  return { trailingComma, ownLine: lines.length > 1 && gap === null, gap: gap?.[1] ?? "" };
}

function escapeInside(key: string, quoting: Quoting): string {
  if (quoting === "double") return JSON.stringify(key).slice(1, -1);
  return quoting === "single" ? key.replaceAll("'", "''") : key;
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}
