/**
 * The INI store: sections of keys, changed where they stand.
 *
 * Spacing, order, markers of comments and line ends stay. A comment of several lines becomes one line when it is encrypted,
 * as SOPS knows only one comment for a key or section, and comes back as it was. Pure. Spec: sops-engine §4.6, §9.
 *
 * @module
 */
import { UserError } from "../../../base/error.ts";
import type { Splice } from "../../../yaml/edit/splice.ts";
import type { StructureChange, ValueChanges } from "../../tree/change.ts";
import { CommentText, type Document, type Entry, type Mapping, type Node, type Scalar } from "../../tree/tree.ts";
import { compareFlatBlocks, formatFlatScalar } from "../flat_value.ts";
import { formatCanonicalIni, formatIniKeys, metadataSection, refuseNesting } from "./canonical.ts";
import { markerOf, type Piece, rangeWithBlanks, splitComment } from "./comment.ts";
import {
  DEFAULT_SECTION,
  type IniComment,
  type IniLeaf,
  type IniSection,
  METADATA_SECTION,
  parseIni,
} from "./parse.ts";
import { checkSectionName, formatIniKey, formatIniValue } from "./syntax.ts";
import { formatJsonScalar } from "../json/format.ts";
import type { CanonicalOptions, Store, StoreFile } from "../store.ts";

/** An INI file as this store has read it. */
interface IniFile extends StoreFile {
  /** The section `sops`. */
  readonly metadata: IniSection | undefined;
}

/** Reads and writes INI files. */
export const iniStore: Store = {
  format: "ini",
  parse: parseIniFile,
  changeValues: changeIniValues,
  changeStructure: changeIniStructure,
  changeMetadata: changeIniMetadata,
  formatCanonical: (documents, block) => formatCanonicalIni(documents, block),
  formatValue: formatIniNode,
};

function parseIniFile(source: string, path: string): StoreFile {
  const { sections, block, metadata, warnings } = parseIni(source, path);
  const root: Mapping = { kind: "mapping", items: sections, range: { start: 0, end: source.length } };
  const file: IniFile = { format: "ini", source, documents: [{ root }], block, metadata, warnings };
  return file;
}

