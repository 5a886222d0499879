import { compareCover, findCommonPath } from "../../../lib/config/patterns/cover.ts";
import { parsePatternTree, type PatternTree } from "../../../lib/config/patterns/tree.ts";
import { compileRe2 } from "../../../lib/config/patterns/re2.ts";
import fc from "../../support/property.ts";
import { IS_FULL } from "../../support/stress_program.ts";
import { assert, assertEquals } from "../../support/assert.ts";

function treeOf(pattern: string): PatternTree {
  const tree = parsePatternTree(pattern);
  assert(tree !== undefined, `${pattern} is not understood`);
  return tree;
}

function cover(pattern: string, ...others: readonly string[]): string {
  const answer = compareCover(treeOf(pattern), others.map(treeOf));
  return answer.kind === "free" ? `free ${answer.path}` : answer.kind;
}

const ANSWERS: readonly (readonly [pattern: string, others: readonly string[], answer: string])[] = [
  ["^a$", ["a"], "covered"],
  ["a", ["^a$"], "free xa"],
  ["", [".*"], "covered"],
  [".*", ["."], "covered"],
  ["a", [], "free a"],
  [String.raw`^secrets/prod/.*\.yaml$`, [String.raw`secrets/.*\.ya?ml$`], "covered"],
  [String.raw`secrets/.*\.ya?ml$`, [String.raw`secrets/.*\.yaml$`], "free secrets/.yml"],
  ["^[a-z]+$", ["^[a-m]", "^[n-z]"], "covered"],
  ["^[a-z]+$", ["^[a-m]", "^[n-y]"], "free z"],
  ["^a{2,3}$", ["^aa+$"], "covered"],
  ["^a{2,}$", ["^a{3}"], "free aa"],
  [String.raw`^\d$`, [String.raw`^\w$`], "covered"],
  [String.raw`^\W$`, [String.raw`^[^0-9A-Za-z]$`], "covered"],
  ["(a|b)?$", ["^$", "."], "covered"],
  ["^é$", ["^[à-ÿ]$"], "covered"],
];

for (const [pattern, others, answer] of ANSWERS) {
  Deno.test(`compareCover() of ${JSON.stringify(pattern)} by ${JSON.stringify(others)}: ${answer}`, () => {
    assertEquals(cover(pattern, ...others), answer);
  });
}

Deno.test("compareCover() considers paths without some characters", () => {
  assertEquals(compareCover(treeOf(".*"), [treeOf("^[^/]*$")], { without: "/" }).kind, "covered");
});

Deno.test("compareCover() gives up on a question that is too large", () => {
  assertEquals(cover("a.{60}$", "b(.{60}){9}$", "c.{59}$"), "unknown");
});

const NOT_UNDERSTOOD = [
  "(?i)a",
  String.raw`a\b`,
  String.raw`\pL`,
  "[[:alpha:]]",
  "a{65}",
  "a**",
  "(",
  "a)",
  "[",
  "*",
  "a{2",
];

for (const pattern of NOT_UNDERSTOOD) {
  Deno.test(`parsePatternTree() leaves ${pattern} alone`, () => {
    const tree = parsePatternTree(pattern);
    if (pattern === "a{2") assert(tree === undefined || compileRe2(pattern).test("a{2"));
    else assertEquals(tree, undefined);
  });
}

/** Every text of at most five letters. */
const TEXTS: readonly string[] = (() => {
  const all = [""];
  for (let at = 0; all[at]!.length < 5; at++) for (const letter of "ab/") all.push(all[at] + letter);
  return all.slice(1);
})();

const atom = fc.constantFrom(
  "a",
  "b",
  "/",
  ".",
  "[ab]",
  "[^a]",
  "[^/]",
  "^",
  "$",
  "(a|b/)",
  "(?:ab)",
  "(b|)",
  String.raw`\/`,
);
const repeat = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?");
const piece = fc.tuple(atom, repeat).map(([text, times]) => /^[\^$]$/.test(text) ? text : text + times);
const pattern = fc.array(fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("")), {
  minLength: 1,
  maxLength: 2,
})
  .map((parts) => parts.join("|"));

Deno.test("compareCover() agrees with RE2 on every short text", () => {
  fc.assert(
    fc.property(pattern, pattern, pattern, (asked, first, second) => {
      const [own, ...others] = [asked, first, second].map(compileRe2);
      const covers = (text: string): boolean => others.some((other) => other.test(text));
      const answer = compareCover(treeOf(asked), [treeOf(first), treeOf(second)]);
      if (answer.kind === "covered") assertEquals(TEXTS.filter((text) => own!.test(text) && !covers(text)), []);
      else if (answer.kind === "free") {
        assert(own!.test(answer.path) && !covers(answer.path), `not free: ${answer.path}`);
      }
    }),
    { numRuns: IS_FULL ? 20_000 : 400 },
  );
});

Deno.test("findCommonPath() agrees with RE2 on every short text", () => {
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const [first, second] = [compileRe2(one), compileRe2(other)];
      const path = findCommonPath(treeOf(one), treeOf(other));
      if (path === undefined) assertEquals(TEXTS.filter((text) => text && first.test(text) && second.test(text)), []);
      else assert(first.test(path) && second.test(path), `not common: ${path}`);
    }),
    { numRuns: IS_FULL ? 20_000 : 400 },
  );
});
