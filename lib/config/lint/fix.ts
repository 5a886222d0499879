/**
 * Repairs in a `.sops.yaml` what can be repaired without changing who reads what, and proves that it did nothing else.
 *
 * All repairs are planned on one reading, and the result is read once more; a repair that would change what SOPS
 * understands is a bug of the program, and nothing is written then. Pure. Spec: sops-config §5.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { applySplices, type Splice } from "../../yaml/edit/splice.ts";
import { type LintResult, lintSopsConfig, type LintSurroundings } from "./lint.ts";
import { LINT_CODES, type LintCode } from "./code.ts";
import type { Finding } from "./finding.ts";
import { formatEitherSeparator } from "../patterns/path_regex.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";

/** What is repaired. */
export interface FixOptions {
  readonly surroundings: LintSurroundings;
  /** The kinds that were asked for; undefined for every kind. */
  readonly only: ReadonlySet<LintCode> | undefined;
}

/** A file after its repairs. */
export interface FixResult {
  /** The new text; the old one when nothing was repaired. */
  readonly source: string;
  /** What was repaired, where it stood before. */
  readonly fixed: readonly Finding[];
  /** What is left. */
  readonly result: LintResult;
}

/** @returns whether `--fix` repairs a finding: `only` names the kinds that were asked for; undefined for every kind */
export function isFixed({ code, repair }: Finding, only: ReadonlySet<LintCode> | undefined): boolean {
  if (repair === undefined) return false;
  return only === undefined ? LINT_CODES[code].fix === "always" : only.has(code);
}

/**
 * Plans the repairs of a file.
 *
 * @throws {UserError} `malformed` for what is no YAML at all
 * @throws {InternalError} when a repair would change what the file means
 */
export async function planFixes(
  source: string,
  path: string,
  { surroundings, only }: FixOptions,
): Promise<FixResult> {
  const before = await lintSopsConfig(source, path, surroundings);
  const wanted = before.isReadable ? before.findings.filter((finding) => isFixed(finding, only)) : [];
  const { taken, splices } = chooseApart(wanted);
  if (taken.length === 0) return { source, fixed: [], result: before };
  const repaired = applySplices(source, splices);
  const result = await lintSopsConfig(repaired, path, surroundings);
  if (!result.isReadable) throw new InternalError("the planned repair would make the file unreadable for SOPS");
  proveSameMeaning(before.config!, result.config!);
  return { source: repaired, fixed: taken, result };
}

/**
 * Of repairs that take out or replace the same piece of text the first is taken; what would be put into a piece that goes
 * is left out.
 */
function chooseApart(findings: readonly Finding[]): { taken: Finding[]; splices: Splice[] } {
  const taken: Finding[] = [];
  const cuts: Splice[] = [];
  const insertions: Splice[] = [];
  for (const finding of findings) {
    const own = finding.repair ?? [];
    const ownCuts = own.filter(({ start, end }) => start < end);
    if (ownCuts.some((splice) => cuts.some((other) => splice.start < other.end && other.start < splice.end))) continue;
    taken.push(finding);
    cuts.push(...ownCuts);
    insertions.push(...own.filter(({ start, end }) => start === end));
  }
  const kept = insertions.filter(({ start }) => !cuts.some((cut) => cut.start < start && start < cut.end));
  return { taken, splices: [...cuts, ...kept] };
}

/**
 * The same rules with the same settings, whose groups have the same keys, each counted once; patterns may be written so
 * that they match on Windows too. And the same of everything else that SOPS reads.
 */
function proveSameMeaning(before: SopsConfig, after: SopsConfig): void {
  const isSame = describeRules(before) === describeRules(after) && describeRest(before) === describeRest(after);
  if (!isSame) throw new InternalError("the planned repair would change what the file means");
}

function describeRules({ rules, keys }: SopsConfig): string {
  return JSON.stringify([rules.map(describeRule), keys.map(({ name, text }) => [name, text])]);
}

function describeRule({ pathRegex = "", groups, selectors, macOnlyEncrypted, shamirThreshold }: Rule): unknown {
  const keys = groups.map((group) => [...new Set(group.keys.map(({ type, text }) => `${type} ${text}`))]);
  return [formatEitherSeparator(pathRegex) ?? pathRegex, keys, selectors, macOnlyEncrypted, shamirThreshold ?? null];
}

/** What other commands of SOPS read; a list of keys that it shares with the rules may lose a repeated one. */
function describeRest({ document }: SopsConfig): string {
  const { stores, destination_rules } = document.root.toJS({ maxAliasCount: -1 }) ?? {};
  return JSON.stringify([stores, destination_rules], (_, value) => {
    if (typeof value === "string") return [...new Set(value.split(",").map((part) => part.trim()))].join();
    return Array.isArray(value) ? [...new Map(value.map((item) => [JSON.stringify(item), item])).values()] : value;
  });
}
