/**
 * The metadata block of a YAML file, without parsing the file.
 *
 * SOPS writes block YAML, so the lines of the first document's top mapping are walked and only those of its key `sops`
 * are parsed. Walking also tells YAML from text that merely quotes an encrypted file. A file written by other hands
 * (flow style, anchors on keys) is parsed as a whole if the caller says that it is YAML and it is small. Aliases inside
 * the block are not followed: SOPS never writes one. Pure. Spec: sops-engine §3.9, §4.2 (SOPS 3.13.2).
 *
 * @module
 */
import { isMap, isScalar, isSeq, type Node as YamlNode, parseDocument } from "yaml";
import { UserError } from "../../base/error.ts";
import { scanYaml } from "../../yaml/scan/scan.ts";
import type { Mapping, Node } from "../tree/tree.ts";
import { textOfLeaf } from "./fields.ts";

/** The top-level key that holds the metadata. */
const METADATA_KEY = "sops";

/** Longest text, in UTF-16 code units, that is parsed as a whole. */
const MAX_WHOLE_PARSE_LENGTH = 256 * 1024;

/** Deepest nesting of a block that is looked at: groups, keys and a KMS context take seven levels. */
const MAX_DEPTH = 12;

/** What {@link findYamlBlock} may assume. */
export interface YamlBlockOptions {
  /** The file is YAML by its name: worth a full parse when its lines are not in the form that SOPS writes. */
  readonly isYaml: boolean;
}

/**
 * Finds the value of `sops` in the first document.
 *
 * @param text the whole file, without byte order mark
 * @returns undefined when there is none, or when the text is not YAML
 */
export function findYamlBlock(text: string, options: YamlBlockOptions): Mapping | undefined {
  const lines = findBlockLines(text);
  if (lines === "absent") return undefined;
  if (lines !== "unusual") {
    const source = text.slice(lines.start, lines.end);
    const block = scanBlock(source) ?? parseBlock(source);
    if (block !== undefined) return block;
  }
  return options.isYaml && text.length <= MAX_WHOLE_PARSE_LENGTH ? parseBlock(text) : undefined;
}

