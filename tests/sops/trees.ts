/**
 * Trees of files written short, for tests.
 *
 * @module
 */
import type { Comment, Document, Entry, Leaf, List, Mapping, Node, Scalar } from "../../lib/sops/tree/tree.ts";
import { compileRe2 } from "../../lib/config/patterns/re2.ts";

/** A value, a list, a mapping as pairs, or a comment as {@link comment} makes it. */
export type Short = Scalar | Comment | Short[] | Pairs;

/** A mapping: its entries in order, and comments between them. */
export class Pairs {
  readonly items: readonly (readonly [string, Short] | Comment)[];

  constructor(...items: (readonly [string, Short] | Comment)[]) {
    this.items = items;
  }
}

/** @returns a comment */
export function comment(text: string, isInline = false): Comment {
  return { kind: "comment", text, isInline };
}

/** @returns the node that a short form stands for */
export function nodeOf(short: Short): Node {
  if (short instanceof Pairs) return mappingOf(short);
  if (Array.isArray(short)) {
    const items = short.map((item): Node | Comment => isComment(item) ? item : nodeOf(item));
    return { kind: "list", items } satisfies List;
  }
  return { kind: "leaf", value: short as Scalar } satisfies Leaf;
}

/** @returns the mapping that a short form stands for */
export function mappingOf({ items }: Pairs): Mapping {
  return {
    kind: "mapping",
    items: items.map((item): Entry | Comment =>
      "kind" in item ? item : { kind: "entry", key: item[0], value: nodeOf(item[1]) }
    ),
  };
}

/** @returns a file of one document */
export function documentsOf(...items: (readonly [string, Short] | Comment)[]): Document[] {
  return [{ root: mappingOf(new Pairs(...items)) }];
}

function isComment(short: Short): short is Comment {
  return typeof short === "object" && short !== null && "kind" in short;
}

/** The real engine of regular expressions. */
export function compileRegex(pattern: string): Promise<(text: string) => boolean> {
  return new Promise((resolve) => {
    const regex = compileRe2(pattern); // a throw rejects
    resolve((text) => regex.test(text));
  });
}

/** Random bytes. */
export function random(byteCount: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(byteCount));
}

/** Every leaf and comment of some documents, in their order. */
export function leavesOf(documents: readonly Document[]): (Leaf | Comment)[] {
  const visit = (node: Node | Comment | Entry): (Leaf | Comment)[] => {
    if (node.kind === "entry") return visit(node.value);
    return node.kind === "leaf" || node.kind === "comment" ? [node] : node.items.flatMap(visit);
  };
  return documents.flatMap(({ root }) => visit(root));
}

/** What they hold: values, and the text of comments. */
export function contentsOf(documents: readonly Document[]): Scalar[] {
  return leavesOf(documents).map((leaf) => leaf.kind === "leaf" ? leaf.value : leaf.text);
}
