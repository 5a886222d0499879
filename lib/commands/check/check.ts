/**
 * `check [PATH...]`: what is wrong in a repository, without any private key. Reads only.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { shortenPaths } from "../../base/show/report.ts";
import { styled } from "../../base/show/style.ts";
import { SEVERITY_STYLES } from "../shared/severity.ts";
import type { Session } from "../../base/show/session.ts";
import { isAtLeast, parseSeverity, SEVERITIES, type Severity } from "../../config/lint/code.ts";
import type { Unseen } from "../../repository/bulk/selection.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import { Check, type CheckCounts, type FoundFile } from "../../repository/check/check.ts";
import type { CheckFinding } from "../../repository/check/finding.ts";
import { readWorkTree } from "../../repository/check/work_tree_files.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import type { SelectionFlags } from "../bulk/flags.ts";
import { noteLeftOut } from "../bulk/left_out.ts";
import { formatPattern } from "../shared/rule_text.ts";
import { StepText } from "./next.ts";

/** Flags of `check`. */
export interface CheckFlags extends SelectionFlags {
  /** What is staged. */
  readonly staged?: boolean;
  /** The mildest severity that counts as a failure. */
  readonly level?: string;
  /** Left out. */
  readonly exclude?: readonly string[];
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
  /** The result as SARIF. */
  readonly sarif?: boolean;
}

/** A finding with the line to type. */
export interface TellableFinding extends CheckFinding {
  readonly next: string;
}

/** What the files come from. */
interface Source {
  readonly host: Host;
  readonly files: AsyncIterable<FoundFile | Unseen>;
  /** Whether the rules of the next commit are others, and not all files were looked at. */
  readonly changesRules: boolean;
}

/**
 * Runs `check`.
 *
 * @param paths files and folders; none: the repository
 * @returns 3 when something at or above `--level` is found; else the exit code of the first file that cannot be looked at,
 * if any
 * @throws {UserError} `usage` for flags that make no sense; `not-found` for `--staged` outside of a work tree, `unsupported`
 * without git
 */
export async function check(flags: CheckFlags, paths: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const level = parseSeverity(flags.level, "warning");
  if (flags.sarif && flags.json) throw new UserError("usage", "--sarif and --json are two forms of the result");
  warnOfExclusions(session, flags.exclude ?? []);
  const source = await openSource(host, flags, paths);
  const run = new Check(source.host, new FileRules(source.host, flags.config));
  const steps = new StepText(session, flags);
  const isStreamed = !flags.sarif && report.format === "text";
  const shown = new ShownFindings();
  const kept: TellableFinding[] = [];
  const unseen: Unseen[] = [];
  const skipped: string[] = []; // too large: no file of secrets is, and many a picture or archive
  const counts: Record<Severity, number> = { note: 0, warning: 0, error: 0 };
  for await (const found of run.run(source.files)) {
    if ("error" in found) {
      if (found.error.kind === "unsupported") skipped.push(found.path);
      else unseen.push(found);
      continue;
    }
    counts[found.severity]++;
    const isShown = !isStreamed || shown.take(found);
    if (!isShown) continue;
    const tellable = { ...found, next: await steps.format(found) };
    if (isStreamed) report.answer(formatFinding(session, tellable));
    else kept.push(tellable);
  }
  if (flags.sarif) report.data((await import("./sarif.ts")).formatSarif(host, kept, unseen));
  else report.answer([...shown.formatRest(), formatSummary(counts, run.counts)]);
  const failures = unseen.map(({ path, error }) => ({ file: path, error: report.failure(error) }));
  noteSkipped(session, skipped);
  noteUnjudged(session, run.counts);
  if (!flags.staged) await noteLeftOut(session, paths);
  if (source.changesRules) {
    report.note("the rules change, too; sopsmith check says whether all other files follow them");
  }
  report.json({
    findings: kept.map((finding) => findingAsJson(session, finding)),
    failures,
    skipped,
    counts,
    checked: run.counts.files,
    encrypted: run.counts.encrypted,
    unjudged: [...run.counts.unjudged].map(([rule, { config, count }]) => (
      { config: config.path, rule: rule.index + 1, files: count }
    )),
  });
  if (SEVERITIES.some((severity) => counts[severity] > 0 && isAtLeast(severity, level))) return EXIT.differences;
  return unseen[0] === undefined ? EXIT.done : exitCodeOf(unseen[0].error.kind);
}

