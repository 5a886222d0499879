import { deriveNextKeyName, findKeyNameProblem, hasKeyNumber } from "../../lib/nix/key_name.ts";
import { assert, assertEquals } from "../support/assert.ts";
import fc from "../support/property.ts";

Deno.test("findKeyNameProblem() takes names that nix.conf can hold", () => {
  for (const name of ["cache.example.org-1", "a", "-", "Ä-1", "a/b=c+d", "cache_1"]) {
    assertEquals(findKeyNameProblem(name), undefined, name);
  }
});

Deno.test("findKeyNameProblem() says what is wrong and never the name", () => {
  const problems: readonly (readonly [name: string, problem: RegExp])[] = [
    ["", /empty/],
    ["hidden:1", /colon/],
    ["hidden 1", /white space/],
    ["hidden\t", /white space/],
    ["hidden\n", /white space/],
    ["\u0000hidden", /control/],
    ["\u200bhidden", /control/],
    ["\ufeffhidden", /control/],
    ["hidden\u00a0", /white space/],
    ["\ud800hidden", /control/],
    ["hidden#1", /comment/],
    ["hidden-AGE-SECRET-KEY-1QQQ-1", /an age identity/],
  ];
  for (const [name, expected] of problems) {
    const problem = findKeyNameProblem(name) ?? "";
    assert(expected.test(problem), JSON.stringify(name));
    assert(!problem.includes("hidden"));
  }
});

Deno.test("deriveNextKeyName() counts on", () => {
  const next: readonly (readonly [name: string, next: string])[] = [
    ["cache-1", "cache-2"],
    ["cache-9", "cache-10"],
    ["cache-09", "cache-10"],
    ["cache-001", "cache-002"],
    ["cache", "cache-2"],
    ["cache1", "cache1-2"],
    ["cache-1-2", "cache-1-3"],
    ["cache-", "cache--2"],
    ["-1", "-2"],
    ["cache-99999999999999999999", "cache-100000000000000000000"],
  ];
  for (const [name, expected] of next) assertEquals(deriveNextKeyName(name), expected);
});

Deno.test("deriveNextKeyName() gives a usable, numbered, new name for every usable name", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    fc.pre(findKeyNameProblem(name) === undefined);
    const next = deriveNextKeyName(name);
    assertEquals(findKeyNameProblem(next), undefined);
    assert(hasKeyNumber(next));
    assert(next !== name);
  }));
});
