/**
 * The dotenv store: `KEY=value` lines as SOPS reads them, which is not how a shell does.
 *
 * A value is everything behind the first `=`, quotes and spaces included; only `\n` means a line break. Changes touch the
 * value and nothing else of its line. Pure. Spec: sops-engine §4.5, §9.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { type FlatEntry, flatten, unflatten } from "../metadata/flat.ts";
import type { StructureChange } from "../tree/change.ts";
import {
  type Comment,
  CommentText,
  type Document,
  type Entry,
  type Mapping,
  type Node,
  type Scalar,
} from "../tree/tree.ts";
import { compareFlatBlocks, formatFlatScalar } from "./flat_value.ts";
import { errorAt } from "./place_error.ts";
import type { CanonicalOptions, Store, StoreFile, StoreWarning, ValueChanges } from "./store.ts";

/** What every metadata key starts with. */
const METADATA_PREFIX = "sops_";

/** Reads and writes dotenv files. */
export const dotenvStore: Store = {
  format: "dotenv",
  parse: parseDotenv,
  changeValues: changeDotenvValues,
  changeStructure: changeDotenvStructure,
  changeMetadata: changeDotenvMetadata,
  formatCanonical: formatCanonicalDotenv,
  formatValue: formatDotenvValue,
};

function parseDotenv(source: string, path: string): StoreFile {
  const items: (Entry | Comment)[] = [];
  const metadata: FlatEntry[] = [];
  const warnings: StoreWarning[] = [];
  let firstReturn: number | undefined;
  let lineNumber = 0;
  for (let start = 0; start < source.length;) {
    lineNumber++;
    const found = source.indexOf("\n", start);
    const end = found === -1 ? source.length : found;
    if (end > start) {
      if (source.charCodeAt(end - 1) === 0x0d /* \r */) firstReturn ??= lineNumber;
      const item = parseLine(source, start, end);
      if (item === undefined) throw refuseLine(source, path, start, end);
      if (item.kind === "entry" && item.key.startsWith(METADATA_PREFIX) && item.value.kind === "leaf") {
        metadata.push({ name: item.key.slice(METADATA_PREFIX.length), leaf: item.value });
      } else {
        items.push(item);
      }
    }
    start = end + 1;
  }
  const block = metadata.length === 0 ? undefined : unflatten(metadata);
  const [first] = metadata;
  if (first !== undefined && block === undefined) {
    throw errorAt({ path, source }, lineStartOf(source, first.leaf.range!.start), "metadata that contradicts itself");
  }
  if (first !== undefined && metadata.some(({ leaf }) => (leaf.value as string).endsWith("\r"))) {
    throw errorAt(
      { path, source },
      lineStartOf(source, first.leaf.range!.start),
      "an encrypted file with CRLF line ends, which SOPS does not read",
      {
        hints: ["convert its line ends to LF, for example with dos2unix"],
      },
    );
  }
  if (firstReturn !== undefined) {
    warnings.push({ lineNumber: firstReturn, problem: "a CRLF line end, whose CR SOPS takes for a part of the value" });
  }
  if (source.startsWith("\ufeff")) {
    warnings.push({ lineNumber: 1, problem: "a byte order mark, which SOPS takes for a part of the first line" });
  }
  const root: Mapping = { kind: "mapping", items, range: { start: 0, end: source.length } };
  return { format: "dotenv", source, documents: [{ root }], block, warnings };
}

/** @returns undefined for a line that is neither a comment nor has a `=` */
function parseLine(source: string, start: number, end: number): Entry | Comment | undefined {
  if (source.charCodeAt(start) === 0x23 /* # */) {
    return { kind: "comment", text: source.slice(start + 1, end), isInline: false, range: { start, end } };
  }
  const equals = source.indexOf("=", start);
  if (equals === -1 || equals >= end) return undefined;
  const text = source.slice(equals + 1, end);
  return {
    kind: "entry",
    key: source.slice(start, equals),
    value: { kind: "leaf", value: decodeLineBreaks(text), range: { start: equals + 1, end } },
    keyRange: { start, end: equals },
  };
}

function refuseLine(source: string, path: string, start: number, end: number): UserError {
  if (source.slice(start, end) === "\r") {
    return errorAt({ path, source }, start, "an empty line with a CRLF line end, which SOPS does not read", {
      hints: ["convert the line ends of the file to LF, for example with dos2unix"],
    });
  }
  return errorAt({ path, source }, start, "a line without `=`, expected KEY=value or a # comment");
}

function changeDotenvValues(_file: StoreFile, changes: ValueChanges): Splice[] {
  const splices: Splice[] = [];
  for (const [node, value] of changes) {
    if (node.range === undefined) continue;
    const { start, end } = node.range;
    if (node.kind === "comment") splices.push({ start: start + 1, end, text: formatComment(value) });
    else splices.push({ start, end, text: formatText(value) });
  }
  return splices;
}

function formatComment(value: Scalar | CommentText): string {
  return (value instanceof CommentText ? value.text : formatFlatScalar(value)).replaceAll("\n", "\n#");
}

