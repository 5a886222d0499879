/**
 * What differs between two versions of a `.sops.yaml`, rule by rule: the one answer that the proof checks, that reports
 * tell and that `--json` prints. Pure; linear in the number of keys.
 *
 * @module
 */
import { isInRules } from "../rules/key_name.ts";
import type { KeyGroup, NamedKey, Rule, RuleKey, SopsConfig } from "../rules/sops_config.ts";

/** What came and went among the keys of one place. */
export interface KeysDiff {
  /** Those that stay, as they stand afterwards. */
  readonly kept: readonly RuleKey[];
  /** Those that came, as they stand afterwards. */
  readonly gained: readonly RuleKey[];
  /** Those that went, as they stood before. */
  readonly lost: readonly RuleKey[];
}

/** A rule of the file before, and what became of it. */
export interface RuleDiff {
  readonly before: Rule;
  /** Undefined when it is gone. */
  readonly after: Rule | undefined;
  /** Of all groups together. */
  readonly gained: readonly RuleKey[];
  readonly lost: readonly RuleKey[];
  /** Those that stay and have another name now. */
  readonly renamed: readonly RuleKey[];
  /** Group by group; empty for a rule that is gone. */
  readonly groups: readonly KeysDiff[];
}

/** Two versions of a file. */
export interface ConfigDiff {
  readonly before: SopsConfig;
  readonly after: SopsConfig;
  /** Every rule of the file before, in its order. */
  readonly rules: readonly RuleDiff[];
  /** The rule that is new. */
  readonly added: Rule | undefined;
  /** Definitions of keys, by anchors outside the rules, that are new. */
  readonly defined: readonly NamedKey[];
  /** Those that are gone. */
  readonly forgotten: readonly NamedKey[];
}

/** Which rules have no counterpart in the other version. */
export interface Unpaired {
  /** Index in the new file of a rule that is new. */
  readonly added?: number | undefined;
  /** Indexes in the old file of rules that are gone. */
  readonly dropped?: ReadonlySet<number> | undefined;
}

/** Compares two versions of a file. */
export function diffConfigs(before: SopsConfig, after: SopsConfig, { added, dropped }: Unpaired = {}): ConfigDiff {
  const counterparts = after.rules.filter(({ index }) => index !== added).values();
  const rules = before.rules.map((rule): RuleDiff => {
    const now = dropped?.has(rule.index) ? undefined : counterparts.next().value;
    if (now === undefined) {
      return { before: rule, after: undefined, gained: [], lost: keysOf(rule), renamed: [], groups: [] };
    }
    const count = Math.max(rule.groups.length, now.groups.length);
    const groups = Array.from({ length: count }, (_, at) => diffKeys(rule.groups[at]?.keys, now.groups[at]?.keys));
    const { gained, lost } = diffKeys(keysOf(rule), keysOf(now));
    return { before: rule, after: now, gained, lost, renamed: renamedKeys(rule.groups, groups), groups };
  });
  const [old, current] = [definitionsOf(before), definitionsOf(after)];
  return {
    before,
    after,
    rules,
    added: added === undefined ? undefined : after.rules[added],
    defined: withoutSame(current, old, definitionId),
    forgotten: withoutSame(old, current, definitionId),
  };
}

/** @returns whether a rule is gone or has other keys */
export function isChangedRule({ after, gained, lost }: RuleDiff): boolean {
  return after === undefined || gained.length + lost.length > 0;
}

/** @returns the keys of all groups of a rule */
export function keysOf({ groups }: Pick<Rule, "groups">): readonly RuleKey[] {
  return groups.flatMap(({ keys }) => keys);
}

/** @returns a text that two keys share when SOPS takes them for the same */
export function keyId({ type, text }: Pick<RuleKey, "type" | "text">): string {
  return `${type} ${text}`;
}

/** Compares two lists of keys; of equal keys each counts. */
export function diffKeys(before: KeyGroup["keys"] = [], after: KeyGroup["keys"] = []): KeysDiff {
  const gained = withoutSame(after, before, keyId);
  const isNew = new Set(gained);
  return { kept: after.filter((key) => !isNew.has(key)), gained, lost: withoutSame(before, after, keyId) };
}

/** @returns the items that stand among the others less often, or not at all: the last ones of equal ones */
function withoutSame<T>(items: readonly T[], others: readonly T[], idOf: (item: T) => string): T[] {
  const rest = new Map<string, number>();
  for (const other of others) rest.set(idOf(other), (rest.get(idOf(other)) ?? 0) + 1);
  return items.filter((item) => {
    const count = rest.get(idOf(item)) ?? 0;
    if (count > 0) rest.set(idOf(item), count - 1);
    return count === 0;
  });
}

function renamedKeys(before: Rule["groups"], groups: readonly KeysDiff[]): RuleKey[] {
  return groups.flatMap(({ kept }, at) => {
    const names = new Map(before[at]?.keys.map((key) => [keyId(key), key.name]));
    return kept.filter((key) => key.name !== undefined && names.get(keyId(key)) !== key.name);
  });
}

function definitionsOf({ keys }: SopsConfig): NamedKey[] {
  return keys.filter((key) => !isInRules(key));
}

function definitionId({ name, text }: NamedKey): string {
  return `${name} ${text}`;
}
