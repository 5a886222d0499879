/**
 * What `rules lint` tells: each mistake with its place and a caret under it, what was repaired, and how many there are.
 * Spec: sops-config §5.
 *
 * @module
 */
import type { Report } from "../../base/show/report.ts";
import { styled } from "../../base/show/style.ts";
import { LINT_CODES, type LintCode, SEVERITIES } from "../../config/lint/code.ts";
import type { Finding } from "../../config/lint/finding.ts";
import { type FixResult, isFixed } from "../../config/lint/fix.ts";
import type { SourceText } from "../../yaml/position.ts";
import { formatExcerpt } from "../../yaml/source_error.ts";
import { SEVERITY_STYLES } from "../shared/severity.ts";
import { quotePath } from "../shared/next_step.ts";
import { describeChange } from "../shared/change_diff.ts";

/** What `--fix` does. */
export type FixMode = "none" | "preview" | "write";

/** One run. */
export interface LintRun {
  /** The files with what is left in them; the first is the one that is repaired. */
  readonly files: readonly { readonly text: SourceText; readonly findings: readonly Finding[] }[];
  /** Text of the first file before the repairs. */
  readonly before: string;
  readonly fix: FixResult;
  /** The kinds that were asked for; undefined for all. */
  readonly only: ReadonlySet<LintCode> | undefined;
  readonly mode: FixMode;
  /** Value of `--config`. */
  readonly config: string | undefined;
}

/** How many notes or warnings of one kind are shown; the others are counted. Errors are all shown. */
const MAX_SHOWN = 3;

/** How many lines of those that are not shown are named. */
const MAX_LINES = 12;

/** Kinds that are about the file as a whole when they stand at its first character. */
const ABOUT_FILE: ReadonlySet<LintCode> = new Set(["wrong-name", "no-rules"]);

/** Prints what was found on stdout (with `--dry-run` the change instead), and what was done on stderr. */
export async function reportLint(report: Report, run: LintRun): Promise<void> {
  reportFixed(report, run);
  const diff = run.mode === "preview"
    ? await describeChange(report, run.files[0]?.text.path ?? "", { before: run.before, after: run.fix.source })
    : undefined;
  if (diff === undefined) report.answer(formatFindings(report, run));
  else if (diff !== "") report.data(diff);
  reportFixable(report, run);
  report.json(asJson(run, diff));
}

function formatFindings(report: Report, { files }: LintRun): string[] {
  const lines: string[] = [];
  for (const { text, findings } of files) {
    const shown = new Map<LintCode, number>();
    for (const finding of findings) {
      const count = (shown.get(finding.code) ?? 0) + 1;
      shown.set(finding.code, count);
      const limit = finding.severity === "error" ? Infinity : MAX_SHOWN;
      if (count > limit) continue;
      lines.push(...formatFinding(report, text, finding));
      if (count < limit) continue;
      const rest = findings.filter(({ code, severity }) => code === finding.code && severity !== "error").slice(
        MAX_SHOWN,
      );
      if (rest.length > 0) lines.push(formatRest(finding.code, rest));
    }
  }
  const all = files.flatMap(({ findings }) => findings);
  const place = files.length === 1 ? report.path(files[0]?.text.path ?? "") : `${files.length} files`;
  lines.push(all.length === 0 ? styled(`no mistakes found in ${place}`, "good") : `${formatCounts(all)} in ${place}`);
  return lines;
}

function formatFinding(report: Report, text: SourceText, finding: Finding): string[] {
  const { code, severity, lineNumber, column, message, fix, offset } = finding;
  const place = `${report.path(text.path)}:${lineNumber}:${column}`;
  const excerpt = offset === 0 && ABOUT_FILE.has(code) ? [] : formatExcerpt(text, offset);
  return [
    `${styled(place, "name")}: ${styled(severity, SEVERITY_STYLES[severity])}: ${message} ${
      styled(`[${code}]`, "dim")
    }`,
    ...excerpt.map((line) => `    ${line}`),
    ...(fix === undefined ? [] : [`    fix: ${fix}`]),
  ];
}

function formatRest(code: LintCode, rest: readonly Finding[]): string {
  const lines = [...new Set(rest.map(({ lineNumber }) => lineNumber))];
  const more = lines.length > MAX_LINES ? ", …" : "";
  const word = lines.length === 1 ? "line" : "lines";
  return `    … ${rest.length} more of [${code}]: ${word} ${lines.slice(0, MAX_LINES).join(", ")}${more}`;
}

/** @returns `1 error, 2 notes` */
function formatCounts(findings: readonly Finding[]): string {
  return SEVERITIES.toReversed().flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  }).join(", ");
}

function reportFixed(report: Report, { files, fix, mode }: LintRun): void {
  const { fixed, result } = fix;
  const path = report.path(files[0]?.text.path ?? "");
  const what = `${fixed.length} ${fixed.length === 1 ? "mistake" : "mistakes"} in ${path}`;
  switch (mode) {
    case "none":
      return;
    case "preview":
      report.say(fixed.length === 0 ? `nothing to repair in ${path}` : `would repair ${what}`);
      break;
    case "write":
      if (fixed.length === 0) report.say(`nothing to repair in ${path}`);
      else report.done(`repaired ${what}; who can read which file is as before`);
  }
  for (const { lineNumber, message } of fixed) report.detail(`line ${lineNumber}: ${message}`);
  if (!result.isReadable) report.warning("nothing can be repaired until SOPS can read the file");
}

/** Names the next step when there is something that a program can repair. */
function reportFixable(report: Report, { files, mode, only, config }: LintRun): void {
  if (mode !== "none" || !files.some(({ findings }) => findings.some((finding) => isFixed(finding, only)))) return;
  const named = config === undefined ? "" : ` --config ${quotePath(report, files[0]?.text.path ?? "")}`;
  const kinds = [...only ?? []].map((code) => ` --only ${code}`).join("");
  report.next(`sopsmith rules lint --fix${kinds}${named}`);
}

function asJson({ files, fix, mode }: LintRun, diff: string | undefined): Record<string, unknown> {
  const findings = files.flatMap(({ text, findings }) => findings.map((finding) => findingAsJson(text, finding)));
  const [main] = files;
  return {
    config: main?.text.path ?? null,
    findings,
    counts: Object.fromEntries(
      SEVERITIES.map((severity) => [severity, findings.filter((finding) => finding["severity"] === severity).length]),
    ),
    ...(mode === "none" || main === undefined
      ? {}
      : { dryRun: mode === "preview", fixed: fix.fixed.map((finding) => findingAsJson(main.text, finding)) }),
    ...(diff === undefined ? {} : { diff }),
  };
}

function findingAsJson({ path }: SourceText, finding: Finding): Record<string, unknown> {
  const { code, severity, lineNumber, column, message, fix, repair } = finding;
  return {
    code,
    severity,
    path,
    line: lineNumber,
    column,
    message,
    fix: fix ?? null,
    repair: repair === undefined ? "none" : LINT_CODES[code].fix,
  };
}
