/**
 * Which key group of a rule an edit is about. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";

/** What is asked of a rule with several groups. */
const ACTIONS = { add: "add a recipient to", set: "set the recipients of" } as const;

/**
 * @param group 0-based, as asked for; undefined for the only one
 * @returns the index of the group that gains a recipient; 0 for a rule without `key_groups`
 * @throws {UserError} `refused` for several groups and none asked for, `usage` for one that the rule does not have
 */
export function chooseGroup(
  config: SopsConfig,
  rule: Rule,
  group: number | undefined,
  action: keyof typeof ACTIONS,
): number {
  checkGroup(config, rule, group);
  if (group !== undefined) return group;
  const count = rule.groups.length;
  if (count <= 1) return 0;
  throw new UserError(
    "refused",
    `cannot ${ACTIONS[action]} rule ${rule.index + 1} of "${config.path}": it has ${count} key groups, ` +
      "and a reader needs one key of each",
    {
      hints: [
        `name one of them: sopsmith recipient ${action} … --rule ${
          rule.index + 1
        } --group N, with N from 1 to ${count}`,
      ],
      location: { path: config.path, line: rule.lineNumber },
    },
  );
}

/**
 * What an edit of several rules means by a group: that of the rules that have several, the only one of the others.
 *
 * @param ruleIndexes 0-based, in any order
 * @param group 0-based, as asked for
 * @returns the group that each of the rules is asked for, ascending; undefined where none is
 * @throws {UserError} `usage` for a group that the rules do not have
 * @throws {InternalError} for a rule that does not exist
 */
export function askedGroups(
  config: SopsConfig,
  ruleIndexes: readonly number[],
  group: number | undefined,
): ReadonlyMap<number, number | undefined> {
  const rules = [...new Set(ruleIndexes)].sort((a, b) => a - b).map((index) => {
    const rule = config.rules[index];
    if (rule === undefined) throw new InternalError(`no rule ${index + 1} to change`);
    return rule;
  });
  const someHaveSeveral = rules.some(({ groups }) => groups.length > 1);
  return new Map(rules.map((rule) => {
    const asked = someHaveSeveral && rule.groups.length <= 1 ? undefined : group;
    checkGroup(config, rule, asked);
    return [rule.index, asked];
  }));
}

function checkGroup(config: SopsConfig, rule: Rule, group: number | undefined): void {
  const count = Math.max(rule.groups.length, 1);
  if (group === undefined || (Number.isInteger(group) && group >= 0 && group < count)) return;
  throw new UserError("usage", `rule ${rule.index + 1} of "${config.path}" has no key group ${group + 1}`, {
    hints: [`name a group from 1 to ${count}`],
    location: { path: config.path, line: rule.lineNumber },
  });
}
