import type { LintCode } from "../../../lib/config/lint/code.ts";
import { type FixResult, planFixes } from "../../../lib/config/lint/fix.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { IS_FULL } from "../../support/stress_program.ts";
import { generatedConfig } from "../edit/sources.ts";
import { KEY_A, KEY_B } from "./cases.ts";

const FIXABLE: ReadonlySet<LintCode> = new Set(["duplicate-recipient", "list-needs-3.11", "windows-path"]);

function fix(source: string, only: ReadonlySet<LintCode> | "always" = FIXABLE): Promise<FixResult> {
  const codes = only === "always" ? undefined : only;
  return planFixes(source, "/r/.sops.yaml", { surroundings: { place: "found", files: undefined }, only: codes });
}

/** A and B stand for the keys. */
function withKeys(text: string): string {
  return text.replace(/\bA\b/g, KEY_A).replace(/\bB\b/g, KEY_B);
}

const FIXES: readonly (readonly [name: string, before: string, after: string])[] = [
  ["a text", "creation_rules: [{age: 'A, B, A'}]", "creation_rules: [{age: 'A, B'}]"],
  ["a text with three of a kind", "creation_rules:\n- age: A,A,B,A\n", "creation_rules:\n- age: A,B\n"],
  [
    "a folded text",
    "creation_rules:\n- age: >-\n    A,\n    B,\n    A\n",
    "creation_rules:\n- age: >-\n    A,\n    B\n",
  ],
  [
    "a block list, with the comment of the line",
    "creation_rules:\n- key_groups:\n  - age:\n    - A # a\n    - A # a\n    - B\n",
    "creation_rules:\n- key_groups:\n  - age:\n    - A # a\n    - B\n",
  ],
  [
    "a flow list of aliases",
    "keys: [&a A]\ncreation_rules:\n- key_groups:\n  - age: [*a, *a, B]\n",
    "keys: [&a A]\ncreation_rules:\n- key_groups:\n  - age: [*a, B]\n",
  ],
  [
    "a list outside of key_groups",
    "creation_rules:\n  - path_regex: x\n    # people\n    age:\n      - A # a\n\n      - B\n    encrypted_regex: y\n",
    "creation_rules:\n  - path_regex: x\n    # people\n    key_groups:\n      - age:\n          - A # a\n\n          - B\n    encrypted_regex: y\n",
  ],
  [
    "a list outside of key_groups, first in its rule",
    "creation_rules:\r\n- age: [A,\r\n    B]\r\n  path_regex: x\r\n",
    "creation_rules:\r\n- key_groups:\r\n    - age: [A,\r\n        B]\r\n  path_regex: x\r\n",
  ],
  [
    "a list in braces",
    "creation_rules: [{age: [A], path_regex: x}]",
    "creation_rules: [{key_groups: [{age: [A]}], path_regex: x}]",
  ],
  [
    "separators in every quoting",
    String.raw`creation_rules:
  - {path_regex: ^a/b, age: A}
  - path_regex: c/[^/]+\.yaml$ # comment
    age: A
  - {path_regex: 'it''s/', age: A}
  - {path_regex: "d\\.e/", age: A}
`,
    String.raw`creation_rules:
  - {path_regex: '^a[/\\]b', age: A}
  - path_regex: 'c[/\\][^/\\]+\.yaml$' # comment
    age: A
  - {path_regex: 'it''s[/\\]', age: A}
  - {path_regex: "d\\.e[/\\\\]", age: A}
`,
  ],
];

for (const [name, before, after] of FIXES) {
  Deno.test(`planFixes() repairs ${name}`, async () => {
    const { source, fixed, result } = await fix(withKeys(before));
    assertEquals(source, withKeys(after));
    assert(fixed.length > 0);
    assertEquals(result.findings.filter(({ code }) => FIXABLE.has(code)), []);
    assertEquals((await fix(source)).source, source);
  });
}

const KEPT: readonly (readonly [name: string, source: string])[] = [
  ["the same key under two names", "keys: [&a A, &b A]\ncreation_rules:\n- key_groups:\n  - age: [*a, *b]\n"],
  ["an item that defines an anchor", "creation_rules:\n- key_groups:\n  - age: [A, &a A]\n- age: *a\n"],
  ["a key in two groups", "creation_rules:\n- key_groups:\n  - age: [A]\n  - age: [A, B]\n"],
  ["a pattern over two lines", "creation_rules:\n- path_regex: a/\n    b\n  age: A\n"],
  ["a pattern with an anchor", "creation_rules:\n- path_regex: &p a/\n  age: A\n"],
  ["a file that SOPS refuses", "creation_rules:\n- age: A,A\n  shamir_threshold: '2'\n"],
];

for (const [name, source] of KEPT) {
  Deno.test(`planFixes() leaves ${name} as it is`, async () => {
    const { source: after, fixed, result } = await fix(withKeys(source));
    assertEquals(after, withKeys(source));
    assertEquals(fixed, []);
    assert(result.findings.length > 0);
  });
}

Deno.test("planFixes() leaves to a name what people may like as it is", async () => {
  const source = withKeys("creation_rules:\n- path_regex: a/\n  age: [A, A]\n");
  assertEquals((await fix(source, "always")).source, withKeys("creation_rules:\n- path_regex: a/\n  age: [A]\n"));
  const onlyWindows = await fix(source, new Set<LintCode>(["windows-path"]));
  assertEquals(onlyWindows.source, withKeys("creation_rules:\n- path_regex: 'a[/\\\\]'\n  age: [A, A]\n"));
  assertEquals((await fix(source, new Set())).source, source);
});

Deno.test("planFixes() makes repairs of two kinds at one place together", async () => {
  const block = withKeys("creation_rules:\n- age:\n  - A\n  - B\n  - A\n  - A\n");
  const { source, fixed } = await fix(block);
  assertEquals(source, withKeys("creation_rules:\n- key_groups:\n    - age:\n      - A\n      - B\n"));
  assertEquals(fixed.map(({ code }) => code), ["list-needs-3.11", "duplicate-recipient", "duplicate-recipient"]);
  const flow = withKeys("creation_rules: [{age: [A,\n  A, B]}]\n");
  assertEquals((await fix(flow)).source, withKeys("creation_rules: [{key_groups: [{age: [A, B]}]}]\n"));
});

/** Writes some keys twice: a list item on a line of its own, or the first of a text. */
function repeatKeys(source: string, choose: readonly boolean[]): string {
  let at = 0;
  return source.split("\n").map((line) => {
    const item = /^\s*- age1test\w+\s*(?:#.*)?\r?$/.test(line) ? `${line}\n${line}` : undefined;
    const text = /^(\s*(?:- )?age: )(age1test\w+)/.test(line)
      ? line.replace(/^(\s*(?:- )?age: )(age1test\w+)/, "$1$2,$2")
      : undefined;
    const repeated = item ?? text;
    return repeated !== undefined && choose[at++ % choose.length] ? repeated : line;
  }).join("\n");
}

Deno.test("planFixes() of a repaired file changes nothing, and keeps every line that is not about the mistake", async () => {
  const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(generatedConfig, choices, async (generated, choose) => {
      const before = repeatKeys(generated.source, choose);
      const once = await fix(before);
      const twice = await fix(once.source);
      assertEquals(twice.source, once.source);
      assertEquals(twice.fixed, []);
      const comments = (text: string): string[] => text.match(/#.*/g) ?? [];
      assert(comments(once.source).every((comment) => before.includes(comment)));
      if (once.fixed.length === 0) assertEquals(once.source, before);
    }),
    { numRuns: IS_FULL ? 3000 : 150 },
  );
});
