/**
 * What becomes of the keys of an encrypted file: those of its rule, or those that it has with a few more or less. The same
 * for all files of one rule that say the same, so it is decided once for them. Pure. Spec: sops-engine §5.6, §5.7.
 *
 * @module
 */
import type { UserError } from "../../base/error.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { isRecipient } from "../../keys/age/recipient_parse.ts";
import { hasSameOrder } from "../../sops/mod.ts";
import type { MetadataGroup, MetadataKey } from "../../sops/metadata/metadata.ts";
import { changeKeys, distinctKeys, includesKey, type NamedKeys } from "../../sops/metadata/keys.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import {
  compareWithRule,
  type GroupedKey,
  isAsRuleSays,
  type KeyNames,
  metadataGroupsOf,
  type NamedRuleKey,
  nameKey,
  nameRuleKey,
  type RuleDifferences,
} from "../scan/differences.ts";
import type { FileRule } from "../scan/file_rules.ts";
import type { FileKey, ScannedMetadata } from "../scan/scanned_metadata.ts";

/** Whom files will be for, and what is different then. */
export interface KeyChange {
  readonly wanted: readonly MetadataGroup[];
  /** Of how many groups a reader will need a key. */
  readonly neededGroups: number;
  /** Whom they are for now, where that has to be so still when they are written. */
  readonly present?: readonly MetadataGroup[];
  readonly added: readonly GroupedKey<NamedRuleKey>[];
  readonly removed: readonly GroupedKey<NamedRuleKey>[];
  /** Keys that stay and get something new, the data key of a rotation. */
  readonly kept: readonly GroupedKey<NamedRuleKey>[];
  /** How many groups a reader needs a key of, when that changes. */
  readonly threshold: RuleDifferences["threshold"];
  /** Nothing but the order of the keys changes. */
  readonly isOrderOnly: boolean;
  /** Keys that get the new data key although the rule does not know them; none where there is no rule. */
  readonly strangers: readonly NamedRuleKey[];
  /** Why the data key cannot be encrypted for one of them, to stand behind "cannot … FILE: ". */
  readonly problem: KeyProblem | undefined;
}

/** Why nothing can be encrypted for a key. */
export type KeyProblem = Pick<UserError, "kind" | "message" | "hints">;

/** What a person wants besides what the rule says. */
export interface UpdateWish {
  /** Files that change get a new data key as well. */
  readonly rotates: boolean;
  /** The data key is encrypted anew for everybody, in every file. */
  readonly rewraps: boolean;
  /** An order that is not that of the rule is a difference. */
  readonly reorders: boolean;
  /** Names keys that the config has no name for any more. */
  readonly formerConfig?: KeyNames | undefined;
}

/** @returns how files come to be as their rule says; undefined when they are, or when there is no rule */
export function planUpdate(
  { config, rule }: FileRule,
  metadata: ScannedMetadata,
  { rotates, rewraps, reorders, formerConfig }: UpdateWish,
): KeyChange | undefined {
  if (config === undefined || rule === undefined) return undefined;
  const { missing, extra, threshold } = compareWithRule(metadata, rule);
  const wanted = metadataGroupsOf(rule);
  const isChanged = !isAsRuleSays({ missing, extra, threshold });
  const isReordered = !isChanged && reorders && !hasSameOrder(metadata.groups, wanted);
  if (!isChanged && !isReordered && !rewraps) return undefined;
  const neededGroups = countNeededGroups(rule);
  const wrapped = rotates || rewraps ? wanted.flatMap(({ keys }) => keys) : listWrappedAnew(metadata, rule);
  return {
    wanted,
    neededGroups,
    added: missing.map(({ key, groupIndex }) => ({ key: nameRuleKey(key, config, rule), groupIndex })),
    removed: extra.map(({ key, groupIndex }) => (
      { key: nameRuleKey(nameKey(key, config, rule), formerConfig), groupIndex }
    )),
    kept: [],
    threshold,
    isOrderOnly: isReordered,
    strangers: [],
    problem: isReordered && !rotates && !rewraps
      ? undefined
      : findProblem(wanted, { wrapped, neededGroups, ruleNumber: rule.index + 1 }),
  };
}

