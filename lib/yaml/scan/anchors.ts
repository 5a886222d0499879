/**
 * Anchors and what aliases copy from them, with a limit on how much they can stand for. Pure.
 *
 * @module
 */
import type { CopiedComment, CopiedEntry, CopiedNode, PlacedNode, YamlNode } from "./nodes.ts";

/** The most nodes that the aliases of a file may stand for; go-yaml allows no file with more than about 1,200,000. */
const MAX_COPIED_NODES = 1_200_000;

/** The anchors of one document. */
export class Anchors {
  readonly #targets = new Map<string, PlacedNode | "open">();
  #copiedNodes = 0;

  /** An anchor whose node is still being read: an alias to it in there has no meaning. */
  open(name: string): void {
    this.#targets.set(name, "open");
  }

  /** The node of an anchor is read. */
  set(name: string, node: PlacedNode): void {
    this.#targets.set(name, node);
  }

  /** Forgets all anchors: a new document starts. */
  clear(): void {
    this.#targets.clear();
  }

  /** @returns the node of the last anchor of this name; `open` inside of it, undefined without one */
  find(name: string): PlacedNode | "open" | undefined {
    return this.#targets.get(name);
  }

  /**
   * @param isFlow whether it can only be written out in brackets, where the comments of what it stands for have no place
   * @returns a copy without places; undefined where all aliases together stand for too much
   */
  copy(node: PlacedNode, isFlow: boolean): CopiedNode | undefined {
    try {
      return this.#copy(node, isFlow);
    } catch (error) {
      if (error instanceof TooMuch) return undefined;
      throw error;
    }
  }

  #copy(node: YamlNode, isFlow: boolean): CopiedNode {
    if (++this.#copiedNodes > MAX_COPIED_NODES) throw new TooMuch();
    if (node.kind === "leaf") return { kind: "leaf", value: node.value };
    if (node.kind === "mapping") {
      const items: (CopiedEntry | CopiedComment)[] = [];
      for (const item of node.items) {
        if (item.kind === "entry") items.push({ kind: "entry", key: item.key, value: this.#copy(item.value, isFlow) });
        else if (!isFlow) items.push(copyComment(item));
      }
      return { kind: "mapping", items };
    }
    const items: (CopiedNode | CopiedComment)[] = [];
    for (const item of node.items) {
      if (item.kind !== "comment") items.push(this.#copy(item, isFlow));
      else if (!isFlow) items.push(copyComment(item));
    }
    return { kind: "list", items };
  }
}

class TooMuch extends Error {}

function copyComment({ text, isInline }: CopiedComment): CopiedComment {
  return { kind: "comment", text, isInline };
}
