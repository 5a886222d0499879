/**
 * Changes of a tree's structure, and what has to change to make one mapping say what another says. Pure.
 *
 * @module
 */
import {
  type Comment,
  type CommentText,
  type Leaf,
  type List,
  type Mapping,
  type Node,
  type Scalar,
  Timestamp,
} from "./tree.ts";

/** What a leaf or comment becomes. The text of a comment is given without its marker. */
export type ValueChanges = ReadonlyMap<Leaf | Comment, Scalar | CommentText>;

/** What is added to a container: in a mapping with a key, in a list without one. */
export interface AddedItem {
  readonly key?: string;
  readonly value: Node;
}

/** A change of the structure: `set` and `unset`. */
export type StructureChange =
  /** New entries at the end of a mapping, or items at the end of a list; at least one. */
  | { readonly action: "append"; readonly container: Mapping | List; readonly added: readonly AddedItem[] }
  /** Another value in the place of one. */
  | { readonly action: "replace"; readonly node: Node; readonly value: Node }
  /** The entry or item at `index` of `items` goes, with its comments left where they are. */
  | {
    readonly action: "remove";
    readonly container: Mapping | List;
    readonly index: number;
    /** In INI a comment belongs to its key, stands behind it in the tree, and goes with it. */
    readonly withComment?: boolean;
  };

/**
 * Plans the changes that make a mapping hold what another one holds: fields that are equal stay as they are, fields that
 * are new go to the end. Items of a list are told apart by what they hold, not by their place, so that taking one out of
 * the middle does not change those behind it; comments and order stay as they are.
 *
 * @param present with places in a text
 * @param wanted without comments; the names of its fields are compared without regard to case
 */
export function compareMappings(present: Mapping, wanted: Mapping): StructureChange[] {
  const changes: StructureChange[] = [];
  const found = new Set<string>();
  present.items.forEach((item, index) => {
    if (item.kind === "comment") return;
    const name = item.key.toLowerCase();
    const value = found.has(name) ? undefined : findValue(wanted, name);
    found.add(name);
    if (value === undefined) changes.push({ action: "remove", container: present, index });
    else changes.push(...compareNodes(item.value, value));
  });
  for (const item of wanted.items) {
    if (item.kind === "comment" || found.has(item.key.toLowerCase())) continue;
    changes.push({ action: "append", container: present, added: [{ key: item.key, value: item.value }] });
  }
  return changes;
}

/** @returns whether two nodes hold the same, comments and places aside */
export function areEqualNodes(one: Node, other: Node): boolean {
  if (one.kind === "leaf") return other.kind === "leaf" && areEqualScalars(one.value, other.value);
  if (other.kind === "leaf" || one.kind !== other.kind) return false;
  const [left, right] = [one, other].map(({ items }) => items.filter((item) => item.kind !== "comment"));
  if (left!.length !== right!.length) return false;
  return left!.every((item, i) => {
    const twin = right![i]!;
    if (item.kind === "entry") {
      return twin.kind === "entry" && item.key === twin.key && areEqualNodes(item.value, twin.value);
    }
    return twin.kind !== "entry" && areEqualNodes(item, twin);
  });
}

/** @returns whether two scalars are the same, type included */
export function areEqualScalars(one: Scalar, other: Scalar): boolean {
  if (one instanceof Timestamp) return other instanceof Timestamp && one.text === other.text;
  if (one instanceof Uint8Array) {
    return other instanceof Uint8Array && one.length === other.length && one.every((byte, i) => byte === other[i]);
  }
  return Object.is(one, other);
}

function findValue(mapping: Mapping, lowerCaseName: string): Node | undefined {
  for (const item of mapping.items) {
    if (item.kind === "entry" && item.key.toLowerCase() === lowerCaseName) return item.value;
  }
  return undefined;
}

function compareNodes(present: Node, wanted: Node): StructureChange[] {
  if (areEqualNodes(present, wanted)) return [];
  if (present.kind === "mapping" && wanted.kind === "mapping" && present.items.length > 0 && wanted.items.length > 0) {
    return compareMappings(present, wanted);
  }
  if (present.kind === "list" && wanted.kind === "list" && present.items.length > 0 && wanted.items.length > 0) {
    return compareLists(present, wanted);
  }
  return [{ action: "replace", node: present, value: wanted }];
}

/** Equal items stay; of the others, those with the same first text (or at the same place) are made equal. */
function compareLists(present: List, wanted: List): StructureChange[] {
  const missing = nodesOf(wanted);
  const left: { node: Node; index: number }[] = [];
  present.items.forEach((node, index) => {
    if (node.kind === "comment") return;
    const twin = missing.findIndex((other) => areEqualNodes(node, other));
    if (twin === -1) left.push({ node, index });
    else missing.splice(twin, 1);
  });
  const changes: StructureChange[] = [];
  for (const { node, index } of left) {
    const twin = missing.findIndex((other) => shareText(node, other));
    const [other] = twin === -1 ? [] : missing.splice(twin, 1);
    if (other === undefined) changes.push({ action: "remove", container: present, index });
    else changes.push(...compareNodes(node, other));
  }
  for (const value of missing) changes.push({ action: "append", container: present, added: [{ value }] });
  const isLeftEmpty = nodesOf(present).length === changes.filter(({ action }) => action === "remove").length;
  return isLeftEmpty || (wanted.isInOrder === true && !isInOrderOf(present, wanted))
    ? [{ action: "replace", node: present, value: wanted }]
    : changes;
}

/** Whether a list has the wanted order once what is not wanted is taken away, and what is missing stands at its end. */
function isInOrderOf(present: List, wanted: List): boolean {
  const items = nodesOf(wanted);
  const left = nodesOf(present).filter((node) =>
    items.some((other) => areEqualNodes(node, other) || shareText(node, other))
  );
  return left.every((node, index) => areEqualNodes(node, items[index]!));
}

/** Whether two items are about the same thing: mappings that agree in a field, lists, but no two different scalars. */
function shareText(one: Node, other: Node): boolean {
  if (one.kind === "list" && other.kind === "list") return true;
  if (one.kind !== "mapping" || other.kind !== "mapping") return false;
  return one.items.some((item) => {
    if (item.kind === "comment") return false;
    const value = findValue(other, item.key.toLowerCase());
    return value !== undefined &&
      (item.value.kind === "leaf" ? areEqualNodes(item.value, value) : value.kind === item.value.kind);
  });
}

function nodesOf({ items }: List): Node[] {
  return items.filter((item) => item.kind !== "comment");
}
