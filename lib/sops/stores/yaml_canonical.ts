/**
 * YAML as SOPS itself writes it: indentation, styles of scalars and places of comments, byte for byte.
 *
 * Where SOPS writes what it cannot read again, this does not follow: see `yaml/scalar_style.ts`, and a list that holds only
 * comments keeps the first of them. Comments in lists stay comment lines, which every SOPS reads, while the list items
 * that SOPS makes of them are refused by 3.13.2. Pure. Spec: sops-engine §4.3, §4.4.
 *
 * @module
 */
import { formatText, isSimpleKey } from "../../yaml/scalar_style.ts";
import {
  type Comment,
  type Document,
  type Entry,
  type List,
  type Mapping,
  type Node,
  Timestamp,
} from "../tree/tree.ts";
import { formatGoFloat } from "./go_float.ts";

/** Columns of one level where nothing else is asked for. */
const DEFAULT_INDENT = 4;

/** Widest level that go-yaml knows. */
const MAX_INDENT = 9;

/** What go-yaml takes instead of a width that it does not know. */
const FALLBACK_INDENT = 2;

/** Columns that `- ` takes. */
const DASH_COLUMNS = 2;

/** Digits of base64 on one line. */
const BASE64_LINE_LENGTH = 70;

const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;

/**
 * Formats documents.
 *
 * @param block the metadata block, written into every document; undefined for a plain file
 * @param indent columns of one level
 */
export function formatCanonicalYaml(
  documents: readonly Document[],
  block: Entry | undefined,
  indent: number = DEFAULT_INDENT,
): string {
  const writer = new CanonicalWriter(indent);
  for (const [i, { root }] of documents.entries()) {
    if (i > 0) writer.startDocument();
    writer.writeTop(block === undefined ? root.items : [...root.items, block]);
  }
  return writer.text();
}

/** Formats one value as SOPS prints it by itself, with a line break at its end. */
export function formatCanonicalYamlValue(node: Node, indent: number = DEFAULT_INDENT): string {
  const writer = new CanonicalWriter(indent);
  writer.writeAlone(node);
  return writer.text();
}

/** @returns the line break that a scalar needs behind it: none where a literal block ends with one of its own */
function endOf(text: string): string {
  return /[\n\u2028\u2029]$/.test(text) ? "" : "\n";
}

class CanonicalWriter {
  readonly #indent: number;
  readonly #parts: string[] = [];

  constructor(indent: number) {
    this.#indent = indent === 0 ? DEFAULT_INDENT : indent < 2 || indent > MAX_INDENT ? FALLBACK_INDENT : indent;
  }

  text(): string {
    return this.#parts.join("");
  }

  startDocument(): void {
    this.#parts.push("---\n");
  }

  writeTop(items: Mapping["items"]): void {
    this.#writeMapping(items, 0, false);
    if (!items.some(isNoComment)) this.#parts.push("{}\n");
  }

  writeAlone(node: Node): void {
    if (node.kind === "leaf") this.#writeLeaf(node, -1, this.#indent, []);
    else if (isEmpty(node)) this.#writeEmpty(node, 0);
    else if (node.kind === "mapping") this.#writeMapping(node.items, 0, false);
    else this.#writeList(node.items, 0, false);
  }