function formatText(value: Scalar | CommentText): string {
  const text = value instanceof CommentText ? value.text : formatFlatScalar(value);
  if (text.includes("\\n")) {
    throw new UserError(
      "unsupported",
      "cannot write a value into dotenv: it holds a backslash before an n, which SOPS reads as a line break",
      {
        hints: ["keep this value in a YAML or JSON file"],
      },
    );
  }
  return text.replaceAll("\n", "\\n");
}

function decodeLineBreaks(text: string): string {
  return text.includes("\\n") ? text.replaceAll("\\n", "\n") : text;
}

function changeDotenvStructure(file: StoreFile, change: StructureChange): Splice[] {
  const { source } = file;
  if (change.action === "replace") {
    const { start, end } = change.node.range!;
    return [{ start, end, text: formatText(scalarOf(change.value)) }];
  }
  const root = file.documents[0]!.root;
  if (change.action === "remove") {
    const item = root.items[change.index]!;
    return [removeLine(source, (item.kind === "comment" ? item.range : item.value.range)!.start)];
  }
  const lines = change.added.map(({ key, value }) => {
    if (key === undefined || change.container !== root) throw refuseCollection();
    checkKey(key);
    return `${key}=${formatText(scalarOf(value))}`;
  });
  const text = lines.join("\n");
  const last = root.items.at(-1);
  if (last === undefined) return [{ start: 0, end: 0, text: `${text}\n` }];
  return [appendLines(source, (last.kind === "comment" ? last.range : last.value.range)!.end, text)];
}

function scalarOf(node: Node): Scalar {
  if (node.kind !== "leaf") throw refuseCollection();
  return node.value;
}

function refuseCollection(): UserError {
  return new UserError("usage", "cannot write a list or a mapping into dotenv: the format holds only KEY=value", {
    hints: ["keep the file as YAML or JSON"],
  });
}

function checkKey(key: string): void {
  const problem = /[\n=]/.test(key)
    ? "it holds a line break or a `=`"
    : key.startsWith("#")
    ? "it starts with `#`, which makes a comment of it"
    : key.startsWith(METADATA_PREFIX)
    ? `it starts with ${METADATA_PREFIX}, which SOPS keeps for itself`
    : undefined;
  if (problem === undefined) return;
  throw new UserError("usage", `cannot write a key into dotenv: ${problem}`, { hints: ["choose another key"] });
}

function changeDotenvMetadata(file: StoreFile, block: Mapping | undefined): Splice[] {
  const { source, block: present } = file;
  if (present === undefined) {
    if (block === undefined) return [];
    const start = source.length;
    const gap = source === "" || source.endsWith("\n") ? "" : "\n";
    return [{ start, end: start, text: gap + formatBlock(block) }];
  }
  if (block === undefined) return flatten(present).map(({ leaf }) => removeLine(source, leaf.range!.start));
  return compareFlatBlocks(present, block).map((change): Splice => {
    if (change.action === "remove") return removeLine(source, change.leaf.range!.start);
    if (change.action === "replace") return { ...change.leaf.range!, text: formatText(change.text) };
    const line = `${METADATA_PREFIX}${change.name}=${formatText(change.text)}`;
    if (change.after !== undefined) return appendLines(source, change.after.range!.end, line);
    const start = lineStartOf(source, flatten(present)[0]!.leaf.range!.start);
    return { start, end: start, text: `${line}\n` };
  });
}

function formatBlock(block: Mapping): string {
  return flatten(block).map(({ name, leaf }) => `${METADATA_PREFIX}${name}=${formatText(leaf.value)}\n`).join("");
}

function removeLine(source: string, offset: number): Splice {
  const end = source.indexOf("\n", offset);
  return { start: lineStartOf(source, offset), end: end === -1 ? source.length : end + 1, text: "" };
}

/** @param offset the end of the line that the new ones stand behind @param lines without a line break at the end */
function appendLines(source: string, offset: number, lines: string): Splice {
  return offset < source.length
    ? { start: offset + 1, end: offset + 1, text: `${lines}\n` }
    : { start: offset, end: offset, text: `\n${lines}` };
}

function lineStartOf(source: string, offset: number): number {
  return offset === 0 ? 0 : source.lastIndexOf("\n", offset - 1) + 1;
}

function formatCanonicalDotenv(documents: readonly Document[], block: Mapping | undefined): string {
  const [document, second] = documents;
  if (second !== undefined) {
    throw new UserError("unsupported", `cannot write dotenv: ${documents.length} documents, expected one`, {
      hints: ["keep the file as YAML"],
    });
  }
  const lines = (document?.root.items ?? []).map((item) => {
    if (item.kind === "comment") return `#${formatComment(item.text)}\n`;
    if (item.value.kind !== "leaf") throw refuseCollection();
    checkKey(item.key);
    return `${item.key}=${formatText(item.value.value)}\n`;
  });
  return lines.join("") + (block === undefined ? "" : formatBlock(block));
}

function formatDotenvValue(node: Node, _options: CanonicalOptions): string {
  if (node.kind === "mapping") return formatCanonicalDotenv([{ root: node }], undefined);
  if (node.kind === "leaf" && typeof node.value === "string") return node.value;
  throw new UserError("unsupported", "cannot print this value as dotenv: it is no text", {
    hints: ["print it as YAML: --output-type yaml"],
  });
}
