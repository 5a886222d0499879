/**
 * Rules and their keys as people and `--json` see them, shared by the `rules` commands.
 *
 * @module
 */
import type { Report } from "../../base/show/report.ts";
import { type Rule, type RuleKey, SELECTORS, type SopsConfig } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import { keyId, keysOf } from "../../config/edit/diff.ts";
import type { NamedRuleKey } from "../../repository/scan/differences.ts";

/** @returns the pattern, or what stands for a rule that has none */
export function formatPattern(rule: Rule): string {
  return rule.pathRegex || "(every file)";
}

/** @returns the key shortened; of other types than age with the type before it */
export function formatShortKey(key: Pick<RuleKey, "type" | "text">): string {
  switch (key.type) {
    case "age":
      return formatShortRecipient(key.text);
    case "pgp":
      return `pgp ${formatShortRecipient(key.text)}`;
    default:
      return `${key.type} ${key.text}`; // the address of a cloud key means nothing without its middle
  }
}

/** @returns the key's name, or the key shortened when it has none */
export function formatKeyName(key: NamedRuleKey): string {
  return key.name ?? formatShortKey(key);
}

/** Gives a key of a rule the name that people know it by. */
export type KeyNamer = (key: NamedRuleKey) => string;

/**
 * Looks through the config once, when the first key without a name comes.
 *
 * @returns what gives a key the name that it has anywhere in a config, or the key shortened when it has none
 */
export function createKeyNamer({ rules, keys }: Pick<SopsConfig, "rules" | "keys">): KeyNamer {
  let known: Map<string, string | undefined> | undefined;
  return (key) => {
    if (key.name !== undefined) return key.name;
    known ??= new Map([
      ...keys.toReversed().map(({ text, name }): [string, string] => [text, name]),
      ...rules.flatMap(keysOf).filter(({ name }) => name !== undefined).toReversed()
        .map((named): [string, string | undefined] => [keyId(named), named.name]),
    ]);
    return known.get(keyId(key)) ?? known.get(key.text) ?? formatShortKey(key);
  };
}

/** @returns the rule's selectors and MAC setting; empty when it has none */
export function formatSelectors(rule: Rule): string {
  const parts = SELECTORS.flatMap((name) => {
    const value = rule.selectors[name];
    return value === undefined ? [] : [`${name} ${value}`];
  });
  if (rule.macOnlyEncrypted) parts.push("mac_only_encrypted");
  return parts.join(", ");
}

/** @returns how many groups a reader needs a key of; undefined when there is one group at most */
export function formatThreshold(rule: Rule): string | undefined {
  const count = rule.groups.length;
  if (count < 2) return undefined;
  return `a reader needs a key of ${countNeededGroups(rule)} of ${count} groups`;
}

/** Says what is odd about a config, as warnings. */
export function warnOf(config: SopsConfig, report: Report): void {
  for (const { message, lineNumber } of config.warnings) {
    report.warning(`${report.path(config.path)}:${lineNumber}: ${message}`);
  }
}

/** @returns a rule for `--json`, its keys in full */
export function ruleAsJson(rule: Rule): Record<string, unknown> {
  return {
    number: rule.index + 1,
    line: rule.lineNumber,
    pathRegex: rule.pathRegex ?? null,
    groups: rule.groups.map(({ keys }) => keys.map(keyAsJson)),
    shamirThreshold: rule.shamirThreshold ?? null,
    selectors: rule.selectors,
    macOnlyEncrypted: rule.macOnlyEncrypted,
  };
}

/** @returns a key for `--json`, in full */
export function keyAsJson({ type, text, name }: NamedRuleKey): Record<string, unknown> {
  return { type, text, name: name ?? null };
}
