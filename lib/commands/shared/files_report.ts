/**
 * What a change of recipients means for the encrypted files, told to people, and the command that brings them up to date.
 * Spec: sops-config §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { type NamedRuleKey, nameKey } from "../../repository/scan/differences.ts";
import type { ChangeOutcome, FileBehind, MovedFile } from "../../repository/recipients/change.ts";
import { findConfigToName, formatUpdate } from "./next_step.ts";
import { formatCount } from "../../base/show/counts.ts";
import { createKeyNamer } from "./rule_text.ts";

/** How many files a sentence names; the others are counted. */
const MAX_NAMED_FILES = 3;

/** How many names of keys a sentence holds; more are counted. */
const MAX_NAMES = 20;

/** What the command was about. */
export interface ChangeSubject {
  /** The keys, as `RuleKey.text`. */
  readonly keys: ReadonlySet<string>;
  /** Nothing is written, so there is no next step. */
  readonly isPreview: boolean;
}

/**
 * Says what the change means for the encrypted files, and how to bring them up to date.
 */
export async function reportFiles(
  session: Session,
  outcome: ChangeOutcome,
  { keys: subjects, isPreview }: ChangeSubject,
): Promise<void> {
  const { host, report } = session;
  for (const { message } of outcome.unseen) report.warning(`${message}; encrypted files in it were not considered`);
  reportMoved(report, outcome);
  const { behind } = outcome;
  if (behind.length === 0) return;
  const waiting = reportWaiting(report, outcome, subjects);
  const leaving = reportLeaving(report, outcome, subjects);
  const others = behind.filter((file) => !waiting.has(file) && !leaving.has(file)).length;
  if (others > 0) {
    const isOne = others === 1;
    report.say(`${formatFiles(others)} ${isOne ? "differs from its" : "differ from their"} rule, as before`);
  }
  reportLosers(report, outcome, subjects);
  if (isPreview) return;
  const files = behind.map(({ file }) => file.path);
  report.next(formatUpdate(report, files, { config: await findConfigToName(host, outcome.after.path, files[0]!) }));
}

/** Says which files are gone from rules that are gone. */
function reportMoved(report: Report, { moved, after }: ChangeOutcome): void {
  for (const [to, files] of Map.groupBy(moved, (file) => file.to)) {
    const named = nameFiles(report, files);
    if (to === undefined) report.warning(`no rule matches ${named} any more, so sops refuses to update or re-encrypt`);
    else report.warning(`${named}: rule ${to.index + 1} wins now, for ${formatMembers(to, after)}`);
  }
}

function formatMembers({ groups }: Rule, config: SopsConfig): string {
  return formatList(groups.flatMap(({ keys }) => keys.map(createKeyNamer(config)))) || "nobody";
}

/** @returns the files that do not know a key that the command was about */
function reportWaiting(
  report: Report,
  { behind, after }: ChangeOutcome,
  subjects: ReadonlySet<string>,
): ReadonlySet<FileBehind> {
  const keys: NamedRuleKey[] = [];
  const files = behind.filter(({ differences: { missing } }) => {
    const found = missing.map(({ key }) => key).filter(({ text }) => subjects.has(text));
    keys.push(...found);
    return found.length > 0;
  });
  if (files.length > 0) {
    const verb = files.length === 1 ? "does" : "do";
    report.say(`${formatFiles(files.length)} ${verb} not know ${formatNames(keys, after)} yet`);
  }
  return new Set(files);
}

/** @returns the files that are still encrypted to a key that the command was about */
function reportLeaving(
  report: Report,
  { behind, before }: ChangeOutcome,
  subjects: ReadonlySet<string>,
): ReadonlySet<FileBehind> {
  const keys: NamedRuleKey[] = [];
  const files = behind.filter(({ rule, differences: { extra } }) => {
    const found = extra.filter(({ key }) => subjects.has(key.text)).map(({ key }) => nameKey(key, before, rule));
    keys.push(...found);
    return found.length > 0;
  });
  if (files.length > 0) {
    report.say(
      `an update takes ${formatFiles(files.length)} from ${formatNames(keys, before)}: ${nameFiles(report, files)}`,
    );
    report.note(`old versions stay readable for ${formatNames(keys, before)}: change the secret values too`);
  }
  return new Set(files);
}

/** An update takes a file from everyone who is not in its rule, also from those whom nobody has spoken of. */
function reportLosers(report: Report, { behind, after }: ChangeOutcome, subjects: ReadonlySet<string>): void {
  const losers = new Map<string, NamedRuleKey>();
  const files = behind.filter(({ rule, differences: { extra } }) => {
    const others = extra.filter(({ key }) => !subjects.has(key.text));
    for (const { key } of others) losers.set(key.text, nameKey(key, after, rule));
    return others.length > 0;
  });
  if (files.length === 0) return;
  const those = files.length === 1 ? "it is encrypted" : "they are encrypted";
  report.warning(
    `an update also takes ${nameFiles(report, files)} from ${
      formatNames([...losers.values()], after)
    }, for whom ${those} ` +
      "although the rule does not say so",
  );
}

function formatFiles(count: number): string {
  return formatCount(count, "encrypted file");
}

/** @returns the keys by name, many of them as a number */
function formatNames(keys: readonly NamedRuleKey[], config: SopsConfig): string {
  const names = [...new Set(keys.map(createKeyNamer(config)))];
  return names.length > MAX_NAMES ? `${names.length} recipients` : formatList(names);
}

function nameFiles(report: Report, files: readonly (MovedFile | FileBehind)[]): string {
  const named = files.slice(0, MAX_NAMED_FILES).map(({ file }) => report.path(file.path));
  const rest = files.length - named.length;
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : formatList(named);
}
