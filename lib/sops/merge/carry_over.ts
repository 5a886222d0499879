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

/** More changes than this are not made one by one. */
const MAX_CHANGES = 1000;

/** One step towards the wanted values. */
type Step =
  | { readonly kind: "value"; readonly leaf: Leaf; readonly value: Scalar }
  | { readonly kind: "structure"; readonly change: StructureChange };

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
      const step = findStep(file.documents, wanted);
      if (step === undefined) return undefined;
      const splices = step.kind === "value"
        ? store.changeValues(file, new Map([[step.leaf, step.value]]))
        : store.changeStructure(file, step.change);
      current = applySplices(current, splices);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // the format cannot hold it, or not at that place
  }
  return undefined;
}

/** @returns the first change that is to be made */
function findStep(present: readonly Document[], wanted: readonly Document[]): Step | undefined {
  for (const [index, { root }] of present.entries()) {
    const step = stepOfNode(root, wanted[index]!.root);
    if (step !== undefined) return step;
  }
  return undefined;
}

function stepOfNode(present: Node, wanted: Node): Step | undefined {
  if (contentOf(present) === contentOf(wanted)) return undefined;
  if (present.kind === "mapping" && wanted.kind === "mapping") return stepOfMapping(present, wanted);
  if (present.kind === "list" && wanted.kind === "list") {
    const [items, others] = [nodesOf(present), nodesOf(wanted)];
    if (items.length === others.length) {
      for (const [index, item] of items.entries()) {
        const step = stepOfNode(item, others[index]!);
        if (step !== undefined) return step;
      }
    }
  }
  if (present.kind === "leaf" && wanted.kind === "leaf") return { kind: "value", leaf: present, value: wanted.value };
  return { kind: "structure", change: { action: "replace", node: present, value: wanted } };
}

function stepOfMapping(present: Mapping, wanted: Mapping): Step | undefined {
  const values = new Map(entriesOf(wanted).map(({ key, value }) => [key, value]));
  for (const [index, item] of present.items.entries()) {
    if (item.kind === "comment") continue;
    const value = values.get(item.key);
    if (value === undefined) return { kind: "structure", change: { action: "remove", container: present, index } };
    const step = stepOfNode(item.value, value);
    if (step !== undefined) return step;
    values.delete(item.key);
  }
  if (values.size === 0) return undefined;
  const added = [...values].map(([key, value]) => ({ key, value }));
  return { kind: "structure", change: { action: "append", container: present, added } };
}