/** A key of a block mapping with its `:`; captured is the text of a double-quoted, a single-quoted or a plain key. */
const KEY_LINE =
  /^(?:"((?:[^"\\]|\\.)*)"\s*|'((?:[^']|'')*)'\s*|((?:!!merge )?[^\s\-?:,[\]{}#&*!|>'"%@`].*?|[-?:]\S.*?)):(?:\s|$)/;

/** How much of a line is looked at for its key: YAML allows 1024 characters. */
const MAX_KEY_LENGTH = 1100;

/** What a line of the top mapping's own column can be, as far as the walk cares. */
type LineKind = "metadata" | "key" | "item" | "document-start" | "document-end" | "directive" | "other";

/**
 * Walks the lines of the first document.
 *
 * @returns where the lines of `sops` stand; `absent` when the top mapping has no such key or two, `unusual` when the
 * text has lines that block YAML with one mapping on top would not have
 */
export function findBlockLines(text: string): { start: number; end: number } | "absent" | "unusual" {
  let column: number | undefined;
  let start: number | undefined;
  let end: number | undefined;
  for (let lineStart = 0; lineStart < text.length; lineStart = findNextLine(text, lineStart)) {
    const indent = countSpaces(text, lineStart);
    const isNested = column !== undefined && indent > column;
    if (isNested || EMPTY_OR_COMMENT.has(text[lineStart + indent])) continue;
    const kind = kindOfLine(text, lineStart, indent);
    if (kind === "document-start" || kind === "document-end") {
      if (column === undefined) continue;
      end ??= lineStart;
      break;
    }
    if (kind === "directive" && column === undefined) continue;
    const isFirst = column === undefined;
    if (kind === "other" || kind === "directive" || (isFirst && kind === "item") || indent < (column ?? 0)) {
      return "unusual";
    }
    column = indent;
    if (kind === "metadata" && start !== undefined) return "absent";
    if (kind === "metadata") start = lineStart;
    if (kind === "key" && start !== undefined) end ??= lineStart;
  }
  return start === undefined ? "absent" : { start, end: end ?? text.length };
}

/** What the first character of an empty line or a comment can be; undefined at the end of the text. */
const EMPTY_OR_COMMENT: ReadonlySet<string | undefined> = new Set(["#", "\n", "\r", undefined]);

function kindOfLine(text: string, lineStart: number, indent: number): LineKind {
  const keyStart = lineStart + indent;
  const line = text.slice(keyStart, Math.min(findNextLine(text, lineStart), keyStart + MAX_KEY_LENGTH)).trimEnd();
  if (indent === 0) {
    if (/^---(?:\s+#.*)?$/.test(line)) return "document-start";
    if (line.startsWith("--- ")) return "other";
    if (line === "...") return "document-end";
    if (line.startsWith("%")) return "directive";
  }
  if (line === "-" || line.startsWith("- ")) return "item";
  const key = KEY_LINE.exec(line);
  if (key === null) return "other";
  return (key[1] ?? key[2] ?? key[3])?.trimEnd() === METADATA_KEY ? "metadata" : "key";
}

function findNextLine(text: string, offset: number): number {
  const lineBreak = text.indexOf("\n", offset);
  return lineBreak === -1 ? text.length : lineBreak + 1;
}

function countSpaces(text: string, offset: number): number {
  let at = offset;
  while (text[at] === " ") at++;
  return at - offset;
}

/**
 * Reads the lines of a block in one pass, in a tenth of the time that the library takes.
 *
 * @param source the lines of the key `sops`
 * @returns undefined at any doubt whether the library would find the same texts
 */
export function scanBlock(source: string): Mapping | undefined {
  try {
    const { documents: [document, ...others], aliases } = scanYaml(source, "");
    const [entry, ...more] = document?.root.items.filter((item) => item.kind === "entry") ?? [];
    const isAlone = entry?.key === METADATA_KEY && more.length === 0 && others.length === 0 && aliases.length === 0;
    return isAlone && entry.value.kind === "mapping" && isPlain(entry.value, source) ? entry.value : undefined;
  } catch (error) {
    if (error instanceof UserError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @returns whether all scalars are text, or are spelled as the text that SOPS takes them for */
function isPlain(node: Node, source: string): boolean {
  switch (node.kind) {
    case "mapping":
      return node.items.every((item) => item.kind === "comment" || isPlain(item.value, source));
    case "list":
      return node.items.every((item) => item.kind === "comment" || isPlain(item, source));
    case "leaf":
      return typeof node.value === "string" ||
        node.range !== undefined && textOfLeaf(node) === source.slice(node.range.start, node.range.end);
  }
}

/** Parses YAML text and takes the value of its key `sops`; undefined when either fails. */
export function parseBlock(text: string): Mapping | undefined {
  const value = parseTopLevelValue(text);
  if (value === undefined) return undefined;
  const block = nodeOf(value, 0);
  return block.kind === "mapping" ? block : undefined;
}

function parseTopLevelValue(text: string): YamlNode | undefined {
  try {
    const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
    if (document.errors.some((error) => error.code !== "MULTIPLE_DOCS")) return undefined;
    if (!isMap(document.contents)) return undefined;
    const values = document.contents.items.filter(({ key }) => isScalar(key) && key.value === METADATA_KEY);
    return values.length === 1 ? (values[0]?.value as YamlNode | null) ?? undefined : undefined;
  } catch (error) {
    // the parser recurses: too deep a nesting overflows the stack, and such a file is no file of SOPS
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function nodeOf(node: unknown, depth: number): Node {
  if (depth < MAX_DEPTH) {
    if (isSeq(node)) return { kind: "list", items: node.items.map((item) => nodeOf(item, depth + 1)) };
    if (isMap(node)) {
      return {
        kind: "mapping",
        items: node.items.filter(({ key }) => isScalar(key)).map(({ key, value }) => ({
          kind: "entry",
          key: textOf(key),
          value: nodeOf(value, depth + 1),
        })),
      };
    }
  }
  return { kind: "leaf", value: textOf(node) };
}

function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === "string" ? node.value : "";
}
