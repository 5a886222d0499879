/** Which rules of a `.sops.yaml` are meant. */
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import {
  describeRules,
  requireSameRule,
  type RuleSelection,
  selectRules,
} from "../../../lib/repository/recipients/rules.ts";
import { assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { pathsOf } from "../../support/paths.ts";

function configOf(...patterns: string[]) {
  const rules = patterns.map((pattern) => `  - path_regex: '${pattern}'\n    age: age1alice\n`).join("");
  return parseSopsConfig(`creation_rules:\n${rules || "  []\n"}`, "/r/.sops.yaml");
}

const CONFIG = configOf("secrets/alice\\.yaml$", "secrets[/\\\\][^/]+\\.yaml$", "2");

async function select(selection: Partial<RuleSelection>): Promise<unknown> {
  const rules = await selectRules(pathsOf("linux"), CONFIG, { rules: [], files: [], all: false, ...selection });
  return rules?.map(({ index }) => index + 1);
}

Deno.test("selectRules() takes numbers, whole patterns and pieces of them, in the order of the file", async () => {
  assertEquals(await select({ rules: ["2", "1"] }), [1, 2]);
  assertEquals(await select({ rules: ["secrets"] }), [1, 2]);
  assertEquals(await select({ rules: ["secrets/alice.yaml"] }), [1]);
  assertEquals(await select({ rules: ["secrets/[^/]"] }), [2]);
  assertEquals(await select({ rules: ["1", "1", "alice"] }), [1]);
  assertEquals(await select({ all: true }), [1, 2, 3]);
  assertEquals(await select({}), undefined);
});

Deno.test("selectRules() takes the rule that wins for a file", async () => {
  assertEquals(await select({ files: ["/r/secrets/alice.yaml"] }), [1]);
  assertEquals(await select({ files: ["/r/secrets/db.yaml", "/r/secrets/alice.yaml"], rules: ["3"] }), [1, 2, 3]);
});

Deno.test("selectRules() refuses what no rule has", async () => {
  for (const text of ["0", "4", "nothing", ""]) {
    const error = assertUserError(await assertRejects(() => select({ rules: [text] })), "usage");
    assertEquals(error.details.length, 3);
  }
  assertUserError(await assertRejects(() => select({ files: ["/r/app.json"] })), "not-found", /app\.json/);
  assertUserError(await assertRejects(() => select({ all: true, rules: ["1"] })), "usage", /--all-rules/);
  const none = { rules: [], files: [], all: false };
  assertUserError(
    await assertRejects(() => selectRules(pathsOf("linux"), configOf(), none)),
    "not-found",
    /no creation/,
  );
});

Deno.test("requireSameRule() finds the rule again, or refuses a file that changed", () => {
  const [rule] = CONFIG.rules;
  assertEquals(requireSameRule(CONFIG, rule!), rule!);
  assertUserError(assertThrows(() => requireSameRule(configOf("2"), rule!)), "io", /changed meanwhile/);
  assertUserError(assertThrows(() => requireSameRule(configOf(), rule!)), "io");
});

Deno.test("describeRules() lists thirty rules and counts the others", () => {
  assertEquals(describeRules(CONFIG.rules).at(-1), "rule 3  2");
  const lines = describeRules(configOf(...Array.from({ length: 40 }, (_, i) => `p${i}`)).rules);
  assertEquals([lines.length, lines.at(-1)], [31, "… 10 more"]);
});
