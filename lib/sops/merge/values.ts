/**
 * Two changed versions of a file's values made one: key by key, whatever the text looks like. Comments and the order of
 * keys are no part of it. Pure.
 *
 * @module
 */
import { type Document, type List, type Mapping, type Node, Timestamp } from "../tree/tree.ts";
import { mergeSequences, type Versions } from "./sequences.ts";

/** What the merge of values comes to. */
export interface MergedValues {
  /** With our value wherever both sides have changed one. */
  readonly withOurs: readonly Document[];
  /** With their value there. */
  readonly withTheirs: readonly Document[];
  /** Where both sides have changed a value, as people read it (`db.password`); none: the merge is clean. */
  readonly conflicts: readonly string[];
}

/** The documents of the base: `absent` where both sides have made the file, `unknown` where nobody here can read it. */
export type BaseDocuments = readonly Document[] | "absent" | "unknown";

/** Stands for a value of a base that cannot be read: nobody knows who has changed it. */
const UNKNOWN: unique symbol = Symbol("unknown");

type Base = Node | undefined | typeof UNKNOWN;

/** @returns the values of both sides; undefined where they have not the same number of documents */
export function mergeValues(
  { base, ours, theirs }: { readonly base: BaseDocuments } & Omit<Versions<readonly Document[]>, "base">,
): MergedValues | undefined {
  if (ours.length !== theirs.length || (Array.isArray(base) && base.length !== ours.length)) return undefined;
  const conflicts: string[] = [];
  const mergeAll = (picked: "ours" | "theirs"): Document[] =>
    ours.map(({ root }, index) => {
      const old: Base = base === "unknown" ? UNKNOWN : base === "absent" ? undefined : base[index]!.root;
      const head = ours.length > 1 ? [`document ${index + 1}`] : [];
      const merged = new ValueMerge(picked, conflicts).merge(
        { base: old, ours: root, theirs: theirs[index]!.root },
        head,
      );
      return { root: merged as Mapping };
    });
  const withOurs = mergeAll("ours");
  const found = [...new Set(conflicts)];
  return { withOurs, withTheirs: mergeAll("theirs"), conflicts: found };
}

/** @returns whether documents hold the same values, in whatever order their keys stand */
export function holdSameValues(one: readonly Document[], other: readonly Document[]): boolean {
  return one.length === other.length && one.every(({ root }, i) => contentOf(root) === contentOf(other[i]!.root));
}

/** @returns the same text for nodes that hold the same: keys in any order, comments aside */
export function contentOf(node: Node): string {
  if (node.kind === "leaf") {
    const { value } = node;
    if (value instanceof Uint8Array) return `bytes ${value.toHex()}`;
    return value instanceof Timestamp ? `time ${value.text}` : `${typeof value} ${JSON.stringify(String(value))}`;
  }
  if (node.kind === "list") return `[${nodesOf(node).map(contentOf).join()}]`;
  return `{${entriesOf(node).map(({ key, value }) => `${JSON.stringify(key)}:${contentOf(value)}`).sort().join()}}`;
}

/** The nodes of a list without its comments. */
export function nodesOf({ items }: List): Node[] {
  return items.filter((item) => item.kind !== "comment");
}

/** The entries of a mapping without its comments. */
export function entriesOf({ items }: Mapping): { readonly key: string; readonly value: Node }[] {
  return items.filter((item) => item.kind === "entry");
}

type NodeVersions = { readonly base: Base; readonly ours: Node | undefined; readonly theirs: Node | undefined };

class ValueMerge {
  readonly #picked: "ours" | "theirs";
  readonly #conflicts: string[];

  constructor(picked: "ours" | "theirs", conflicts: string[]) {
    this.#picked = picked;
    this.#conflicts = conflicts;
  }

  /** @returns undefined for what is not there any more */
  merge({ base, ours, theirs }: NodeVersions, path: readonly string[]): Node | undefined {
    if (isSame(ours, theirs)) return ours;
    if (base !== UNKNOWN) {
      if (isSame(ours, base)) return theirs;
      if (isSame(theirs, base)) return ours;
    }
    if (ours?.kind === "mapping" && theirs?.kind === "mapping" && !repeatsKey(ours) && !repeatsKey(theirs)) {
      return this.#mergeMappings({ base, ours, theirs }, path);
    }
    if (base !== UNKNOWN && base?.kind === "list" && ours?.kind === "list" && theirs?.kind === "list") {
      return this.#mergeLists({ base, ours, theirs }, path);
    }
    this.#conflicts.push(path.join(".") || "the whole file");
    return this.#picked === "ours" ? ours : theirs;
  }

  #mergeMappings(
    { base, ours, theirs }: { readonly base: Base; readonly ours: Mapping; readonly theirs: Mapping },
    path: readonly string[],
  ): Mapping {
    const [old, own, other] = [base, ours, theirs].map((node) =>
      typeof node === "object" && node.kind === "mapping"
        ? new Map(entriesOf(node).map(({ key, value }) => [key, value]))
        : new Map<string, Node>()
    );
    const items = [...new Set([...own!.keys(), ...other!.keys()])].flatMap((key) => {
      const before: Base = base === UNKNOWN ? UNKNOWN : old!.get(key);
      const value = this.merge({ base: before, ours: own!.get(key), theirs: other!.get(key) }, [...path, key]);
      return value === undefined ? [] : [{ kind: "entry", key, value } as const];
    });
    return { kind: "mapping", items };
  }

  /** Items have no names: what is told apart is which of them each side has changed. */
  #mergeLists({ base, ours, theirs }: Versions<List>, path: readonly string[]): List {
    const nodes = new Map<string, Node>();
    const [old, own, other] = [base, ours, theirs].map((list) =>
      nodesOf(list).map((node) => {
        const content = contentOf(node);
        nodes.set(content, node);
        return content;
      })
    );
    const parts = mergeSequences({ base: old!, ours: own!, theirs: other! }, {
      touchingCollides: false,
      splitsRuns: true,
      joins: "nothing",
    });
    const items: Node[] = [];
    for (const part of parts) {
      if (part.kind === "settled") {
        items.push(...part.units.map((content) => nodes.get(content)!));
        continue;
      }
      const versions = [part.base, part.ours, part.theirs].map((units) => units.map((content) => nodes.get(content)!));
      if (versions.every(({ length }) => length === 1)) {
        const [[itemBase], [itemOurs], [itemTheirs]] = versions as [Node[], Node[], Node[]];
        const merged = this.merge({ base: itemBase, ours: itemOurs, theirs: itemTheirs }, [...path, `${items.length}`]);
        if (merged !== undefined) items.push(merged);
        continue;
      }
      this.#conflicts.push(path.join("."));
      items.push(...versions[this.#picked === "ours" ? 1 : 2]!);
    }
    return { kind: "list", items };
  }
}

function isSame(one: Node | undefined, other: Node | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one === other || contentOf(one) === contentOf(other);
}

function repeatsKey(mapping: Mapping): boolean {
  const entries = entriesOf(mapping);
  return new Set(entries.map(({ key }) => key)).size < entries.length;
}
