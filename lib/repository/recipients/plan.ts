/**
 * What the `recipient` commands do to the rules of a `.sops.yaml`, each as one planned change made of the edits of
 * `lib/config/`: several recipients, several rules.
 *
 * Pure. Spec: sops-config §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { ConfigEdits, EditScope, NewRecipient } from "../../config/edit/plan.ts";
import { planDropRule } from "../../config/edit/drop_rule.ts";
import { planAddRecipientToRules } from "../../config/edit/add_recipient.ts";
import { planRemoveRecipient } from "../../config/edit/remove_recipient.ts";
import { planRenameRecipient } from "../../config/edit/rename_recipient.ts";
import { planSetRecipients } from "../../config/edit/set_recipients.ts";
import type { Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import type { PlannedChange } from "./change.ts";
import { formatRule } from "../rules/rule_choice.ts";

/** What may be said about a change of a rule's recipients. */
export interface ChangeOptions {
  /** 0-based index of the key group; undefined: the only one, or for a removal each. */
  readonly group: number | undefined;
  readonly scope: EditScope;
}

/** A key of a rule, told by type and text. */
export type KeyIdentity = Pick<RuleKey, "type" | "text">;

/** @returns whether the rule has the key, in the group if one is given */
export function hasKey({ groups }: Rule, { type, text }: KeyIdentity, group?: number): boolean {
  const asked = group === undefined ? groups : groups.slice(group, group + 1);
  return asked.some(({ keys }) => keys.some((key) => key.type === type && key.text === text));
}

/**
 * Gives recipients to rules.
 *
 * @throws {UserError} what `planAddRecipientToRules` throws
 */
export function planAdditions(
  config: SopsConfig,
  rules: readonly Rule[],
  recipients: readonly NewRecipient[],
  options: ChangeOptions,
): PlannedChange {
  const steps = recipients.flatMap((recipient) =>
    splitByGroups(rules, options).map(({ indexes, where }) => (current: SopsConfig): ConfigEdits =>
      planAddRecipientToRules(current, indexes, recipient, where)
    )
  );
  return chain(config, rules.map(({ index }) => index), steps);
}

/**
 * Takes keys from rules.
 *
 * @param emptied what becomes of a rule that would be left without a key
 * @throws {UserError} `refused` for such a rule that is not to be dropped; what `planRemoveRecipient` throws
 */
export function planRemovals(
  config: SopsConfig,
  rules: readonly Rule[],
  keys: readonly KeyIdentity[],
  options: ChangeOptions,
  emptied: "refuse" | "drop",
): PlannedChange {
  const having = inGroup(rules.filter((rule) => keys.some((key) => hasKey(rule, key))), options.group);
  const empty = options.group === undefined ? having.filter((rule) => isEmptyWithout(rule, keys)) : [];
  if (empty.length > 0 && emptied === "refuse") throw wouldBeEmpty(config, empty);
  const dropped = new Set(empty.map(({ index }) => index));
  let current = config;
  for (const index of [...dropped].sort((a, b) => b - a)) current = planDropRule(current, index).config;
  const kept = having.filter(({ index }) => !dropped.has(index));
  const shiftOf = (index: number): number => [...dropped].filter((gone) => gone < index).length;
  const indexes = kept.map(({ index }) => index - shiftOf(index));
  const steps = keys.map(({ text }) => (at: SopsConfig): ConfigEdits =>
    planRemoveRecipient(at, indexes, text, definedOptions(options))
  );
  const { after, concerned } = chain(current, indexes, steps);
  const indexBefore = config.rules.map(({ index }) => index).filter((index) => !dropped.has(index));
  return { after, concerned: new Set([...[...concerned].map((index) => indexBefore[index]!), ...dropped]), dropped };
}

/**
 * Gives rules exactly these `age` recipients.
 *
 * @throws {UserError} what `planSetRecipients` throws
 */
export function planExact(
  config: SopsConfig,
  rules: readonly Rule[],
  recipients: readonly NewRecipient[],
  options: ChangeOptions,
): PlannedChange {
  const steps = splitByGroups(rules, options).flatMap(({ indexes, where }) =>
    indexes.map((index) => (current: SopsConfig): ConfigEdits => planSetRecipients(current, index, recipients, where))
  );
  return chain(config, rules.map(({ index }) => index), steps);
}

/**
 * Gives a key another name.
 *
 * @throws {UserError} what `planRenameRecipient` throws
 */
export function planRename(config: SopsConfig, from: string, to: string): PlannedChange {
  return chain(config, [], [(current) => planRenameRecipient(current, from, to)]);
}

/** @param concerned indexes of the rules that are named; those that an edit changes besides, because they share, count too */
function chain(
  config: SopsConfig,
  concerned: readonly number[],
  steps: readonly ((config: SopsConfig) => ConfigEdits)[],
): PlannedChange {
  let after = config;
  const all = new Set(concerned);
  for (const step of steps) {
    const edits = step(after);
    after = edits.config;
    for (const { ruleIndex } of edits.changes) all.add(ruleIndex);
  }
  return { after, concerned: all, dropped: new Set() };
}

function definedOptions({ group, scope }: ChangeOptions): { readonly group?: number; readonly scope: EditScope } {
  return { scope, ...(group === undefined ? {} : { group }) };
}

/** Rules that are changed alike. */
interface Batch {
  readonly indexes: readonly number[];
  readonly where: { readonly group?: number; readonly scope: EditScope };
}

/** A group is meant for the rules that have several; where none has, the edit says so. */
function splitByGroups(rules: readonly Rule[], options: ChangeOptions): readonly Batch[] {
  const several = rules.filter(({ groups }) => groups.length > 1);
  const isSplit = options.group !== undefined && several.length > 0;
  const parts: [readonly Rule[], ChangeOptions][] = isSplit
    ? [[several, options], [rules.filter(({ groups }) => groups.length < 2), { ...options, group: undefined }]]
    : [[rules, options]];
  return parts.filter(([part]) => part.length > 0).map(([part, partOptions]) => ({
    indexes: part.map(({ index }) => index),
    where: definedOptions(partOptions),
  }));
}

/** Of several rules, those without such a group are not meant; of rules that all have none, the edit says so. */
function inGroup(rules: readonly Rule[], group: number | undefined): readonly Rule[] {
  const found = rules.filter(({ groups }) => groups.length > (group ?? 0));
  return found.length === 0 ? rules : found;
}

function isEmptyWithout({ groups }: Rule, removed: readonly KeyIdentity[]): boolean {
  return groups.every(({ keys }) =>
    keys.every(({ type, text }) => removed.some((key) => key.type === type && key.text === text))
  );
}

function wouldBeEmpty(config: SopsConfig, rules: readonly Rule[]): UserError {
  const [first] = rules;
  const which = rules.length === 1 && first !== undefined ? formatRule(first) : `${rules.length} rules`;
  return new UserError("refused", `cannot leave ${which} of "${config.path}" without any key`, {
    details: rules.length === 1 ? [] : rules.map(formatRule),
    hints: [
      "add another recipient first, or remove the whole rule with --drop-rule (the next one that matches wins then)",
    ],
    location: { path: config.path, ...(first === undefined ? {} : { line: first.lineNumber }) },
  });
}
