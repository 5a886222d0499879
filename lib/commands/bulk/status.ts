/**
 * `status [PATH...]`: every encrypted file, its rule, who can read it, and what is out of date. Reads only; needs no key.
 *
 * @module
 */
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { styled } from "../../base/show/style.ts";
import { tableOf } from "../../base/show/table.ts";
import { symbolsFor } from "../../base/show/terminal.ts";
import { formatList } from "../../base/show/word_list.ts";
import { findOwnRecipients, type OwnRecipients } from "../../repository/access/own_recipients.ts";
import { selectFiles, type Unseen } from "../../repository/bulk/selection.ts";
import { listWrappedAnew } from "../../repository/bulk/key_change.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import { type FileState, type FileStatus, statusOf } from "../../repository/bulk/status.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import {
  compareWithRule,
  isAsRuleSays,
  type NamedRuleKey,
  nameKey,
  nameRuleKey,
} from "../../repository/scan/differences.ts";
import { rememberAnswers } from "../../repository/scan/remember.ts";
import { formatSettings } from "../../repository/scan/settings.ts";
import { differencesAsJson, formatKeyName, listedKeyAsJson, markOwn } from "../shared/rule_text.ts";
import { findConfigToName, formatSopsCommand, quotePath, suggestUpdate } from "../shared/next_step.ts";
import type { SelectionFlags } from "./flags.ts";
import { noteLeftOut } from "./left_out.ts";

