/**
 * `recipient remove NAME…`: takes keys from rules of `.sops.yaml`, and their definitions where nothing else uses them.
 *
 * Never leaves a rule without a key unless `--drop-rule` takes the whole rule. Never touches an encrypted file: who is
 * removed can read the files until the next step. Spec: sops-config §3–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import { keyId, keysOf } from "../../config/edit/diff.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { changeConfig, type ChangeOutcome, type PlannedChange } from "../../repository/recipients/change.ts";
import { type KnownRecipient, listKnownRecipients, requireKnownRecipient } from "../../repository/recipients/known.ts";
import { planRemovals } from "../../repository/recipients/plan.ts";
import { type OwnKeyFlags, requireConsentToRules } from "../shared/own_key.ts";
import { type ChangeFlags, chooseRules, parseGroup, readConfigFor } from "./rule_choice.ts";
import { reportEffect, reportRules } from "./report.ts";
import { formatCount } from "../../base/show/counts.ts";
import { formatKeyName, formatRuleNumbers, formatSubject } from "../shared/rule_text.ts";
import { splitWords } from "./source.ts";

/** Flags of `recipient remove`. */
export interface RecipientRemoveFlags extends ChangeFlags, OwnKeyFlags {
  /** Remove a rule that would be left without a key. */
  readonly dropRule?: boolean;
  /** Whoever is removed keeps the data key. */
  readonly keepDataKey?: boolean;
}

/**
 * Runs `recipient remove`.
 *
 * @param args names or keys
 * @returns the exit code
 * @throws {UserError} `usage` for a recipient that the config does not have, or when it is not clear which rule; `refused`
 * for a rule that would be left without a key; what reading and editing the config throws. Nothing has been written then
 */
export async function recipientRemove(
  flags: RecipientRemoveFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { chosen, config } = readConfigFor(session, flags);
  const { names, keys: typed } = splitWords(args);
  const known = listKnownRecipients(config);
  const keys = [...names, ...typed].map((wanted) => requireKnownRecipient(config, known, wanted));
  for (const key of keys) requireRule(config, key);
  const group = parseGroup(flags);
  const hasOne = (rule: Rule): boolean => keysOf(rule).some((key) => keys.some((one) => keyId(one) === keyId(key)));
  const whose = formatList(keys.map(formatKeyName));
  const choice = await chooseRules(host, config, flags, { has: hasOne, description: `with ${whose}` });
  const options = {
    keys,
    group,
    scope: flags.shared ? "shared" : "rule",
    emptied: flags.dropRule ? "drop" : "refuse",
  } as const;
  const plan = async (current: SopsConfig): Promise<PlannedChange> =>
    planRemovals(current, { rules: await choice(current), ...options });
  const preview = await changeConfig(host, chosen, { mode: "preview", plan });
  await requireConsentToRules(session, preview.behind, flags);
  const outcome = await changeConfig(host, chosen, { mode: flags.dryRun ? "preview" : "write", plan });
  if (outcome.changed) reportRemoved(report, keys, outcome, flags);
  else {
    const rules = `${group === undefined ? "" : `group ${group + 1} of `}${formatRuleNumbers(await choice(config))}`;
    const verb = keys.length === 1 ? "is" : "are";
    report.say(`${whose} ${verb} not in ${rules} of ${report.path(config.path)}; nothing changed`);
  }
  reportRules(report, outcome);
  return await reportEffect(session, outcome, {
    keys: new Set(keys.map(({ text }) => text)),
    flags: { ...flags, withoutMe: true },
  });
}

function requireRule(config: SopsConfig, key: KnownRecipient): void {
  if (key.rules.length > 0) return;
  const line = config.keys.find(({ name }) => key.names.includes(name))?.lineNumber;
  throw new UserError("not-found", `no rule of "${config.path}" has ${formatKeyName(key)}, so nobody reads with it`, {
    hints: [`delete the definition${line === undefined ? "" : ` in line ${line}`} by hand if nobody is to use it`],
    location: { path: config.path, ...(line === undefined ? {} : { line }) },
  });
}

function reportRemoved(
  report: Report,
  keys: readonly KnownRecipient[],
  { after, rules }: ChangeOutcome,
  { dryRun }: ChangeFlags,
): void {
  const lost = new Set(rules.flatMap((rule) => rule.lost.map(({ text }) => text)));
  const gone = keys.filter(({ text }) => lost.has(text));
  const what = gone.length === 1 ? formatSubject(gone[0]!) : formatList(gone.map(formatKeyName));
  const from = rules.filter((rule) => rule.lost.length > 0).map(({ before }) => before);
  const where = from.length === 1 ? formatRuleNumbers(from) : formatCount(from.length, "rule");
  if (dryRun) report.say(`would remove ${what} from ${where} in ${report.path(after.path)}`);
  else report.done(`removed ${what} from ${where} in ${report.path(after.path)}`);
}
