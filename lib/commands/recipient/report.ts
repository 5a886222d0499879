/**
 * What a change of recipients tells: the rules with who came and went, what that means for the encrypted files, the command
 * that brings them up to date, and the result for `--json`. Spec: sops-config §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { styled } from "../../base/show/style.ts";
import { formatList } from "../../base/show/word_list.ts";
import { isChangedRule, type KeysDiff, keysOf, type RuleDiff } from "../../config/edit/diff.ts";
import { isInRules } from "../../config/rules/key_name.ts";
import type { NamedKey, SopsConfig } from "../../config/rules/sops_config.ts";
import type { ChangeOutcome, FileBehind, MovedFile } from "../../repository/recipients/change.ts";
import { type NamedRuleKey, nameKey } from "../../repository/scan/differences.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { createKeyNamer, formatPattern, keyAsJson, type KeyNamer } from "../shared/rule_text.ts";
import { tableOf } from "../../base/show/table.ts";
import { describeConfigChange } from "../shared/change_diff.ts";
import { followChange, type FollowUpFlags } from "./follow_up.ts";

/** How many rules are shown; the others are counted. */
const MAX_SHOWN_RULES = 20;

/** How many names of keys that stay are shown for a rule; the others are counted. */
const MAX_KEPT_NAMES = 6;

/** How many names of keys that come or go are shown for a rule. */
const MAX_CHANGED_NAMES = 20;

/** How many files a sentence names; the others are counted. */
const MAX_NAMED_FILES = 3;

/** How many names of keys a sentence holds; more are counted. */
const MAX_NAMES = 20;

/** Shows each rule that changed, on a line of its own. */
export function reportRules(report: Report, { rules, before, after }: ChangeOutcome): void {
  const nameOf = createKeyNamer({ rules: [...after.rules, ...before.rules], keys: [...after.keys, ...before.keys] });
  const changed = rules.filter(isChangedRule);
  report.details(tableOf(changed.slice(0, MAX_SHOWN_RULES).map((rule) => rowOf(rule, nameOf)), { yields: [1] }));
  const rest = changed.length - MAX_SHOWN_RULES;
  if (rest > 0) report.detail(`  and ${formatCount(rest, "more rule")}`);
}

/**
 * Says under which kind new keys are defined, in a file that keeps kinds apart.
 *
 * @param undecided texts of keys that nobody said the kind of
 */
export function reportDefinitions(
  report: Report,
  { before, defined, rules }: ChangeOutcome,
  undecided: ReadonlySet<string>,
): void {
  const lists = new Map(before.keys.filter((key) => !isInRules(key)).map((key) => [key.text, listOf(key)]));
  if (new Set(lists.values()).size < 2) return;
  for (const [list, keys] of Map.groupBy(defined, listOf)) {
    report.detail(`  ${namesOf(keys)} ${keys.length === 1 ? "is" : "are"} defined under ${list}`);
    const asked = keys.filter(({ text }) => undecided.has(text));
    const rule = rules.find(({ gained }) => gained.some((key) => asked.some(({ text }) => text === key.text)));
    const beside = rule?.groups.flatMap(({ kept }) => kept).filter(({ text }) => lists.has(text)) ?? [];
    const last = beside.findLast(({ text }) => lists.get(text) === list);
    if (last === undefined || new Set(beside.map(({ text }) => lists.get(text))).size < 2) continue;
    const [they, move] = asked.length === 1 ? ["it is", "its line"] : ["they are", "their lines"];
    report.note(
      `rule ${rule!.before.index + 1} mixes kinds, so ${namesOf(asked)} went beside ${last.name}; ` +
        `if ${they} of another kind, move ${move}`,
    );
  }
}

function namesOf(keys: readonly NamedKey[]): string {
  return formatList(shorten(keys.map(({ name }) => name), MAX_CHANGED_NAMES));
}

/** @returns the keys that lead to the list or mapping that a definition stands in */
function listOf({ name, trail }: NamedKey): string {
  return (trail.at(-1) === name ? trail.slice(0, -1) : trail).join(".");
}

function rowOf({ before, after, lost, groups }: RuleDiff, nameOf: KeyNamer): string[] {
  const head = [`rule ${before.index + 1}`, formatPattern(before)];
  if (after === undefined) return [...head, `removed, with ${formatList(lost.map(nameOf))}`];
  return [...head, groups.map((group) => formatGroup(group, nameOf)).join(" | ")];
}

function formatGroup({ kept, gained, lost }: KeysDiff, nameOf: KeyNamer): string {
  return [
    ...shorten(kept.map(nameOf), MAX_KEPT_NAMES),
    ...shorten(gained.map((key) => styled(`+ ${nameOf(key)}`, "good")), MAX_CHANGED_NAMES),
    ...shorten(lost.map((key) => styled(`- ${nameOf(key)}`, "loss")), MAX_CHANGED_NAMES),
  ].join(", ");
}

