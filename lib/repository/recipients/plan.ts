/**
 * The intents of the `recipient` commands: which rules gain and lose which keys, and which rules go. Pure.
 *
 * Spec: sops-config §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { planChange } from "../../config/edit/change.ts";
import { isChangedRule, keyId, keysOf } from "../../config/edit/diff.ts";
import type { ChangeIntent, EditScope, NewRecipient } from "../../config/edit/intent.ts";
import type { Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import { formatRule } from "../rules/rule_choice.ts";
import type { PlannedChange } from "./change.ts";

/** Which rules change, and where in them. */
export interface RulesToChange {
  readonly rules: readonly Rule[];
  /** 0-based index of the key group; undefined: the only one, or for a removal each. */
  readonly group: number | undefined;
  readonly scope: EditScope;
}

/** A key of a rule, told by type and text. */
export type KeyIdentity = Pick<RuleKey, "type" | "text">;

/**
 * Gives recipients to rules.
 *
 * @throws {UserError} what `planChange` throws
 */
export function planAdditions(
  config: SopsConfig,
  { add, ...where }: RulesToChange & { readonly add: readonly NewRecipient[] },
): PlannedChange {
  return plan(config, where.rules, { keys: [{ ...placeOf(where), add }], scope: where.scope });
}

/**
 * Gives rules exactly these `age` recipients.
 *
 * @throws {UserError} what `planChange` throws
 */
export function planExact(
  config: SopsConfig,
  { set, ...where }: RulesToChange & { readonly set: readonly NewRecipient[] },
): PlannedChange {
  return plan(config, where.rules, { keys: [{ ...placeOf(where), set }], scope: where.scope });
}

/** What shall be taken away. */
export interface Removals extends RulesToChange {
  readonly keys: readonly KeyIdentity[];
  /** What becomes of a rule that would be left without a key. */
  readonly emptied: "refuse" | "drop";
}

/**
 * Takes keys from rules.
 *
 * @throws {UserError} `refused` for a rule that would be empty and is not to be dropped; what `planChange` throws
 */
export function planRemovals(config: SopsConfig, { keys, emptied, ...where }: Removals): PlannedChange {
  const { group, scope } = where;
  const gone = new Set(keys.map(keyId));
  const having = inGroup(where.rules.filter((rule) => keysOf(rule).some((key) => gone.has(keyId(key)))), group);
  const empty = group === undefined ? having.filter((rule) => keysOf(rule).every((key) => gone.has(keyId(key)))) : [];
  if (empty.length > 0 && emptied === "refuse") throw wouldBeEmpty(config, empty);
  const rules = having.filter((rule) => !empty.includes(rule));
  return plan(config, rules, {
    keys: [{ ...placeOf({ rules, group }), remove: keys.map(({ text }) => text) }],
    scope,
    dropRules: empty.map(({ index }) => index),
  });
}

/**
 * Gives a key another name.
 *
 * @throws {UserError} what `planChange` throws
 */
export function planRename(config: SopsConfig, rename: NonNullable<ChangeIntent["rename"]>): PlannedChange {
  const change = planChange(config, { rename });
  const having = change.rules.filter(({ renamed }) => renamed.length > 0);
  return { change, about: new Set(having.map(({ before }) => before.index)) };
}

/** Rules that change because they share a place are what the change is about, too. */
function plan(config: SopsConfig, rules: readonly Rule[], intent: ChangeIntent): PlannedChange {
  const change = planChange(config, intent);
  const changed = change.rules.filter(isChangedRule).map(({ before }) => before);
  return { change, about: new Set([...rules, ...changed].map(({ index }) => index)) };
}

function placeOf(
  { rules, group }: Pick<RulesToChange, "rules" | "group">,
): { readonly rules: readonly number[]; readonly group?: number } {
  return { rules: rules.map(({ index }) => index), ...(group === undefined ? {} : { group }) };
}

/** Of several rules, those without such a group are not meant; of rules that all have none, the edit says so. */
function inGroup(rules: readonly Rule[], group: number | undefined): readonly Rule[] {
  const found = rules.filter(({ groups }) => groups.length > (group ?? 0));
  return found.length === 0 ? rules : found;
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
