/** Changes of several rules and several recipients. */
import type { SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import type { PlannedChange } from "../../../lib/repository/recipients/change.ts";
import { planAdditions, planExact, planRemovals, planRename } from "../../../lib/repository/recipients/plan.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const [A, B, C] = [
  "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8",
  "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c",
  "age1xwdd0y2uylukmqs34fft8gxdyucyvqqnmqaeq9c7d5zng4sp7syszhdzkg",
] as const;

const CONFIG = parseSopsConfig(
  `keys:
  - &a ${A}
  - &b ${B}
creation_rules:
  - path_regex: one
    key_groups:
      - age: [*a]
  - path_regex: two
    key_groups:
      - age: [*a, *b]
  - path_regex: three
    key_groups:
      - age: [*a]
  - path_regex: four
    age: ${B},${A}
`,
  "/r/.sops.yaml",
);

const ANY = { group: undefined, scope: "rule" } as const;

function rulesOf(config: SopsConfig, ...indexes: number[]) {
  return indexes.map((index) => config.rules[index]!);
}

/** The rules afterwards: pattern and letters of the keys. */
function shown({ change: { after } }: PlannedChange): string[] {
  const letter = (text: string): string => text === A ? "A" : text === B ? "B" : text === C ? "C" : "?";
  return after.rules.map(({ pathRegex, groups }) =>
    `${pathRegex}: ${groups.map(({ keys }) => keys.map(({ text }) => letter(text)).toSorted().join("")).join("|")}`
  );
}

const key = (text: string) => ({ type: "age", text }) as const;

Deno.test("planAdditions() gives several recipients to several rules, and to no other", () => {
  const planned = planAdditions(CONFIG, {
    ...ANY,
    rules: rulesOf(CONFIG, 0, 3),
    add: [{ text: C, name: "c" }, { text: B, name: "b" }],
  });
  assertEquals(shown(planned), ["one: ABC", "two: AB", "three: A", "four: ABC"]);
  assertEquals([...planned.about].sort(), [0, 3]);
});

Deno.test("planAdditions() changes nothing when all is there", () => {
  const planned = planAdditions(CONFIG, {
    ...ANY,
    rules: rulesOf(CONFIG, 1),
    add: [{ text: A, name: "a" }, { text: B, name: "x" }],
  });
  assertEquals(planned.change.after.document.source, CONFIG.document.source);
});

Deno.test("planRemovals() takes keys from the rules that have them", () => {
  const planned = planRemovals(CONFIG, { ...ANY, rules: CONFIG.rules, keys: [key(B)], emptied: "refuse" });
  assertEquals(shown(planned), ["one: A", "two: A", "three: A", "four: A"]);
  assertEquals([...planned.about].sort(), [1, 3]);
  assertEquals(planned.change.after.document.source.includes(B), false);
});

Deno.test("planRemovals() refuses to leave a rule empty, and names it", () => {
  const refusal = (indexes: number[]): unknown =>
    assertThrows(() =>
      planRemovals(CONFIG, { ...ANY, rules: rulesOf(CONFIG, ...indexes), keys: [key(A)], emptied: "refuse" })
    );
  assertUserError(refusal([0, 1]), "refused", /rule 1 \("one"\)/);
  assertEquals(assertUserError(refusal([0, 1, 2]), "refused", /2 rules/).details.length, 2);
});

Deno.test("planRemovals() drops rules and changes those between them", () => {
  const planned = planRemovals(CONFIG, { ...ANY, rules: CONFIG.rules, keys: [key(A)], emptied: "drop" });
  assertEquals(shown(planned), ["two: B", "four: B"]);
  assertEquals(planned.change.rules.filter((rule) => rule.after === undefined).map(({ before }) => before.index), [
    0,
    2,
  ]);
  assertEquals([...planned.about].sort(), [0, 1, 2, 3]);
  assertEquals(planned.change.after.document.source.includes(A), false);
});

Deno.test("planExact() gives rules exactly these recipients", () => {
  const planned = planExact(CONFIG, {
    ...ANY,
    rules: rulesOf(CONFIG, 0, 1),
    set: [{ text: C, name: "c" }, { text: A, name: "a" }],
  });
  assertEquals(shown(planned), ["one: AC", "two: AC", "three: A", "four: AB"]);
});

Deno.test("planRename() changes no rule's keys", () => {
  const planned = planRename(CONFIG, { from: "b", to: "bob" });
  assertEquals(shown(planned), ["one: A", "two: AB", "three: A", "four: AB"]);
  assert(planned.change.after.document.source.includes("*bob]"));
});

const GROUPS = parseSopsConfig(
  `creation_rules:
  - path_regex: one
    key_groups:
      - age: [${A}, ${B}]
      - age: [${B}, ${C}]
  - path_regex: two
    age: ${A},${B}
`,
  "/r/.sops.yaml",
);

Deno.test("planRemovals() leaves rules alone that do not have the group, and refuses a group that none has", () => {
  const remove = (group: number) =>
    planRemovals(GROUPS, { ...{ group, scope: "rule" }, rules: GROUPS.rules, keys: [key(B)], emptied: "refuse" });
  assertEquals(shown(remove(1)), ["one: AB|C", "two: AB"]);
  assertUserError(assertThrows(() => remove(2)), "usage", /group 3/);
});

Deno.test("planAdditions() and planExact() take a group for the rules that have several", () => {
  const options = { group: 1, scope: "rule" } as const;
  assertEquals(
    shown(
      planAdditions(GROUPS, { ...options, rules: GROUPS.rules, add: [{ text: A, name: "a" }, { text: C, name: "c" }] }),
    ),
    [
      "one: AB|ABC",
      "two: ABC",
    ],
  );
  assertEquals(shown(planExact(GROUPS, { ...options, rules: GROUPS.rules, set: [{ text: C, name: "c" }] })), [
    "one: AB|C",
    "two: C",
  ]);
  const single = rulesOf(GROUPS, 1);
  assertUserError(
    assertThrows(() => planAdditions(GROUPS, { ...options, rules: single, add: [{ text: C, name: "c" }] })),
    "usage",
    /group 2/,
  );
});
