/**
 * What `rules add` tells: the rule and its place, whose files it takes over, and the next step. Spec: sops-config §3–4.
 *
 * @module
 */
import { reportNames } from "../shared/recipient_naming.ts";
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { findOwnRecipients, type OwnRecipients } from "../../repository/access/own_recipients.ts";
import type { VaultFile } from "../../repository/scan/vault_files.ts";
import type { RuleAddition, RuleAdditionRequest } from "../../repository/rules/rule_addition.ts";
import { formatRule } from "../../repository/rules/rule_choice.ts";
import { suggestFirstEdit, suggestUpdate } from "../shared/next_step.ts";
import { formatCount } from "../../base/show/counts.ts";
import { createKeyNamer, formatPattern, formatRuleNumbers, formatSelectors, ruleAsJson } from "../shared/rule_text.ts";
import { describeConfigChange } from "../shared/change_diff.ts";

/** What was done, or with `preview` would be. */
export interface RuleAdditionResult extends RuleAddition {
  /** The encrypted files of the rule that are not as it says now. */
  readonly behind: readonly VaultFile[];
  readonly mode: "write" | "preview";
}

/** Prints what was done on stderr, and with `preview` the change on stdout. */
export async function reportRuleAddition(
  session: Session,
  request: RuleAdditionRequest,
  outcome: RuleAdditionResult,
): Promise<void> {
  const { report } = session;
  const { mode } = outcome;
  const diff = mode === "preview" ? await describeConfigChange(report, outcome.config) : undefined;
  for (const { message } of outcome.files.unseen) {
    report.warning(`${message}; encrypted files in it were not considered`);
  }
  reportRule(report, outcome);
  reportNames(report, request.recipients, outcome.config);
  if (outcome.isNewRule) reportPlace(report, request, outcome);
  if (diff !== undefined && diff !== "") report.data(diff);
  if (mode === "write") await reportNext(session, outcome);
  if (report.format === "json") report.json(asJson(outcome, { diff, own: await findOwnRecipients(session.host) }));
}

/** @returns what became of the rule: it is new, it has more recipients, or it had them all */
function changeOf({ isNewRule, config }: RuleAdditionResult): "added" | "extended" | undefined {
  return isNewRule ? "added" : config.changed ? "extended" : undefined;
}

function reportRule(report: Report, outcome: RuleAdditionResult): void {
  const { rule, successor, mode, config: { after } } = outcome;
  const path = `${report.path(after.path)}:${rule.lineNumber}`;
  const before = successor === undefined
    ? ""
    : ` before ${formatRule({ ...successor, index: numberAfter(successor, rule) - 1 })}, which would have won`;
  switch (changeOf(outcome)) {
    case undefined:
      report.say(`${formatRule(rule)} has these recipients; nothing changed`);
      return;
    case "extended":
      if (mode === "preview") report.say(`would add the recipients to ${formatRule(rule)} in ${path}`);
      else report.done(`added the recipients to ${formatRule(rule)} in ${path}`);
      break;
    case "added":
      if (mode === "preview") report.say(`would add rule ${rule.index + 1} to ${path}${before}`);
      else report.done(`added rule ${rule.index + 1} to ${path}${before}`);
  }
  const keys = keysOf(rule).map(createKeyNamer(after));
  const settings = formatSelectors(rule);
  report.detail(`${formatPattern(rule)}   ${keys.join(", ")}${settings === "" ? "" : `   (${settings})`}`);
}

function reportPlace(
  report: Report,
  { selectors, others }: RuleAdditionRequest,
  { rule, successor, takenFrom, narrower, shadowed, mode, config: { after } }: RuleAdditionResult,
): void {
  if (selectors === undefined && successor !== undefined && formatSelectors(rule) !== "") {
    report.note(`what is encrypted is as in rule ${numberAfter(successor, rule)}`);
  }
  if (narrower.length > 0) {
    const [verb, them] = narrower.length === 1 ? ["keeps", "it is"] : ["keep", "they are"];
    report.note(`${formatRuleNumbers(narrower)} ${verb} the files that ${them} about`);
  }
  if (shadowed.length > 0) {
    const later = shadowed.map((other) => ({ ...other, index: other.index + 1 }));
    report.warning(`${formatRuleNumbers(later)} never ${later.length === 1 ? "wins" : "win"} from now on`);
  }
  const readers = new Set(keysOf(rule).map(({ text }) => text));
  const leaving = takenFrom.flatMap(keysOf).filter(({ text }) => !readers.has(text));
  if (leaving.length === 0) return;
  const names = formatList(leaving.map(createKeyNamer(after)));
  const isOne = new Set(leaving.map(({ text }) => text)).size === 1;
  const remedy = mode === "preview" && others === "refuse" ? " (--with-recipients adds them)" : "";
  report.note(
    `new files that match are not for ${names} any more, who ${isOne ? "is" : "are"} in ${
      formatRuleNumbers(takenFrom.map((other) => ({ ...other, index: numberAfter(other, rule) - 1 })))
    }${remedy}`,
  );
}

/** @returns the number of an old rule in the file with the new one */
function numberAfter(old: Rule, added: Rule): number {
  return old.index + 1 + (old.index >= added.index ? 1 : 0);
}

async function reportNext(
  session: Session,
  { isNewRule, behind, sample, config: { after: { path } } }: RuleAdditionResult,
): Promise<void> {
  const { host, report } = session;
  if (behind.length > 0) {
    const verb = behind.length === 1 ? "differs" : "differ";
    report.say(`${formatCount(behind.length, "encrypted file")} ${verb} from the rule`);
    report.next(await suggestUpdate(session, behind.map(({ file }) => file.path), { config: path }));
  } else if (isNewRule) {
    const file = host.paths.resolve(host.paths.dirname(path), sample);
    report.next(await suggestFirstEdit(session, file, path));
  }
}

function asJson(
  outcome: RuleAdditionResult,
  { diff, own }: { readonly diff: string | undefined; readonly own: OwnRecipients },
): Record<string, unknown> {
  const { rule, successor, shadowed, behind, mode, config } = outcome;
  const change = changeOf(outcome);
  return {
    changed: change !== undefined,
    change: change ?? null,
    dryRun: mode === "preview",
    config: config.after.path,
    rule: ruleAsJson(rule, own),
    before: successor === undefined ? null : numberAfter(successor, rule),
    shadowed: shadowed.map((other) => numberAfter(other, rule)),
    filesToUpdate: behind.map(({ file }) => file.path),
    ...(diff === undefined ? {} : { diff }),
  };
}
