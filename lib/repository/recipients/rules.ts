/**
 * Which rules of a `.sops.yaml` a `recipient` command is about: by number, by a piece of their pattern, or by a file that
 * they win for.
 *
 * Never guesses between rules that nobody named: that is asked or refused by the caller. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Paths } from "../../base/host/paths.ts";
import { cutLines } from "../../base/show/counts.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { formatRule } from "../rules/rule_choice.ts";

/** How many rules an error lists. */
const MAX_DESCRIBED = 30;

/** What a person said about the rules; several kinds add up. */
export interface RuleSelection {
  /** Rule numbers as they are shown, or pieces of a pattern. */
  readonly rules: readonly string[];
  /** Absolute paths; the rule that wins for each. */
  readonly files: readonly string[];
  readonly all: boolean;
}

/**
 * Finds the selected rules.
 *
 * @returns in the order of the file, each once; undefined when nothing was said
 * @throws {UserError} `usage` for a number or text that no rule has, and for `all` beside another selection; `not-found`
 * when no rule wins for a file, and for a config without rules; `malformed` for a pattern on the way to a winner that
 * does not compile
 */
export async function selectRules(
  paths: Paths,
  config: SopsConfig,
  selection: RuleSelection,
): Promise<readonly Rule[] | undefined> {
  if (config.rules.length === 0) {
    throw new UserError("not-found", `no creation rule in "${config.path}"`, {
      hints: ["sopsmith keygen makes a key and the rule for it"],
      location: { path: config.path },
    });
  }
  const { rules, files, all } = selection;
  if (all && (rules.length > 0 || files.length > 0)) {
    throw new UserError("usage", "--all-rules contradicts --rule and --file", { hints: ["pass one of them"] });
  }
  if (all) return config.rules;
  if (rules.length === 0 && files.length === 0) return undefined;
  const selected = new Set(rules.flatMap((text) => findRules(config, text)));
  for (const rule of await findWinnersOf(paths, config, files)) selected.add(rule);
  return config.rules.filter((rule) => selected.has(rule));
}

/** @returns the rules, one line each and not too many, for the details of an error */
export function describeRules(rules: readonly Rule[]): string[] {
  const lines = rules.map((rule) => `rule ${rule.index + 1}  ${rule.pathRegex || "(every file)"}`);
  return cutLines(lines, MAX_DESCRIBED);
}

/** A pattern that is the text comes before patterns in which it occurs. */
function findRules(config: SopsConfig, text: string): readonly Rule[] {
  if (/^\d+$/.test(text)) {
    const rule = config.rules[Number(text) - 1];
    if (rule === undefined) throw unknownRule(config, `no rule ${text} in "${config.path}"`);
    return [rule];
  }
  if (text === "") throw unknownRule(config, "--rule is empty, expected a number or a piece of a path_regex");
  const same = config.rules.filter(({ pathRegex }) => pathRegex === text);
  if (same.length > 0) return same;
  const found = config.rules.filter(({ pathRegex = "" }) =>
    pathRegex.includes(text) || withoutEscapes(pathRegex).includes(text)
  );
  if (found.length === 0) throw unknownRule(config, `no rule of "${config.path}" has "${text}" in its path_regex`);
  return found;
}

/** People write `secrets.yaml` for `secrets\.yaml`. */
function withoutEscapes(pattern: string): string {
  return pattern.replace(/\\([^\w])/g, "$1").replaceAll("[/\\]", "/");
}

function unknownRule(config: SopsConfig, message: string): UserError {
  return new UserError("usage", message, {
    hints: ["name a rule by its number or by a piece of its pattern"],
    details: describeRules(config.rules),
  });
}

async function findWinnersOf(paths: Paths, config: SopsConfig, files: readonly string[]): Promise<Rule[]> {
  if (files.length === 0) return [];
  const matcher = await createRuleMatcher(config);
  return files.map((file) => {
    const winner = matcher.findWinner(sopsRelativePath(paths, config.path, file));
    if (winner !== undefined) return winner;
    throw new UserError("not-found", `no rule of "${config.path}" matches "${file}"`, {
      hints: ["sopsmith rules explain shows which path the rules are compared with"],
      location: { path: config.path },
    });
  });
}

/**
 * Picks out again, in a newer version of the file, a rule that a person chose from a list.
 *
 * @throws {UserError} `io` when the rule is not the same any more
 */
export function requireSameRule(config: SopsConfig, chosen: Rule): Rule {
  const rule = config.rules[chosen.index];
  if (rule !== undefined && rule.pathRegex === chosen.pathRegex) return rule;
  throw new UserError("io", `cannot change ${formatRule(chosen)} of "${config.path}": the file was changed meanwhile`, {
    hints: ["run the command again"],
  });
}
