/**
 * Makes what a rule shares with others its own: an alias becomes a copy of its value; a value that others alias hands
 * its anchor on to the first of them. The file means the same before and after. Pure.
 *
 * Spec: sops-config §1 (dialect 5), §3.
 *
 * @module
 */
import { type Alias, isAlias, isScalar, visit } from "yaml";
import { lineNumberAt, lineStart } from "../position.ts";
import type { YamlDocument } from "../parse.ts";
import { type ResolvedNode, resolveNode, type WrittenNode } from "../resolve.ts";
import type { Splice } from "./splice.ts";
import { anchorText, commentsAbove, copyBlock, formatFlow, formatScalar } from "./copy.ts";
import { endOfLine, indentAt, isFlow, lineBreakOf } from "./places.ts";

/** Columns that a copied block stands deeper than its key. */
const COPY_INDENT = 2;

/**
 * Plans the copy of an alias's value in its place.
 *
 * @param flow whether the alias stands inside brackets
 * @param anchor name that the copy defines; none when undefined
 */
export function replaceAlias(document: YamlDocument, alias: Alias.Parsed, flow: boolean, anchor?: string): Splice[] {
  const value = resolveNode(document, alias);
  const [start, end] = alias.range;
  const prefix = anchor === undefined ? "" : `&${anchor}`;
  if (flow || isFlow(value) || isScalar(value)) {
    const copy = isScalar(value) ? formatScalar(value, flow) : formatFlow(document, value, start);
    return [{ start, end, text: prefix === "" ? copy : `${prefix} ${copy}` }];
  }
  const at = endOfLine(document, end);
  const before = document.source.slice(lineStart(document, lineNumberAt(document, start)), start);
  const isItem = /-[ \t]+$/.test(before);
  const column = isItem ? indentAt(document, start) : keyColumn(before) + COPY_INDENT;
  const [first, ...others] = copyBlock(document, value, column, start);
  if (isItem && anchor === undefined) {
    return [{ start, end, text: first! }, { start: at, end: at, text: formatLines(document, others, at) }];
  }
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
    const parsed = alias as Alias.Parsed;
    const copy = replaceAlias(document, parsed, isInBrackets(document, parsed), node.anchor);
    return [{ ...anchorText(document, node), text: "" }, ...copy];
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
    const parsed = alias as Alias.Parsed;
    return replaceAlias(document, parsed, isInBrackets(document, parsed), parsed.source);
  }
  return undefined;
}

function isInBrackets(document: YamlDocument, alias: Alias.Parsed): boolean {
  let inBrackets = false;
  visit(document.root, {
    Alias(_, node, ancestors) {
      if (node !== alias) return undefined;
      inBrackets = ancestors.some((ancestor) => "flow" in ancestor && ancestor.flow === true);
      return visit.BREAK;
    },
  });
  return inBrackets;
}

/** @returns the column of the key that a line holds, behind the dashes before it */
function keyColumn(before: string): number {
  return /^\ufeff?((?:[ \t]|-(?=[ \t]))*)/.exec(before)![1]!.length;
}

function formatLines(document: YamlDocument, lines: readonly string[], offset: number): string {
  return lines.map((line) => lineBreakOf(document, offset) + line).join("");
}