function changeIniValues({ source }: StoreFile, changes: ValueChanges): Splice[] {
  const splices: Splice[] = [];
  const movedUp = new Set<IniComment>();
  for (const [node, value] of changes) {
    if (node.kind === "comment" || node.range === undefined) continue;
    const { comment } = node as IniLeaf;
    const newComment = comment === undefined ? undefined : textOf(changes.get(comment) ?? comment.text);
    const inline = newComment === undefined ? undefined : splitComment(newComment).inline;
    const behind = inline ?? source.slice(node.range.end, endOfLine(source, node.range.end, false));
    const text = formatIniValue(textOf(value), behind);
    splices.push({ ...node.range, text });
    if (comment !== undefined && /^(?:`|""").*$/.test(text)) movedUp.add(comment);
  }
  for (const comment of movedUp) splices.push(...moveUp(source, comment, textOf(changes.get(comment) ?? comment.text)));
  for (const [node, value] of changes) {
    if (node.kind !== "comment" || node.range === undefined || movedUp.has(node as IniComment)) continue;
    splices.push(...changeComment(source, node as IniComment, textOf(value)));
  }
  return splices;
}

function textOf(value: Scalar | CommentText): string {
  return value instanceof CommentText ? value.text : formatFlatScalar(value);
}

/** SOPS drops what stands behind a quoted value: such a comment goes to the lines above its key. */
function moveUp(source: string, comment: IniComment, text: string): Splice[] {
  const { lines, inline, lacksMarker } = splitComment(text);
  const { pieces, keyStart } = comment;
  const behind = pieces.find((piece) => piece.isInline);
  if (behind === undefined && inline === undefined) return changeComment(source, comment, text);
  const marker = lacksMarker ? markerOf(source.slice(pieces[0]!.start, pieces[0]!.end)) : "";
  const all = lines.map((line, i) => i === 0 ? marker + line : line);
  if (inline !== undefined) all.push(inline.trimStart());
  const lineStart = lineStartOf(source, keyStart);
  const lineBreak = lineBreakOf(source);
  const first = pieces.find((piece) => !piece.isInline);
  const splices: Splice[] = [{ start: lineStart, end: lineStart, text: all.map((line) => line + lineBreak).join("") }];
  if (first !== undefined) {
    splices.push(removeLines(source, first.lineStart, pieces.findLast((piece) => !piece.isInline)!.end));
  }
  if (behind !== undefined) {
    splices.push(replaceInline(source, behind, ""));
  }
  return splices;
}

function changeComment(source: string, comment: IniComment, text: string): Splice[] {
  const { pieces, inlineAnchor, keyStart, isOfHeader } = comment;
  const full = pieces.filter((piece) => !piece.isInline);
  const behind = pieces.find((piece) => piece.isInline);
  const { lines, inline, lacksMarker } = splitComment(text);
  const marker = lacksMarker ? markerOf(source.slice(pieces[0]!.start, pieces[0]!.end)) : "";
  const lineBreak = lineBreakOf(source);
  const splices: Splice[] = [];
  const [first] = full;
  if (first !== undefined) {
    const end = full.at(-1)!.end;
    splices.push(
      lines.length === 0
        ? removeLines(source, first.lineStart, end)
        : { start: first.start, end, text: marker + lines.join(lineBreak) },
    );
  } else if (isOfHeader && lines.length > 0) { // up to the line above, out of the reach of the header
    const start = lineStartOf(source, keyStart);
    splices.push({ start, end: start, text: marker + lines.join(lineBreak) + lineBreak });
  } else if (lines.length > 0) {
    return [{ start: behind!.start, end: behind!.end, text: marker + lines.join(" ") }];
  }
  if (behind !== undefined) {
    splices.push(replaceInline(source, behind, inline ?? ""));
  } else if (inline !== undefined) {
    splices.push({ start: inlineAnchor, end: inlineAnchor, text: inline });
  }
  return splices;
}

function changeIniStructure(file: StoreFile, change: StructureChange): Splice[] {
  const { source } = file;
  const root = file.documents[0]!.root;
  if (change.action === "replace") return [replaceNode(source, change.node, change.value)];
  if (change.action === "remove") {
    const item = change.container.items[change.index]!;
    if (item.kind === "comment") return removeComment(source, item as IniComment);
    if (item.kind !== "entry") throw refuseNesting();
    if (item.value.kind === "mapping") return [removeSection(source, item.value as IniSection)];
    const comment = change.withComment ? change.container.items[change.index + 1] as IniComment : undefined;
    const above = comment?.pieces.filter((piece) => !piece.isInline) ?? [];
    return [
      ...above.map((piece) => removeLines(source, piece.lineStart, piece.end)),
      removeLines(source, item.keyRange!.start, item.value.range!.end),
    ];
  }
  const { container, added } = change;
  return added.map(({ key, value }) => {
    if (key === undefined || container.kind === "list") throw refuseNesting();
    if (container === root) return appendSection(file as IniFile, key, value);
    return appendKey(source, container as IniSection, `${formatIniKey(key)}`, formatIniValue(scalarText(value)));
  });
}

function scalarText(node: Node): string {
  if (node.kind !== "leaf") throw refuseNesting();
  return formatFlatScalar(node.value);
}

function replaceNode(source: string, node: Node, value: Node): Splice {
  if (node.kind === "leaf") return { ...node.range!, text: formatIniValue(scalarText(value)) };
  if (value.kind !== "mapping" || node.kind !== "mapping") throw refuseNesting();
  const { contentStart, range } = node as IniSection;
  const end = Math.max(contentStart, endOfLine(source, range.end));
  const needsBreak = contentStart > 0 && source[contentStart - 1] !== "\n" && source[contentStart - 1] !== "\ufeff";
  return { start: contentStart, end, text: withLineBreaks(source, (needsBreak ? "\n" : "") + formatIniKeys(value)) };
}

function removeComment(source: string, { pieces }: IniComment): Splice[] {
  return pieces.map((piece) =>
    piece.isInline ? replaceInline(source, piece, "") : removeLines(source, piece.lineStart, piece.end)
  );
}

function replaceInline(source: string, piece: Piece, text: string): Splice {
  const [start, end] = rangeWithBlanks(source, piece);
  return { start, end, text };
}

function removeSection(source: string, { range, items }: IniSection): Splice {
  const [first] = items;
  const start = first?.kind === "comment" ? Math.min(range.start, (first as IniComment).range!.start) : range.start;
  return removeLines(source, start, range.end);
}

function appendKey(source: string, section: IniSection, key: string, value: string): Splice {
  const entries = section.items.filter((item) => item.kind === "entry");
  const last = entries.at(-1);
  const lineBreak = lineBreakOf(source);
  if (last === undefined) {
    const at = section.contentStart;
    const isOpen = section.hasHeader && source[at - 1] !== "\n"; // a header at the end of the file
    const isBeforeSection = !section.hasHeader && /^\s*[;#[]/.test(source.slice(at));
    const text = `${key} = ${value}${lineBreak}${isBeforeSection ? lineBreak : ""}`;
    return { start: at, end: at, text: isOpen ? lineBreak + text.trimEnd() : text };
  }
  const lineStart = lineStartOf(source, last.keyRange!.start);
  const indentation = source.slice(lineStart, last.keyRange!.start);
  const line = indentation + key + separatorFor(source, entries, key) + value;
  const end = section.range.end;
  return { start: end, end, text: lineBreak + line };
}

/** The delimiter of the last key with the spaces around it; where all keys are padded to one column, to that column. */
function separatorFor(source: string, entries: readonly Entry[], key: string): string {
  const parts = entries.map(({ keyRange, value }) => ({
    keyLength: keyRange!.end - keyRange!.start,
    separator: source.slice(keyRange!.end, value.range!.start),
  }));
  const columns = parts.map(({ keyLength, separator }) => keyLength + separator.search(/[=:]/));
  const separator = parts.at(-1)!.separator;
  const column = columns[0]!;
  const isPadded = columns.length > 1 && columns.every((other) => other === column) && separator.startsWith(" ");
  return isPadded ? " ".repeat(Math.max(1, column - key.length)) + separator.trimStart() : separator;
}

function appendSection({ source, metadata }: IniFile, name: string, value: Node): Splice {
  if (value.kind !== "mapping") throw refuseNesting();
  checkSectionName(name);
  if (name === METADATA_SECTION || name === DEFAULT_SECTION) {
    throw new UserError("usage", `cannot write a section ${name} into INI: the name has a meaning of its own`, {
      hints: ["choose another name"],
    });
  }
  const text = withLineBreaks(source, `[${name}]\n${formatIniKeys(value)}`);
  const lineBreak = lineBreakOf(source);
  if (metadata === undefined) return { start: source.length, end: source.length, text: gapAtEnd(source) + text };
  const start = lineStartOf(source, metadata.range.start);
  return { start, end: start, text: text + lineBreak };
}

function changeIniMetadata(file: StoreFile, block: Mapping | undefined): Splice[] {
  const { source, block: present, metadata } = file as IniFile;
  if (present === undefined || metadata === undefined) {
    if (block === undefined) return [];
    const text = withLineBreaks(source, `[${METADATA_SECTION}]\n${formatIniKeys(metadataSection(block))}`);
    return [{ start: source.length, end: source.length, text: gapAtEnd(source) + text }];
  }
  if (block === undefined) return [removeMetadata(source, metadata)];
  return compareFlatBlocks(present, block).map((change): Splice => {
    if (change.action === "replace") return { ...change.leaf.range!, text: formatMetadataValue(change.text) };
    const entry = (leaf: unknown) =>
      metadata.items.find((item) => item.kind === "entry" && sameStart(item.value, leaf));
    if (change.action === "remove") {
      const item = entry(change.leaf)!;
      return removeLines(source, item.kind === "entry" ? item.keyRange!.start : 0, change.leaf.range!.end);
    }
    const [key, value] = [formatIniKey(change.name), formatMetadataValue(change.text)];
    if (change.after === undefined) {
      return {
        start: metadata.contentStart,
        end: metadata.contentStart,
        text: `${key} = ${value}${lineBreakOf(source)}`,
      };
    }
    const end = endOfLine(source, change.after.range!.end, false);
    return { ...appendKey(source, metadata, key, value), start: end, end };
  });
}

/** The leaves of the block are decoded copies of those of the section, at the same places. */
function sameStart(node: Node, leaf: unknown): boolean {
  return node.range?.start === (leaf as Node).range?.start;
}

function removeMetadata(source: string, { range }: IniSection): Splice {
  let start = lineStartOf(source, range.start);
  const end = endOfLine(source, range.end);
  const before = /\r?\n\r?\n$/.exec(source.slice(Math.max(0, start - 4), start)); // the empty line that came with it
  if (before !== null) start -= before[0].startsWith("\r") || before[0].endsWith("\r\n") ? 2 : 1;
  return { start, end, text: "" };
}

function formatMetadataValue(text: string): string {
  return formatIniValue(text.replaceAll("\n", "\\n"));
}

/** @returns what stands between the end of a file and a new section: one empty line */
function gapAtEnd(source: string): string {
  const lineBreak = lineBreakOf(source);
  if (source === "" || source === "\ufeff") return "";
  return source.endsWith("\n") ? lineBreak : lineBreak + lineBreak;
}

function removeLines(source: string, start: number, end: number): Splice {
  return { start: lineStartOf(source, start), end: endOfLine(source, end), text: "" };
}

/** @returns the end of the line of an offset, its line break included or not */
function endOfLine(source: string, offset: number, withBreak = true): number {
  const found = source.indexOf("\n", offset);
  if (found === -1) return source.length;
  return withBreak ? found + 1 : source[found - 1] === "\r" && found > offset ? found - 1 : found;
}

function lineStartOf(source: string, offset: number): number {
  if (offset === 0) return 0;
  const start = source.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && source.startsWith("\ufeff") ? 1 : start;
}

function lineBreakOf(source: string): string {
  return source.includes("\r\n") ? "\r\n" : "\n";
}

function withLineBreaks(source: string, text: string): string {
  return lineBreakOf(source) === "\n" ? text : text.replaceAll("\n", "\r\n");
}

function formatIniNode(node: Node, _options: CanonicalOptions): string {
  if (node.kind === "mapping") return formatCanonicalIni([{ root: node }] satisfies Document[], undefined);
  if (node.kind === "list") {
    throw new UserError("unsupported", "cannot print a list as INI", {
      hints: ["print it as JSON: --output-type json"],
    });
  }
  const value: Scalar = node.value;
  return typeof value === "string" ? value : formatJsonScalar(value, true);
}
