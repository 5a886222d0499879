/**
 * Anchors and what aliases copy from them, with a limit on how much they can stand for. Pure.
 *
 * @module
 */
import type { CopiedComment, CopiedEntry, CopiedNode, PlacedNode, YamlComment, YamlEntry, YamlNode } from "./nodes.ts";

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

  /** @returns a copy without places; undefined where all aliases together stand for too much */
  copy(node: PlacedNode): CopiedNode | undefined {
    try {
      return this.#copy(node);
    } catch (error) {
      if (error instanceof TooMuch) return undefined;
      throw error;
    }
  }

  #copy(node: YamlNode): CopiedNode {
    if (++this.#copiedNodes > MAX_COPIED_NODES) throw new TooMuch();
    if (node.kind === "leaf") return { kind: "leaf", value: node.value };
    if (node.kind === "mapping") {
      return { kind: "mapping", items: node.items.map((item) => this.#copyItem(item)) };
    }
    return {
      kind: "list",
      items: node.items.map((item) => item.kind === "comment" ? copyComment(item) : this.#copy(item)),
    };
  }

  #copyItem(item: YamlEntry | YamlComment | CopiedEntry | CopiedComment): CopiedEntry | CopiedComment {
    return item.kind === "comment"
      ? copyComment(item)
      : { kind: "entry", key: item.key, value: this.#copy(item.value) };
  }
}

class TooMuch extends Error {}

function copyComment({ text, isInline }: CopiedComment): CopiedComment {
  return { kind: "comment", text, isInline };
}