/** @returns how files keep their keys, but for those that are named */
export function planRotation(
  { config, rule }: FileRule,
  metadata: ScannedMetadata,
  { added, removed }: Required<NamedKeys>,
): KeyChange {
  const name = (key: FileKey): NamedRuleKey => nameKey(key, config, rule);
  const present = metadata.groups.map(({ keys }) => keys);
  const wanted = changeKeys(metadata.groups, { added, removed });
  const known = new Set(rule?.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
  const named = new Set(added.map(({ text }) => text));
  const all = wanted.flatMap(({ keys }) => keys);
  const strangers = rule === undefined ? [] : all.filter(({ text }) => !known.has(text) && !named.has(text));
  const neededGroups = countNeededGroups(metadata);
  return {
    wanted,
    neededGroups,
    present: metadata.groups,
    added: added.filter((key) => present[0] !== undefined && !includesKey(present[0], key)).map((key) => ({
      key: name(key),
      groupIndex: 0,
    })),
    removed: present.flatMap((keys, groupIndex) =>
      keys.filter((key) => includesKey(removed, key)).map((key) => ({ key: name(key), groupIndex }))
    ),
    kept: present.flatMap((keys, groupIndex) =>
      keys.filter((key) => !includesKey(removed, key)).map((key) => ({ key: name(key), groupIndex }))
    ),
    threshold: undefined,
    isOrderOnly: false,
    strangers: distinctKeys(strangers).map(name),
    problem: findProblem(wanted, { wrapped: all, neededGroups, ruleNumber: undefined }),
  };
}

/**
 * @returns the keys of a rule that the data key of a file has to be encrypted for when it comes to be as the rule says: those
 * that it has not, and all where parts of the data key are given to several groups
 */
export function listWrappedAnew({ groups }: Pick<ScannedMetadata, "groups">, rule: Rule): MetadataKey[] {
  const wanted = metadataGroupsOf(rule);
  const keys = wanted.flatMap((group) => group.keys);
  if (wanted.length > 1 || groups.length > 1) return keys;
  const present = groups.flatMap((group) => group.keys);
  return keys.filter((key) => !includesKey(present, key));
}

interface Wrapping {
  readonly wrapped: readonly MetadataKey[];
  readonly neededGroups: number;
  /** Undefined: the keys are those of the file. */
  readonly ruleNumber: number | undefined;
}

/** Found out before anything is written, and once for all files. */
function findProblem(
  groups: readonly MetadataGroup[],
  { wrapped, neededGroups, ruleNumber }: Wrapping,
): KeyProblem | undefined {
  const whose = ruleNumber === undefined ? "it" : `rule ${ruleNumber}`;
  if (groups.length === 0 || groups.every(({ keys }) => keys.length === 0)) {
    return {
      kind: "refused",
      message: `${whose} would have no recipient left, expected one at least`,
      hints: addHint(ruleNumber),
    };
  }
  if (groups.some(({ keys }) => keys.length === 0)) {
    return {
      kind: "refused",
      message: `a key group of ${whose} has no keys, expected a key in each`,
      hints: addHint(ruleNumber),
    };
  }
  if (groups.length > 1 && (neededGroups < 2 || neededGroups > groups.length)) {
    return {
      kind: "malformed",
      message:
        `${whose} says that ${neededGroups} of ${groups.length} key groups are needed, expected 2 to ${groups.length}`,
      hints: ["correct shamir_threshold, or put all keys into one group where one of them is to be enough"],
    };
  }
  const foreign = wrapped.find(({ type }) => type !== "age");
  if (foreign !== undefined) {
    return {
      kind: "unsupported",
      message: `it is for a key of type ${foreign.type}, which only its service can encrypt for`,
      hints: ["use sops for files of such keys"],
    };
  }
  return wrapped.map(problemOf).find((problem) => problem !== undefined);
}

function addHint(ruleNumber: number | undefined): string[] {
  return ruleNumber === undefined ? [] : [`sopsmith recipient add NAME RECIPIENT --rule ${ruleNumber}`];
}

function problemOf({ text }: MetadataKey): KeyProblem | undefined {
  if (isRecipient(text)) return undefined;
  return {
    kind: "malformed",
    message: `${formatShortRecipient(text)} is no recipient that SOPS would take`,
    hints: ["sopsmith rules lint says what is wrong with it"],
  };
}