  /** @param isOnDash whether the first entry stands behind a `- `, and its comments above that */
  #writeMapping(items: Mapping["items"], column: number, isOnDash: boolean): void {
    let pending: Comment[] = [];
    let isFirst = true;
    for (const item of items) {
      if (item.kind === "comment") {
        pending.push(item);
        continue;
      }
      const { head, inline } = splitComments(pending, item.value);
      if (!isFirst || !isOnDash) {
        this.#writeComments(head, column);
        this.#pad(column);
      }
      this.#writeEntry(item, column, inline);
      pending = [];
      isFirst = false;
    }
    this.#writeComments(pending, column);
  }

  #writeEntry({ key, value }: Entry, column: number, inline: readonly Comment[]): void {
    const content = this.#nextColumn(column);
    const text = formatText(key, { parentColumn: column, contentColumn: content, indent: this.#indent });
    const isSimple = isSimpleKey(key);
    if (isSimple) {
      this.#parts.push(text, ":");
    } else {
      this.#parts.push("? ", text, endOf(text));
      this.#pad(column);
      this.#parts.push(":");
    }
    if (value.kind === "leaf") {
      this.#parts.push(" ");
      this.#writeLeaf(value, column, content, inline);
    } else if (isEmpty(value)) {
      this.#parts.push(" ");
      this.#writeEmpty(value, column);
    } else if (isSimple || leadingComments(value).length > 0) {
      this.#parts.push("\n");
      this.#writeCollection(value, content, false);
    } else {
      this.#parts.push(" ".repeat(content - column - 1)); // behind a `:` of its own, go-yaml goes on in the line
      this.#writeCollection(value, content, true);
    }
  }

  #writeCollection(node: Mapping | List, column: number, isOnDash: boolean): void {
    if (node.kind === "mapping") this.#writeMapping(node.items, column, isOnDash);
    else this.#writeList(node.items, column, isOnDash);
  }

  #writeList(items: List["items"], column: number, isOnDash: boolean): void {
    let pending: Comment[] = [];
    let isFirst = true;
    for (const item of items) {
      if (item.kind === "comment") {
        pending.push(item);
        continue;
      }
      const { head, inline } = splitComments(pending, item);
      if (!isFirst || !isOnDash) {
        this.#writeComments(head, column);
        this.#writeComments(leadingComments(item), column);
        this.#pad(column);
      }
      this.#parts.push("- ");
      const content = column + DASH_COLUMNS;
      if (item.kind === "leaf") this.#writeLeaf(item, column, content, inline);
      else if (isEmpty(item)) this.#writeEmpty(item, column);
      else this.#writeCollection(item, content, true);
      pending = [];
      isFirst = false;
    }
    this.#writeComments(pending, column);
  }

  #writeLeaf({ value }: Node & { kind: "leaf" }, column: number, content: number, inline: readonly Comment[]): void {
    const place = { parentColumn: column, contentColumn: content, indent: this.#indent };
    const text = typeof value === "string" ? formatText(value, place) : formatTyped(value, place);
    if (inline.length === 0) {
      this.#parts.push(text, endOf(text));
      return;
    }
    const lines = inline.flatMap((comment) => commentLines(comment.text));
    const headerEnd = text.startsWith("|") || text.startsWith("!!binary |") ? text.indexOf("\n") : -1;
    if (headerEnd === -1) {
      this.#parts.push(text, " ", lines.join(`\n${" ".repeat(Math.max(0, column))}`), "\n");
    } else { // a second line of comment would become a line of the block
      this.#parts.push(text.slice(0, headerEnd), " ", lines.join(" "), text.slice(headerEnd));
      this.#parts.push(endOf(text));
    }
  }

  /** A mapping or list without entries; its comments stay inside it where go-yaml finds them there again. */
  #writeEmpty(node: Mapping | List, column: number): void {
    const comments = node.items as readonly Comment[];
    if (node.kind === "mapping") {
      if (comments.length === 0) this.#parts.push("{}\n");
      else {
        this.#parts.push("{\n");
        this.#writeComments(comments, this.#nextColumn(column));
        this.#pad(column);
        this.#parts.push("}\n");
      }
      return;
    }
    const [first, ...others] = comments;
    this.#parts.push(first === undefined ? "[]\n" : `[] ${commentLines(first.text).join(" ")}\n`);
    this.#writeComments(others, column);
  }

  #writeComments(comments: readonly Comment[], column: number): void {
    for (const { text } of comments) {
      for (const line of commentLines(text)) {
        this.#pad(column);
        this.#parts.push(line, "\n");
      }
    }
  }

  #nextColumn(column: number): number {
    return this.#indent * Math.floor((column + this.#indent) / this.#indent);
  }

  #pad(column: number): void {
    if (column > 0) this.#parts.push(" ".repeat(column));
  }
}

/** Comments behind a value stand behind it again, where it is one line; all others above it. */
function splitComments(
  comments: readonly Comment[],
  value: Node,
): { head: readonly Comment[]; inline: readonly Comment[] } {
  if (value.kind !== "leaf" || !comments.some((comment) => comment.isInline)) return { head: comments, inline: [] };
  return {
    head: comments.filter((comment) => !comment.isInline),
    inline: comments.filter((comment) => comment.isInline),
  };
}

/** @returns the comments of a collection that stand above the `- ` in front of it */
function leadingComments(node: Node): readonly Comment[] {
  if (node.kind === "leaf") return [];
  const index = node.items.findIndex(isNoComment);
  if (index === -1) return [];
  const pending = node.items.slice(0, index) as Comment[];
  const first = node.items[index] as Entry | Node;
  if (first.kind === "entry") return splitComments(pending, first.value).head;
  return [...splitComments(pending, first).head, ...leadingComments(first)];
}

function isEmpty(node: Mapping | List): boolean {
  return !node.items.some(isNoComment);
}

function isNoComment(item: Entry | Node | Comment): boolean {
  return item.kind !== "comment";
}

/** @returns the lines of a comment, each with its `#` */
function commentLines(text: string): string[] {
  const [first, ...others] = text.split(LINE_BREAK);
  return [`#${first}`, ...others.map((line) => line === "" || line.startsWith("#") ? line : `# ${line}`)];
}

function formatTyped(
  value: Exclude<(Node & { kind: "leaf" })["value"], string>,
  place: Parameters<typeof formatText>[1],
): string {
  if (value === null) return "null";
  if (value instanceof Timestamp) return value.text;
  if (value instanceof Uint8Array) return formatBytes(value, place);
  if (typeof value !== "number") return String(value);
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  return formatGoFloat(value);
}

function formatBytes(bytes: Uint8Array, place: Parameters<typeof formatText>[1]): string {
  try {
    return formatText(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), place);
  } catch {
    const digits = bytes.toBase64();
    const lines = digits.match(new RegExp(`.{1,${BASE64_LINE_LENGTH}}`, "g")) ?? [];
    return `!!binary ${lines.length > 1 ? formatText(`${lines.join("\n")}\n`, place) : digits}`;
  }
}
