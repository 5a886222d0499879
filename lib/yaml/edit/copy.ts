/**
 * Copies of nodes of a configuration file, for a rule that stops sharing what it has by alias or `<<`.
 *
 * A copy means what the original means: anchors in it become aliases, or plain values where an alias would stand before
 * its anchor. Comments inside a block are copied with it. Pure. Spec: sops-config §1 (dialect 5), §3.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, type Scalar } from "yaml";
import {
  commentBehind,
  commentColumn,
  entriesOf,
  entryOf,
  isUnwritten,
  placeOf,
  type Span,
  type TokenizedText,
} from "../entries.ts";
import { lineEnd, lineNumberAt, lineText, YAML_LINE_BREAK } from "../position.ts";
import type { YamlDocument } from "../parse.ts";
import { type MapEntry, type ResolvedNode, resolveNode, scalarText, scalarType, type WrittenNode } from "../resolve.ts";
import { applySplices, type Splice } from "./splice.ts";
import { findMeantAt } from "./anchors.ts";
import { endOfLine, indentAt, isFirstOnLine, isFlow, isLastOnLine } from "./lines.ts";
import { formatText, quotingOf } from "./quoting.ts";

/** Where a copy will stand. */
export interface CopyPlace {
  /** Where its first line starts; the others are indented to fit. */
  readonly column: number;
  /** It keeps aliases of anchors before this place only. */
  readonly useOffset: number;
}

/**
 * Copies a list or mapping as block text.
 *
 * @returns the lines of the copy, the first without its indentation
 */
export function copyBlock(document: YamlDocument, node: ResolvedNode, { column, useOffset }: CopyPlace): string[] {
  const first = isMap(node) && !isFlow(node) ? entriesOf(document, node)[0] : undefined;
  const start = first?.start ?? node.range[0];
  const span = { start, end: placeOf(document, node).end };
  return copyText(document, span, {
    shift: column - indentAt(document, start),
    splices: detachAnchors(document, node, useOffset),
  });
}

/**
 * @returns the comment lines directly above a list or mapping that starts on a line of its own, outermost first, without
 * indentation
 */
export function commentsAbove(document: YamlDocument, node: ResolvedNode): string[] {
  const [start] = node.range;
  if (!isFirstOnLine(document, start)) return [];
  const comments: string[] = [];
  for (let line = lineNumberAt(document, start) - 1; commentColumn(document, line) !== undefined; line--) {
    comments.unshift(lineText(document, line).trim());
  }
  return comments;
}

/**
 * Copies a key with its value, as block text where it is written so, and without a `?` before the key.
 *
 * @returns the lines of the copy, the first without its indentation
 */
export function copyPair(document: YamlDocument, pair: MapEntry, { column, useOffset }: CopyPlace): string[] {
  const { start, end } = entryOf(document, pair.key);
  const isBlock = pair.value !== undefined && !isFlow(pair.owner) && document.source[start] !== "?";
  if (!isBlock) return [formatFlowPair(document, pair, useOffset)];
  return copyText(document, { start: pair.key.range[0], end }, {
    shift: column - indentAt(document, start),
    splices: detachAnchor(document, pair.value, useOffset),
  });
}

/** Copies a piece of the text with the comment that ends its last line; lines but the first move to another column. */
function copyText(
  document: YamlDocument,
  { start, end: contentEnd }: Span,
  { shift, splices }: { readonly shift: number; readonly splices: readonly Splice[] },
): string[] {
  const comment = commentBehind(document, contentEnd);
  const end = comment === undefined ? contentEnd : lineEnd(document, lineNumberAt(document, comment));
  const local = splices.map((splice) => ({ start: splice.start - start, end: splice.end - start, text: splice.text }));
  const lines = applySplices(document.source.slice(start, end), local).split(YAML_LINE_BREAK);
  return lines.map((line, index) => index === 0 || line.trim() === "" ? line : shiftLine(line, shift));
}

function shiftLine(line: string, shift: number): string {
  if (shift >= 0) return " ".repeat(shift) + line;
  const indent = line.length - line.trimStart().length;
  return line.slice(Math.min(-shift, indent));
}

