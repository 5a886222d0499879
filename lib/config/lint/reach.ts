/**
 * Finds rules that never win: shadowed by earlier ones, or for no file of the repository. Pure.
 *
 * A rule counts as shadowed when it is proved that earlier rules match everything that it matches; where that cannot be
 * proved, files of the repository and made-up paths decide, and it is a warning only. Spec: sops-config §5.
 *
 * @module
 */
import { formatList } from "../../base/show/word_list.ts";
import { type Findings, quoteShort } from "./finding.ts";
import type { CompiledRules } from "./patterns.ts";
import { compareCover } from "../patterns/cover.ts";
import { samplePaths } from "../patterns/samples.ts";
import { parsePatternTree, type PatternTree } from "../patterns/tree.ts";
import type { Rule } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

/** The most made-up paths that a rule is asked for. */
const MAX_SAMPLES = 8;

/** The most earlier rules that are asked whether they cover a rule together. */
const MAX_TOGETHER = 20;

/**
 * Notes every rule that never wins.
 *
 * @param compiled the rules in the order of the file; one whose pattern does not compile is left out
 * @param files paths of the repository's files as SOPS compares them; undefined when they are not known
 */
export function lintReach(compiled: CompiledRules, files: readonly string[] | undefined, findings: Findings): void {
  const rules = [...compiled.keys()].filter((rule) => compiled.get(rule) !== undefined);
  const matches = (rule: Rule, path: string): boolean => compiled.get(rule)!(path);
  const winners = new Set<Rule>();
  for (const path of files ?? []) {
    const winner = rules.find((rule) => matches(rule, path));
    if (winner !== undefined) winners.add(winner);
  }
  const trees = new Map<string, PatternTree | undefined>();
  const treeOf = ({ pathRegex = "" }: Rule): PatternTree | undefined => {
    if (!trees.has(pathRegex)) trees.set(pathRegex, parsePatternTree(pathRegex));
    return trees.get(pathRegex);
  };
  const firstOf = new Map<string, Rule>();
  rules.forEach((rule, at) => {
    const same = firstOf.get(rule.pathRegex ?? "");
    if (same === undefined) firstOf.set(rule.pathRegex ?? "", rule);
    if (winners.has(rule)) return;
    const matched = (files ?? []).filter((path) => matches(rule, path));
    const shadow = same === undefined
      ? findShadow({ rule, rules, at, treeOf, matches, matched })
      : { by: [same], isProved: true };
    if (shadow !== undefined) {
      const isWider = shadow.by.some((other) => other === same || covers(treeOf(other), [treeOf(rule)]));
      addShadowed(rule, shadow, isWider, findings);
    } else if (files !== undefined && rule.pathRegex) {
      addDead({ rule, matched, rules, matches }, winners.size > 0, findings);
    }
  });
}

interface Question {
  readonly rule: Rule;
  readonly rules: readonly Rule[];
  /** Its index among the rules; those before it come first. */
  readonly at: number;
  readonly treeOf: (rule: Rule) => PatternTree | undefined;
  readonly matches: (rule: Rule, path: string) => boolean;
  /** Files of the repository that the rule matches; earlier rules win for all of them. */
  readonly matched: readonly string[];
}

/** The earlier rules that win instead; proved for every path, or only for those that were tried. */
interface Shadow {
  readonly by: readonly Rule[];
  readonly isProved: boolean;
}

function findShadow({ rule, rules, at, treeOf, matches, matched }: Question): Shadow | undefined {
  const tree = treeOf(rule);
  const samples = tree === undefined
    ? []
    : samplePaths(tree).filter((path) => matches(rule, path)).slice(0, MAX_SAMPLES);
  const tried = [...samples, ...matched];
  const winners = new Set<Rule>();
  for (const path of tried) {
    const winner = rules.find((other) => other === rule || matches(other, path));
    if (winner === undefined || winner === rule) return undefined;
    winners.add(winner);
  }
  const earlier = rules.slice(0, at);
  const covered = (others: readonly Rule[]): boolean => covers(tree, others.map(treeOf));
  const alone = earlier.find((other) => tried.every((path) => matches(other, path)) && covered([other]));
  if (alone !== undefined) return { by: [alone], isProved: true };
  const together = earlier.length <= MAX_TOGETHER && covered(earlier) ? findNeeded(earlier, covered) : undefined;
  if (together !== undefined) return { by: together, isProved: true };
  const isUnderstood = tree !== undefined && earlier.every((other) => treeOf(other) !== undefined);
  if (isUnderstood || samples.length === 0 || matched.length === 0) return undefined;
  return { by: [...winners], isProved: false };
}

/** @returns the rules without those that are not needed to cover everything */
function findNeeded(rules: readonly Rule[], covered: (rules: readonly Rule[]) => boolean): readonly Rule[] {
  return rules.reduce((needed, rule) => {
    const others = needed.filter((other) => other !== rule);
    return covered(others) ? others : needed;
  }, rules);
}

/** @param tree undefined for a pattern that is not understood: it is covered only where everything is */
function covers(tree: PatternTree | undefined, others: readonly (PatternTree | undefined)[]): boolean {
  const known = others.filter((other) => other !== undefined);
  const asked: PatternTree = tree ?? { kind: "sequence", parts: [] };
  return known.length > 0 && compareCover(asked, known).kind === "covered";
}

/** @param isWider whether one of the earlier rules would never win behind this one */
function addShadowed(rule: Rule, { by, isProved }: Shadow, isWider: boolean, findings: Findings): void {
  const [first, ...others] = by.toSorted((a, b) => a.index - b.index);
  if (first === undefined) return;
  const numbers = [first, ...others].map(({ index }) => index + 1);
  const [which, match, them] = others.length === 0
    ? [`rule ${numbers[0]}`, "matches", "it"]
    : [`rules ${formatList(numbers.map(String))}`, "match", "them"];
  const everything = isProved ? "everything that it matches" : "all its files and every path that was tried";
  findings.add("shadowed-rule", patternOffset(rule), {
    message: `rule ${rule.index + 1} never wins: ${which}, which ${others.length === 0 ? "comes" : "come"} first, ` +
      `${match} ${everything}`,
    fix: isWider
      ? `take rule ${rule.index + 1} out, after all who shall read are in ${which}`
      : `move rule ${rule.index + 1} above ${others.length === 0 ? which : them}, or take it out`,
    ...(isProved ? {} : { severity: "warning" as const }),
  });
}

/** @param hasWinner whether any rule of the file wins for a file: if none does, the repository may be a new one */
function addDead(
  { rule, matched, rules, matches }: Pick<Question, "rule" | "matched" | "rules" | "matches">,
  hasWinner: boolean,
  findings: Findings,
): void {
  const [path] = matched;
  const winner = path === undefined ? undefined : rules.find((other) => matches(other, path));
  findings.add("dead-rule", patternOffset(rule), {
    message: path === undefined
      ? `path_regex of rule ${rule.index + 1} matches no file of the repository`
      : `rule ${rule.index + 1} wins for no file of the repository: for ${quoteShort(path)} rule ` +
        `${(winner?.index ?? 0) + 1} comes first`,
    ...(hasWinner ? {} : { onlyIf: "in-use" }),
  });
}

function patternOffset(rule: Rule): number {
  const entry = findEntry(rule.nodes.entries, "path_regex");
  return rule.nodes.isAlias ? rule.range.start : entry?.value?.range[0] ?? rule.range.start;
}
