/**
 * A text as the units that are merged: lines, and the lines of one value together, so that a value of several lines is
 * changed as a whole or not at all. Pure.
 *
 * @module
 */
import type { Document, Node, Range } from "../tree/tree.ts";

/** @returns the units without the line break between each two; {@link joinUnits} makes the same text of them */
export function splitUnits(text: string, documents: readonly Document[]): string[] {
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length + 1);
  const continued = new Set<number>();
  let at = 0;
  for (const { start, end } of listRanges(documents)) {
    while (starts[at + 1]! <= start) at++;
    // A literal text of several lines ends with its line break: that one belongs to the line before.
    for (let line = at + 1; starts[line]! < end; line++) continued.add(line);
  }
  const units: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (continued.has(index)) units[units.length - 1] += `\n${line}`;
    else units.push(line);
  }
  return units;
}

/** @returns the text */
export function joinUnits(units: readonly string[]): string {
  return units.join("\n");
}

/** @returns the places of all scalars, in the order of the text */
function listRanges(documents: readonly Document[]): Range[] {
  const ranges: Range[] = [];
  const visit = (node: Node): void => {
    if (node.kind === "leaf") {
      if (node.range !== undefined) ranges.push(node.range);
      return;
    }
    for (const item of node.items) {
      if (item.kind !== "comment") visit(item.kind === "entry" ? item.value : item);
    }
  };
  for (const { root } of documents) visit(root);
  return ranges.sort((a, b) => a.start - b.start);
}