/** Plans the aliases that replace the anchors inside a node, and the values that replace aliases which come too early. */
function detachAnchors(document: YamlDocument, node: WrittenNode, useOffset: number): Splice[] {
  if (isScalar(node) || isAlias(node)) return [];
  const ofValue = (child: unknown): Splice[] =>
    isUnwritten(child) ? [] : detachAnchor(document, child as WrittenNode, useOffset);
  if (isSeq(node)) return node.items.flatMap(ofValue);
  return node.items.flatMap((pair) => {
    const key = pair.key as WrittenNode;
    const ofKey = isAlias(key) || key.anchor === undefined ? [] : [{ ...anchorSpan(document, key), text: "" }];
    return [...ofKey, ...ofValue(pair.value)];
  });
}

function detachAnchor(document: YamlDocument, node: WrittenNode, useOffset: number): Splice[] {
  const { start, end } = placeOf(document, node);
  const target = resolveNode(document, node);
  const isBefore = isMeant(document, target, useOffset);
  if (isAlias(node)) {
    if (isBefore) return [];
    const comment = isScalar(target) ? keepName(document, node.source, end) : [];
    return [{ start, end, text: formatFlow(document, target, useOffset) }, ...comment];
  }
  if (node.anchor === undefined) return detachAnchors(document, node, useOffset);
  if (isBefore) return [{ start, end, text: `*${node.anchor}` }];
  const inner = !isScalar(node)
    ? detachAnchors(document, node, useOffset)
    : node.type?.startsWith("BLOCK_")
    ? []
    : keepName(document, node.anchor, end);
  return [{ ...anchorSpan(document, node), text: "" }, ...inner];
}

/** @returns whether an alias at a place would mean this node: its anchor stands before, and no later one of that name */
function isMeant(document: YamlDocument, node: ResolvedNode, useOffset: number): boolean {
  if (node.anchor === undefined) return node.range[0] < useOffset;
  return findMeantAt(document, node.anchor, useOffset) === node;
}

/** A key that is copied without its anchor is named by a comment, where the line has room for one. */
function keepName(document: YamlDocument, name: string, end: number): Splice[] {
  return isLastOnLine(document, end) ? [{ start: end, end, text: ` # ${name}` }] : [];
}

/** @returns the piece of the text that holds a node's anchor, with the white space that goes with it */
export function anchorSpan(text: TokenizedText, node: ResolvedNode): Span {
  const { start, end } = placeOf(text, node).anchor!;
  const gap = /^[ \t]*/.exec(text.source.slice(end, endOfLine(text, end)))![0].length;
  if (end + gap !== endOfLine(text, end)) return { start, end: end + gap };
  const before = text.source.slice(text.lineStarts[lineNumberAt(text, start) - 1], start);
  return { start: start - /[ \t]*$/.exec(before)![0].length, end: end + gap };
}

/**
 * Writes the meaning of a node on one line, in brackets where it is a list or mapping.
 *
 * @param useOffset as for {@link copyBlock}
 */
export function formatFlow(document: YamlDocument, node: WrittenNode, useOffset: number): string {
  const target = resolveNode(document, node);
  if (isAlias(node) && isMeant(document, target, useOffset)) return `*${node.source}`;
  if (isScalar(target)) return formatScalar(target, true);
  const inner = (child: WrittenNode): string => formatChild(document, child, useOffset);
  if (isSeq(target)) return `[${target.items.map((item) => inner(item as WrittenNode)).join(", ")}]`;
  const pairs = target.items.map((pair) => {
    const key = inner(pair.key as WrittenNode);
    return pair.value === null ? key : `${key}: ${inner(pair.value as WrittenNode)}`;
  });
  return `{${pairs.join(", ")}}`;
}

/** Writes the meaning of a scalar on one line. */
export function formatScalar(scalar: Scalar.Parsed, flow: boolean): string {
  const text = scalarText(scalar);
  const isOtherType = scalar.type === "PLAIN" && scalarType(scalar) !== "string";
  return isOtherType ? text || "null" : formatText(text, "plain", flow);
}

/** Writes a key and the meaning of its value on one line. */
export function formatFlowPair(document: YamlDocument, entry: MapEntry, useOffset: number): string {
  const key = formatText(entry.name, isScalar(entry.key) ? quotingOf(entry.key) : "plain", true);
  return `${key}: ${entry.value === undefined ? "null" : formatFlow(document, entry.value, useOffset)}`;
}

function formatChild(document: YamlDocument, node: WrittenNode, useOffset: number): string {
  if (isAlias(node) || node.anchor === undefined || !isMeant(document, node, useOffset)) {
    return formatFlow(document, node, useOffset);
  }
  return `*${node.anchor}`;
}
