/**
 * What the tests of the stores share: trees made by hand, trees compared without their places, and random values.
 *
 * @module
 */
import type { Store } from "../../../lib/sops/stores/store.ts";
import {
  type Comment,
  type Document,
  type Entry,
  type List,
  type Mapping,
  type Node,
  type Scalar,
  Timestamp,
} from "../../../lib/sops/tree/tree.ts";
import { applySplices, type Splice } from "../../../lib/yaml/edit/splice.ts";
import fc from "../../support/property.ts";

/** Random runs of a property: enough for the gate, or many with `SOPSMITH_STRESS=full`. */
export const RUNS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 20_000 : 300;

const VECTORS = new URL("../../vectors/sops/", import.meta.url);

/** Reads a file of the real engine's vectors. */
export function readVector(name: string): string {
  return Deno.readTextFileSync(new URL(name, VECTORS));
}

export function leaf(value: Scalar): Node {
  return { kind: "leaf", value };
}

export function entry(key: string, value: Node): Entry {
  return { kind: "entry", key, value };
}

export function mapping(...items: (Entry | Comment)[]): Mapping {
  return { kind: "mapping", items };
}

export function list(...items: (Node | Comment)[]): List {
  return { kind: "list", items };
}

export function comment(text: string, isInline = false): Comment {
  return { kind: "comment", text, isInline };
}

/** A tree as plain data, without places: what two trees are compared by. */
export function plainOf(node: Node | Entry | Comment): unknown {
  switch (node.kind) {
    case "comment":
      return { comment: node.text };
    case "entry":
      return [node.key, plainOf(node.value)];
    case "leaf":
      return node.value instanceof Timestamp ? { time: node.value.text } : node.value;
    default:
      return { [node.kind]: node.items.map(plainOf) };
  }
}

/** Documents as plain data. */
export function plainDocuments(documents: readonly Document[]): unknown {
  return documents.map(({ root }) => plainOf(root));
}

/** Every leaf and comment of documents, in the order of the text. */
export function scalarsOf(documents: readonly Document[]): (Node & { kind: "leaf" } | Comment)[] {
  const found: (Node & { kind: "leaf" } | Comment)[] = [];
  const visit = (node: Node | Entry | Comment): void => {
    if (node.kind === "entry") visit(node.value);
    else if (node.kind === "leaf" || node.kind === "comment") found.push(node);
    else node.items.forEach(visit);
  };
  for (const { root } of documents) visit(root);
  return found;
}

/** A text after a change, read again: fails where the changed text cannot be read. */
export function applied(store: Store, source: string, change: (file: ReturnType<Store["parse"]>) => Splice[]): string {
  const text = applySplices(source, change(store.parse(source, "x")));
  store.parse(text, "x");
  return text;
}

/** A block as small as blocks are, with a list, a text of two lines and a number. Test data. */
export const BLOCK: Mapping = mapping(
  entry("age", list(mapping(entry("enc", leaf("one\ntwo\n")), entry("recipient", leaf("age1test"))))),
  entry("lastmodified", leaf("2026-11-29T01:00:00Z")),
  entry("shamir_threshold", leaf(2n)),
  entry("version", leaf("3.13.3")),
);

/** The same with another time, a second recipient and no threshold. */
export const OTHER_BLOCK: Mapping = mapping(
  entry(
    "age",
    list(
      mapping(entry("enc", leaf("one\ntwo\n")), entry("recipient", leaf("age1test"))),
      mapping(entry("enc", leaf("three\n")), entry("recipient", leaf("age1other"))),
    ),
  ),
  entry("lastmodified", leaf("2026-11-29T02:00:00Z")),
  entry("version", leaf("3.13.3")),
);

/** Pieces of text that some syntax makes something of. */
const PIECES = [
  "a",
  "b ",
  "\n",
  "\t",
  "#",
  ";",
  "=",
  ": ",
  "- ",
  "'",
  '"',
  '"""',
  "`",
  "\\",
  "é",
  "😀",
  "\u2028",
  "\u0085",
  "  ",
  "yes",
  "12",
];
const MORE_PIECES = [
  "0x1",
  "~",
  "null",
  ".5",
  "{",
  "}",
  "[",
  "]",
  ",",
  "&",
  "*",
  "!",
  "|",
  ">",
  "%",
  "@",
  "?",
  "<<",
  "---",
  "2024-01-02",
  "\ufeff",
  "\r",
  "\u0001",
];

const textOf = (...pieces: string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((chosen) => chosen.join(""));

/** Random texts that are hard to write, every third one for its blanks and line breaks. */
export const hardText: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: textOf(...PIECES, ...MORE_PIECES) },
  { weight: 1, arbitrary: textOf("a", " ", "\n", "\u2028", "#", "\t") },
);

/** Random scalars of the types that JSON and YAML keep apart. */
export const anyScalar: fc.Arbitrary<Scalar> = fc.oneof(
  { weight: 4, arbitrary: hardText },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** Random mappings with distinct keys. */
export const anyMapping: fc.Arbitrary<Mapping> = fc.letrec<{ node: Node; map: Mapping }>((tie) => ({
  map: fc.uniqueArray(fc.tuple(hardText, tie("node")), { maxLength: 4, selector: ([key]) => key }).map((pairs) =>
    mapping(...pairs.filter(([key]) => key !== "sops").map(([key, value]) => entry(key, value)))
  ),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyScalar.map(leaf),
    fc.array(tie("node"), { maxLength: 3 }).map((items) => list(...items)),
    tie("map"),
  ),
})).map;