/** Flags of `status`. */
export interface StatusFlags extends SelectionFlags {
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Shows how the encrypted files stand.
 *
 * @param paths files and folders; none: the repository
 * @returns 0 whatever differs; the exit code of the first file that cannot be looked at, if any
 * @throws {UserError} `usage` for a share that makes no sense
 */
export async function status(flags: StatusFlags, paths: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const files: FileStatus[] = [];
  const unseen: Unseen[] = [];
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  for await (
    const file of selectFiles(host, { rules: new FileRules(host, flags.config), paths, shard, findsDamage: true })
  ) {
    if ("error" in file) unseen.push(file);
    else files.push(statusOf(file));
  }
  const own = await findOwnRecipients(host);
  showFiles(session, files, own);
  const failures = unseen.map(({ path, error }) => ({ file: path, error: report.failure(error) }));
  report.say(formatCounts(files));
  await noteLeftOut(session, paths);
  const settingsOnly = files.filter(isOnlyOfSettings);
  if (settingsOnly.length > 0) {
    report.note(
      `${formatCount(settingsOnly.length, "file")} will keep other settings than the rule until encrypted anew`,
    );
  }
  const damaged = files.find(isDamaged);
  if (damaged !== undefined) report.next(`sopsmith doctor ${quotePath(report, damaged.path)}`);
  else await suggestNext(session, files.filter((file) => file.state === "differs" && !isOnlyOfSettings(file)));
  if (report.format === "json") {
    report.json({ files: files.values().map((file) => statusAsJson(file, own)), failures, counts: countStates(files) });
  }
  return unseen[0] === undefined ? EXIT.done : exitCodeOf(unseen[0].error.kind);
}

function isDamaged({ damagedKeys = [] }: FileStatus): boolean {
  return damagedKeys.length > 0;
}

/** @param files that `updatekeys` would change */
async function suggestNext(session: Session, files: readonly FileStatus[]): Promise<void> {
  const own = files.filter((file) => !isForSops(file));
  const [first] = own.length > 0 ? own : files;
  const config = first?.fileRule.config;
  if (first === undefined || config === undefined) return;
  if (own.length === 0) {
    const { report } = session;
    const named = await findConfigToName(session.host, config.path, first.path);
    const comment = files.length === 1 ? "" : "   # then the others: only sops encrypts for keys of services";
    report.next(formatSopsCommand(report, `updatekeys ${quotePath(report, first.path)}`, named) + comment);
    return;
  }
  const ofConfig = own.filter(({ fileRule }) => fileRule.config === config);
  session.report.next(await suggestUpdate(session, ofConfig.map(({ path }) => path), { config: config.path }));
}

/** Whether an update encrypts for a key of a service or of PGP. */
function isForSops({ metadata, fileRule: { rule } }: FileStatus): boolean {
  return rule !== undefined && listWrappedAnew(metadata, rule).some(({ type }) => type !== "age");
}

/** What `updatekeys` would not change. */
function isOnlyOfSettings({ differences, settings }: FileStatus): boolean {
  return settings.length > 0 && differences !== undefined && isAsRuleSays(differences);
}

function showFiles({ host, report }: Session, files: readonly FileStatus[], own: OwnRecipients): void {
  const { done, arrow, failed } = symbolsFor(host, host.stdout);
  const symbols: Readonly<Record<FileState, string>> = {
    "up-to-date": styled(done, "good"),
    "differs": styled(arrow, "step"),
    "no-rule": styled("!", "loss"),
    "no-config": styled("!", "loss"),
  };
  const describe = rememberAnswers((fileRule: FileStatus["fileRule"], metadata: FileStatus["metadata"]) =>
    describePair({ fileRule, metadata }, own)
  );
  const rows = files.map((file) => [
    isDamaged(file) ? styled(failed, "bad") : symbols[file.state],
    report.path(file.path),
    formatRule(file),
    describe(file.fileRule, file.metadata) + describeDamage(file),
  ]);
  report.answer([tableOf(rows, { yields: [1] })]);
}

function describeDamage({ damagedKeys = [], fileRule: { config, rule } }: FileStatus): string {
  if (damagedKeys.length === 0) return "";
  const names = damagedKeys.map((key) => formatKeyName(nameKey(key, config, rule)));
  return `; ${styled(`the data key for ${formatList(names)} is damaged`, "bad")}`;
}

function formatRule({ fileRule: { rule, config } }: FileStatus): string {
  return rule !== undefined ? `rule ${rule.index + 1}` : config === undefined ? "no config" : "no rule";
}

/** What is to be said of all files of a rule that say the same. */
type CommonStatus = Pick<FileStatus, "fileRule" | "metadata" | "differences" | "settings">;

function describePair({ fileRule, metadata }: Pick<FileStatus, "fileRule" | "metadata">, own: OwnRecipients): string {
  const { rule } = fileRule;
  return describeFile(statusOf({ fileRule, metadata, differences: rule && compareWithRule(metadata, rule) }), own);
}

/** Who can read it, who is to be added (`+`) or taken away (`-`), and what else differs. */
function describeFile(file: CommonStatus, own: OwnRecipients): string {
  const { differences, settings, fileRule } = file;
  const [readers, extra] = namesOf(file, own);
  const added = (differences?.missing ?? []).map(({ key }) =>
    markOwn(formatKeyName(nameRuleKey(key, fileRule.config, fileRule.rule)), own.has(key))
  );
  const changes = [
    ...added.map((name) => `  ${styled(`+ ${name}`, "good")}`),
    ...extra.map((name) => `  ${styled(`- ${name}`, "loss")}`),
  ];
  const remarks = settings.length === 0 ? [] : [describeSettings(settings)];
  const threshold = differences?.threshold;
  if (threshold !== undefined) {
    remarks.unshift(`a reader needs keys of ${formatCount(threshold.file, "group")}, the rule says ${threshold.rule}`);
  }
  return [(formatList(readers) || "nobody") + changes.join(""), ...remarks].join("; ");
}

function describeSettings(settings: FileStatus["settings"]): string {
  const [ofFile, ofRule] = [formatSettings(settings, "file"), formatSettings(settings, "rule")];
  return `${ofFile || "other settings"}, the rule says ${ofRule || "nothing of it"}`;
}

/** @returns names of the readers that stay, and of those that the rule does not know */
function namesOf({ metadata, differences, fileRule }: CommonStatus, own: OwnRecipients): [string[], string[]] {
  const extra = new Set(differences?.extra.map(({ key }) => key.text));
  const names: [string[], string[]] = [[], []];
  for (const key of metadata.groups.flatMap((group) => group.keys)) {
    const isExtra = extra.has(key.text);
    const name = markOwn(formatKeyName(nameKey(key, fileRule.config, fileRule.rule)), own.has(key));
    const list = names[isExtra ? 1 : 0];
    if (!list.includes(name)) list.push(name);
  }
  return names;
}

/** What a summary calls the files of a state. */
const STATE_WORDS: Readonly<Record<FileState, string>> = {
  "up-to-date": "up to date",
  "differs": "to update",
  "no-rule": "without a rule",
  "no-config": "without a config",
};

function countStates(files: readonly FileStatus[]): Record<FileState, number> {
  const counts: Record<FileState, number> = { "up-to-date": 0, "differs": 0, "no-rule": 0, "no-config": 0 };
  for (const { state } of files) counts[state]++;
  return counts;
}

function formatCounts(files: readonly FileStatus[]): string {
  const counts = countStates(files.filter((file) => !isDamaged(file)));
  const parts = (Object.keys(counts) as FileState[]).filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${STATE_WORDS[state]}`);
  const damagedCount = files.filter(isDamaged).length;
  if (damagedCount > 0) parts.push(`${damagedCount} with a damaged data key`);
  return [formatCount(files.length, "encrypted file"), ...parts].join(", ");
}

function statusAsJson(file: FileStatus, own: OwnRecipients): Record<string, unknown> {
  const { path, state, fileRule: { config, rule, problem }, metadata, differences, settings } = file;
  const name = (key: Parameters<typeof nameKey>[0]): NamedRuleKey => nameKey(key, config, rule);
  return {
    file: path,
    state,
    config: config?.path ?? null,
    rule: rule === undefined ? null : rule.index + 1,
    problem: problem ?? null,
    damagedKeys: (file.damagedKeys ?? []).map((key) => listedKeyAsJson(name(key), own)),
    readers: metadata.groups.map(({ keys }) => keys.map((key) => listedKeyAsJson(name(key), own))),
    differences: differencesAsJson(differences, { name, own }),
    settings: settings.map(({ name, file, rule }) => ({ name, file: file ?? null, rule: rule ?? null })),
  };
}
