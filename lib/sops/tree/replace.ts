/**
 * Trees with other values or another structure, made without touching the old ones: nodes that stay the same are shared.
 *
 * Pure.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import type { AddedItem, StructureChange, ValueChanges } from "./change.ts";
import { areEqualScalars } from "./change.ts";
import {
  type Comment,
  CommentText,
  type Document,
  type Entry,
  type List,
  type Mapping,
  type Node,
  type Scalar,
  Timestamp,
} from "./tree.ts";

type Item = Entry | Comment | Node;

/** How {@link replaceValues} treats comments. */
export interface ReplaceOptions {
  /** Makes an item of every comment of a list that gets another text, as SOPS writes them when it encrypts. */
  readonly listCommentsAsItems?: boolean;
  /** Puts every comment that gets another text on a line of its own, as SOPS does when it decrypts. */
  readonly movesInlineComments?: boolean;
}

/** @returns the documents with other values */
export function replaceValues(
  documents: readonly Document[],
  values: ValueChanges,
  options: ReplaceOptions = {},
): Document[] {
  return documents.map(({ root }) => ({ root: replaceInNode(root, values, options) as Mapping }));
}

/** @returns the node with other values */
export function replaceInNode(node: Node, values: ValueChanges, options: ReplaceOptions = {}): Node {
  if (node.kind === "leaf") {
    const value = values.get(node);
    return value === undefined || value instanceof CommentText ? node : { kind: "leaf", value };
  }
  const replace = (item: Item): Item => {
    if (item.kind === "entry") return { ...item, value: replaceInNode(item.value, values, options) };
    const value = item.kind === "comment" || item.kind === "leaf" ? values.get(item) : undefined;
    if (value instanceof CommentText) return { kind: "comment", text: value.text, isInline: false };
    if (item.kind !== "comment") return replaceInNode(item, values, options);
    if (value === undefined) return item;
    if (options.listCommentsAsItems && node.kind === "list") return { kind: "leaf", value };
    return { kind: "comment", text: String(value), isInline: item.isInline && !options.movesInlineComments };
  };
  return { kind: node.kind, items: node.items.map(replace) } as Mapping | List;
}

/** @returns the node as if it stood in no text, without its comments */
export function withoutPlaces(node: Node): Node {
  if (node.kind === "leaf") return { kind: "leaf", value: node.value };
  if (node.kind === "list") {
    return { kind: "list", items: node.items.filter((item) => item.kind !== "comment").map(withoutPlaces) };
  }
  const entries = node.items.filter((item) => item.kind === "entry");
  return {
    kind: "mapping",
    items: entries.map(({ key, value }) => ({ kind: "entry", key, value: withoutPlaces(value) })),
  };
}

/**
 * @param changes each of another node
 * @returns the documents with another structure: what {@link StructureChange} says, done to the tree
 */
export function changeTree(documents: readonly Document[], changes: readonly StructureChange[]): Document[] {
  const left = new Map<Node, StructureChange>(
    changes.map((change) => [change.action === "replace" ? change.node : change.container, change]),
  );
  const visit = (node: Node): Node => {
    const change = left.get(node);
    left.delete(node);
    if (change?.action === "replace") return change.value;
    if (node.kind === "leaf") return node;
    let isChanged = change !== undefined;
    const items = node.items.map((item: Item): Item => {
      if (item.kind === "comment" || left.size === 0) return item;
      const inner = item.kind === "entry" ? item.value : item;
      const other = visit(inner);
      if (other === inner) return item;
      isChanged = true;
      return item.kind === "entry" ? { ...item, value: other } : other;
    });
    return isChanged ? { ...node, items: changeItems(items, change) } as Mapping | List : node;
  };
  const changed = documents.map((document) => {
    const root = visit(document.root);
    return root === document.root ? document : { root: root as Mapping };
  });
  if (left.size > 0) throw new InternalError("a change names no node of the documents");
  return changed;
}

