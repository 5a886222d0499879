/** An encrypted file against its rule. */
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import {
  compareWithRule,
  isAsRuleSays,
  nameKey,
  nameRuleKey,
  type RuleDifferences,
} from "../../../lib/repository/scan/differences.ts";
import type { MetadataGroup, MetadataKey } from "../../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const CONFIG = parseSopsConfig(
  `keys:
  - &alice age1alice
  - &spare age1sparespare
creation_rules:
  - path_regex: one
    key_groups:
      - age:
          - *alice
          - age1bob # bob
        pgp:
          - ABCD
  - path_regex: two
    shamir_threshold: 1
    key_groups:
      - age: [age1alice]
      - age: [age1bob]
  - path_regex: none
`,
  "/r/.sops.yaml",
);

function keys(...texts: string[]): MetadataGroup {
  return { keys: texts.map((text): MetadataKey => ({ type: text === "ABCD" ? "pgp" : "age", text })) };
}

function compare(ruleIndex: number, groups: MetadataGroup[], shamirThreshold?: number): unknown {
  const differences: RuleDifferences = compareWithRule({ groups, shamirThreshold }, CONFIG.rules[ruleIndex]!);
  assertEquals(isAsRuleSays(differences), JSON.stringify(differences) === '{"missing":[],"extra":[]}');
  return [
    differences.missing.map(({ key, groupIndex }) => `${groupIndex} ${key.text}`),
    differences.extra.map(({ key, groupIndex }) => `${groupIndex} ${key.text}`),
    differences.threshold,
  ];
}

Deno.test("compareWithRule() finds who is missing and who is extra", () => {
  assertEquals(compare(0, [keys("age1alice", "age1bob", "ABCD")]), [[], [], undefined]);
  assertEquals(compare(0, [keys("age1alice", "age1carol")]), [["0 age1bob", "0 ABCD"], ["0 age1carol"], undefined]);
  assertEquals(compare(2, [keys("age1alice")]), [[], ["0 age1alice"], undefined]);
});

Deno.test("compareWithRule() takes order and duplicates for no difference", () => {
  assertEquals(compare(0, [keys("ABCD", "age1bob", "age1alice", "age1bob")]), [[], [], undefined]);
});

Deno.test("compareWithRule() tells a key of one type from the same text of another", () => {
  const file = { groups: [{ keys: [{ type: "age", text: "ABCD" } as const] }], shamirThreshold: undefined };
  const { extra, missing } = compareWithRule(file, CONFIG.rules[0]!);
  assertEquals([extra.length, missing.length], [1, 3]);
});

Deno.test("compareWithRule() compares groups by their place, and the threshold", () => {
  assertEquals(compare(1, [keys("age1alice"), keys("age1bob")], 1), [[], [], undefined]);
  assertEquals(compare(1, [keys("age1alice"), keys("age1bob")], 2), [[], [], { file: 2, rule: 1 }]);
  assertEquals(compare(1, [keys("age1alice"), keys("age1bob")]), [[], [], { file: 2, rule: 1 }]);
  assertEquals(compare(1, [keys("age1alice", "age1bob")]), [["1 age1bob"], ["0 age1bob"], undefined]);
  assertEquals(compare(0, [keys("age1alice", "age1bob", "ABCD")], 1), [[], [], undefined]);
});

Deno.test("nameKey() takes the name from the winner, another rule or the named keys", () => {
  const nameOf = (text: string): string | undefined => nameKey({ type: "age", text }, CONFIG, CONFIG.rules[1]).name;
  assertEquals(["age1alice", "age1bob", "age1sparespare", "age1other"].map(nameOf), [
    "alice",
    "bob",
    "spare",
    undefined,
  ]);
  assertEquals(nameKey({ type: "azure_kv", text: "x" }, CONFIG), { type: "azure_keyvault", text: "x" });
});

Deno.test("nameRuleKey() keeps a key's own name, else takes that of another place, of the same type only", () => {
  const bob = { type: "age", text: "age1bob" } as const;
  assertEquals(nameRuleKey(bob, CONFIG, CONFIG.rules[1]), { ...bob, name: "bob" });
  assertEquals(nameRuleKey({ ...bob, name: "robert" }, CONFIG), { ...bob, name: "robert" });
  assertEquals(nameRuleKey({ type: "pgp", text: "age1bob" }, CONFIG), { type: "pgp", text: "age1bob" });
  assertEquals(nameRuleKey({ type: "age", text: "age1sparespare" }, CONFIG).name, "spare");
});

Deno.test("property: a file differs from its rule by exactly the keys that are not in both", () => {
  const names = ["age1alice", "age1bob", "ABCD", "age1x", "age1y"];
  fc.assert(fc.property(fc.subarray(names), (present) => {
    const { missing, extra } = compareWithRule(
      { groups: [keys(...present)], shamirThreshold: undefined },
      CONFIG.rules[0]!,
    );
    const ofRule = names.slice(0, 3);
    assertEquals(missing.map(({ key }) => key.text), ofRule.filter((name) => !present.includes(name)));
    assertEquals(extra.map(({ key }) => key.text), present.filter((name) => !ofRule.includes(name)));
    assert(missing.every(({ groupIndex }) => groupIndex === 0));
  }));
});
