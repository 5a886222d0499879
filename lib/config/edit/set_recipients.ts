/**
 * Gives a rule of `.sops.yaml` exactly the named recipients; the lines of those that stay survive.
 *
 * Made of additions and removals, each proved. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { checkRecipient, type ConfigEdits, type EditScope, type NewRecipient } from "./plan.ts";
import { describeEdits, noEdits } from "./changes.ts";
import { chooseGroup } from "./group.ts";
import { planAddRecipientToRules } from "./add_recipient.ts";
import { collectNames } from "./names.ts";
import { planRemoveRecipient } from "./remove_recipient.ts";
import { planRenameRecipient } from "./rename_recipient.ts";
import type { RuleKey, SopsConfig } from "../rules/sops_config.ts";

/** What else may be said about the list. */
export interface SetRecipientsOptions {
  /** 0-based index of the key group; needed for a rule with several. */
  readonly group?: number;
  /** Default `rule`. */
  readonly scope?: EditScope;
}

/**
 * Plans that a rule has these `age` recipients and no others, in any order. Keys of other types (pgp, kms, …) stay.
 *
 * @param ruleIndex 0-based
 * @param recipients those that the rule has already keep their name and place; the others come last, in this order
 * @returns the proved edit; the old text when the rule has exactly these already
 * @throws {UserError} `refused` for a rule with several key groups and no `group`, and when no key would be left;
 * `usage` for a group that does not exist, `malformed` for a recipient that cannot stand in the file
 * @throws {InternalError} when the proof of the edit fails
 */
export function planSetRecipients(
  config: SopsConfig,
  ruleIndex: number,
  recipients: readonly NewRecipient[],
  options: SetRecipientsOptions = {},
): ConfigEdits {
  recipients.forEach(checkRecipient);
  const rule = config.rules[ruleIndex];
  if (rule === undefined) throw new InternalError(`no rule ${ruleIndex + 1} to set the recipients of`);
  const group = chooseGroup(config, rule, options.group, "set");
  const { scope = "rule" } = options;
  const where = { scope, ...(rule.groups.length > 1 ? { group } : {}) };

  const keys = rule.groups[group]?.keys ?? [];
  const wanted = new Set(recipients.map(({ text }) => text));
  const had = new Set(keys.filter(({ type }) => type === "age").map(({ text }) => text));
  const leaving = [...had.difference(wanted)].map((gone) => keys.find(({ text }) => text === gone)!);
  const joining = recipients.filter(({ text }) => !had.has(text));
  if (leaving.length + joining.length === 0) return noEdits(config);

  let current = config;
  const remove = ({ text }: RuleKey): void => {
    current = planRemoveRecipient(current, [ruleIndex], text, where).config;
  };
  // Names become free before the new keys need them; where no key stays, one shows the new ones their place.
  const last = wanted.intersection(had).size === 0 && joining.length > 0
    ? findLastToLeave(leaving, joining)
    : undefined;
  leaving.filter((key) => key !== last).forEach(remove);
  for (const recipient of joining) {
    current = planAddRecipientToRules(current, [ruleIndex], recipient, where).config;
  }
  if (last !== undefined) {
    remove(last);
    current = withFreedName(config, current, last.name, joining);
  }
  return describeEdits(config, current);
}

/** Gives a new key the name that the last old one kept from it. */
function withFreedName(
  before: SopsConfig,
  current: SopsConfig,
  freed: string | undefined,
  joining: readonly NewRecipient[],
): SopsConfig {
  const recipient = joining.find(({ name }) => name === freed);
  if (freed === undefined || recipient === undefined || collectNames(current).has(freed)) return current;
  const keys = current.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys));
  const name = keys.find(({ text }) => text === recipient.text)?.name;
  if (name === undefined || collectNames(before).has(name)) return current;
  return planRenameRecipient(current, name, freed).config;
}

/** @returns one whose name no other key wants, if there is one */
function findLastToLeave(leaving: readonly RuleKey[], joining: readonly NewRecipient[]): RuleKey | undefined {
  const names = new Set(joining.map(({ name }) => name));
  return leaving.find(({ name }) => name === undefined || !names.has(name)) ?? leaving[0];
}
