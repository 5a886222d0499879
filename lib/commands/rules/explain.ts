/**
 * `rules explain FILE…`: which `.sops.yaml` counts for a file, which of its rules wins and why, who can read the file by
 * that rule, what is wrong with the rule, and how an encrypted file differs from it. Reads only. Spec: sops-config §2.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { FileInfo, Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { RuleOutcome } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { type ChoiceReason, findConfigOfSops } from "../../config/config_choice.ts";
import type { Finding } from "../../config/lint/finding.ts";
import { findRuleErrors, isRefusal } from "../../config/lint/winner.ts";
import { nameKey, nameRuleKey, type RuleDifferences } from "../../repository/scan/differences.ts";
import { readMetadata } from "../../repository/scan/encrypted_files.ts";
import { type ConfigOfFile, FileRules } from "../../repository/scan/file_rules.ts";
import type { FileMetadata } from "../../sops/metadata/metadata.ts";
import {
  differencesAsJson,
  formatKeyName,
  formatPattern,
  formatSelectors,
  formatShortKey,
  formatThreshold,
  listedKeyAsJson,
  markOwn,
  ruleAsJson,
  warnOf,
} from "../shared/rule_text.ts";
import { type ReportPart, tableOf } from "../../base/show/table.ts";
import { styled } from "../../base/show/style.ts";
import { findOwnRecipients, type OwnRecipients } from "../../repository/access/own_recipients.ts";
import { formatCount } from "../../base/show/counts.ts";

/** Flags of `rules explain`. */
export interface RulesExplainFlags {
  /** The `.sops.yaml` to read instead of the nearest one above each file. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** What is known of one file. */
interface Explanation extends Omit<ConfigOfFile, "matcher"> {
  /** Absolute. */
  readonly file: string;
  readonly outcomes: readonly RuleOutcome[];
  readonly winner: Rule | undefined;
  /** What is wrong with the winner. */
  readonly errors: readonly Finding[];
  readonly exists: boolean;
  /** Undefined for a file that is not encrypted. */
  readonly metadata: FileMetadata | undefined;
  /** Undefined without metadata or without a winner. */
  readonly differences: RuleDifferences | undefined;
}

const REASONS: Readonly<Record<ChoiceReason, string>> = {
  flag: "named by --config",
  environment: "named by SOPS_CONFIG",
  nearest: "nearest above the file",
};

/**
 * Explains the files one after the other.
 *
 * @param args files, relative to the working directory; they need not exist
 * @returns 1 when no rule matches one of the files, or SOPS refuses the one that wins, else 0, whatever the differences
 * @throws {UserError} `usage` without a file or for a folder, `not-found` without a config, `malformed` when SOPS would
 * refuse it, `io`, `denied` or `unsupported` (too large) for a file that cannot be read
 */
export async function rulesExplain(
  flags: RulesExplainFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  if (args.length === 0) {
    throw new UserError("usage", "no file to explain", { hints: ["name a file: sopsmith rules explain FILE"] });
  }
  const rules = new FileRules(host, flags.config);
  const explanations: Explanation[] = [];
  for (const arg of args) explanations.push(await explainFile(host, host.paths.resolve(host.cwd, arg), rules));
  for (const config of new Set(explanations.map((one) => one.config))) warnOf(config, report);
  warnWhereSopsDiffers(explanations, session);
  const own = await findOwnRecipients(host);
  explanations.forEach((explanation, i) => {
    if (i > 0) report.answer([""]);
    if (args.length > 1) report.answer([report.path(explanation.file)]);
    report.answer(formatExplanation(explanation, report, { own }));
  });
  report.json({ files: explanations.map((one) => explanationAsJson(one, own)) });
  return explanations.every(isUsable) ? EXIT.done : EXIT.failed;
}

/** @returns whether SOPS would encrypt the file */
function isUsable({ winner, errors }: Explanation): boolean {
  return winner !== undefined && !errors.some(isRefusal);
}

async function explainFile(host: Host, file: string, rules: FileRules): Promise<Explanation> {
  const info = statFile(host, file);
  if (info?.kind === "directory") throw new UserError("usage", `"${file}" is a folder, expected a file`);
  const { config, reason, matcher, comparedPath } = await rules.configOf(file);
  const outcomes = matcher.explain(comparedPath);
  const winner = outcomes.find(({ matches }) => matches)?.rule;
  const errors = winner === undefined ? [] : await findRuleErrors(config, winner);
  const metadata = readMetadata(host, file);
  const differences = metadata && rules.compare(metadata, winner);
  const exists = info !== undefined;
  return { file, config, reason, comparedPath, outcomes, winner, errors, exists, metadata, differences };
}

function statFile(host: Host, file: string): FileInfo | undefined {
  try {
    return host.files.stat(file);
  } catch (error) {
    throw describeIoError("read", file, error);
  }
}

function warnWhereSopsDiffers(explanations: readonly Explanation[], session: Session): void {
  const { host, report } = session;
  const found = explanations.filter(({ reason }) => reason === "nearest");
  if (found.length === 0) return;
  const ofSops = findConfigOfSops(host);
  if (found.every(({ config }) => config.path === ofSops)) return;
  const other = ofSops === undefined ? "would find no .sops.yaml" : `would use ${report.path(ofSops)}`;
  report.warning(`sops itself, started here, ${other}: it searches from the current folder, not from the file`);
}

function formatExplanation(
  explanation: Explanation,
  report: Report,
  { own }: { readonly own: OwnRecipients },
): ReportPart[] {
  const { config, comparedPath, outcomes, winner } = explanation;
  const parts: ReportPart[] = [
    `config  ${report.path(config.path)} (${REASONS[explanation.reason]})`,
    `path    ${comparedPath}`,
  ];
  const rows = outcomes.map(({ rule, matches }) => [
    `rule ${rule.index + 1}`.padEnd("config".length),
    formatPattern(rule),
    !matches
      ? styled("no", "dim")
      : isUsable(explanation)
      ? styled("yes, wins", "good")
      : styled("yes, and sops refuses it", "bad"),
  ]);
  parts.push(tableOf(rows, { yields: [1] }));
  if (winner === undefined) {
    parts.push(
      config.rules.length === 0
        ? "        there are no creation rules"
        : "        no rule matches: sops refuses to encrypt it",
    );
  } else {
    parts.push(...formatWinner(winner, config, own), ...formatErrors(explanation.errors));
  }
  parts.push(tableOf([["file  ", describeFile(explanation)]]));
  return parts;
}

/** What stands below the rules stands where their patterns do. */
const BELOW_RULES = " ".repeat("config  ".length);

function formatWinner(rule: Rule, config: SopsConfig, own: OwnRecipients): ReportPart[] {
  const threshold = formatThreshold(rule);
  const groups = rule.groups.map(({ keys }) => {
    const named = keys.map((key) => nameRuleKey(key, config, rule));
    return tableOf(
      named.map((key) =>
        key.name === undefined
          ? [markOwn(formatShortKey(key), own.has(key))]
          : [styled(markOwn(key.name, own.has(key)), "name"), formatShortKey(key)]
      ),
      { indent: `${BELOW_RULES}${threshold === undefined ? "" : "  "}`, yields: [0] },
    );
  });
  const parts: ReportPart[] = threshold === undefined
    ? [...groups]
    : [BELOW_RULES + threshold, ...groups.flatMap((group, i) => [`${BELOW_RULES}group ${i + 1}`, group])];
  const selectors = formatSelectors(rule);
  return selectors === "" ? parts : [...parts, BELOW_RULES + selectors];
}

function formatErrors(errors: readonly Finding[]): ReportPart[] {
  return errors.map(({ lineNumber, message, fix }) =>
    tableOf([
      [styled("error ", "bad"), `line ${lineNumber}: ${message}`],
      ...(fix === undefined ? [] : [["", fix]]),
    ])
  );
}

/** One sentence on the file as it is now. */
function describeFile({ config, exists, metadata, winner, differences }: Explanation): string {
  if (!exists) return "does not exist yet";
  if (metadata === undefined) return "not encrypted";
  const keys = metadata.groups.flatMap((group) => group.keys).map((key) => formatKeyName(nameKey(key, config, winner)));
  const readers = `encrypted for ${formatList(keys) || "nobody"}`;
  if (differences === undefined) return readers;
  const { missing, extra, threshold } = differences;
  const parts: string[] = [];
  if (missing.length > 0) {
    parts.push(
      `${formatList(missing.map(({ key }) => formatKeyName(nameRuleKey(key, config, winner))))} ${
        areOrIs(missing)
      } missing`,
    );
  }
  if (extra.length > 0) {
    const names = extra.map(({ key }) => formatKeyName(nameKey(key, config, winner)));
    parts.push(`${formatList(names)} ${areOrIs(extra)} not in the rule`);
  }
  if (threshold !== undefined) {
    parts.push(`a reader needs keys of ${formatCount(threshold.file, "group")}, the rule says ${threshold.rule}`);
  }
  if (parts.length === 0) return `${readers}, as the rule says`;
  return `${readers}${missing.length > 0 ? " only" : ""}; ${parts.join("; ")}`;
}

function areOrIs(items: readonly unknown[]): string {
  return items.length === 1 ? "is" : "are";
}

function explanationAsJson(explanation: Explanation, own: OwnRecipients): Record<string, unknown> {
  const { file, config, reason, comparedPath, outcomes, winner, errors, exists, metadata, differences } = explanation;
  return {
    file,
    config: { path: config.path, reason },
    path: comparedPath,
    rules: outcomes.map(({ rule, matches }) => ({
      number: rule.index + 1,
      line: rule.lineNumber,
      pathRegex: rule.pathRegex ?? null,
      matches,
    })),
    winner: winner === undefined ? null : ruleAsJson(winner, own),
    isRefused: errors.some(isRefusal),
    errors: errors.map(({ code, lineNumber, column, message, fix }) => ({
      code,
      line: lineNumber,
      column,
      message,
      fix: fix ?? null,
    })),
    state: !exists ? "absent" : metadata === undefined ? "plain" : "encrypted",
    readers: metadata === undefined
      ? null
      : metadata.groups.map((group) => group.keys.map((key) => listedKeyAsJson(nameKey(key, config, winner), own))),
    differences: differencesAsJson(differences, { name: (key) => nameKey(key, config, winner), own }),
  };
}
