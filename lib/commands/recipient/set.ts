/**
 * `recipient set NAME… --rule N`: gives rules of `.sops.yaml` exactly these age recipients. Keys of other types stay.
 *
 * The lines of those that stay survive. Encrypted files are brought up to date where that is wanted; else the next step does it. Spec: sops-config §3–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { isChangedRule } from "../../config/edit/diff.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { type OwnKeyFlags, requireConsentToRules } from "../shared/own_key.ts";
import { changeConfig, type ChangeOutcome, type PlannedChange } from "../../repository/recipients/change.ts";
import { planExact } from "../../repository/recipients/plan.ts";
import { readExactRecipients } from "./source.ts";
import { type ChangeFlags, chooseGroup, chooseRules, readConfigFor } from "./rule_choice.ts";
import { reportDefinitions, reportEffect, reportRules } from "./report.ts";
import { formatCount } from "../../base/show/counts.ts";
import { reportNames } from "../shared/recipient_naming.ts";
import { formatRuleNumbers } from "../shared/rule_text.ts";

/** Flags of `recipient set`. */
export interface RecipientSetFlags extends ChangeFlags, OwnKeyFlags {
  /** A file of recipients, or `-`. */
  readonly from?: string;
  /** Keep ssh keys as they are. */
  readonly sshNative?: boolean;
  /** Whoever is removed keeps the data key. */
  readonly keepDataKey?: boolean;
}

/**
 * Runs `recipient set`.
 *
 * @param args names that the config knows, and keys
 * @returns the exit code
 * @throws {UserError} `usage` for a name that the config does not know, without a recipient, or when it is not clear which
 * rule; `malformed` and `unsupported` for what is no public key; what reading and editing the config throws. Nothing has
 * been written then
 */
export async function recipientSet(
  flags: RecipientSetFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { chosen, config } = await readConfigFor(session, flags);
  const members = await readExactRecipients(session, config, { ...flags, words: args });
  const choice = await chooseRules(host, config, flags);
  const group = await chooseGroup(host, { config, rules: await choice(config) }, flags);
  const scope = flags.shared ? "shared" : "rule";
  const plan = async (current: SopsConfig): Promise<PlannedChange> =>
    planExact(current, { rules: await choice(current), set: members, group, scope });
  const preview = await changeConfig(host, chosen, { mode: "preview", plan });
  await requireConsentToRules(session, preview.behind, flags);
  const outcome = await changeConfig(host, chosen, { mode: flags.dryRun ? "preview" : "write", plan });
  reportSet(report, outcome, flags);
  const texts = outcome.rules.flatMap(({ gained, lost }) => [...gained, ...lost]).map(({ text }) => text);
  reportRules(report, outcome);
  reportDefinitions(report, outcome, new Set());
  reportNames(report, members, outcome);
  return await reportEffect(session, outcome, { keys: new Set(texts), flags: { ...flags, withoutMe: true } });
}

function reportSet(report: Report, { changed, rules, after }: ChangeOutcome, { dryRun }: ChangeFlags): void {
  const path = report.path(after.path);
  const all = rules.map(({ before }) => before);
  if (!changed) {
    report.say(
      `${formatRuleNumbers(all)} of ${path} ${all.length === 1 ? "has" : "have"} these already; nothing changed`,
    );
    return;
  }
  const others = rules.filter(isChangedRule).map(({ before }) => before);
  const where = others.length === 1 ? formatRuleNumbers(others) : formatCount(others.length, "rule");
  if (dryRun) report.say(`would set the recipients of ${where} in ${path}`);
  else report.done(`set the recipients of ${where} in ${path}`);
}
