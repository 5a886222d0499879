/**
 * How the author of a YAML file lays out lines: line ends, columns of a level, lists under their keys. Pure.
 *
 * @module
 */
import { YamlList, YamlMapping, type YamlNode } from "../../../yaml/scan/nodes.ts";
import type { YamlFile } from "./file.ts";
import { type BlockLayout, DASH_COLUMNS, nextColumn } from "./text.ts";

/** Columns of a level where the file shows none: as SOPS writes. */
const DEFAULT_STEP = 4;

/** How SOPS lays out its metadata. */
export const METADATA_LAYOUT: BlockLayout = { step: DEFAULT_STEP, isFlush: false };

/** @returns the line end of a text: that of its first line */
export function lineEndOf(source: string): "\n" | "\r\n" {
  const first = source.indexOf("\n");
  return first > 0 && source[first - 1] === "\r" ? "\r\n" : "\n";
}

/** @returns a piece of text with the line ends of a file */
export function withLineEnds(text: string, source: string): string {
  return text.includes("\n") && lineEndOf(source) === "\r\n" ? text.replaceAll("\n", "\r\n") : text;
}

const layouts = new WeakMap<YamlFile, BlockLayout>();

/** @returns how the blocks of a file are laid out, told by its first nested mapping and its first list under a key */
export function layoutOf(file: YamlFile): BlockLayout {
  let layout = layouts.get(file);
  if (layout === undefined) {
    layout = findLayout(file);
    layouts.set(file, layout);
  }
  return layout;
}

function findLayout(file: YamlFile): BlockLayout {
  let step: number | undefined;
  let isFlush: boolean | undefined;
  const visit = (node: YamlNode, column: number, isInList: boolean): void => {
    if (step !== undefined && isFlush !== undefined) return;
    if (!(node instanceof YamlMapping || node instanceof YamlList) || node.isFlow) return;
    if (column >= 0 && !isInList) {
      if (node instanceof YamlMapping) step ??= node.column - column;
      else isFlush ??= node.column === column;
    }
    for (const item of node.items) {
      if (item.kind === "entry") visit(item.value, node.column, false);
      else if (item.kind !== "comment") visit(item, node.column, true);
    }
  };
  for (const { root } of file.documents) visit(root, -1, false);
  return { step: step ?? stepOfLists(file) ?? DEFAULT_STEP, isFlush: isFlush ?? false };
}

/** Without a nested mapping, a list under a key shows the columns of a level. */
function stepOfLists(file: YamlFile): number | undefined {
  for (const { root } of file.documents) {
    for (const item of root.items) {
      if (item.kind !== "entry" || !(item.value instanceof YamlList) || item.value.isFlow) continue;
      if (item.value.column > root.column) return item.value.column - root.column;
    }
  }
  return undefined;
}

/** @returns the column at which the further lines of a scalar stand, below its key or behind its dash */
export function contentColumnOf(file: YamlFile, start: number, indent: number): number {
  const lineStart = file.source.lastIndexOf("\n", start - 1) + 1;
  const mark = lineStart + (lineStart === 0 && file.source.startsWith("\ufeff") ? 1 : 0) + Math.max(0, indent);
  const isItem = file.source[mark] === "-" && file.source[mark + 1] === " ";
  return isItem ? Math.max(0, indent) + DASH_COLUMNS : nextColumn(indent, layoutOf(file).step);
}

/**
 * Whether lines behind a place would become a part of a literal block that ends there: blank lines of a text that keeps
 * them, lines of spaces, and comments as deep as the block. A text without an end of its last line takes the block's away.
 *
 * @param lineEnd where the line ends that the block will end on
 * @param contentColumn of the block; 0 where it is not known
 */
export function isUnsafeForLiteral(source: string, lineEnd: number, contentColumn: number): boolean {
  let at = source.indexOf("\n", lineEnd);
  if (at === -1) return true;
  for (;;) {
    const start = at + 1;
    at = start;
    while (source[at] === " ") at++;
    const character = source[at];
    if (character === "#") return at - start >= Math.max(contentColumn, 1);
    if (character === "\t") return true;
    if (character !== "\n" && character !== "\r") return false;
    if (contentColumn === 0 || at - start > contentColumn) return true;
    if (character === "\r") at++;
  }
}

/** Whether a blank line follows, which a literal block with `+` would take for its own. */
export function isBeforeBlankLine(source: string, lineEnd: number): boolean {
  return /^\r?\n[ \t]*(?:\r?\n)/.test(source.slice(lineEnd, lineEnd + 1000));
}
