/**
 * The way through a file's leaves: in the order of the text, with the path that is authenticated, and with the answer of the
 * selector.
 *
 * Pure. Spec: sops-engine §3.2, §3.3, §3.7 (rule c).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Comment, Document, Leaf, List, Mapping, Node } from "../tree/tree.ts";
import { ByteQueue } from "./bytes.ts";
import { isEncodedComment } from "./encoded_value.ts";
import type { Selector } from "./selectors.ts";

/** Deepest nesting of a file: far above what people write, far below what overflows the stack. */
export const MAX_DEPTH = 1000;

/** The code of `:`. */
const COLON = 0x3a;

/** What is done with each leaf. */
export interface Visitor {
  /**
   * @param path its associated data: the keys that lead to it, each with a colon behind; only valid during the call
   * @param isInList whether it is an item of a list
   */
  visitLeaf(leaf: Leaf, path: ByteQueue, isSelected: boolean, isInList: boolean): void;
  visitComment(comment: Comment, path: ByteQueue, isSelected: boolean, isInList: boolean): void;
}

/** @throws {UserError} `unsupported` when the nesting is too deep */
export function walkDocuments(documents: readonly Document[], selector: Selector, visitor: Visitor): void {
  const walk = new Walk(selector, visitor);
  for (const { root } of documents) walk.visitMapping(root, false, 0);
}

class Walk {
  readonly #selector: Selector;
  readonly #visitor: Visitor;
  readonly #path = new ByteQueue();
  /** What stands for the path where it is empty. */
  readonly #emptyPath = new ByteQueue();

  constructor(selector: Selector, visitor: Visitor) {
    this.#selector = selector;
    this.#visitor = visitor;
    this.#emptyPath.addText(":");
  }

  /** @param isMatched whether the selector has matched on the way here */
  visitMapping({ items }: Mapping, isMatched: boolean, depth: number): void {
    const isByKeys = this.#selector.subject === "keys";
    let active = isMatched;
    for (const item of items) {
      if (item.kind === "comment") {
        active = this.#visitComment(item, active, false);
        continue;
      }
      const length = this.#path.length;
      this.#path.addText(item.key);
      this.#path.reserve(1);
      this.#path.bytes[this.#path.length++] = COLON;
      this.#visitNode(item.value, active || (isByKeys && this.#selector.matches(item.key)), false, depth);
      this.#path.length = length;
      active = isMatched;
    }
  }

  #visitList({ items }: List, isMatched: boolean, depth: number): void {
    let active = isMatched;
    for (const item of items) {
      if (item.kind === "comment") {
        active = this.#visitComment(item, active, true);
      } else if (item.kind === "leaf" && typeof item.value === "string" && isEncodedComment(item.value)) {
        active = this.#visitListComment(item, item.value, active);
      } else {
        this.#visitNode(item, active, true, depth);
        active = isMatched;
      }
    }
  }

  #visitNode(node: Node, isMatched: boolean, isInList: boolean, depth: number): void {
    if (node.kind === "leaf") {
      this.#visitor.visitLeaf(node, this.#pathOrColon(), isMatched === this.#selector.encryptsMatches, isInList);
      return;
    }
    if (depth >= MAX_DEPTH) {
      throw new UserError("unsupported", `cannot read the file: it is nested more than ${MAX_DEPTH} levels deep`);
    }
    if (node.kind === "mapping") this.visitMapping(node, isMatched, depth + 1);
    else this.#visitList(node, isMatched, depth + 1);
  }

  /** @returns whether the selector has matched for what follows in the container */
  #visitComment(comment: Comment, active: boolean, isInList: boolean): boolean {
    const { isSelected, isActive } = this.#judgeComment(comment.text, active);
    this.#visitor.visitComment(comment, this.#pathOrColon(), isSelected, isInList);
    return isActive;
  }

  /** A comment that SOPS has written as an item counts as the comment that it is. */
  #visitListComment(leaf: Leaf, text: string, active: boolean): boolean {
    const { isSelected, isActive } = this.#judgeComment(text, active);
    this.#visitor.visitLeaf(leaf, this.#pathOrColon(), isSelected, true);
    return isActive;
  }

  /** A comment that turns encryption off stays in clear itself, and so does one that turns it on. */
  #judgeComment(text: string, active: boolean): { isSelected: boolean; isActive: boolean } {
    const { subject, encryptsMatches, matches } = this.#selector;
    if (subject === "keys") return { isSelected: active === encryptsMatches, isActive: active };
    const isActive = active || matches(text);
    return { isSelected: encryptsMatches ? active : !isActive, isActive };
  }

  #pathOrColon(): ByteQueue {
    return this.#path.length === 0 ? this.#emptyPath : this.#path;
  }
}
