/**
 * `rules lint`: looks for mistakes in a `.sops.yaml`, and with `--fix` repairs those whose repair leaves its meaning as it
 * is. Spec: sops-config §5.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { type Planner, runEdit } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { suggest } from "../../base/show/suggest.ts";
import { isAtLeast, type LintCode, listLintCodes, parseSeverity } from "../../config/lint/code.ts";
import { lintIgnoredName, type LintSurroundings } from "../../config/lint/lint.ts";
import type { Circumstance, Finding } from "../../config/lint/finding.ts";
import { type FixOptions, type FixResult, planFixes } from "../../config/lint/fix.ts";
import { findLintTarget, holdsEncryptedFile, listComparedPaths } from "../../repository/rules/lint_target.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import { type FixMode, reportLint } from "./lint_report.ts";
import { configTarget } from "../../config/config_target.ts";

/** Flags of `rules lint`. */
export interface RulesLintFlags {
  /** Repair what can be repaired safely. */
  readonly fix?: boolean;
  /** Show what `--fix` would change, and write nothing. */
  readonly dryRun?: boolean;
  /** The mildest severity that counts as a failure. */
  readonly level?: string;
  /** Look for these kinds only. */
  readonly only?: readonly string[];
  /** The `.sops.yaml` to read instead of the nearest one. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Runs `rules lint`.
 *
 * @returns 3 when something at or above `--level` is found (and left by `--fix`), else 0
 * @throws {UserError} `usage` for an unknown level or kind; `not-found` without a config, `malformed` for what is no YAML,
 * `io` or `denied`
 */
export async function rulesLint(
  flags: RulesLintFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const level = parseSeverity(flags.level, "error");
  const only = parseOnly(flags.only);
  const mode = parseMode(flags);
  const target = findLintTarget(host, flags.config);
  const surroundings: LintSurroundings = { place: target.place, files: listComparedPaths(host, target.path) };
  const fixing = mode === "none" ? new Set<LintCode>() : only;
  const { before, fix } = await lintFile(host, target.path, { surroundings, only: fixing, mode });
  const results = [fix.result, ...(target.ignored === undefined ? [] : [lintIgnoredName(target.ignored)])];
  const isTold = chooseTold(host, target.path, fix.result.findings, only);
  const files = results.map(({ text, findings }) => ({ text, findings: findings.filter(isTold) }));
  await reportLint(report, { files, before, fix, only, mode, config: flags.config });
  const left = files.flatMap(({ findings }) => findings);
  return left.some(({ severity }) => isAtLeast(severity, level)) ? EXIT.differences : EXIT.done;
}

function parseOnly(names: readonly string[] = []): ReadonlySet<LintCode> | undefined {
  if (names.length === 0) return undefined;
  const codes = listLintCodes();
  return new Set(names.map((name) => {
    const found = codes.find((code) => code === name);
    if (found !== undefined) return found;
    const near = suggest(name, codes);
    throw new UserError(
      "usage",
      `no kind of mistake "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      {
        hints: [`pass one of ${codes.join(", ")}`],
      },
    );
  }));
}

/**
 * @param only the kinds that were asked for, which are always told
 * @returns which findings to tell: those that need something to be so only where it is
 */
function chooseTold(
  host: Host,
  path: string,
  findings: readonly Finding[],
  only: ReadonlySet<LintCode> | undefined,
): (finding: Finding) => boolean {
  if (only !== undefined) return ({ code }) => only.has(code);
  const isAsked = findings.some(({ onlyIf }) => onlyIf === "in-use");
  const holds: Readonly<Record<Circumstance, boolean>> = {
    "windows": host.os === "windows",
    "in-use": isAsked && holdsEncryptedFile(host, path),
  };
  return ({ onlyIf }) => onlyIf === undefined || holds[onlyIf];
}

function parseMode({ fix, dryRun }: RulesLintFlags): FixMode {
  if (dryRun && !fix) throw new UserError("usage", "--dry-run goes with --fix");
  return !fix ? "none" : dryRun ? "preview" : "write";
}

/** What was read and what has become of it. */
interface LintedText {
  readonly before: string;
  readonly fix: FixResult;
}

async function lintFile(
  host: Host,
  path: string,
  { mode, ...options }: FixOptions & { readonly mode: FixMode },
): Promise<LintedText> {
  const target = configTarget(path);
  const planner: Planner<LintedText> = async ([snapshot]) => {
    if (snapshot?.content === undefined) throw new UserError("not-found", `cannot read "${path}": no such file`);
    const before = decodeYaml(snapshot.content, path);
    const fix = await planFixes(before, path, options);
    const change = { path, after: new TextEncoder().encode(fix.source), reason: "the repaired rules" };
    return { changes: fix.source === before ? [] : [change], outcome: { before, fix } };
  };
  return await runEdit(host, { mode: mode === "write" ? "write" : "preview", targets: [target] }, planner);
}
