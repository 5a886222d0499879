/**
 * Where the encrypted values of a file stand. Needs no key. Pure.
 *
 * @module
 */
import { ENCODED_START } from "./engine/encoded_value.ts";
import type { Document, Node } from "./tree/tree.ts";
import type { PathStep } from "./tree_path.ts";

/** @returns the path of every encrypted value, in the order of the file; comments have none */
export function listEncryptedPaths(documents: readonly Document[]): PathStep[][] {
  const paths: PathStep[][] = [];
  const visit = (node: Node, path: readonly PathStep[]): void => {
    if (node.kind === "leaf") {
      if (typeof node.value === "string" && node.value.startsWith(ENCODED_START)) paths.push([...path]);
    } else if (node.kind === "list") {
      node.items.filter((item) => item.kind !== "comment").forEach((item, index) => visit(item, [...path, index]));
    } else {
      for (const item of node.items) if (item.kind === "entry") visit(item.value, [...path, item.key]);
    }
  };
  for (const { root } of documents) visit(root, []);
  return paths;
}
