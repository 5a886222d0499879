/**
 * Splices that give scalars and comments of a YAML text other values, in place. Pure. Spec: sops-engine §9.
 *
 * @module
 */
import type { Splice } from "../../../yaml/edit/splice.ts";
import { isAboveComment } from "../../../yaml/scan/cursor.ts";
import { type PlacedNode, STYLE, type YamlAlias, YamlComment, YamlLeaf } from "../../../yaml/scan/nodes.ts";
import {
  type Comment,
  CommentText,
  type Entry,
  type List,
  type Mapping,
  type Node,
  type Scalar,
} from "../../tree/tree.ts";
import { areEqualNodes } from "../../tree/change.ts";
import type { ValueChanges } from "../../tree/change.ts";
import type { YamlFile } from "./file.ts";
import { contentColumnOf, isBeforeBlankLine, isUnsafeForLiteral, layoutOf, withLineEnds } from "./layout.ts";
import { formatBehindKey, formatBlock, formatFlow, formatKey, formatScalar, isInlineValue } from "./text.ts";

/** The tags that say a type; an encrypted value is a text, and a value has the type of its text. */
const TYPE_TAGS: ReadonlySet<string> = new Set(["!!int", "!!float", "!!bool", "!!binary", "!!timestamp", "!!null"]);

/** Plans the splices; what stands in the text for no changed value survives byte for byte. */
export function planValueChanges(file: YamlFile, changes: ValueChanges): Splice[] {
  const splices: Splice[] = [];
  const comments = new CommentsByStart(changes);
  const work = { file, splices, comments };
  const changedComments: YamlComment[] = [];
  let hasCopies = false;
  changes.forEach((value, item) => {
    if (item instanceof YamlLeaf) changeLeaf(work, item, value);
    else if (item instanceof YamlComment) changedComments.push(item);
    else hasCopies = true;
  });
  for (const comment of changedComments) {
    if (comments.isMoved(comment)) continue;
    const text = textOf(changes.get(comment) ?? comment.text);
    splices.push({ start: comment.start, end: comment.end, text: formatComment(file, comment, text) });
  }
  if (file.aliases.length > 0) splices.push(...planAliases(file, changes, hasCopies));
  return splices;
}

interface Work {
  readonly file: YamlFile;
  readonly splices: Splice[];
  readonly comments: CommentsByStart;
}

function changeLeaf({ file, splices, comments }: Work, leaf: YamlLeaf, value: Scalar | CommentText): void {
  if (value instanceof CommentText) {
    if (!leaf.isFlow) splices.push(commentInPlaceOfItem(file, leaf, value)); // in brackets there is no place for it
    return;
  }
  const { start, end, isFlow, indent } = leaf;
  dropTag(file, splices, leaf, value);
  if (leaf.style === STYLE.absent) {
    const text = formatScalar(value, { indent, contentColumn: 0, isFlow, avoidsLiteral: true });
    splices.push({ start, end, text: leadOf(file, leaf) + text });
    return;
  }
  if (leaf.style === STYLE.literal || leaf.style === STYLE.folded) {
    splices.push(...changeBlockScalar(file, leaf, value));
    return;
  }
  if (typeof value !== "string" || !value.includes("\n")) { // nothing to lay out: the case of nearly all values
    const text = formatScalar(value, { indent, contentColumn: Math.max(0, indent) + 1, isFlow });
    splices.push({ start, end, text: text + gapBehind(file, end) });
    return;
  }
  const text = formatLines(file, leaf, value);
  const behind = text.startsWith("|") ? comments.findBehind(file.source, end) : undefined;
  if (behind === undefined) {
    splices.push({ start, end, text: text + gapBehind(file, end) });
    return;
  }
  const header = text.search(/[\r\n]/); // a comment stays on the line of the header
  const comment = file.source.slice(end, behind.start) + behind.text;
  splices.push({ start, end: behind.end, text: text.slice(0, header) + comment + text.slice(header) });
}

/** Right behind a quote go-yaml takes `#` for a comment; behind a plain scalar it would be a part of it. */
function gapBehind({ source }: YamlFile, end: number): string {
  return source[end] === "#" ? " " : "";
}

/** Formats a value for the place of a leaf: as a literal block only where nothing behind it would become a part of it. */
function formatLines(file: YamlFile, { start, end, indent, isFlow }: YamlLeaf, value: Scalar): string {
  const { source } = file;
  const contentColumn = contentColumnOf(file, start, indent);
  const lineEnd = endOfLine(source, end);
  const isKept = typeof value === "string" && /(?:^|[\n\u2028\u2029])\n$/.test(value);
  const avoidsLiteral = typeof value === "string" && value.includes("\n") &&
    (isUnsafeForLiteral(source, lineEnd, contentColumn) || (isKept && isBeforeBlankLine(source, lineEnd)));
  return withLineEnds(formatScalar(value, { indent, contentColumn, isFlow, avoidsLiteral }), source);
}

