/**
 * New pieces of a YAML text: scalars, keys and whole values, in blocks or in brackets, laid out as the text around them.
 *
 * A piece reads back as what it was made of, floats as floats. Lines end with LF here; who puts a piece into a file gives
 * it the line ends of the file. Pure. Spec: sops-engine §4.3, §9.
 *
 * @module
 */
import type { Scalar } from "../../../yaml/scalar.ts";
import {
  chooseTextStyle,
  formatDoubleQuoted,
  formatLiteralHeader,
  formatLiteralLines,
  formatSingleQuoted,
  isSimpleKey,
} from "../../../yaml/scalar_style.ts";
import { type Comment, type Entry, type List, type Mapping, type Node, Timestamp } from "../../tree/tree.ts";

/** Where a scalar goes. */
export interface ScalarPlace {
  /** Column of the block around it, -1 for the document. */
  readonly indent: number;
  /** Column at which further lines of it stand. */
  readonly contentColumn: number;
  readonly isFlow: boolean;
  /** Whether a text of several lines has to stand in quotes: what follows would be read as a part of a literal block. */
  readonly avoidsLiteral?: boolean;
}

/** How blocks are laid out. */
export interface BlockLayout {
  /** Columns of one level. */
  readonly step: number;
  /** Whether a list stands in the column of its key. */
  readonly isFlush: boolean;
  /** Whether texts of several lines stand in quotes. */
  readonly avoidsLiteral?: boolean;
}

/** Columns that `- ` takes. */
export const DASH_COLUMNS = 2;

/** Widest indentation that the header of a literal block can name. */
const MAX_INDICATOR = 9;

/** Longest key that can stand before its `:` on one line. */
const MAX_KEY_LENGTH = 1000;

/** @returns the text of a scalar, a literal block without its last line break; it fits its place whatever it holds */
export function formatScalar(value: Scalar, place: ScalarPlace): string {
  if (typeof value === "string") return formatText(value, place);
  if (typeof value === "number") return formatNumber(value);
  if (value === null) return "null";
  if (value instanceof Timestamp) return value.text;
  if (value instanceof Uint8Array) return `!!binary "${value.toBase64()}"`;
  return String(value);
}

/** @returns a float that reads back as a float: `1.0`, where SOPS writes `1` */
function formatNumber(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
}

function formatText(text: string, { indent, contentColumn, isFlow, avoidsLiteral = false }: ScalarPlace): string {
  if (isFlow) return formatDoubleQuoted(text);
  switch (chooseTextStyle(text)) {
    case "plain":
      return text === "<<" ? '"<<"' : text;
    case "single":
      return formatSingleQuoted(text, contentColumn);
    case "double":
      return formatDoubleQuoted(text);
    case "literal":
      if (avoidsLiteral) return formatDoubleQuoted(text);
      return formatLiteral(text, contentColumn - Math.max(0, indent), contentColumn);
  }
}

function formatLiteral(text: string, width: number, contentColumn: number): string {
  const startsBlank = /^[ \n\u2028\u2029]/.test(text);
  // Only a text with something in it can be cut of the last line break that its place in the file has anyway; behind
  // another line break than LF that one would be read as part of the text.
  const isWhole = /[^\n]/.test(text) && !/[\u2028\u2029]$/.test(text);
  if ((startsBlank && width > MAX_INDICATOR) || !isWhole) return formatDoubleQuoted(text);
  const lines = formatLiteralLines(text, contentColumn);
  return `${formatLiteralHeader(text, startsBlank ? width : undefined)}\n${
    lines.endsWith("\n") ? lines.slice(0, -1) : lines
  }`;
}

/** @returns a key with its `:`; a long one, or one that holds line breaks, in its explicit form */
export function formatKey(key: string, { column, isFlow }: { column: number; isFlow: boolean }): string {
  const style = isFlow ? "double" : chooseTextStyle(key);
  const text = style === "plain" && key !== "<<"
    ? key
    : style === "single"
    ? formatSingleQuoted(key, column)
    : formatDoubleQuoted(key);
  if (isSimpleKey(key) || text.length <= MAX_KEY_LENGTH) return `${text}:`;
  return isFlow ? `? ${text} :` : `? ${text}\n${" ".repeat(column)}:`;
}

/** @returns a value in brackets on one line, its comments left out: there is no place for them */
export function formatFlow(node: Node): string {
  if (node.kind === "leaf") return formatScalar(node.value, { indent: 0, contentColumn: 0, isFlow: true });
  if (node.kind === "list") return `[${nodesOf(node).map(formatFlow).join(", ")}]`;
  return `{${entriesOf(node).map((entry) => formatFlowEntry(entry)).join(", ")}}`;
}

/** @returns `key: value` in brackets */
export function formatFlowEntry({ key, value }: Pick<Entry, "key" | "value">): string {
  return `${formatKey(key, { column: 0, isFlow: true })} ${formatFlow(value)}`;
}

/** @returns whether a value has to be written in brackets or as a scalar, since it has no lines of its own */
export function isInlineValue(node: Node): boolean {
  return node.kind === "leaf" || (node.kind === "list" ? nodesOf(node) : entriesOf(node)).length === 0;
}

/**
 * Formats the lines of a mapping or list that is not empty.
 *
 * @param column of its keys or dashes; the first line is not indented to it
 */
export function formatBlock(node: Mapping | List, column: number, layout: BlockLayout): string {
  const pad = `\n${" ".repeat(column)}`;
  const pieces = (node.items as readonly (Entry | Node | Comment)[]).map((item) => {
    if (item.kind === "comment") return item.text.split(/[\n\r]+/).map((line) => `#${line}`).join(pad);
    return item.kind === "entry" ? formatBlockEntry(item, column, layout) : `- ${formatItem(item, column, layout)}`;
  });
  return pieces.join(pad);
}

/** @returns `key: value` in a block */
export function formatBlockEntry(
  { key, value }: Pick<Entry, "key" | "value">,
  column: number,
  layout: BlockLayout,
): string {
  const head = formatKey(key, { column, isFlow: false });
  return head + formatBehindKey(value, column, layout);
}

/** @returns a value with what separates it from the `:` of its key */
export function formatBehindKey(value: Node, column: number, layout: BlockLayout): string {
  const contentColumn = nextColumn(column, layout.step);
  const { avoidsLiteral = false } = layout;
  if (value.kind === "leaf") {
    return ` ${formatScalar(value.value, { indent: column, contentColumn, isFlow: false, avoidsLiteral })}`;
  }
  if (isInlineValue(value)) return ` ${formatFlow(value)}`;
  const inner = value.kind === "list" && layout.isFlush ? column : contentColumn;
  return `\n${" ".repeat(inner)}${formatBlock(value, inner, layout)}`;
}

/** @returns a value as it stands behind `- ` */
export function formatItem(value: Node, column: number, layout: BlockLayout): string {
  const contentColumn = column + DASH_COLUMNS;
  const { avoidsLiteral = false } = layout;
  if (value.kind === "leaf") {
    return formatScalar(value.value, { indent: column, contentColumn, isFlow: false, avoidsLiteral });
  }
  return isInlineValue(value) ? formatFlow(value) : formatBlock(value, contentColumn, layout);
}

/** @returns the column of what lies one level deeper: the next multiple of the step, as go-yaml counts */
export function nextColumn(column: number, step: number): number {
  return step * Math.floor((Math.max(0, column) + step) / step);
}

function nodesOf({ items }: List): Node[] {
  return items.filter((item) => item.kind !== "comment");
}

function entriesOf({ items }: Mapping): Entry[] {
  return items.filter((item) => item.kind === "entry");
}
