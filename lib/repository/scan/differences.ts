/**
 * An encrypted file against the rule that wins for it: who is missing, who is extra.
 *
 * Compares as `sops updatekeys` does: group by group, each group as a set of exact key strings, so that an order or a
 * duplicate makes no difference. Selectors are not compared: `updatekeys` does not change them. Pure.
 * Spec: sops-engine §5.7 (SOPS 3.13.2).
 *
 * @module
 */
import type { KeyType, Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import type { MetadataGroup, MetadataKeyType } from "../../sops/metadata/metadata.ts";
import type { FileKey, ScannedMetadata } from "./scanned_metadata.ts";

/** A key of one group. */
export interface GroupedKey<Key> {
  readonly key: Key;
  /** 0-based. */
  readonly groupIndex: number;
}

/** What `sops updatekeys` would change in a file. */
export interface RuleDifferences {
  /** Keys that the rule has and the file has not, in the rule's order. */
  readonly missing: readonly GroupedKey<RuleKey>[];
  /** Keys that the file has and the rule has not, in the file's order. */
  readonly extra: readonly GroupedKey<FileKey>[];
  /** How many groups a reader needs a key of, when file and rule disagree. */
  readonly threshold: { readonly file: number; readonly rule: number } | undefined;
}

/** The name that `.sops.yaml` has for each key type of a metadata block. */
const RULE_KEY_TYPES: Readonly<Record<MetadataKeyType, KeyType>> = {
  age: "age",
  pgp: "pgp",
  kms: "kms",
  gcp_kms: "gcp_kms",
  hckms: "hckms",
  azure_kv: "azure_keyvault",
  hc_vault: "hc_vault_transit_uri",
};

/** @returns the groups of a rule as the metadata of a file names them */
export function metadataGroupsOf(rule: Pick<Rule, "groups">): MetadataGroup[] {
  return rule.groups.map(({ keys }) => ({
    keys: keys.map(({ type, text }) => ({ type: METADATA_TYPE_OF[type], text })),
  }));
}

const METADATA_TYPE_OF = Object.fromEntries(
  Object.entries(RULE_KEY_TYPES).map(([metadataType, ruleType]) => [ruleType, metadataType]),
) as Readonly<Record<KeyType, MetadataKeyType>>;

/** What names keys. */
export type KeyNames = Pick<SopsConfig, "rules" | "keys">;

/** A key with the type and the name that `.sops.yaml` has for it. */
export type NamedRuleKey = Pick<RuleKey, "type" | "text" | "name">;

/**
 * Names a key of a file by what the config calls it.
 *
 * @param config undefined: there is none
 * @param winner the rule that wins for the file; its names come first
 * @returns the key without a name when the config has none for it
 */
export function nameKey(
  { type, text }: FileKey,
  config: KeyNames | undefined,
  winner?: Rule,
): NamedRuleKey {
  return nameRuleKey({ type: RULE_KEY_TYPES[type], text }, config, winner);
}

/**
 * Names a key of a rule by what the config calls it: a key keeps the name that stands beside it, and has the one of
 * another place where none does.
 *
 * @param config undefined: there is none
 * @param winner the rule whose names come first
 * @returns the key without a name when the config has none for it
 */
export function nameRuleKey(
  { type, text, name }: NamedRuleKey,
  config: KeyNames | undefined,
  winner?: Rule,
): NamedRuleKey {
  if (name !== undefined) return { type, text, name };
  const { rules: all, keys } = config ?? { rules: [], keys: [] };
  const rules = winner === undefined ? all : [winner, ...all];
  for (const rule of rules) {
    for (const group of rule.groups) {
      const same = group.keys.find((other) => other.type === type && other.text === text && other.name !== undefined);
      if (same?.name !== undefined) return { type, text, name: same.name };
    }
  }
  const named = keys.find((other) => other.text === text);
  return named === undefined ? { type, text } : { type, text, name: named.name };
}

/**
 * Compares a file with a rule.
 *
 * @returns empty lists and no threshold when the file is as the rule says
 */
export function compareWithRule(
  metadata: Pick<ScannedMetadata, "groups" | "shamirThreshold">,
  rule: Pick<Rule, "groups" | "shamirThreshold">,
): RuleDifferences {
  const missing: GroupedKey<RuleKey>[] = [];
  const extra: GroupedKey<FileKey>[] = [];
  for (let groupIndex = 0; groupIndex < Math.max(metadata.groups.length, rule.groups.length); groupIndex++) {
    const ofRule = distinctKeys(rule.groups[groupIndex]?.keys ?? [], ({ type, text }) => `${type} ${text}`);
    const ofFile = distinctKeys(
      metadata.groups[groupIndex]?.keys ?? [],
      ({ type, text }) => `${RULE_KEY_TYPES[type]} ${text}`,
    );
    for (const [id, key] of ofRule) if (!ofFile.has(id)) missing.push({ key, groupIndex });
    for (const [id, key] of ofFile) if (!ofRule.has(id)) extra.push({ key, groupIndex });
  }
  const file = countNeededGroups(metadata);
  const wanted = countNeededGroups(rule);
  return { missing, extra, threshold: file === wanted ? undefined : { file, rule: wanted } };
}

/** @returns whether a comparison found nothing */
export function isAsRuleSays(differences: RuleDifferences): boolean {
  return differences.missing.length === 0 && differences.extra.length === 0 && differences.threshold === undefined;
}

function distinctKeys<Key>(keys: readonly Key[], idOf: (key: Key) => string): Map<string, Key> {
  const distinct = new Map<string, Key>();
  for (const key of keys) if (!distinct.has(idOf(key))) distinct.set(idOf(key), key);
  return distinct;
}
