/** What has to change so that one mapping says what another says. */
import { areEqualNodes, compareMappings } from "../../../lib/sops/tree/change.ts";
import { changeTree, compareDocuments } from "../../../lib/sops/tree/replace.ts";
import type { Document, Mapping } from "../../../lib/sops/tree/tree.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { comment, documentsOf, mappingOf, nodeOf, Pairs, type Short } from "../trees.ts";
import fc from "../../support/property.ts";

function actions(present: Pairs, wanted: Pairs): string[] {
  return compareMappings(mappingOf(present), mappingOf(wanted)).map((change) => {
    if (change.action === "remove") return `remove ${change.index}`;
    return change.action === "append" ? `append ${change.added.map(({ key }) => key ?? "item")}` : "replace";
  });
}

Deno.test("compareMappings() leaves what is equal, comments and order alone", () => {
  const present = new Pairs(comment("c"), ["b", "1"], ["a", ["x", comment("d"), "y"]]);
  assertEquals(actions(present, new Pairs(["a", ["x", "y"]], ["b", "1"])), []);
  assertEquals(actions(new Pairs(["MAC", "1"]), new Pairs(["mac", "1"])), []);
});

Deno.test("compareMappings() replaces values, adds and removes fields and items", () => {
  const present = new Pairs(["a", "1"], ["b", "2"], ["l", ["x", "y"]]);
  assertEquals(actions(present, new Pairs(["a", "1"], ["b", "3"], ["c", "4"], ["l", ["y", "z"]])), [
    "replace",
    "remove 0",
    "append item",
    "append c",
  ]);
  assertEquals(actions(present, new Pairs(["l", []])), ["remove 0", "remove 1", "replace"]);
  assertEquals(actions(new Pairs(["l", []]), new Pairs(["l", ["x"]])), ["replace"]);
  assertEquals(actions(new Pairs(["l", "x"]), new Pairs(["l", ["x"]])), ["replace"]);
});

Deno.test("compareMappings() finds an entry again whose other field has changed", () => {
  const keys = (...pairs: [string, string][]): Pairs =>
    new Pairs(["age", pairs.map(([recipient, enc]) => new Pairs(["enc", enc], ["recipient", recipient]))]);
  assertEquals(actions(keys(["a", "1"], ["b", "2"], ["c", "3"]), keys(["a", "1"], ["c", "3"])), ["remove 1"]);
  assertEquals(actions(keys(["a", "1"], ["b", "2"]), keys(["c", "3"], ["b", "4"], ["a", "1"])), [
    "replace",
    "append item",
  ]);
});

Deno.test("property: the changes of compareMappings() make one mapping hold what the other holds", () => {
  const text = fc.constantFrom("a", "b", "c");
  const pairs = (value: fc.Arbitrary<Short>): fc.Arbitrary<Pairs> =>
    fc.uniqueArray(fc.tuple(text, value), { selector: ([key]) => key, maxLength: 3 }).map((items) =>
      new Pairs(...items)
    );
  const leaf = fc.oneof(text, fc.constantFrom<Short>(1n, true, null));
  const inner = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), pairs(leaf));
  const outer = pairs(fc.oneof(inner, fc.array(inner, { maxLength: 3 }), pairs(inner)));
  fc.assert(fc.property(outer, outer, (one, other) => {
    const [present, wanted] = [mappingOf(one), mappingOf(other)];
    assert(areSimilar(applyAll(present, wanted), wanted), "it holds the same");
  }));
});

/** Applies one change after the other: each plan is about the mapping as it is then. */
function applyAll(present: Mapping, wanted: Mapping): Mapping {
  let documents: Document[] = [{ root: present }];
  for (let i = 0; i < 50; i++) {
    const [change] = compareMappings(documents[0]!.root, wanted);
    if (change === undefined) break;
    documents = changeTree(documents, [change]);
  }
  return documents[0]!.root;
}

/** Whether nothing is left to be changed in either direction. */
function areSimilar(one: Mapping, other: Mapping): boolean {
  return compareMappings(one, other).length === 0 && compareMappings(other, one).length === 0;
}

Deno.test("areEqualNodes() compares types as well as values", () => {
  const values: Short[] = ["1", 1n, 1, true, null, new Uint8Array([0x31]), ["1"], new Pairs(["a", "1"])];
  for (const [i, one] of values.entries()) {
    for (const [j, other] of values.entries()) assertEquals(areEqualNodes(nodeOf(one), nodeOf(other)), i === j);
  }
});

Deno.test("compareDocuments() tells moved comments from changed values", () => {
  const tree = documentsOf(comment("c"), ["a", new Pairs(["b", "1"])]);
  const compare = (actual: Document[]): string => compareDocuments(actual, tree, new Map());
  assertEquals(compare(documentsOf(comment("c"), ["a", new Pairs(["b", "1"])])), "none");
  assertEquals(compare(documentsOf(["a", new Pairs(comment("c"), ["b", "1"])])), "comments");
  assertEquals(compare(documentsOf(comment("d"), ["a", new Pairs(["b", "1"])])), "comments");
  assertEquals(compare(documentsOf(["a", new Pairs(["b", "1"])], comment("c"))), "comments");
  for (const other of [["a", new Pairs(["b", "2"])], ["a", "1"], ["x", new Pairs(["b", "1"])], ["a", ["1"]]] as const) {
    assertEquals(compare(documentsOf(comment("c"), other as [string, Short])), "values");
  }
  assertEquals(compare([...tree, ...tree]), "values");
  assertEquals(compare(documentsOf(comment("c"), ["a", new Pairs(["b", "1"])], ["z", "1"])), "values");
});

Deno.test("compareDocuments() takes a value for what its format can tell", () => {
  const read = (actual: Short, expected: Short): string =>
    compareDocuments(documentsOf(["a", actual]), documentsOf(["a", expected]), new Map());
  assertEquals([read(1n, 1), read(0n, -0), read("é", new Uint8Array([0xc3, 0xa9]))], ["none", "none", "none"]);
  assertEquals([read(2n, 1), read("1", 1n), read("True", true), read("", null)], [
    "values",
    "values",
    "values",
    "values",
  ]);
});
