/**
 * The program's rule matcher for tests, without promises: the regular expression engine is loaded from the start.
 *
 * @module
 */
import { compileAutomata, RuleMatcher } from "../../lib/config/patterns/matcher.ts";
import { compileAutomaton } from "../../lib/config/patterns/automaton.ts";
import { compileRe2 } from "../../lib/config/patterns/re2.ts";
import type { Rule, SopsConfig } from "../../lib/config/rules/sops_config.ts";

const MATCHERS = new WeakMap<SopsConfig, RuleMatcher>();

/** @returns the matcher of a config, always the same one */
export function matcherOf(config: SopsConfig): RuleMatcher {
  const matcher = MATCHERS.get(config) ?? new RuleMatcher(config, compileAutomata(config), compileRe2);
  MATCHERS.set(config, matcher);
  return matcher;
}

/** @returns the rule that wins for a path as SOPS compares it; undefined when none matches */
export function findWinningRule(config: SopsConfig, relativePath: string): Rule | undefined {
  return matcherOf(config).findWinner(relativePath);
}

/** @returns whether one pattern matches a path */
export function matchesPath(pattern: string, path: string): boolean {
  return compileAutomaton(pattern)?.(path) ?? compileRe2(pattern).test(path);
}
