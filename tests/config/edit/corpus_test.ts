/**
 * The edits on real public `.sops.yaml` files: a new rule is pure insertion and takes effect, every other path keeps
 * its rule; a recipient joins every rule that can take one.
 *
 * @module
 */
import { isAlias } from "yaml";
import { UserError } from "../../../lib/base/error.ts";
import type { NewRule } from "../../../lib/config/edit/intent.ts";
import { planAddRecipient, planAddRule } from "./plans.ts";
import { findWinningRule } from "../../support/rule_match.ts";
import type { Rule, SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { corpusTest, HAS_CORPUS, readConfigFiles } from "../../support/corpus.ts";
import { isSplicedFrom, keepsLines } from "./subsequence.ts";

const PATH = "/repo/.sops.yaml";
const TARGET = "secrets/zz-new/x.enc.yaml";
const NEW_KEY = { text: "age1testnew00", name: "prod-sops" };

/** Paths of the kinds that the files have rules for, and some that none has. */
const OTHER_PATHS = [
  "secrets/zz-new.enc.yaml",
  "secrets/other.enc.yaml",
  "secrets/services/db.yaml",
  "secrets.yaml",
  "hosts/kazuki/secrets.yaml",
  "hosts/taygeta/secrets.yml",
  "terraform/secrets.enc.json",
  "talos/x.sops.yaml",
  "kubernetes/app/secret.sops.yaml",
  "test_no_keygroups.yaml",
  ".env",
  "README.md",
];

function newRule(winner: Rule | undefined): NewRule {
  return {
    pathRegex: "secrets/zz-new/.*\\.enc\\.yaml$",
    recipients: [NEW_KEY],
    selectors: winner?.selectors ?? {},
    macOnlyEncrypted: winner?.macOnlyEncrypted ?? false,
  };
}

function meaningOf(rule: Rule | undefined): unknown {
  return rule && {
    pathRegex: rule.pathRegex,
    groups: rule.groups.map(({ keys }) => keys.map(({ type, text, name }) => ({ type, text, name }))),
    selectors: rule.selectors,
    macOnlyEncrypted: rule.macOnlyEncrypted,
    shamirThreshold: rule.shamirThreshold,
  };
}

corpusTest("the real files are there", [], () => Promise.resolve(assert(HAS_CORPUS)));

for (const { name, content } of readConfigFiles("corpus")) {
  const read = (): SopsConfig => parseSopsConfig(new TextDecoder().decode(content), PATH);

  Deno.test(`planAddRule() on ${name} is pure insertion and takes effect`, () => {
    const config = read();
    const winner = findWinningRule(config, TARGET);
    const edit = planAddRule(config, newRule(winner), winner?.index ?? config.rules.length);
    assert(keepsLines(config.document.source, edit.source), "every line survives, in order");
    const effective = findWinningRule(edit.config, TARGET);
    assertEquals(effective?.index, edit.ruleIndex);
    assertEquals(effective?.groups.flatMap(({ keys }) => keys.map((key) => key.text)), [NEW_KEY.text]);
    assertEquals(effective?.selectors, winner?.selectors ?? {});
    for (const path of OTHER_PATHS) {
      assertEquals(meaningOf(findWinningRule(edit.config, path)), meaningOf(findWinningRule(config, path)), path);
    }
    const line = edit.source.split("\n")[edit.lineNumber - 1]!;
    assert(/^\s*- /.test(line), "the line number names the start of the rule");
  });

  Deno.test(`planAddRule() on ${name} at every place is pure insertion`, () => {
    const config = read();
    for (let position = 0; position <= config.rules.length; position++) {
      const edit = planAddRule(config, newRule(undefined), position);
      assert(keepsLines(config.document.source, edit.source), `at ${position} every line survives`);
      assertEquals(edit.config.rules[position]!.pathRegex, "secrets/zz-new/.*\\.enc\\.yaml$");
    }
  });

  Deno.test(`planAddRecipient() on every rule of ${name} changes that rule alone`, () => {
    const config = read();
    for (const rule of config.rules) {
      const isAliasText = rule.nodes.entries.some(({ name, value }) => name === "age" && isAlias(value));
      try {
        const edit = planAddRecipient(config, rule.index, NEW_KEY);
        assert(isAliasText || isSplicedFrom(config.document.source, edit.source), "every character survives");
        for (const [index, other] of config.rules.entries()) {
          if (index !== rule.index) assertEquals(meaningOf(edit.config.rules[index]), meaningOf(other));
        }
        assertEquals(planAddRecipient(edit.config, rule.index, NEW_KEY).source, edit.source);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        assertEquals([error.kind, rule.groups.length > 1], ["refused", true]);
      }
    }
  });
}
