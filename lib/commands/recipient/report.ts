/**
 * What a change of recipients tells: the rules with who came and went, then what `lib/commands/shared/files_report.ts` says; and the
 * result for `--json`. Spec: sops-config §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import { isChangedRule, type KeysDiff, type RuleDiff } from "../../config/edit/diff.ts";
import type { ChangeOutcome } from "../../repository/recipients/change.ts";
import { type ChangeSubject, reportFiles } from "../shared/files_report.ts";
import { formatCount } from "../../base/show/counts.ts";
import { createKeyNamer, formatPattern, keyAsJson, type KeyNamer } from "../shared/rule_text.ts";
import { alignColumns } from "../../base/show/table.ts";
import { describeConfigChange } from "../shared/change_diff.ts";

/** How many rules are shown; the others are counted. */
const MAX_SHOWN_RULES = 20;

/** How many names of keys that stay are shown for a rule; the others are counted. */
const MAX_KEPT_NAMES = 6;

/** How many names of keys that come or go are shown for a rule. */
const MAX_CHANGED_NAMES = 20;

/** Shows each rule that changed, on a line of its own. */
export function reportRules(report: Report, { rules, before, after }: ChangeOutcome): void {
  const nameOf = createKeyNamer({ rules: [...after.rules, ...before.rules], keys: [...after.keys, ...before.keys] });
  const changed = rules.filter(isChangedRule);
  for (const line of alignColumns(changed.slice(0, MAX_SHOWN_RULES).map((rule) => rowOf(rule, nameOf)))) {
    report.detail(`  ${line}`);
  }
  const rest = changed.length - MAX_SHOWN_RULES;
  if (rest > 0) report.detail(`  and ${formatCount(rest, "more rule")}`);
}

function rowOf({ before, after, lost, groups }: RuleDiff, nameOf: KeyNamer): string[] {
  const head = [`rule ${before.index + 1}`, formatPattern(before)];
  if (after === undefined) return [...head, `removed, with ${formatList(lost.map(nameOf))}`];
  return [...head, groups.map((group) => formatGroup(group, nameOf)).join(" | ")];
}

function formatGroup({ kept, gained, lost }: KeysDiff, nameOf: KeyNamer): string {
  return [
    ...shorten(kept.map(nameOf), MAX_KEPT_NAMES),
    ...shorten(gained.map((key) => `+ ${nameOf(key)}`), MAX_CHANGED_NAMES),
    ...shorten(lost.map((key) => `- ${nameOf(key)}`), MAX_CHANGED_NAMES),
  ].join(", ");
}

function shorten(names: readonly string[], limit: number): string[] {
  if (names.length <= limit) return [...names];
  return [...names.slice(0, limit - 1), `${names.length - limit + 1} more`];
}

/** Tells what the change means for the files, and the next step; the diff of a preview on stdout; the result for `--json`. */
export async function reportEffect(
  session: Session,
  outcome: ChangeOutcome,
  subject: ChangeSubject,
): Promise<void> {
  const { report } = session;
  const { isPreview } = subject;
  await reportFiles(session, outcome, subject);
  const diff = isPreview ? await describeConfigChange(report, outcome) : undefined;
  if (diff) report.data(diff);
  report.json(changeAsJson(outcome, diff));
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
