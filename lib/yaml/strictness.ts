/**
 * What `npm:yaml` reads and go-yaml, the reader inside SOPS and atmos, refuses or reads as something else.
 *
 * A file that only one of the two understands must not be edited, so each difference is refused with its place. The list
 * comes from comparing both readers on mutated files. Pure. Reference: go.yaml.in/yaml v3.0.4.
 *
 * @module
 */
import { isMap, isScalar, isSeq, type Pair, type Scalar } from "yaml";
import { lineNumberAt, lineStart, type SourceText, YAML_LINE_BREAK } from "./position.ts";
import { malformedAt } from "./source_error.ts";

// deno-lint-ignore no-control-regex -- these are the characters that go-yaml refuses
const CONTROL_CHARACTER = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Line breaks of YAML 1.1, which go-yaml follows, and not of YAML 1.2, which `npm:yaml` follows. */
const FOREIGN_LINE_BREAK = /[\u0085\u2028\u2029]/;

/** What they are called. */
const LINE_BREAK_NAMES: Readonly<Record<string, string>> = {
  "\u0085": "a next-line character (U+0085)",
  "\u2028": "a line separator (U+2028)",
  "\u2029": "a paragraph separator (U+2029)",
};

/** @throws {UserError} `malformed` for a control character and for a line break that only one of the readers knows */
export function refuseForeignCharacters(text: SourceText): void {
  const control = text.source.search(CONTROL_CHARACTER);
  if (control !== -1) throw malformedAt(text, control, "a control character");
  const lineBreak = text.source.search(FOREIGN_LINE_BREAK);
  if (lineBreak !== -1) {
    const name = LINE_BREAK_NAMES[text.source[lineBreak] ?? ""] ?? "a character";
    throw malformedAt(text, lineBreak, `${name}, which SOPS takes as a line break and other readers do not`, [
      "end lines with LF or CR LF only",
    ]);
  }
}

/**
 * @param offset where the line starts
 * @param directive the line from its `%` on
 * @throws {UserError} `malformed` for a `%YAML` line with another version than 1.1, at which go-yaml stops
 */
export function refuseForeignVersion(text: SourceText, offset: number, directive: string): void {
  const [line, version] = /^%YAML[ \t]+(\S+)/.exec(directive) ?? [];
  if (line === undefined || version === "1.1") return;
  throw malformedAt(text, offset, "a `%YAML` line of another version than 1.1, at which SOPS stops", [
    "take the line out: SOPS reads the file without it",
  ]);
}

/** What the lexer of `npm:yaml` found at a place, and before it. */
export interface Lexemes {
  readonly lexeme: string;
  readonly previous: string;
}

/**
 * @param offset where the lexeme starts
 * @throws {UserError} `malformed` for a tab behind a `-`, a `?` or a `:` that starts its line
 */
export function refuseForeignLexeme(text: SourceText, offset: number, { lexeme, previous }: Lexemes): void {
  if (!/^[ \t]*\t/.test(lexeme)) return;
  if (previous === "-") throw malformedAt(text, offset, "a tab behind the `-` of a list item");
  const isLineStart = (): boolean =>
    text.source.slice(lineStart(text, lineNumberAt(text, offset)), offset).trim() === ":";
  if (previous === "?" || previous === ":" && isLineStart()) {
    throw malformedAt(text, offset, `a tab behind the \`${previous}\` of a key on lines of its own`);
  }
}

/**
 * go-yaml takes no tab for white space where a key could start, not even on a line that is blank but for it.
 *
 * @param offset where white space outside of brackets starts that holds a tab
 * @throws {UserError} `malformed` when nothing but white space stands before it on its line
 */
export function refuseTabAtLineStart(text: SourceText, offset: number): void {
  const start = lineStart(text, lineNumberAt(text, offset));
  if (/\S/.test(text.source.slice(start, offset).replace("\ufeff", ""))) return;
  const tab = text.source.indexOf("\t", offset);
  throw malformedAt(text, tab, "a tab used as indentation, where YAML allows only spaces");
}

/**
 * Visits every node of a document whose depth is bounded.
 *
 * @param isFlow whether the node stands inside brackets
 * @throws {UserError} `malformed` for duplicate keys, empty keys, and text in brackets that go-yaml cuts elsewhere
 */
export function refuseForeignNodes(text: SourceText, node: unknown, isFlow = false): void {
  if (isScalar(node)) {
    if (isFlow) refuseFlowScalar(text, node as Scalar.Parsed);
  } else if (isSeq(node)) {
    for (const item of node.items) refuseForeignNodes(text, item, isFlow || node.flow === true);
  } else if (isMap(node)) {
    refuseDuplicateKeys(text, node.items);
    const isInner = isFlow || node.flow === true;
    for (const pair of node.items) {
      if (isScalar(pair.key)) refuseKey(text, pair.key as Scalar.Parsed, isInner);
      refuseForeignNodes(text, pair.key, isInner);
      refuseForeignNodes(text, pair.value, isInner);
    }
  }
}

/** SOPS takes two keys of one mapping with the same text for duplicates, whatever their quotes and types. */
function refuseDuplicateKeys(text: SourceText, pairs: readonly Pair[]): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    const { source, range } = key as Scalar.Parsed;
    if (seen.has(source)) throw malformedAt(text, range[0], `the key "${source}" stands here a second time`);
    seen.add(source);
  }
}

function refuseKey(text: SourceText, key: Scalar.Parsed, isFlow: boolean): void {
  const [start, end] = key.range;
  if (start === end && key.anchor === undefined && key.tag === undefined) {
    throw malformedAt(text, start, "a `:` without a key");
  }
  if (!isFlow) return;
  if (YAML_LINE_BREAK.test(text.source.slice(start, end))) {
    throw malformedAt(text, start, "a key that does not end on its line");
  }
  if (key.type === "PLAIN" && /^:[^\s,\]}]/.test(text.source.slice(end, end + 2))) {
    throw malformedAt(text, end, "a `:` without a space behind it");
  }
}

/** go-yaml ends text without quotes inside brackets at a `?`, and then finds no comma. */
function refuseFlowScalar(text: SourceText, scalar: Scalar.Parsed): void {
  if (scalar.type !== "PLAIN") return;
  const inner = scalar.source.startsWith(":") ? ":" : "?";
  if (!scalar.source.includes(inner)) return;
  const offset = text.source.indexOf(inner, scalar.range[0]);
  throw malformedAt(text, offset, `a \`${inner}\` in text without quotes inside brackets`, ["put the text in quotes"]);
}
