/**
 * Paths that a pattern is about, made up from the pattern itself, and the rules that are about a part of them only. Pure.
 * Spec: sops-config §4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Paths } from "../../base/host/paths.ts";
import { cutLines } from "../../base/show/counts.ts";
import { compilePattern, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { compareCover } from "../../config/patterns/cover.ts";
import { samplePaths } from "../../config/patterns/samples.ts";
import { parsePatternTree } from "../../config/patterns/tree.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { formatRule } from "./rule_choice.ts";

/** @returns the rules that match nothing but what the pattern matches, as far as that can be proved */
export function findNarrowerRules({ rules }: SopsConfig, pathRegex: string): readonly Rule[] {
  const wide = parsePatternTree(pathRegex);
  if (wide === undefined) return [];
  return rules.filter((rule) => {
    const tree = rule.pathRegex ? parsePatternTree(rule.pathRegex) : undefined;
    return tree !== undefined && compareCover(tree, [wide]).kind === "covered";
  });
}

/** What paths are made up for. */
export interface SampleQuestion {
  readonly config: SopsConfig;
  readonly pathRegex: string;
  /** Rules whose files are not meant. */
  readonly narrower: readonly Rule[];
  /** Absolute path of a file that the rule is for; undefined: one is made up. */
  readonly example: string | undefined;
}

/**
 * Makes up paths that a pattern matches and the narrower rules do not.
 *
 * @returns at least one, as SOPS compares them
 * @throws {UserError} `malformed` for a pattern that does not compile, `usage` when the example does not match or none can
 * be made up, `refused` when the narrower rules leave nothing
 */
export async function findSamples(
  host: Pick<Host, "paths">,
  { config, pathRegex, narrower, example }: SampleQuestion,
): Promise<readonly [string, ...string[]]> {
  const matches = await compilePattern(pathRegex);
  if (example !== undefined) {
    const compared = sopsRelativePath(host.paths, config.path, example);
    if (matches(compared)) return [compared];
    throw new UserError("usage", `the pattern "${pathRegex}" does not match "${compared}"`, {
      hints: ["write the pattern for the path below the folder of the .sops.yaml"],
    });
  }
  const isPath = (path: string): boolean => isWritten(host.paths, config.path, path) && matches(path);
  const tree = parsePatternTree(pathRegex);
  const others = await Promise.all(narrower.map((rule) => compilePattern(rule.pathRegex ?? "")));
  const pathsOf = (found: readonly string[]): readonly string[] =>
    found.flatMap(asFileNames).map((path) => path.replaceAll("/", host.paths.separator))
      .filter((path) => isPath(path) && !others.some((other) => other(path)));
  const made = pathsOf(tree === undefined ? [""] : samplePaths(tree));
  const [first, ...rest] = made;
  if (first !== undefined) return [first, ...rest];
  const trees = narrower.map((rule) => parsePatternTree(rule.pathRegex ?? "")).filter((other) => other !== undefined);
  const cover = tree === undefined ? undefined : compareCover(tree, trees);
  const [free] = cover?.kind === "free" ? pathsOf([cover.path]) : [];
  if (free !== undefined) return [free];
  if (cover?.kind === "covered") throw nothingLeft(pathRegex, narrower);
  throw new UserError("usage", `no path can be made up that the pattern "${pathRegex}" matches`, {
    hints: host.paths.separator === "\\" && pathRegex.includes("/")
      ? [String.raw`write [/\\] for /: on Windows, SOPS compares paths with backslashes`]
      : ["name a file that the rule is for: --example FILE"],
  });
}

/** Paths that a match could be a part of; best first. */
function asFileNames(match: string): readonly string[] {
  const starts = /^[./]|^$/.test(match) ? [`x${match}`, match] : [match, `x${match}`];
  return starts.flatMap((start) => {
    const typed = /[^/.]$/.test(start) && !start.includes(".") ? [`${start}.yaml`] : [];
    return [...typed, start, `${start}x.yaml`, `${start}new.yaml`];
  });
}

/** @returns whether the system writes a path below the folder of the config so */
function isWritten(paths: Paths, configPath: string, path: string): boolean {
  return sopsRelativePath(paths, configPath, paths.resolve(paths.dirname(configPath), path)) === path;
}

function nothingLeft(pathRegex: string, narrower: readonly Rule[]): UserError {
  const MAX_LISTED = 5;
  return new UserError("refused", `a rule for "${pathRegex}" would never win: narrower rules match all of it`, {
    details: cutLines(narrower.map(formatRule), MAX_LISTED),
    hints: [
      `add the recipients to those rules instead: sopsmith recipient add RECIPIENT --rule ${narrower[0]!.index + 1}`,
    ],
  });
}
