/**
 * Properties of the edits over random files in every dialect.
 *
 * @module
 */
import { UserError } from "../../../lib/base/error.ts";
import { planAddRecipient, planAddRule } from "./plans.ts";
import type { NewRecipient } from "../../../lib/config/edit/intent.ts";
import type { Rule } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { generatedConfig } from "./sources.ts";
import { isSplicedFrom, keepsLines } from "./subsequence.ts";
import fc from "../../support/property.ts";

const PATH = "/repo/.sops.yaml";
const NEW_KEY = { text: "age1testnew00", name: "alice" };
const owner = fc.constantFrom<Pick<NewRecipient, "owner">>({}, { owner: "person" }, { owner: "host" }, {
  owner: "vault",
});
const RUNS = { numRuns: 150 };

function textsOf(rule: Rule): unknown {
  return {
    pathRegex: rule.pathRegex,
    selectors: rule.selectors,
    groups: rule.groups.map(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`)),
  };
}

Deno.test("planAddRecipient() changes one rule by one recipient, in every dialect, and nothing the second time", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), owner, ({ source, ruleCount }, pick, owner) => {
      fc.pre(ruleCount > 0);
      const config = parseSopsConfig(source, PATH);
      const index = pick % ruleCount;
      const rule = config.rules[index]!;
      const group = rule.groups.length > 1 ? { group: 1 } : {};
      const edit = planAddRecipient(config, index, { ...NEW_KEY, ...owner }, group);
      const after = parseSopsConfig(edit.source, PATH);
      for (const [at, other] of config.rules.entries()) {
        if (at !== index) assertEquals(textsOf(after.rules[at]!), textsOf(other));
      }
      const gained = after.rules[index]!.groups[group.group ?? 0]!.keys.map((key) => key.text);
      const had = rule.groups[group.group ?? 0]?.keys.map((key) => key.text) ?? [];
      assertEquals(gained.filter((text) => text !== NEW_KEY.text), had);
      assertEquals(gained.length, had.length + 1);
      assert(edit.source.split(/\r\n|\r|\n/)[edit.lineNumber - 1]!.length > 0, "the line number names a line");
      assertEquals(planAddRecipient(after, index, NEW_KEY, group).source, edit.source);
      const shares = /[*&]held|\*(?:list|text|brackets|groups?|flat|base)\b/.test(source.slice(...sliceOf(rule)));
      if (!shares) assert(isSplicedFrom(source, edit.source), "every character survives");
    }),
    RUNS,
  );
});

function sliceOf(rule: Rule): [number, number] {
  return [rule.range.start, rule.range.end];
}

Deno.test("planAddRecipient() refuses a rule with several groups in every file that has one", () => {
  fc.assert(
    fc.property(generatedConfig, ({ source }) => {
      const config = parseSopsConfig(source, PATH);
      for (const rule of config.rules.filter((found) => found.groups.length > 1)) {
        try {
          planAddRecipient(config, rule.index, NEW_KEY);
          assert(false, "not refused");
        } catch (error) {
          assert(error instanceof UserError && error.kind === "refused", String(error));
        }
      }
    }),
    RUNS,
  );
});

Deno.test("planAddRule() keeps every line and every rule, in every dialect, and the new rule can grow", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), owner, ({ source, ruleCount, isBlock }, pick, owner) => {
      const config = parseSopsConfig(source, PATH);
      const position = pick % (ruleCount + 1);
      const rule = {
        pathRegex: "new/[^/]+\\.yaml$",
        recipients: [{ ...NEW_KEY, ...owner }, { text: "age1testbob00", name: "bob" }],
        selectors: { encrypted_regex: "^(data)$" },
        macOnlyEncrypted: pick % 2 === 0,
      };
      const edit = planAddRule(config, rule, position);
      const after = parseSopsConfig(edit.source, PATH);
      assertEquals(after.rules.toSpliced(position, 1).map(textsOf), config.rules.map(textsOf));
      assertEquals(after.rules[position]!.pathRegex, rule.pathRegex);
      assertEquals(after.rules[position]!.lineNumber, edit.lineNumber);
      const inBrackets = /^keys: \[.*\]|^ {2}(?:users|hosts|admins): \[.*\]/gm; // whose line grows
      const [before, now] = [source, edit.source].map((text) => text.replace(inBrackets, "")) as [string, string];
      if (isBlock) assert(keepsLines(before, now), "every line survives");
      assert(isSplicedFrom(source, edit.source) || !isBlock, "every character survives");
      const grown = planAddRecipient(after, position, { text: "age1testmore0", name: "more" });
      assertEquals(grown.config.rules[position]!.groups.flatMap((group) => group.keys).length, 3);
    }),
    RUNS,
  );
});

Deno.test("planAddRule() gives a new rule the keys of any rule with one group", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), ({ source, ruleCount }, pick) => {
      fc.pre(ruleCount > 0);
      const config = parseSopsConfig(source, PATH);
      const from = pick % ruleCount;
      const model = config.rules[from]!;
      fc.pre(model.groups.length <= 1);
      const edit = planAddRule(config, {
        pathRegex: "new/[^/]+\\.yaml$",
        recipients: [NEW_KEY],
        selectors: {},
        macOnlyEncrypted: false,
        keysOfRule: from,
      }, from);
      const identity = (rule: Rule): string[] =>
        rule.groups.flatMap(({ keys }) => keys.map((key) => `${key.type} ${key.text}`));
      assertEquals(identity(edit.config.rules[from]!).sort(), [...identity(model), `age ${NEW_KEY.text}`].sort());
      assertEquals(edit.config.rules.toSpliced(from, 1).map(textsOf), config.rules.map(textsOf));
    }),
    RUNS,
  );
});
