import { isInShard, parseShard } from "../../../lib/repository/bulk/shard.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("property: every file is in exactly one share", () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (path, count) => {
    const shares = Array.from({ length: count }, (_, i) => isInShard({ number: i + 1, count }, path));
    assertEquals(shares.filter((isIn) => isIn).length, 1);
  }));
});

Deno.test("isInShard() gives shares of like size, the same on every machine", () => {
  const paths = Array.from({ length: 10_000 }, (_, i) => `secrets/team-${i % 7}/file-${i}.yaml`);
  for (let number = 1; number <= 4; number++) {
    const size = paths.filter((path) => isInShard({ number, count: 4 }, path)).length;
    assert(Math.abs(size - 2500) < 300, `${size} of 10,000`);
  }
  assertEquals(paths.slice(0, 12).map((path) => isInShard({ number: 1, count: 2 }, path) ? 1 : 2), [
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    2,
    2,
    2,
    1,
    1,
  ]);
});

Deno.test("parseShard() takes I/N", () => {
  assertEquals(parseShard("2/8"), { number: 2, count: 8 });
  for (const text of ["0/2", "3/2", "1", "1/0", "a/b", "1/20000", "-1/2", "1/2/3"]) {
    assertThrows(() => parseShard(text), /--shard takes I\/N/);
  }
});
