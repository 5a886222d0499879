/**
 * What `rules add` tells: the rule and its place, whose files it takes over, and the next step. Spec: sops-config §3–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import type { RuleAdditionOutcome, RuleAdditionRequest } from "../../repository/rules/rule_addition.ts";
import { formatRule } from "../../repository/rules/rule_choice.ts";
import { findConfigToName, formatFirstEdit, formatUpdate } from "../shared/next_step.ts";
import { formatCount, formatRuleNumbers } from "../shared/recipient_text.ts";
import { createKeyNamer, formatPattern, formatSelectors, type KeyNamer, ruleAsJson } from "../shared/rule_text.ts";
import { formatChange } from "../shared/change_diff.ts";

/** Prints what was done on stderr, and with `preview` the change on stdout. */
export async function reportRuleAddition(
  session: Session,
  request: RuleAdditionRequest,
  outcome: RuleAdditionOutcome,
  mode: "write" | "preview",
): Promise<void> {
  const { report } = session;
  const diff = mode === "preview"
    ? await formatChange(report, request.configPath, outcome.configBefore, outcome.configAfter)
    : undefined;
  for (const { message } of outcome.unseen) report.warning(`${message}; encrypted files in it were not considered`);
  const nameOf = createKeyNamer(parseSopsConfig(outcome.configAfter, request.configPath));
  reportRule(report, request, outcome, mode, nameOf);
  if (outcome.action === "added") reportPlace(report, request, outcome, mode, nameOf);
  if (diff !== undefined && diff !== "") report.data(diff);
  if (mode === "write") await reportNext(session, request, outcome);
  report.json(asJson(request, outcome, mode, diff));
}

function reportRule(
  report: Report,
  { configPath }: RuleAdditionRequest,
  { action, rule, successor }: RuleAdditionOutcome,
  mode: "write" | "preview",
  nameOf: KeyNamer,
): void {
  const path = `${report.path(configPath)}:${rule.lineNumber}`;
  const before = successor === undefined
    ? ""
    : ` before ${formatRule({ ...successor, index: numberAfter(successor, rule) - 1 })}, which would have won`;
  switch (action) {
    case "kept":
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
  const keys = rule.groups.flatMap((group) => group.keys).map(nameOf);
  const settings = formatSelectors(rule);
  report.detail(`${formatPattern(rule)}   ${keys.join(", ")}${settings === "" ? "" : `   (${settings})`}`);
}

function reportPlace(
  report: Report,
  { selector, others }: RuleAdditionRequest,
  { rule, successor, displaced, narrower, shadowed }: RuleAdditionOutcome,
  mode: "write" | "preview",
  nameOf: KeyNamer,
): void {
  if (selector === undefined && successor !== undefined && formatSelectors(rule) !== "") {
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
  const readers = new Set(rule.groups.flatMap(({ keys }) => keys).map(({ text }) => text));
  const losers = displaced.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys))
    .filter(({ text }) => !readers.has(text));
  if (losers.length === 0) return;
  const names = formatList(losers.map(nameOf));
  const isOne = new Set(losers.map(({ text }) => text)).size === 1;
  const remedy = mode === "preview" && others === "refuse" ? " (--with-recipients adds them)" : "";
  report.note(
    `new files that match are not for ${names} any more, who ${isOne ? "is" : "are"} in ${
      formatRuleNumbers(displaced.map((other) => ({ ...other, index: numberAfter(other, rule) - 1 })))
    }${remedy}`,
  );
}

/** @returns the number of an old rule in the file with the new one */
function numberAfter(old: Rule, added: Rule): number {
  return old.index + 1 + (old.index >= added.index ? 1 : 0);
}

async function reportNext(
  session: Session,
  { configPath }: RuleAdditionRequest,
  { action, behind, sample }: RuleAdditionOutcome,
): Promise<void> {
  const { host, report } = session;
  const config = await findConfigToName(host, configPath);
  if (behind.length > 0) {
    const verb = behind.length === 1 ? "differs" : "differ";
    report.say(`${formatCount(behind.length, "encrypted file")} ${verb} from the rule`);
    report.next(formatUpdate(report, behind.map(({ file }) => file.path), { config }));
  } else if (action === "added") {
    const file = host.paths.resolve(host.paths.dirname(configPath), sample);
    report.next(await formatFirstEdit(session, file, config));
  }
}

function asJson(
  { configPath }: RuleAdditionRequest,
  { action, rule, successor, shadowed, behind }: RuleAdditionOutcome,
  mode: "write" | "preview",
  diff: string | undefined,
): Record<string, unknown> {
  return {
    action,
    dryRun: mode === "preview",
    config: configPath,
    rule: ruleAsJson(rule),
    before: successor === undefined ? null : numberAfter(successor, rule),
    shadowed: shadowed.map((other) => numberAfter(other, rule)),
    filesToUpdate: behind.map(({ file }) => file.path),
    ...(diff === undefined ? {} : { diff }),
  };
}
