/**
 * Where the anchors of a file are defined: a name may be so several times, and an alias means the last one before it.
 * Pure.
 *
 * @module
 */
import { isAlias, visit } from "yaml";
import type { YamlDocument } from "../parse.ts";
import type { ResolvedNode } from "../resolve.ts";

const known = new WeakMap<YamlDocument, ReadonlyMap<string, readonly ResolvedNode[]>>();

/** @returns for each anchor of the first document the nodes that define it, in the order of the text */
export function findAnchors(document: YamlDocument): ReadonlyMap<string, readonly ResolvedNode[]> {
  const found = known.get(document);
  if (found !== undefined) return found;
  const anchors = new Map<string, ResolvedNode[]>();
  visit(document.root, {
    Node(_, node) {
      if (isAlias(node) || node.anchor === undefined) return;
      const nodes = anchors.get(node.anchor);
      if (nodes === undefined) anchors.set(node.anchor, [node as ResolvedNode]);
      else nodes.push(node as ResolvedNode);
    },
  });
  known.set(document, anchors);
  return anchors;
}

/** @returns the node that an alias of a name would mean at a place; undefined when the name is not defined before it */
export function findMeantAt(document: YamlDocument, anchor: string, offset: number): ResolvedNode | undefined {
  return findAnchors(document).get(anchor)?.findLast((node) => node.range[0] < offset);
}
