/**
 * Tells what an edit of several rules changed, rule by rule, from the read models before and after. Pure.
 *
 * @module
 */
import { lineNumberAt } from "../../yaml/position.ts";
import type { ChangedKey, ConfigEdits, RuleChange } from "./plan.ts";
import type { Rule, RuleKey, SopsConfig } from "../rules/sops_config.ts";

/** An edit without effect. */
export function noEdits(config: SopsConfig): ConfigEdits {
  return { source: config.document.source, config, changes: [] };
}

/**
 * Compares two versions of a file.
 *
 * @param dropped index in the old file of a rule that is gone
 */
export function describeEdits(before: SopsConfig, after: SopsConfig, dropped?: number): ConfigEdits {
  const changes = before.rules.flatMap((rule): RuleChange[] => {
    const { index } = rule;
    const now = index === dropped
      ? undefined
      : after.rules[dropped === undefined || index < dropped ? index : index - 1];
    const change = describeRule(before, rule, after, now);
    return index === dropped || change.added.length + change.removed.length > 0 ? [change] : [];
  });
  return { source: after.document.source, config: after, changes };
}

/** Tells in which rules a key has another name now; for an edit that changes no keys. */
export function describeRenames(before: SopsConfig, after: SopsConfig, to: string): ConfigEdits {
  const changes = before.rules.flatMap((rule): RuleChange[] => {
    const old = keysOf(rule);
    const renamed = keysOf(after.rules[rule.index]!).filter((key, at) => key.name === to && old[at]?.name !== to);
    if (renamed.length === 0) return [];
    return [{ ruleIndex: rule.index, added: [], removed: [], renamed: renamed.map((key) => changedKey(after, key)) }];
  });
  return { source: after.document.source, config: after, changes };
}

function describeRule(before: SopsConfig, rule: Rule, after: SopsConfig, now: Rule | undefined): RuleChange {
  const [old, current] = [keysOf(rule), now === undefined ? [] : keysOf(now)];
  return {
    ruleIndex: rule.index,
    added: withoutKeys(current, old).map((key) => changedKey(after, key)),
    removed: withoutKeys(old, current).map((key) => changedKey(before, key)),
    renamed: [],
  };
}

function keysOf(rule: Rule): readonly RuleKey[] {
  return rule.groups.flatMap(({ keys }) => keys);
}

/** @returns the keys that stand among the others less often, or not at all */
function withoutKeys(keys: readonly RuleKey[], others: readonly RuleKey[]): readonly RuleKey[] {
  const rest = others.map(({ type, text }) => `${type} ${text}`);
  return keys.filter(({ type, text }) => {
    const at = rest.indexOf(`${type} ${text}`);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

function changedKey(config: SopsConfig, { type, text, name, range }: RuleKey): ChangedKey {
  const lineNumber = lineNumberAt(config.document, range.start);
  return { type, text, ...(name === undefined ? {} : { name }), lineNumber };
}