function shorten(names: readonly string[], limit: number): string[] {
  if (names.length <= limit) return [...names];
  return [...names.slice(0, limit - 1), `${names.length - limit + 1} more`];
}

/** What the command was about. */
export interface ChangeSubject {
  /** The keys, as `RuleKey.text`. */
  readonly keys: ReadonlySet<string>;
  readonly flags: FollowUpFlags;
}

/**
 * Tells what the change means for the files, and brings them up to date where that is wanted; the diff of a preview on
 * stdout; the result for `--json`.
 *
 * @returns the exit code
 * @throws {UserError} `cancelled` when the person gives up at a question
 */
export async function reportEffect(
  session: Session,
  outcome: ChangeOutcome,
  { keys, flags }: ChangeSubject,
): Promise<number> {
  const { report } = session;
  const leaving = reportFiles(session, outcome, keys);
  const followUp = await followChange(session, outcome, { leaving: [...leaving], flags });
  const diff = flags.dryRun ? await describeConfigChange(report, outcome) : undefined;
  if (diff) report.data(diff);
  report.json({ ...changeAsJson(outcome, diff), ...followUp.json });
  return followUp.exitCode;
}

/**
 * The change for `--json`.
 *
 * @param diff of a preview
 */
export function changeAsJson(outcome: ChangeOutcome, diff: string | undefined): Record<string, unknown> {
  return {
    config: outcome.after.path,
    changed: outcome.changed,
    dryRun: diff !== undefined,
    rules: outcome.rules.map(({ before, after, gained, lost }) => ({
      number: before.index + 1,
      pathRegex: before.pathRegex ?? null,
      isDropped: after === undefined,
      gained: gained.map(keyAsJson),
      lost: lost.map(keyAsJson),
    })),
    filesToUpdate: outcome.behind.map(({ file }) => file.path),
    movedFiles: outcome.moved.map(({ file, to }) => ({
      path: file.path,
      rule: to === undefined ? null : to.index + 1,
    })),
    ...(diff === undefined ? {} : { diff }),
  };
}

/**
 * Says what the change means for the encrypted files. Spec: sops-config §4.
 *
 * @returns the files that somebody could read who is to lose them
 */
function reportFiles(
  { report }: Session,
  outcome: ChangeOutcome,
  subjects: ReadonlySet<string>,
): ReadonlySet<FileBehind> {
  for (const { message } of outcome.unseen) report.warning(`${message}; encrypted files in it were not considered`);
  reportMoved(report, outcome);
  const { behind } = outcome;
  if (behind.length === 0) return new Set();
  const waiting = reportWaiting(report, outcome, subjects);
  const leaving = reportLeaving(report, outcome, subjects);
  const others = behind.filter((file) => !waiting.has(file) && !leaving.has(file)).length;
  if (others > 0) {
    const isOne = others === 1;
    report.say(`${formatFiles(others)} ${isOne ? "differs from its" : "differ from their"} rule, as before`);
  }
  reportOthers(report, outcome, subjects);
  return leaving;
}

/** Says which files are gone from rules that are gone. */
function reportMoved(report: Report, { moved, after }: ChangeOutcome): void {
  for (const [to, files] of Map.groupBy(moved, (file) => file.to)) {
    const named = nameFiles(report, files);
    if (to === undefined) report.warning(`no rule matches ${named} any more, so sops refuses to update or re-encrypt`);
    else {report.warning(
        `${named}: rule ${to.index + 1} wins now, for ${formatList(keysOf(to).map(createKeyNamer(after))) || "nobody"}`,
      );}
  }
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
  }
  return new Set(files);
}

/** An update takes a file from everyone who is not in its rule, also from those whom nobody has spoken of. */
function reportOthers(report: Report, { behind, after }: ChangeOutcome, subjects: ReadonlySet<string>): void {
  const others = new Map<string, NamedRuleKey>();
  const files = behind.filter(({ rule, differences: { extra } }) => {
    const unnamed = extra.filter(({ key }) => !subjects.has(key.text));
    for (const { key } of unnamed) others.set(key.text, nameKey(key, after, rule));
    return unnamed.length > 0;
  });
  if (files.length === 0) return;
  const those = files.length === 1 ? "it is encrypted" : "they are encrypted";
  report.warning(
    `an update also takes ${nameFiles(report, files)} from ${
      formatNames([...others.values()], after)
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
  return formatSome(files.map(({ file }) => report.path(file.path)), MAX_NAMED_FILES);
}
