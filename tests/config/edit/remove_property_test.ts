/**
 * Properties of removing, setting, renaming and dropping over random files in every dialect.
 *
 * @module
 */
import { UserError } from "../../../lib/base/error.ts";
import {
  type ConfigEdits,
  planAddRecipient,
  planAddRecipientToRules,
  planAddRule,
  planDropRule,
  planRemoveRecipient,
  planRenameRecipient,
  planSetRecipients,
} from "./plans.ts";
import type { EditScope } from "../../../lib/config/edit/intent.ts";
import type { Rule, SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { generatedConfig } from "./sources.ts";
import { commentsOf, isSplicedFrom } from "./subsequence.ts";
import fc from "../../support/property.ts";

const PATH = "/repo/.sops.yaml";
const NEW_KEY = { text: "age1testnew00", name: "fresh" };
const RUNS = { numRuns: Deno.env.get("SOPSMITH_STRESS") === "full" ? 2_000 : 100 };

function keysOf(rule: Rule): string[][] {
  return rule.groups.map(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`));
}

function textsOf(rule: Rule): unknown {
  return { pathRegex: rule.pathRegex, selectors: rule.selectors, groups: keysOf(rule) };
}

/** @returns undefined when the edit is refused, with any other error thrown */
function unlessRefused(plan: () => ConfigEdits): ConfigEdits | undefined {
  try {
    return plan();
  } catch (error) {
    if (error instanceof UserError && error.kind === "refused") return undefined;
    throw error;
  }
}

/** @returns the rules that a choice of bits names */
function chosenRules(config: SopsConfig, bits: number): number[] {
  return config.rules.map(({ index }) => index).filter((index) => (bits >> index) % 2 === 1);
}

Deno.test("planAddRecipientToRules() and planRemoveRecipient() of the same give the original bytes", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(255), fc.constantFrom<EditScope>("rule", "shared"), (file, bits, scope) => {
      const config = parseSopsConfig(file.source, PATH);
      const rules = chosenRules(config, bits);
      const added = planAddRecipientToRules(config, rules, NEW_KEY, { scope, group: 0 });
      for (const [at, rule] of config.rules.entries()) {
        const gained = keysOf(added.config.rules[at]!).map((keys) =>
          keys.filter((key) => key !== `age ${NEW_KEY.text}`)
        );
        assertEquals(gained, keysOf(rule));
        const has = keysOf(added.config.rules[at]!).flat().includes(`age ${NEW_KEY.text}`);
        if (scope === "rule") assertEquals(has, rules.includes(at));
      }
      const again = planAddRecipientToRules(added.config, rules, NEW_KEY, { scope, group: 0 });
      assertEquals(again.source, added.source);
      assertEquals(again.changes, []);

      const removed = unlessRefused(() => planRemoveRecipient(added.config, rules, NEW_KEY.text, { scope }));
      if (removed === undefined) return;
      assertEquals(removed.config.rules.map(textsOf), config.rules.map(textsOf));
      // A copy stays a copy, and quotes that a text in brackets needed stay.
      const { source } = removed;
      const count = (text: string): number => text.split("age1testshared").length;
      if (isSplicedFrom(file.source, added.source) && count(file.source) === count(added.source)) {
        if (file.isBlock) assertEquals(source, file.source);
        else assertEquals(source.replaceAll("'", ""), file.source.replaceAll("'", ""));
      }
    }),
    RUNS,
  );
});

/** No definition that an alias used is left without a use, and no comment above an item that went. */
function assertNothingLeft(before: SopsConfig, after: SopsConfig, text: string): void {
  const isUsed = ({ document }: SopsConfig, node: unknown): boolean =>
    document.aliases.values().some((to) => to === node);
  for (
    const key of after.keys.filter((key) => key.text === text && key.trail[0] === "keys" && key.trail.length === 1)
  ) {
    const old = before.keys.find((other) => other.name === key.name);
    assertEquals(isUsed(after, key.node), isUsed(before, old?.node), `&${key.name}`);
  }
  const lines = after.document.source.split(/\r?\n/);
  lines.forEach((line, at) => {
    const [, name] = /^\s*# (alice|bob00|carol|dave0)$/.exec(line) ?? [];
    if (name !== undefined) assert(/^\s*- /.test(lines[at + 1]!) && lines[at + 1]!.includes(name), `${line} describes`);
  });
}

Deno.test("planRemoveRecipient() takes one key from the named rules alone, and nothing the second time", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), fc.nat(255), (file, pick, bits) => {
      const config = parseSopsConfig(file.source, PATH);
      const rules = chosenRules(config, bits);
      const keys = rules.flatMap((index) => config.rules[index]!.groups.flatMap((group) => group.keys));
      fc.pre(keys.length > 0);
      const { text } = keys[pick % keys.length]!;
      const edit = unlessRefused(() => planRemoveRecipient(config, rules, text));
      const isEmptied = rules.some((index) =>
        config.rules[index]!.groups.some(({ keys }) => keys.length > 0 && keys.every((key) => key.text === text))
      );
      assertEquals(edit === undefined, isEmptied);
      if (edit === undefined) return;
      for (const [at, rule] of config.rules.entries()) {
        const expected = keysOf(rule).map((keys) =>
          keys.filter((key) => !rules.includes(at) || !key.endsWith(` ${text}`))
        );
        assertEquals(keysOf(edit.config.rules[at]!), expected);
      }
      assertEquals(
        edit.changes.map(({ ruleIndex }) => ruleIndex),
        rules.filter((index) => keysOf(config.rules[index]!).flat().some((key) => key.endsWith(` ${text}`))),
      );
      assertEquals(parseSopsConfig(edit.source, PATH).rules.map(textsOf), edit.config.rules.map(textsOf));
      assertEquals(planRemoveRecipient(edit.config, rules, text).source, edit.source);
      assertNothingLeft(config, edit.config, text);
      const before = commentsOf(file.source);
      for (const comment of commentsOf(edit.source)) {
        assert(before.has(comment) || /# (alice|bob00|carol|dave0|own\d)/.test(comment), comment);
      }
    }),
    RUNS,
  );
});

Deno.test("planRemoveRecipient() with the shared scope changes the named rules and those that share", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), (file, pick) => {
      const config = parseSopsConfig(file.source, PATH);
      fc.pre(config.rules.length > 0);
      const rule = config.rules[pick % config.rules.length]!;
      const keys = rule.groups.flatMap((group) => group.keys);
      fc.pre(keys.length > 0);
      const { text } = keys[pick % keys.length]!;
      const edit = unlessRefused(() => planRemoveRecipient(config, [rule.index], text, { scope: "shared" }));
      if (edit === undefined) return;
      assert(edit.changes.some(({ ruleIndex }) => ruleIndex === rule.index), "the named rule is told");
      for (const [at, other] of config.rules.entries()) {
        const without = keysOf(other).map((keys) => keys.filter((key) => !key.endsWith(` ${text}`)));
        const now = keysOf(edit.config.rules[at]!);
        if (at === rule.index) assertEquals(now, without);
        else assert([without, keysOf(other)].some((groups) => JSON.stringify(groups) === JSON.stringify(now)));
      }
    }),
    RUNS,
  );
});

Deno.test("planSetRecipients() gives a rule exactly the recipients, and the same set changes nothing", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), fc.nat(255), (file, pick, bits) => {
      const config = parseSopsConfig(file.source, PATH);
      fc.pre(config.rules.length > 0);
      const { index, groups } = config.rules[pick % config.rules.length]!;
      const options = groups.length > 1 ? { group: 1 } : {};
      const keys = groups[options.group ?? 0]?.keys ?? [];
      const had = [...new Set(keys.filter(({ type }) => type === "age").map(({ text }) => text))];
      const same = planSetRecipients(config, index, had.map((text) => ({ text, name: "any" })), options);
      assertEquals(same.source, file.source);
      assertEquals(same.changes, []);

      const wanted = [...had.filter((_, at) => (bits >> at) % 2 === 1), NEW_KEY.text];
      const edit = planSetRecipients(config, index, wanted.map((text) => ({ text, name: "fresh" })), options);
      const now = edit.config.rules[index]!.groups[options.group ?? 0]!.keys;
      assertEquals(now.filter(({ type }) => type === "age").map(({ text }) => text).sort(), [...wanted].sort());
      assertEquals(now.filter(({ type }) => type !== "age").length, keys.filter(({ type }) => type !== "age").length);
      for (const [at, other] of config.rules.entries()) {
        if (at !== index) assertEquals(textsOf(edit.config.rules[at]!), textsOf(other));
      }
    }),
    RUNS,
  );
});

Deno.test("planRenameRecipient() there and back gives the original bytes", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), (file, pick) => {
      const config = parseSopsConfig(file.source, PATH);
      const used = config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys.map(({ name }) => name)));
      const names = [...config.keys.map(({ name }) => name), ...used].filter((name) => name !== undefined);
      fc.pre(names.length > 0);
      const name = names[pick % names.length]!;
      const edit = planRenameRecipient(config, name, "another");
      assertEquals(edit.config.rules.map(textsOf), config.rules.map(textsOf));
      const now = edit.config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys.map(({ name }) => name)));
      assertEquals(now, used.map((old) => old === name ? "another" : old));
      assertEquals(planRenameRecipient(edit.config, "another", name).source, file.source);
      assertEquals(planRenameRecipient(config, name, name).source, file.source);
    }),
    RUNS,
  );
});

Deno.test("planDropRule() takes one rule and keeps the others, and undoes planAddRule()", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), (file, pick) => {
      const config = parseSopsConfig(file.source, PATH);
      fc.pre(config.rules.length > 0);
      const index = pick % config.rules.length;
      const edit = planDropRule(config, index);
      assertEquals(edit.config.rules.map(textsOf), config.rules.toSpliced(index, 1).map(textsOf));
      assertEquals(edit.changes.map(({ ruleIndex }) => ruleIndex), [index]);

      const rule = { pathRegex: "new", recipients: [NEW_KEY], selectors: {}, macOnlyEncrypted: false };
      const added = planAddRule(config, rule, index);
      const dropped = planDropRule(added.config, index);
      assertEquals(dropped.config.rules.map(textsOf), config.rules.map(textsOf));
      if (file.isBlock) assertEquals(dropped.source, file.source);
    }),
    RUNS,
  );
});

Deno.test("planAddRecipient() and planAddRecipientToRules() of one rule are the same", () => {
  fc.assert(
    fc.property(generatedConfig, fc.nat(), (file, pick) => {
      const config = parseSopsConfig(file.source, PATH);
      fc.pre(config.rules.length > 0);
      const index = pick % config.rules.length;
      const one = planAddRecipient(config, index, NEW_KEY, { group: 0 });
      const several = planAddRecipientToRules(config, [index, index], NEW_KEY, { group: 0 });
      assertEquals(several.source, one.source);
      assertEquals(several.changes.map(({ ruleIndex }) => ruleIndex), [index]);
      assertEquals(several.changes[0]?.added.map(({ lineNumber }) => lineNumber), [one.lineNumber]);
    }),
    RUNS,
  );
});
