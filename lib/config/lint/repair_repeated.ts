/**
 * Takes the second of two equal keys out of a list or a comma-separated text. Pure. Spec: sops-config §5.
 *
 * Refuses what others may lean on: an item that defines an anchor, an item in a text over several lines in quotes.
 *
 * @module
 */
import { isAlias, isScalar } from "yaml";
import { entriesOf } from "../../yaml/entries.ts";
import { isFirstOnLine, isFlow } from "../../yaml/edit/lines.ts";
import { lineEnd, lineNumberAt } from "../../yaml/position.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { WrittenKey } from "../rules/written_keys.ts";

/**
 * @param keys all keys of the group in their order
 * @param key the one that goes
 * @returns undefined where the key cannot be taken out without touching something else
 */
export function planRemoveRepeated(
  document: YamlDocument,
  keys: readonly WrittenKey[],
  key: WrittenKey,
): readonly Splice[] | undefined {
  const { node, list } = key;
  if (isAlias(node) ? list === undefined : node.anchor !== undefined) return undefined;
  const siblings = keys.filter((other) => other.node === node);
  if (siblings.length > 1) return removePiece(document, siblings, key);
  if (list === undefined) return undefined;
  const index = (list.items as readonly unknown[]).indexOf(node);
  if (index < 1) return undefined;
  const entries = entriesOf(document, list);
  const { start, end } = entries[index]!;
  if (isFlow(list)) {
    const before = entries[index - 1]!.end;
    return isOneComma(document.source.slice(before, start)) ? [{ start: before, end, text: "" }] : undefined;
  }
  const first = lineNumberAt(document, start);
  if (first !== lineNumberAt(document, end) || !isFirstOnLine(document, start)) return undefined;
  const breakBefore = lineEnd(document, first - 1);
  return [{ start: breakBefore, end: lineEnd(document, first), text: "" }];
}

/** @param siblings the keys of one text, in their order */
function removePiece(
  document: YamlDocument,
  siblings: readonly WrittenKey[],
  key: WrittenKey,
): readonly Splice[] | undefined {
  const { node } = key;
  if (!isScalar(node) || siblings.some(({ range }) => range.start === node.range[0] && range.end === node.range[1])) {
    return undefined; // the pieces were not found in the text: it holds escapes
  }
  const before = siblings[siblings.indexOf(key) - 1];
  if (before === undefined) return undefined;
  const { end: start } = before.range;
  if (!isOneComma(document.source.slice(start, key.range.start))) return undefined;
  return [{ start, end: key.range.end, text: "" }];
}

function isOneComma(between: string): boolean {
  return between.trim() === ",";
}
