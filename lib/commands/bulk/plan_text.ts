/**
 * What people see of a plan for many files, and of what came of it.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { cutLines, formatCount, formatSome } from "../../base/show/counts.ts";
import type { ErrorJson, Report } from "../../base/show/report.ts";
import { type Table, tableOf } from "../../base/show/table.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { KeyChange } from "../../repository/bulk/key_change.ts";
import type { FilePlan, PlannedFile } from "../../repository/bulk/plan.ts";
import { type GroupedKey, type NamedRuleKey, nameKey } from "../../repository/scan/differences.ts";
import type { FileRule } from "../../repository/scan/file_rules.ts";
import type { ScannedMetadata } from "../../repository/scan/scanned_metadata.ts";
import { formatKeyName, formatShortKey } from "../shared/rule_text.ts";

/** How a command for many files is spoken of. */
export interface BulkWords {
  /** `update` */
  readonly verb: string;
  /** `updated` */
  readonly done: string;
  /** Whether those who stay are shown: they get something new. */
  readonly isForAll: boolean;
}

/** How many rows a table of keys has; the others are counted. */
const MAX_ROWS = 30;

/** How many files a line names; the others are counted. */
const MAX_NAMED_FILES = 3;

/** How many failures are shown one by one; the others are counted. */
const MAX_FAILURES = 20;

/** Says what is to become of the files, and who gains and loses what. */
export function showPlan(report: Report, plans: readonly FilePlan[], words: BulkWords): void {
  report.say(formatPlanCounts(report, plans, words));
  const files = plans.filter((plan) => plan.state === "to-change");
  const rows = listKeys(report, files, words);
  const isNamed = rows.some(([, key]) => key !== "");
  const shown = isNamed ? rows : rows.map(([name = "", , where = ""]) => [name, where]);
  if (shown.length > 0) report.details(tableOf(shown.slice(0, MAX_ROWS), { yields: [1, 0] }));
  if (shown.length > MAX_ROWS) report.detail(`… ${formatCount(shown.length - MAX_ROWS, "more key")}`);
  for (const text of describeOtherChanges(report, files)) report.detail(text);
}

/** @returns `214 encrypted files, 17 to update, 196 up to date, 1 without a rule (old/backup.yaml)` */
function formatPlanCounts(report: Report, plans: readonly FilePlan[], words: BulkWords): string {
  const ofState = (state: FilePlan["state"]): readonly FilePlan[] => plans.filter((plan) => plan.state === state);
  const failed = ofState("failed");
  const parts = [formatCount(plans.length - failed.length, "encrypted file")];
  const add = (files: readonly FilePlan[], what: string): void => {
    if (files.length > 0) parts.push(`${files.length} ${what}`);
  };
  const named = (files: readonly FilePlan[]): string => `(${nameFiles(report, files)})`;
  add(ofState("to-change"), `to ${words.verb}`);
  add(ofState("up-to-date"), "up to date");
  for (const [state, what] of [["no-rule", "without a rule"], ["no-config", "without a config"]] as const) {
    const files = ofState(state);
    add(files, `${what} ${named(files)}`);
  }
  return `${parts.join(", ")}${failed.length === 0 ? "" : `; ${failed.length} that cannot be used`}`;
}

/** @returns the first few by name, the others as a number */
export function nameFiles(report: Report, files: readonly Pick<FilePlan, "path">[]): string {
  return formatSome(files.slice(0, MAX_NAMED_FILES + 1).map(({ path }) => report.path(path)), MAX_NAMED_FILES)
    .replace(/and 1 more$/, `and ${files.length - MAX_NAMED_FILES} more`);
}

/** Files that something is said of. */
interface Counted {
  readonly cells: readonly [string, string];
  count: number;
  readonly first: PlannedFile;
}

/** The rows of those who come, of those who go, and of those who get a new data key. */
function listKeys(report: Report, files: readonly PlannedFile[], words: BulkWords): string[][] {
  const signs = words.isForAll ? ["+", "-", " ", "!"] as const : ["+", "-"] as const;
  return signs.flatMap((sign) => {
    const keys = countKeys(files, (change) => keysOf(change, sign));
    return keys.map(({ cells: [name, key], count, first }) => [
      `${sign} ${name}`,
      key,
      `in ${formatWhere(report, count, first)}${sign === "!" ? ", whose rule does not have it" : ""}`,
    ]);
  });
}

function keysOf(change: KeyChange, sign: "+" | "-" | " " | "!"): readonly GroupedKey<NamedRuleKey>[] {
  switch (sign) {
    case "+":
      return change.added;
    case "-":
      return change.removed;
    case "!":
      return change.strangers.map((key) => ({ key, groupIndex: 0 }));
    case " ": {
      const strangers = new Set(change.strangers.map(({ text }) => text));
      return change.kept.filter(({ key }) => !strangers.has(key.text));
    }
  }
}

