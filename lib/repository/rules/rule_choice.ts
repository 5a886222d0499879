/**
 * Which rule of `.sops.yaml` records a vault's public half: one that is there, or a new one, and where it must stand to
 * take effect. Decides only; `lib/config/edit/` plans the text. Pure. Spec: vaults §3 "Which rule".
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { isSamePathRegex } from "../../config/patterns/path_regex.ts";
import type { RuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";

/** What the choice depends on. */
export interface RuleQuestion {
  readonly matcher: RuleMatcher;
  /** The pattern that a rule for the vault would have. */
  readonly pathRegex: string;
  /**
   * Paths of the vault's files as SOPS compares them: the existing ones that the pattern matches, and at least one that a
   * new file could have.
   */
  readonly samples: readonly string[];
  /** The built-in vault has no pattern of its own making, so a rule that already wins for all its files serves as well. */
  readonly isBuiltIn: boolean;
}

/** The answer. */
export type RuleChoice =
  /** The recipient joins a rule that is there and wins for every sample. */
  | { readonly kind: "join"; readonly rule: Rule }
  /** A new rule before `successor`, the first rule that wins for a sample; at the end when there is none. */
  | { readonly kind: "new"; readonly position: number; readonly successor: Rule | undefined };

/**
 * @throws {UserError} `refused` when a rule with the same pattern is shadowed by an earlier one; `malformed` for a
 * `path_regex` that does not compile
 */
export function chooseRule({ matcher, pathRegex, samples, isBuiltIn }: RuleQuestion): RuleChoice {
  const { config } = matcher;
  const winners = findWinners(matcher, samples);
  const same = config.rules.find((rule) => isSamePathRegex(rule.pathRegex ?? "", pathRegex));
  if (same !== undefined) {
    const shadow = winners.find((winner) => winner.index < same.index);
    if (shadow !== undefined) throw shadowed(config, same, shadow);
    return { kind: "join", rule: same };
  }
  const [first] = winners;
  const winsEverySample = samples.every((sample) => matcher.findWinner(sample) === first);
  if (isBuiltIn && first !== undefined && winsEverySample) return { kind: "join", rule: first };
  return { kind: "new", position: first?.index ?? config.rules.length, successor: first };
}

/** @returns the rules that win for at least one of the paths, in the order of the file */
export function findWinners(matcher: RuleMatcher, paths: readonly string[]): Rule[] {
  const winners = new Set<Rule>();
  for (const path of paths) {
    const winner = matcher.findWinner(path);
    if (winner !== undefined) winners.add(winner);
  }
  return [...winners].sort((a, b) => a.index - b.index);
}

/** @returns how a rule is named to people: `rule 3 (".*")` */
export function formatRule(rule: Rule): string {
  return rule.pathRegex ? `rule ${rule.index + 1} ("${rule.pathRegex}")` : `rule ${rule.index + 1} (every file)`;
}

function shadowed(config: SopsConfig, rule: Rule, shadow: Rule): UserError {
  return new UserError(
    "refused",
    `cannot use ${formatRule(rule)} of "${config.path}": ${formatRule(shadow)} comes before it and wins for its files`,
    {
      hints: [`move rule ${rule.index + 1} above rule ${shadow.index + 1}, or make the earlier pattern narrower`],
      location: { path: config.path, line: rule.lineNumber },
    },
  );
}