/** How many files are named that were not looked at. */
const MAX_NAMED = 3;

/** How many notes or warnings of one kind are shown; the others are counted. Errors are all shown. */
const MAX_SHOWN = 10;

/** Keeps a report from being nothing but one kind of warning. */
class ShownFindings {
  readonly #counts = new Map<string, number>();

  /** @returns whether the finding is to be shown */
  take({ code, severity }: CheckFinding): boolean {
    if (severity === "error") return true;
    const id = `${severity}s of [${code}]`;
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count <= MAX_SHOWN;
  }

  /** @returns how many were not shown, by kind */
  formatRest(): string[] {
    return [...this.#counts].filter(([, count]) => count > MAX_SHOWN).map(([id, count]) =>
      `… ${count - MAX_SHOWN} more ${id}; --json has them all`
    );
  }
}

/** A typing mistake would leave nothing out, and say nothing. */
function warnOfExclusions({ host, report }: Session, excluded: readonly string[]): void {
  for (const path of excluded) {
    const absolute = host.paths.resolve(host.cwd, path);
    if (host.files.lstat(absolute) === undefined) {
      report.warning(`--exclude "${absolute}": there is no such file or folder`);
    }
  }
}

async function openSource(host: Host, flags: CheckFlags, paths: readonly string[]): Promise<Source> {
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const selection = { paths, excluded: flags.exclude ?? [], shard, config: flags.config };
  if (!flags.staged) return { host, files: readWorkTree(host, selection), changesRules: false };
  const { findStagedFiles } = await import("../../repository/check/staged_files.ts");
  const staged = await findStagedFiles(host, selection);
  return { host: staged.host, files: staged.read(), changesRules: staged.changesRules };
}

function formatFinding({ host, report }: Session, finding: TellableFinding): string[] {
  const { path, lineNumber, severity, code, found, expected, next } = finding;
  const place = lineNumber === undefined ? report.path(path) : `${report.path(path)}:${lineNumber}`;
  const head = `${styled(place, "name")}: ${styled(severity, SEVERITY_STYLES[severity])}`;
  return [
    `${head}: ${shortenPaths(host, found)} ${styled(`[${code}]`, "dim")}`,
    `    expected: ${shortenPaths(host, expected)}`,
    `    next: ${next}`,
  ];
}

function formatSummary(counts: Readonly<Record<Severity, number>>, { files, encrypted }: CheckCounts): string {
  if (files === 0) return "no file was checked";
  const what = SEVERITIES.toReversed().filter((severity) => counts[severity] > 0)
    .map((severity) => formatCount(counts[severity], severity)).join(", ");
  return `${what || styled("nothing found", "good")} in ${formatCount(files, "file")}, ${
    encrypted === 0 ? "none" : encrypted
  } of them encrypted (nothing was decrypted)`;
}

function noteSkipped({ report }: Session, skipped: readonly string[]): void {
  if (skipped.length === 0) return;
  const names = formatSome(skipped.map((path) => `"${report.path(path)}"`), MAX_NAMED);
  report.note(`not looked at, because they are larger than 16 MiB: ${names}`);
}

function noteUnjudged({ report }: Session, { unjudged }: CheckCounts): void {
  for (const [rule, { config, count }] of unjudged) {
    report.note(
      `${formatCount(count, "file")} in clear ${count === 1 ? "matches" : "match"} rule ${
        rule.index + 1
      } of "${config.path}" (${formatPattern(rule)}), and nothing says that ${
        count === 1 ? "it is" : "they are"
      } secret`,
    );
  }
}

function findingAsJson({ host }: Session, finding: TellableFinding): Record<string, unknown> {
  const { code, severity, path, lineNumber, found, expected, next } = finding;
  return {
    code,
    severity,
    file: path,
    line: lineNumber ?? null,
    found: shortenPaths(host, found),
    expected: shortenPaths(host, expected),
    next,
  };
}
