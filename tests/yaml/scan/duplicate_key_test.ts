import { findDuplicateKey } from "../../../lib/yaml/scan/duplicate_key.ts";
import { YamlComment, YamlEntry, YamlLeaf } from "../../../lib/yaml/scan/nodes.ts";
import { assert, assertEquals } from "../../support/assert.ts";

function entriesOf(keys: readonly string[]): YamlEntry[] {
  return keys.map((key, i) => new YamlEntry(key, new YamlLeaf(null, i, i, 0, 0, false, undefined), i, i, i));
}

/** Keys that all have the same polynomial hash: "Aa" and "BB" do, and so does any row of them. */
function collidingKeys(bits: number): string[] {
  return Array.from(
    { length: 2 ** bits },
    (_, i) => i.toString(2).padStart(bits, "0").replace(/0/g, "Aa").replace(/1/g, "BB"),
  );
}

Deno.test("findDuplicateKey() finds none among different keys", () => {
  for (const count of [0, 1, 2, 8, 9, 1000]) {
    assertEquals(findDuplicateKey(entriesOf(Array.from({ length: count }, (_, i) => `key ${i}`))), undefined);
  }
});

Deno.test("findDuplicateKey() finds the second of two, among few and many, comments left aside", () => {
  for (const count of [2, 8, 9, 1000]) {
    const entries = entriesOf(Array.from({ length: count }, (_, i) => `key ${i}`));
    const second = entriesOf(["key 0"])[0]!;
    const comment = new YamlComment("key 0", 0, 0, 0);
    assert(findDuplicateKey([comment, ...entries, comment, second]) === second);
  }
});

Deno.test("findDuplicateKey() is not slowed down by keys chosen for it", () => {
  const keys = collidingKeys(13);
  const start = performance.now();
  assertEquals(findDuplicateKey(entriesOf(keys)), undefined);
  const second = findDuplicateKey(entriesOf([...keys, keys[0]!]));
  assertEquals(second?.key, keys[0]);
  assert(performance.now() - start < 2_000, "8,192 colliding keys take more than two seconds");
});
