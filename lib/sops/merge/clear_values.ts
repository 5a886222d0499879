/**
 * What a merge must not put in clear: a value or comment that one side has encrypted, and the selector of the other one
 * would leave as it is. Selectors are not authenticated, so nobody has to know a key to change one. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { ByteQueue } from "../engine/bytes.ts";
import type { Selector } from "../engine/selectors.ts";
import { type Visitor, walkDocuments } from "../engine/walk.ts";
import type { OpenedFile } from "../sops_file.ts";
import { type Comment, CommentText, type Document, type Leaf } from "../tree/tree.ts";
import { contentOf } from "./values.ts";

/**
 * @param path for messages
 * @param plain what is to be encrypted
 * @throws {UserError} `refused` when a value that is encrypted on one side, and in clear on none, would be in clear
 */
export function refuseClearValues(
  path: string,
  plain: { readonly documents: readonly Document[]; readonly selector: Selector },
  sides: readonly OpenedFile[],
): void {
  const encrypted = new Set<string>();
  const clear = new Set<string>();
  for (const { file, selector, values } of sides) {
    const collect = (node: Leaf | Comment, place: string): void => {
      const value = values.get(node);
      if (value === undefined) clear.add(`${place} ${describe(node)}`);
      else encrypted.add(value instanceof CommentText ? "comment" : place);
    };
    walkDocuments(file.documents, selector, visitorOf(collect));
  }
  walkDocuments(
    plain.documents,
    plain.selector,
    visitorOf((node, place, isSelected) => {
      if (isSelected || !encrypted.has(place) || clear.has(`${place} ${describe(node)}`)) return;
      const what = place === "comment" ? "a comment" : `"${place.replace(/:$/, "").replaceAll(":", ".")}"`;
      throw new UserError(
        "refused",
        `cannot merge "${path}": ${what} would be in clear, which one side has encrypted`,
        {
          details: ["the other side has changed the selector, which says what is encrypted"],
          hints: [`keep ours with: git checkout --ours -- "${path}"`],
        },
      );
    }),
  );
}

function visitorOf(visit: (node: Leaf | Comment, place: string, isSelected: boolean) => void): Visitor {
  const decoder = new TextDecoder();
  return {
    visitLeaf: (leaf: Leaf, path: ByteQueue, isSelected: boolean) =>
      visit(leaf, decoder.decode(path.view()), isSelected),
    visitComment: (comment: Comment, _path: ByteQueue, isSelected: boolean) => visit(comment, "comment", isSelected),
  };
}

function describe(node: Leaf | Comment): string {
  return node.kind === "leaf" ? contentOf(node) : node.text;
}
