/** Paths as `set` and `--extract` take them. */
import { extractNode, findNode, formatTreePath, parseTreePath, planSet, planUnset } from "../../lib/sops/tree_path.ts";
import { changeTree, withoutPlaces } from "../../lib/sops/tree/replace.ts";
import type { Document } from "../../lib/sops/tree/tree.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";
import { comment, contentsOf, documentsOf, nodeOf, Pairs } from "./trees.ts";
import fc from "../support/property.ts";

const TREE = documentsOf(comment("c"), ["a", new Pairs(["b", "1"])], ["l", [comment("x"), "2", "3"]]);
const ROOT = TREE[0]!.root;

Deno.test("parseTreePath() reads keys in either quotes, and indices", () => {
  assertEquals(parseTreePath(`["a"]['b c'][10]`), ["a", "b c", 10]);
  assertEquals(parseTreePath(`["a\\"b\\\\c]d['"]`), [`a"b\\c]d['`]);
  assertEquals(parseTreePath(`[""]`), [""]);
});

Deno.test("parseTreePath() refuses everything else", () => {
  for (const text of ["", "a", "a.b", `["a"`, `["a"]b`, `["a"] ["b"]`, "[-1]", "[1.5]", "[]", `["a']`, "[a]"]) {
    assertUserError(assertThrows(() => parseTreePath(text)), "usage");
  }
});

Deno.test("property: parseTreePath() reads what formatTreePath() writes", () => {
  const step = fc.oneof(fc.string({ unit: "grapheme" }), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (path) => assertEquals(parseTreePath(formatTreePath(path)), path)),
  );
});

Deno.test("extractNode() counts the items of a list without its comments", () => {
  assertEquals(extractNode(ROOT, ["l", 1]), nodeOf("3"));
  assertEquals(extractNode(ROOT, ["a", "b"]), nodeOf("1"));
  assertEquals(findNode(ROOT, ["a", "b", "c"]), undefined);
  for (const path of [["x"], ["l", 2], ["l", "x"], ["a", 0], ["a", "b", "c"]]) {
    assertUserError(assertThrows(() => extractNode(ROOT, path)), "not-found");
  }
});

Deno.test("planSet() replaces, descends, appends and builds what is missing", () => {
  const set = (path: (string | number)[], value = "new"): unknown[] =>
    contentsOf(changeTree(TREE, [planSet(ROOT, path, nodeOf(value))]));
  assertEquals(set(["a", "b"]), ["c", "new", "x", "2", "3"]);
  assertEquals(set(["l", 0]), ["c", "1", "x", "new", "3"]);
  assertEquals(set(["l", 99]), ["c", "1", "x", "2", "3", "new"]);
  assertEquals(set(["a", "z"]), ["c", "1", "new", "x", "2", "3"]);
  const deep = changeTree(TREE, [planSet(ROOT, ["a", "b", "c", 5], nodeOf("new"))]);
  assertEquals(withoutPlaces(extractNode(deep[0]!.root, ["a"])), nodeOf(new Pairs(["b", new Pairs(["c", ["new"]])])));
});

Deno.test("planSet() refuses an index of a mapping and a key of a list", () => {
  assertUserError(assertThrows(() => planSet(ROOT, [0], nodeOf("x"))), "usage", /mapping/);
  assertUserError(assertThrows(() => planSet(ROOT, ["l", "x"], nodeOf("x"))), "usage", /list/);
});

Deno.test("planUnset() takes an entry or an item, and leaves comments", () => {
  const unset = (path: (string | number)[]): unknown[] => contentsOf(changeTree(TREE, [planUnset(ROOT, path)]));
  assertEquals(unset(["a"]), ["c", "x", "2", "3"]);
  assertEquals(unset(["l", 0]), ["c", "1", "x", "3"]);
  assertUserError(assertThrows(() => planUnset(ROOT, ["l", 2])), "not-found");
  assertUserError(assertThrows(() => planUnset(ROOT, ["a", "b", "c"])), "not-found");
});

Deno.test("changeTree() shares what stays the same, and knows when a change is not about the tree", () => {
  const changed: Document[] = changeTree(TREE, [planSet(ROOT, ["a", "b"], nodeOf("x"))]);
  assert(changed[0]!.root.items[2] === ROOT.items[2], "the list is the same node");
  const foreign = { action: "replace", node: nodeOf("1"), value: nodeOf("2") } as const;
  assertThrows(() => changeTree(TREE, [foreign]), /names no node/);
});