/** The comment behind the header of a block scalar stays, behind the new value or its header. */
function changeBlockScalar(file: YamlFile, leaf: YamlLeaf, value: Scalar): Splice[] {
  const { source } = file;
  const { start, end } = leaf;
  const text = formatLines(file, leaf, value);
  const headerEnd = Math.min(endOfLine(source, start), end);
  const comment = /[ \t]*#/.exec(source.slice(start, headerEnd));
  if (comment === null) return [{ start, end, text }];
  const lines = text.startsWith("|") ? text.search(/[\r\n]/) : text.length;
  const gap = comment[0] === "#" ? " " : ""; // go-yaml lets it stand right behind the header
  return [
    { start, end: start + comment.index, text: text.slice(0, lines) + gap },
    { start: headerEnd, end, text: text.slice(lines) },
  ];
}

/** @returns what has to stand before a value where there is none yet */
export function leadOf({ source }: YamlFile, { start, isFlow }: YamlLeaf): string {
  let before = start - 1;
  while (source[before] === " " || source[before] === "\t") before--;
  return isFlow && source[before] !== ":" ? ": " : " ";
}

function dropTag(file: YamlFile, splices: Splice[], leaf: YamlLeaf, value: Scalar): void {
  const tag = leaf.properties?.tag;
  if (tag === undefined || (typeof value === "string" && !TYPE_TAGS.has(tag.name))) return;
  let { end } = tag;
  while (file.source[end] === " " || file.source[end] === "\t") end++;
  splices.push({ start: tag.start, end, text: "" });
}

/** An item that SOPS wrote in the place of a comment becomes a comment line again. */
function commentInPlaceOfItem(file: YamlFile, leaf: YamlLeaf, { text }: CommentText): Splice {
  const { source } = file;
  let { start } = leaf;
  while (start > 0 && source[start - 1] !== "-" && source[start - 1] !== "\n") start--;
  const isBehindDash = source[start - 1] === "-";
  const pad = `\n${" ".repeat(Math.max(0, leaf.indent))}`;
  const lines = text.split(/\r?\n/).map((line) => `#${line}`).join(pad);
  return { start: isBehindDash ? start - 1 : leaf.start, end: leaf.end, text: withLineEnds(lines, source) };
}

function formatComment(file: YamlFile, { start }: YamlComment, text: string): string {
  if (!text.includes("\n")) return `#${text}`;
  const column = start - (file.source.lastIndexOf("\n", start - 1) + 1);
  const pad = `\n${" ".repeat(column)}`;
  return withLineEnds(text.split(/\r?\n/).map((line) => `#${line}`).join(pad), file.source);
}

function textOf(value: Scalar | CommentText): string {
  return value instanceof CommentText ? value.text : String(value);
}

/** The changed comments by their place, made only when a value needs to know what stands behind it. */
class CommentsByStart {
  readonly #changes: ValueChanges;
  readonly #moved = new Set<YamlComment>();
  #byStart: Map<number, YamlComment> | undefined;

  constructor(changes: ValueChanges) {
    this.#changes = changes;
  }

  /** Whether a comment was written with the value before it. */
  isMoved(comment: YamlComment): boolean {
    return this.#moved.size > 0 && this.#moved.has(comment);
  }