function changeItems(
  items: Item[],
  change: Exclude<StructureChange, { action: "replace" }> | undefined,
): readonly Item[] {
  if (change === undefined) return items;
  if (change.action === "append") return [...items, ...change.added.map(itemOf)];
  const end = change.index + (change.withComment ? 2 : 1);
  return items.filter((_, i) => i < change.index || i >= end);
}

/** @returns what is added, as it stands among the items of a container */
export function itemOf({ key, value }: AddedItem): Entry | Node {
  return key === undefined ? value : { kind: "entry", key, value };
}

/** What differs between two trees; `comments` when all else is the same. */
export type TreeDifference = "none" | "comments" | "values";

/**
 * Compares documents with what they should be: the same structure and values, and every comment in its container.
 *
 * @param expected the documents before `values`
 * @param values what their leaves and comments have become
 */
export function compareDocuments(
  actual: readonly Document[],
  expected: readonly Document[],
  values: ValueChanges,
): TreeDifference {
  if (actual.length !== expected.length) return "values";
  let worst: TreeDifference = "none";
  for (const [i, { root }] of expected.entries()) {
    const difference = compareContainers(actual[i]!.root, root, values);
    if (difference === "values") return "values";
    if (difference === "comments") worst = "comments";
  }
  return worst;
}

function compareNodes(actual: Node, expected: Node, values: ValueChanges): TreeDifference {
  if (actual.kind === "leaf") {
    if (expected.kind !== "leaf") return "values";
    const value = values.get(expected);
    if (value instanceof CommentText) return "values";
    return readsAs(actual.value, value === undefined ? expected.value : value) ? "none" : "values";
  }
  return expected.kind === actual.kind ? compareContainers(actual, expected, values) : "values";
}

/**
 * Whether a value is what another one reads as when it was written: no format tells a whole float from an int, bytes that
 * are text from text, and JSON has no times.
 */
function readsAs(actual: Scalar, expected: Scalar): boolean {
  if (typeof actual === "bigint" && typeof expected === "number") return Number(actual) === expected;
  if (typeof actual === "string" && expected instanceof Timestamp) return actual === expected.text;
  if (typeof actual === "string" && expected instanceof Uint8Array) {
    return areEqualScalars(new TextEncoder().encode(actual), expected);
  }
  return areEqualScalars(actual, expected);
}

function compareContainers(actual: Mapping | List, expected: Mapping | List, values: ValueChanges): TreeDifference {
  let worst: TreeDifference = "none";
  const items = actual.items as readonly Item[];
  let at = 0;
  for (const item of expected.items as readonly Item[]) {
    const comment = commentOf(item, values);
    if (comment !== undefined) {
      const found = items[at];
      if (found?.kind === "comment" && found.text === comment) at++;
      else worst = "comments";
      continue;
    }
    while (items[at]?.kind === "comment") {
      worst = "comments";
      at++;
    }
    const found = items[at++];
    if (found === undefined || found.kind === "comment" || item.kind === "comment") return "values";
    const isEntry = found.kind === "entry";
    if (isEntry ? item.kind !== "entry" || found.key !== item.key : item.kind === "entry") return "values";
    const difference = compareNodes(isEntry ? found.value : found, item.kind === "entry" ? item.value : item, values);
    if (difference === "values") return "values";
    if (difference === "comments") worst = "comments";
  }
  for (; at < items.length; at++) {
    if (items[at]!.kind !== "comment") return "values";
    worst = "comments";
  }
  return worst;
}

/** @returns the text of an item that is a comment, or has become one */
function commentOf(item: Item, values: ValueChanges): string | undefined {
  if (item.kind !== "comment" && item.kind !== "leaf") return undefined;
  const value = values.get(item);
  if (value instanceof CommentText) return value.text;
  if (item.kind === "leaf") return undefined;
  return value === undefined ? item.text : String(value);
}