function countKeys(
  files: readonly PlannedFile[],
  keysOfChange: (change: KeyChange) => readonly GroupedKey<NamedRuleKey>[],
): Counted[] {
  const counted = new Map<string, Counted>();
  for (const file of files) {
    const { wanted } = file.change;
    for (const { key, groupIndex } of keysOfChange(file.change)) {
      const group = wanted.length > 1 ? ` (group ${groupIndex + 1})` : "";
      const cells = [formatKeyName(key) + group, key.name === undefined ? "" : formatShortKey(key)] as const;
      const id = `${key.type} ${key.text} ${cells[0]}`;
      const known = counted.get(id);
      if (known === undefined) counted.set(id, { cells, count: 1, first: file });
      else known.count++;
    }
  }
  return [...counted.values()];
}

function formatWhere(report: Report, count: number, first: PlannedFile): string {
  return count === 1 ? report.path(first.path) : formatCount(count, "file");
}

/** How many groups are needed, and orders. */
function describeOtherChanges(report: Report, files: readonly PlannedFile[]): string[] {
  const byText = Map.groupBy(files, ({ change: { threshold, isOrderOnly } }) => {
    if (isOrderOnly) return "another order of the same keys";
    if (threshold === undefined) return "";
    const { file, rule } = threshold;
    return `a reader will need keys of ${formatCount(rule, "group")}, not of ${file},`;
  });
  byText.delete("");
  return [...byText].map(([text, those]) => `${text} in ${formatWhere(report, those.length, those[0]!)}`);
}

/** @returns one row for each file: who comes and who goes */
export function listChanges(report: Report, files: readonly PlannedFile[]): Table {
  const rows = files.map(({ path, change }) => [
    report.path(path),
    [
      ...change.added.map(({ key }) => `+ ${formatKeyName(key)}`),
      ...change.removed.map(({ key }) => `- ${formatKeyName(key)}`),
      ...(change.threshold === undefined ? [] : [`${change.threshold.file} -> ${change.threshold.rule} groups needed`]),
      ...(change.isOrderOnly ? ["another order"] : []),
      ...change.strangers.map((key) => `! ${formatKeyName(key)}`),
    ].join("  "),
  ]);
  return tableOf(rows, { yields: [0] });
}

/** A file that something went wrong with. */
export interface Failure {
  readonly path: string;
  readonly error: UserError;
  /** Of a file that was read. */
  readonly file?: PlannedFile;
}

/**
 * Shows what went wrong: files that nobody here can open together, by who can; the others one by one, not too many.
 *
 * @param total of how many files
 * @returns what `--json` shows of each
 */
export function showFailures(report: Report, failures: readonly Failure[], total: number): Map<string, ErrorJson> {
  const [closed, others] = [
    failures.filter(({ error, file }) => error.kind === "no-identity" && file !== undefined),
    failures.filter(({ error, file }) => error.kind !== "no-identity" || file === undefined),
  ];
  const single = closed.length === 1 ? [...others, ...closed] : others;
  for (const { error } of single.slice(0, MAX_FAILURES)) report.failure(error);
  if (single.length > MAX_FAILURES) report.say(`… ${formatCount(single.length - MAX_FAILURES, "more failure")}`);
  if (closed.length > 1) showClosed(report, closed, total);
  return new Map(failures.map(({ path, error }) => [path, report.failureAsJson(error)]));
}

function showClosed(report: Report, closed: readonly Failure[], total: number): void {
  const byReaders = Map.groupBy(closed, ({ file }) => formatReaders(file!));
  const hints = new Set(closed.flatMap(({ error }) => error.hints.filter((hint) => !hint.includes("sopsmith doctor"))));
  const message = `cannot open ${closed.length} of ${
    formatCount(total, "file")
  }: no identity on this machine opens them`;
  const details = [...byReaders].map(([readers, files]) => `${nameFiles(report, files)}: ${readers} can`);
  report.failure(
    new UserError("no-identity", message, {
      details: cutLines(details, MAX_ROWS),
      hints: [...hints, `see why with: sopsmith doctor "${closed[0]!.path}"`],
    }),
  );
}

function formatReaders(
  { fileRule, metadata }: { readonly fileRule: FileRule; readonly metadata: ScannedMetadata },
): string {
  const { config, rule } = fileRule;
  const names = metadata.groups.map(({ keys }) =>
    formatList(keys.map((key) => formatKeyName(nameKey(key, config, rule))))
  );
  return names.length === 1 ? names[0]! : `who has keys of ${names.map((name) => `(${name})`).join(" and ")}`;
}
