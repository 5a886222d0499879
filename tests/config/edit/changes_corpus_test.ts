/**
 * Removing, renaming and dropping on real public `.sops.yaml` files and on odd layouts: what is named changes, every
 * other rule stays, no comment is left without what it describes, and what was added goes without a trace.
 *
 * @module
 */
import { UserError } from "../../../lib/base/error.ts";
import {
  planAddRecipientToRules,
  planDropRule,
  planRemoveRecipient,
  planRenameRecipient,
  planSetRecipients,
} from "./plans.ts";
import { findDefinitionPlaces } from "../../../lib/config/edit/kinds.ts";
import type { Rule, SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../../support/corpus.ts";
import { commentLinesOf, isSplicedFrom } from "./subsequence.ts";

const PATH = "/repo/.sops.yaml";
const NEW_KEY = { text: "age1testnew00", name: "zz-new" };

/** How many rules, keys and names of one file are tried; spread over the file. */
const MAX_TRIED = Deno.env.get("SOPSMITH_STRESS") === "full" ? 1_000 : 6;

function identities(rule: Rule): string[][] {
  return rule.groups.map(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`));
}

function meaningOf(rule: Rule): unknown {
  return { pathRegex: rule.pathRegex, selectors: rule.selectors, groups: identities(rule) };
}

function spread<T>(items: readonly T[]): readonly T[] {
  const step = Math.ceil(items.length / MAX_TRIED);
  return items.filter((_, at) => at % step === 0);
}

function countOldKeys(source: string): number {
  return source.replaceAll(NEW_KEY.text, "").split("age1").length;
}

function tryAdditions(config: SopsConfig): void {
  const { source } = config.document;
  const all = config.rules.map(({ index }) => index);
  for (const rules of [...spread(all).map((index) => [index]), all]) {
    const added = planAddRecipientToRules(config, rules, NEW_KEY, { group: 0 });
    assertEquals(added.changes.map(({ ruleIndex }) => ruleIndex), rules);
    // A copy of what others share stays a copy, and quotes that a text in brackets needed stay.
    const isPure = isSplicedFrom(source, added.source) && countOldKeys(added.source) === countOldKeys(source);
    const withoutQuotes = source.includes("{") ? /'/g : /(?!)/g;
    for (const rule of config.rules) {
      const gained = identities(added.config.rules[rule.index]!);
      const without = gained.map((keys) => keys.filter((key) => key !== `age ${NEW_KEY.text}`));
      assertEquals(without, identities(rule));
      assertEquals(gained.flat().length - without.flat().length, rules.includes(rule.index) ? 1 : 0);
    }
    const hadKeys = rules.every((index) => config.rules[index]!.groups[0]!.keys.length > 0);
    if (!hadKeys) continue;
    const removed = planRemoveRecipient(added.config, rules, NEW_KEY.text);
    assertEquals(removed.config.rules.map(meaningOf), config.rules.map(meaningOf));
    if (isPure) {
      assertEquals(removed.source.replace(withoutQuotes, ""), source.replace(withoutQuotes, ""), `rules ${rules}`);
    }
  }
}

/** A file that defines its keys beside each other gains one definition, whatever number of rules gains the key. */
function tryDefinitions(config: SopsConfig): void {
  const lastRule = config.rules.at(-1)?.range.end ?? 0;
  const places = findDefinitionPlaces(config).filter(({ last }) => last !== undefined && last.end < lastRule);
  const isAliased = ({ nodes, groups }: Rule): boolean =>
    nodes.groups.length > 0 && (groups[0]?.keys.some(({ written }) => written === "alias") ?? false);
  const rules = config.rules.filter(isAliased).map(({ index }) => index);
  if (places.length === 0 || rules.length === 0) return;
  const { source } = planAddRecipientToRules(config, rules, NEW_KEY, { group: 0 });
  assertEquals(source.split(NEW_KEY.text).length, 2, "defined once");
  assert(/&zz-new ["']?age1testnew00/.test(source), "by an anchor");
}

function tryRemovals(config: SopsConfig): void {
  const { source } = config.document;
  const commentLines = commentLinesOf(source);
  for (const rule of spread(config.rules)) {
    for (const { text } of spread(rule.groups.flatMap(({ keys }) => keys))) {
      try {
        const edit = planRemoveRecipient(config, [rule.index], text);
        for (const other of config.rules) {
          const expected = other === rule
            ? identities(other).map((keys) => keys.filter((key) => !key.endsWith(` ${text}`)))
            : identities(other);
          assertEquals(identities(edit.config.rules[other.index]!), expected);
        }
        for (const line of commentLinesOf(edit.source)) assert(commentLines.has(line), `no new comment line: ${line}`);
        assertEquals(planRemoveRecipient(edit.config, [rule.index], text).source, edit.source);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        assertEquals(error.kind, "refused");
        assert(rule.groups.some(({ keys }) => keys.every((key) => key.text === text)), error.message);
      }
    }
  }
}

function tryNames(config: SopsConfig): void {
  const { source } = config.document;
  const used = config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys.map(({ name }) => name)));
  const names = new Set([...config.keys.map(({ name }) => name), ...used].filter((name) => name !== undefined));
  for (const name of spread([...names])) {
    const edit = planRenameRecipient(config, name, "zz-renamed");
    assertEquals(edit.config.rules.map(meaningOf), config.rules.map(meaningOf));
    assert(!edit.config.keys.some((key) => key.name === name), "no key is called so any more");
    if (/^[\w-]+$/.test(name)) assertEquals(planRenameRecipient(edit.config, "zz-renamed", name).source, source);
  }
}

function trySets(config: SopsConfig): void {
  for (const { index, groups } of spread(config.rules)) {
    const keys = groups[0]!.keys.filter(({ type }) => type === "age");
    const same = keys.map(({ text }) => ({ text, name: "any" }));
    const group = groups.length > 1 ? { group: 0 } : {};
    assertEquals(planSetRecipients(config, index, same, group).source, config.document.source);
    if (keys.length === 0) continue;
    const edit = planSetRecipients(config, index, [NEW_KEY], group);
    const now = edit.config.rules[index]!.groups[0]!.keys.filter(({ type }) => type === "age");
    assertEquals(now.map(({ text }) => text), [NEW_KEY.text]);
    const others = edit.config.rules.filter((rule) => rule.index !== index).map(meaningOf);
    assertEquals(others, config.rules.filter((rule) => rule.index !== index).map(meaningOf));
  }
}

function tryDrops(config: SopsConfig): void {
  for (const { index } of spread(config.rules)) {
    const edit = planDropRule(config, index);
    assertEquals(edit.config.rules.map(meaningOf), config.rules.toSpliced(index, 1).map(meaningOf));
  }
}

for (const { name, content } of CONFIG_FOLDERS.flatMap(readConfigFiles)) {
  Deno.test(`recipients of ${name} can be added, removed, renamed and set, and rules dropped`, () => {
    const config = parseSopsConfig(new TextDecoder().decode(content), PATH);
    tryAdditions(config);
    tryDefinitions(config);
    tryRemovals(config);
    tryNames(config);
    trySets(config);
    tryDrops(config);
  });
}
