/**
 * Values of one text put into another one, whose layout stays: for texts that cannot be merged by their lines, because a
 * comma moves with the last entry, or one side was indented anew. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { applySplices } from "../../yaml/edit/splice.ts";
import type { Store } from "../stores/store.ts";
import type { StructureChange } from "../tree/change.ts";
import type { Document, Leaf, Mapping, Node, Scalar } from "../tree/tree.ts";
import { contentOf, entriesOf, holdSameValues, nodesOf } from "./values.ts";

/** More changes of the structure than this are not made one by one. */
const MAX_CHANGES = 1000;

/**
 * @param path for messages
 * @returns the text with other values; undefined where the format has no place for them
 */
export function carryOver(
  text: string,
  wanted: readonly Document[],
  { store, path }: { readonly store: Store; readonly path: string },
): string | undefined {
  let current = text;
  try {
    for (let count = 0; count < MAX_CHANGES; count++) {
      const file = store.parse(current, path);
      if (file.documents.length !== wanted.length) return undefined;
      if (holdSameValues(file.documents, wanted)) return current;
      const { values, structure } = findChanges(file.documents, wanted);
      const splices = values.size > 0
        ? store.changeValues(file, values)
        : structure === undefined
        ? []
        : store.changeStructure(file, structure);
      if (splices.length === 0) return undefined;
      current = applySplices(current, splices);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // the format cannot hold it, or not at that place
  }
  return undefined;
}

/** What separates two texts: values, which are changed all at once, and the first change of the structure. */
interface Changes {
  readonly values: Map<Leaf, Scalar>;
  structure?: StructureChange;
}

function findChanges(present: readonly Document[], wanted: readonly Document[]): Changes {
  const changes: Changes = { values: new Map() };
  for (const [index, { root }] of present.entries()) compareNodes(root, wanted[index]!.root, changes);
  return changes;
}

function compareNodes(present: Node, wanted: Node, changes: Changes): void {
  if (contentOf(present) === contentOf(wanted)) return;
  if (present.kind === "leaf" && wanted.kind === "leaf") {
    changes.values.set(present, wanted.value);
    return;
  }
  if (present.kind === "mapping" && wanted.kind === "mapping") return compareMappings(present, wanted, changes);
  if (present.kind === "list" && wanted.kind === "list") {
    const [items, others] = [nodesOf(present), nodesOf(wanted)];
    if (items.length === others.length) return items.forEach((item, i) => compareNodes(item, others[i]!, changes));
  }
  changes.structure ??= { action: "replace", node: present, value: wanted };
}

function compareMappings(present: Mapping, wanted: Mapping, changes: Changes): void {
  const values = new Map(entriesOf(wanted).map(({ key, value }) => [key, value]));
  for (const [index, item] of present.items.entries()) {
    if (item.kind === "comment") continue;
    const value = values.get(item.key);
    values.delete(item.key);
    if (value === undefined) changes.structure ??= { action: "remove", container: present, index };
    else compareNodes(item.value, value, changes);
  }
  if (values.size === 0) return;
  const added = [...values].map(([key, value]) => ({ key, value }));
  changes.structure ??= { action: "append", container: present, added };
}
