/**
 * Makes what a rule shares with others its own: an alias becomes a copy of its value; a value that others alias hands
 * its anchor on to the first of them. The file means the same before and after. Pure.
 *
 * Spec: sops-config §1 (dialect 5), §3.
 *
 * @module
 */
import { type Alias, isAlias, isScalar, visit } from "yaml";
import { entryOf } from "../entries.ts";
import type { YamlDocument } from "../parse.ts";
import { lineNumberAt, lineStart } from "../position.ts";
import { type ResolvedNode, resolveNode, type WrittenNode } from "../resolve.ts";
import { anchorSpan, commentsAbove, copyBlock, formatFlow, formatScalar } from "./copy.ts";
import { endOfLine, indentAt, isFlow, lineBreakOf } from "./lines.ts";
import type { Splice } from "./splice.ts";

/** Columns that a copied block stands deeper than its key. */
const COPY_INDENT = 2;

/**
 * Plans the copy of an alias's value in its place.
 *
 * @param anchor name that the copy defines; none when undefined
 */
export function replaceAlias(document: YamlDocument, alias: Alias.Parsed, anchor?: string): Splice[] {
  const value = resolveNode(document, alias);
  const entry = entryOf(document, alias);
  const [start, end] = alias.range;
  const prefix = anchor === undefined ? "" : `&${anchor}`;
  if (entry.isInBrackets || isFlow(value) || isScalar(value)) {
    const copy = isScalar(value) ? formatScalar(value, entry.isInBrackets) : formatFlow(document, value, start);
    return [{ start, end, text: prefix === "" ? copy : `${prefix} ${copy}` }];
  }
  const at = endOfLine(document, end);
  const isItem = entry.dash !== undefined;
  const column = isItem ? indentAt(document, start) : indentAt(document, entry.start) + COPY_INDENT;
  const [first, ...others] = copyBlock(document, value, { column, useOffset: start });
  if (isItem && anchor === undefined) {
    return [{ start, end, text: first! }, { start: at, end: at, text: formatLines(document, others, at) }];
  }
  const before = document.source.slice(lineStart(document, lineNumberAt(document, start)), start);
  const space = /[ \t]*$/.exec(before)![0].length;
  const copy = [...commentsAbove(document, value), first!].map((line) => " ".repeat(column) + line);
  return [
    { start: prefix === "" ? start - space : start, end, text: prefix },
    { start: at, end: at, text: formatLines(document, [...copy, ...others], at) },
  ];
}

/**
 * Plans how a value hands its anchor on to the first alias of it, which becomes a copy.
 *
 * @returns undefined when no alias stands for the value
 */
export function handOnAnchor(document: YamlDocument, node: ResolvedNode): Splice[] | undefined {
  if (node.anchor === undefined) return undefined;
  for (const [alias, target] of document.aliases) {
    if (target !== node || !isAlias(alias)) continue;
    const copy = replaceAlias(document, alias as Alias.Parsed, node.anchor);
    return [{ ...anchorSpan(document, node), text: "" }, ...copy];
  }
  return undefined;
}

/**
 * Plans, for a part of the file that will go, how an anchor in it moves on to the first alias outside that means it. The
 * old anchor stays until its part goes; ask again until there is none.
 *
 * @returns undefined when no alias outside needs the part
 */
export function moveAnchorOut(document: YamlDocument, part: WrittenNode): Splice[] | undefined {
  const inside = new Set<unknown>();
  visit(part, { Node: (_, node) => void inside.add(node) });
  for (const [alias, target] of document.aliases) {
    if (!isAlias(alias) || !inside.has(target) || inside.has(alias)) continue;
    return replaceAlias(document, alias as Alias.Parsed, alias.source);
  }
  return undefined;
}

function formatLines(document: YamlDocument, lines: readonly string[], offset: number): string {
  return lines.map((line) => lineBreakOf(document, offset) + line).join("");
}
