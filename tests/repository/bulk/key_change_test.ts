/** What becomes of the keys of a file: by its rule, or as they are but for those that a person names. */
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { type KeyChange, planRotation, planUpdate } from "../../../lib/repository/bulk/key_change.ts";
import type { FileRule } from "../../../lib/repository/scan/file_rules.ts";
import type { ScannedMetadata } from "../../../lib/repository/scan/scanned_metadata.ts";
import type { MetadataKey } from "../../../lib/sops/metadata/metadata.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";

const ME = "age1veek2wfs944qsd5xlx20qhy3ty90cxd5syl3truey3v2y79x9vlq4vhvfc";
const ALICE = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const BOB = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";

const CONFIG = parseSopsConfig(
  `creation_rules:
  - path_regex: one
    key_groups:
      - age:
          - ${ME} # me
          - ${ALICE} # alice
  - path_regex: two
    shamir_threshold: 2
    key_groups:
      - age: [${ME}]
      - age: [${ALICE}]
      - age: [${BOB}]
  - path_regex: pgp
    key_groups:
      - age: [${ME}]
        pgp: [ABCD]
  - path_regex: typo
    age: ${ME.slice(0, -1)}q
  - path_regex: nobody
  - path_regex: lonely
    shamir_threshold: 1
    key_groups:
      - age: [${ME}]
      - age: [${ALICE}]
`,
  "/r/.sops.yaml",
);

const WISH = { rotates: false, rewraps: false, reorders: false };

function ruleOf(name: string): FileRule {
  const rule = CONFIG.rules.find(({ pathRegex }) => pathRegex === name);
  return rule === undefined ? { config: CONFIG } : { config: CONFIG, rule };
}

function metadataOf(...groups: string[][]): ScannedMetadata {
  const keys = groups.map((texts) => ({
    keys: texts.map((text): MetadataKey => ({ type: text.startsWith("age1") ? "age" : "pgp", text })),
  }));
  return { format: "yaml", groups: keys, shamirThreshold: undefined, selectors: {}, macOnlyEncrypted: false };
}

/** Who comes and who goes, by name, and why it cannot be done. */
function short(change: KeyChange | undefined): unknown {
  if (change === undefined) return "as it is";
  if (change.problem !== undefined) return change.problem.message;
  const names = (side: "added" | "removed"): string[] =>
    change[side].map(({ key }) => key.name ?? key.text.slice(0, 8));
  return [names("added"), names("removed"), change.neededGroups];
}

Deno.test("planUpdate() leaves what is as its rule says, and what has no rule", () => {
  assertEquals(short(planUpdate(ruleOf("one"), metadataOf([ALICE, ME, ME]), WISH)), "as it is");
  assertEquals(short(planUpdate(ruleOf("none"), metadataOf([ME]), WISH)), "as it is");
  assertEquals(short(planUpdate({ problem: "no config" }, metadataOf([ME]), WISH)), "as it is");
});

Deno.test("planUpdate() names who comes and goes, and takes the threshold of the rule", () => {
  assertEquals(short(planUpdate(ruleOf("one"), metadataOf([ME, BOB]), WISH)), [["alice"], [BOB.slice(0, 8)], 1]);
  const change = planUpdate(ruleOf("two"), metadataOf([ME], [ALICE], [BOB]), WISH);
  assertEquals([change?.threshold, change?.neededGroups], [{ file: 3, rule: 2 }, 2]);
  const former = parseSopsConfig(
    `creation_rules:\n  - key_groups:\n      - age:\n          - ${BOB} # bob\n`,
    "/r/old.yaml",
  );
  const named = planUpdate(ruleOf("one"), metadataOf([ME, ALICE, BOB]), { ...WISH, formerConfig: former });
  assertEquals(short(named), [[], ["bob"], 1]);
});

Deno.test("planUpdate() takes another order for a difference only where that is wanted", () => {
  const reordered = planUpdate(ruleOf("one"), metadataOf([ALICE, ME]), { ...WISH, reorders: true });
  assertEquals([reordered?.isOrderOnly, short(reordered)], [true, [[], [], 1]]);
  assertEquals(short(planUpdate(ruleOf("one"), metadataOf([ME, ALICE]), { ...WISH, reorders: true })), "as it is");
  assertEquals(short(planUpdate(ruleOf("one"), metadataOf([ME, ALICE]), { ...WISH, rewraps: true })), [[], [], 1]);
});

Deno.test("planUpdate() finds out before anything is opened for whom nothing can be encrypted", () => {
  assertEquals(short(planUpdate(ruleOf("pgp"), metadataOf(["ABCD"]), WISH)), [["me"], [], 1], "it stays wrapped");
  const foreign = "it is for a key of type pgp, which only its service can encrypt for";
  assertEquals(short(planUpdate(ruleOf("pgp"), metadataOf([ME]), WISH)), foreign);
  assertEquals(short(planUpdate(ruleOf("pgp"), metadataOf(["ABCD"]), { ...WISH, rotates: true })), foreign);
  assertStringIncludes(String(short(planUpdate(ruleOf("typo"), metadataOf([ALICE]), WISH))), "is no recipient");
  assertStringIncludes(String(short(planUpdate(ruleOf("nobody"), metadataOf([ME]), WISH))), "no recipient left");
  assertStringIncludes(String(short(planUpdate(ruleOf("lonely"), metadataOf([ME]), WISH))), "1 of 2 key groups");
});

Deno.test("planRotation() keeps the recipients but for those that are named, and marks whom the rule does not know", () => {
  const key = (text: string): MetadataKey => ({ type: "age", text });
  const kept = planRotation(ruleOf("one"), metadataOf([ME, BOB]), { added: [], removed: [] });
  assertEquals([short(kept), kept.strangers.map(({ text }) => text)], [[[], [], 1], [BOB]]);
  const changed = planRotation(ruleOf("one"), metadataOf([ME, BOB]), { added: [key(ALICE)], removed: [key(BOB)] });
  assertEquals([short(changed), changed.strangers], [[["alice"], [BOB.slice(0, 8)], 1], []]);
  assertEquals(changed.present?.[0]?.keys.length, 2, "who is in it now must still be so when it is written");
  const empty = planRotation(ruleOf("one"), metadataOf([ME]), { added: [], removed: [key(ME)] });
  assertStringIncludes(String(short(empty)), "no recipient left");
  assertEquals(
    planRotation({ config: CONFIG }, metadataOf([BOB]), { added: [], removed: [] }).strangers,
    [],
    "nothing to compare with",
  );
});
