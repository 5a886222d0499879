/**
 * Splices that take entries and items out of a YAML text, with comments left where they are. Pure. Spec: sops-engine §9.
 *
 * @module
 */
import type { Splice } from "../../../yaml/edit/splice.ts";
import { STYLE, YamlEntry, YamlLeaf, YamlList, YamlMapping, type YamlNode } from "../../../yaml/scan/nodes.ts";
import type { YamlFile } from "./file.ts";
import { type Collection, dashOf, endOfItem, spanOf } from "./structure.ts";
import { endOfLine } from "./values.ts";

/**
 * Plans to take one item away.
 *
 * @param index of `items`
 */
export function planRemoval(file: YamlFile, container: Collection, index: number): Splice[] {
  const item = container.items[index] as YamlEntry | YamlNode;
  if (container.isFlow) return removeFromBrackets(file, container, [item]);
  const end = endOfItem(file, item);
  const start = item instanceof YamlEntry ? item.from : dashOf(container as YamlList, index);
  const isTop = file.documents.some(({ root }) => root === container);
  const isLast = container.items.every((other) => other === item || other.kind === "comment");
  const hasMetadata = isTop &&
    file.documents.some(({ root, metadata }) => root === container && metadata !== undefined);
  if (isLast && !hasMetadata) {
    return [{ start, end, text: container.kind === "mapping" ? "{}" : "[]" }];
  }
  return removeLines(file, start, end);
}

/** Takes whole lines where nothing else stands on them; a comment behind the value stays, on a line of its own. */
function removeLines(file: YamlFile, start: number, end: number): Splice[] {
  const { source } = file;
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = endOfLine(source, end);
  const before = source.slice(lineStart, start);
  const behind = source.slice(end, lineEnd);
  const isAlone = /^\ufeff?[ \t]*$/.test(before);
  if (/^[ \t]*#/.test(behind)) {
    return [{ start, end: end + behind.indexOf("#"), text: "" }];
  }
  let next = lineEnd + (source.startsWith("\r\n", lineEnd) ? 2 : lineEnd < source.length ? 1 : 0);
  // Blank lines behind a block that keeps them would become a part of its text.
  if (isAlone && endsKeptBlock(file, lineStart)) next += /^(?:[ \t]*\r?\n)*/.exec(source.slice(next))![0].length;
  if (isAlone) return [{ start: before.startsWith("\ufeff") ? 1 : lineStart, end: next, text: "" }];
  // It is the first of a collection that starts behind a dash: what follows moves up to its place, if it can.
  const gap = /^[ ]*(?=[^ #\r\n])/.exec(source.slice(next, next + 1000))?.[0];
  return [{ start, end: gap === undefined ? lineEnd : next + gap.length, text: "" }];
}

/**
 * Plans to take several items out of brackets: neighbours share a comma, so they go together.
 *
 * @param indices of `items`
 */
export function planRemovalFromBrackets(file: YamlFile, container: Collection, indices: readonly number[]): Splice[] {
  const removed = new Set(indices.map((index) => container.items[index]));
  const runs: (YamlEntry | YamlNode)[][] = [];
  let isInRun = false;
  for (const item of container.items) {
    if (item.kind === "comment") continue;
    const isRemoved = removed.has(item);
    if (isRemoved && isInRun) runs.at(-1)!.push(item as YamlEntry | YamlNode);
    else if (isRemoved) runs.push([item as YamlEntry | YamlNode]);
    isInRun = isRemoved;
  }
  return runs.flatMap((run) => removeFromBrackets(file, container, run));
}

/** @param run neighbours */
function removeFromBrackets(file: YamlFile, container: Collection, run: readonly (YamlEntry | YamlNode)[]): Splice[] {
  const { source } = file;
  const items = container.items.filter((other) => other.kind !== "comment") as (YamlEntry | YamlNode)[];
  const [start] = spanOf(file, run[0]!);
  const [, end] = spanOf(file, run.at(-1)!);
  const next = items[items.indexOf(run.at(-1)!) + 1];
  const previous = items[items.indexOf(run[0]!) - 1];
  const isClear = (from: number, to: number): boolean => !source.slice(from, to).includes("#");
  if (next !== undefined) {
    const [nextStart] = spanOf(file, next);
    if (isClear(end, nextStart)) return [{ start, end: nextStart, text: "" }];
    return [{ start, end: end + source.slice(end).indexOf(",") + 1, text: "" }];
  }
  if (previous !== undefined) {
    const [, previousEnd] = spanOf(file, previous);
    if (isClear(previousEnd, start)) return [{ start: previousEnd, end, text: "" }];
  }
  const comma = /^[ \t]*,/.exec(source.slice(end, container.end))?.[0].length ?? 0;
  return [{ start, end: end + comma, text: "" }];
}

/** Whether the lines before an offset are the end of a block scalar that keeps the blank lines behind it. */
function endsKeptBlock({ source, documents }: YamlFile, offset: number): boolean {
  const visit = (node: YamlNode): boolean => {
    if (node instanceof YamlLeaf) {
      return (node.style === STYLE.literal || node.style === STYLE.folded) && node.end < offset &&
        offset - node.end <= 2 && source.slice(node.start, node.start + 3).includes("+");
    }
    if (!(node instanceof YamlMapping || node instanceof YamlList) || node.isFlow) return false;
    if (offset - node.end > 2) return false; // nor does anything in it end there
    return node.items.some((item) => item.kind !== "comment" && visit(item.kind === "entry" ? item.value : item));
  };
  return documents.some(({ root }) => visit(root));
}