  /** @returns the comment behind a value on its line, with the text that it is to have; undefined without one */
  findBehind(source: string, offset: number): { start: number; end: number; text: string } | undefined {
    let start = offset;
    while (source[start] === " " || source[start] === "\t") start++;
    if (source[start] !== "#") return undefined;
    let end = start;
    while (end < source.length && source[end] !== "\n" && source[end] !== "\r") end++;
    const comment = this.#find(start);
    if (comment === undefined) return { start, end, text: source.slice(start, end) };
    this.#moved.add(comment);
    const text = textOf(this.#changes.get(comment) ?? comment.text).replace(/[\r\n]+/g, " ");
    return { start, end: comment.end, text: `#${text}` };
  }

  #find(start: number): YamlComment | undefined {
    if (this.#byStart === undefined) {
      this.#byStart = new Map();
      for (const item of this.#changes.keys()) if (item instanceof YamlComment) this.#byStart.set(item.start, item);
    }
    return this.#byStart.get(start);
  }
}

/** An alias stays where it still stands for the right values; elsewhere they are written out. */
function planAliases(file: YamlFile, changes: ValueChanges, hasCopies: boolean): Splice[] {
  const splices: Splice[] = [];
  let done = -1;
  for (const alias of file.aliases) {
    if (alias.start < done) continue;
    const { node, target } = alias;
    if (node === undefined) {
      if (target.kind === "leaf" && changes.has(target)) splices.push(writeAliasKey(alias, String(target.value)));
      continue;
    }
    const wanted = withChanges(node, changes);
    if (!hasCopies && wanted === node && withChanges(target, changes) === target) continue;
    if (areEqualNodes(wanted, withChanges(target, changes))) continue;
    splices.push(...writeOut(file, alias, wanted));
    done = alias.end;
  }
  return splices;
}

function writeAliasKey({ start, end, isFlow }: YamlAlias, key: string): Splice {
  return { start, end, text: formatKey(key, { column: 0, isFlow: isFlow || key.includes("\n") }).replace(/:$/, "") };
}

/** @returns the same node where nothing in it changes, else a copy with the changed values */
function withChanges(node: Node | PlacedNode, changes: ValueChanges): Node {
  if (node.kind === "leaf") {
    const value = changes.get(node);
    return value === undefined || value instanceof CommentText ? node : { kind: "leaf", value };
  }
  let isChanged = false;
  const note = <T>(before: T, after: T): T => {
    if (before !== after) isChanged = true;
    return after;
  };
  const comment = (item: Comment): Comment => {
    const text = changes.get(item);
    return text === undefined ? item : note(item, { kind: "comment", text: textOf(text), isInline: item.isInline });
  };
  if (node.kind === "list") {
    const items = (node.items as readonly (Node | Comment)[]).map((item) =>
      item.kind === "comment" ? comment(item) : note(item, withChanges(item, changes))
    );
    return isChanged ? { kind: "list", items } : node;
  }
  const items = (node.items as Mapping["items"]).map((item): Entry | Comment => {
    if (item.kind === "comment") return comment(item);
    const value = withChanges(item.value, changes);
    return value === item.value ? item : note<Entry>(item, { kind: "entry", key: item.key, value });
  });
  return isChanged ? { kind: "mapping", items } : node;
}

/** Writes a value where an alias stands. A comment behind the alias stays on its line. */
export function writeOut(file: YamlFile, { start, end, indent, isFlow }: YamlAlias, value: Node): Splice[] {
  const { source } = file;
  if (isFlow || isInlineValue(value)) return [{ start, end, text: isFlow ? formatFlow(value) : formatOneLine(value) }];
  if (isAboveComment(source, end) && !holdsComment(value)) return [{ start, end, text: formatFlow(value) }];
  const layout = layoutOf(file);
  let gapStart = start;
  while (source[gapStart - 1] === " " || source[gapStart - 1] === "\t") gapStart--;
  const column = start - (source.lastIndexOf("\n", start - 1) + 1);
  const isBehindKey = source[gapStart - 1] !== "-" && gapStart > 0 && source[gapStart - 1] !== "\n";
  const block = isBehindKey
    ? formatBehindKey(value, Math.max(0, indent), layout)
    : formatBlock(value as Mapping | List, column, layout);
  const lineEnd = endOfLine(source, end);
  if (/^[ \t]*$/.test(source.slice(end, lineEnd))) {
    return [{ start: isBehindKey ? gapStart : start, end: lineEnd, text: withLineEnds(block, source) }];
  }
  const text = withLineEnds(isBehindKey ? block : `\n${" ".repeat(column)}${block}`, source);
  return [{ start: gapStart, end, text: "" }, { start: lineEnd, end: lineEnd, text }];
}

function holdsComment(node: Node): boolean {
  if (node.kind === "leaf") return false;
  return (node.items as readonly (Node | Entry | Comment)[]).some((item) =>
    item.kind === "comment" || holdsComment(item.kind === "entry" ? item.value : item)
  );
}

/** @returns a scalar or an empty collection on one line, outside of brackets */
function formatOneLine(value: Node): string {
  if (value.kind !== "leaf") return formatFlow(value);
  const text = formatScalar(value.value, { indent: 0, contentColumn: 1, isFlow: false });
  return text.startsWith("|") ? formatFlow(value) : text;
}

/** @returns where the line of an offset ends, before its line break */
export function endOfLine(source: string, offset: number): number {
  const lineFeed = source.indexOf("\n", offset);
  if (lineFeed === -1) return source.length;
  return lineFeed > offset && source[lineFeed - 1] === "\r" ? lineFeed - 1 : lineFeed;
}
