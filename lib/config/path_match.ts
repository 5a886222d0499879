/**
 * Which creation rule of a `.sops.yaml` wins for a file, asked as SOPS asks it: rules in order, RE2 search in the path
 * relative to the folder of the config, the first match ends the search.
 *
 * The only module that loads the regular expression engine. Matching takes linear time, whatever the pattern. Pure.
 * Spec: sops-engine §1.3 (SOPS 3.13.2, Go regexp).
 *
 * @module
 */
import { RE2JS } from "re2js";
import { UserError } from "../base/error.ts";
import type { Paths } from "../base/paths.ts";
import type { SourceText } from "../yaml/position.ts";
import { malformedAt } from "../yaml/source_error.ts";
import { isSimplePath, parseSimplePattern, type SimplePattern } from "./simple_pattern.ts";
import type { Rule, SopsConfig } from "./sops_config.ts";
import { findEntry } from "./typed_value.ts";

/** A compiled `path_regex`. */
export interface PathRegex {
  /** @returns whether the pattern matches anywhere in the path */
  test(path: string): boolean;
}

/** Where a pattern is written. */
export interface PatternPlace {
  readonly text: SourceText;
  readonly offset: number;
  /** 1-based number of the rule, as people see it. */
  readonly ruleNumber: number;
}

/** What one rule said to a path. */
export interface RuleOutcome {
  readonly rule: Rule;
  readonly matches: boolean;
}

/**
 * Compiles a pattern in RE2 syntax as Go's `regexp.Compile` does.
 *
 * @param regex the pattern; empty matches every path
 * @param place for the error
 * @throws {UserError} `malformed` when Go would not compile it
 */
export function compilePathRegex(regex: string, place?: PatternPlace): PathRegex {
  const simple = parseSimplePattern(regex);
  return simple === undefined ? compileRe2(regex, place) : new SimplePathRegex(regex, simple);
}

/** A simple pattern, with the real engine behind it for the paths where dialects could differ. */
class SimplePathRegex implements PathRegex {
  readonly #regex: string;
  readonly #simple: SimplePattern;

  constructor(regex: string, simple: SimplePattern) {
    this.#regex = regex;
    this.#simple = simple;
  }

  test(path: string): boolean {
    return isSimplePath(path) ? this.#simple.test(path) : compileRe2(this.#regex).test(path);
  }
}

function compileRe2(regex: string, place?: PatternPlace): PathRegex {
  try {
    return RE2JS.compile(regex);
  } catch (cause) {
    const reason = describeReason(cause);
    if (place === undefined) {
      throw new UserError("malformed", `cannot read the pattern "${shorten(regex)}": ${reason}`, { cause });
    }
    const problem = `the path_regex of rule ${place.ruleNumber} is no RE2 regular expression: ${reason}`;
    throw malformedAt(place.text, place.offset, problem);
  }
}

/**
 * Asks a single pattern.
 *
 * @throws {UserError} `malformed` when Go would not compile the pattern
 */
export function matchesPath(regex: string, path: string): boolean {
  return compilePathRegex(regex).test(path);
}

/**
 * Finds the rule that SOPS uses for a file. Rules never merge; patterns behind the winner are not compiled.
 *
 * @param relativePath the path as `sopsRelativePath` gives it
 * @returns the winner; undefined when no rule matches
 * @throws {UserError} `malformed` for a pattern on the way that Go would not compile
 */
export function findWinningRule(config: SopsConfig, relativePath: string): Rule | undefined {
  return config.rules.find((rule) => ruleMatches(config, rule, relativePath));
}

/**
 * Tells what each rule says to a path, up to the winner.
 *
 * @returns one outcome per rule that SOPS asks; only the last can match
 * @throws {UserError} `malformed` for a pattern on the way that Go would not compile
 */
export function explainRules(config: SopsConfig, relativePath: string): readonly RuleOutcome[] {
  const outcomes: RuleOutcome[] = [];
  for (const rule of config.rules) {
    const matches = ruleMatches(config, rule, relativePath);
    outcomes.push({ rule, matches });
    if (matches) break;
  }
  return outcomes;
}

/** @returns whether one rule matches, without asking those before it. @throws {UserError} `malformed` for its pattern */
export function ruleMatches(config: SopsConfig, rule: Rule, relativePath: string): boolean {
  if (rule.pathRegex === undefined || rule.pathRegex === "") return true;
  return compiledRegex(config, rule, rule.pathRegex).test(relativePath);
}

/**
 * The string that SOPS compares with `path_regex`.
 *
 * @param configPath absolute path of the `.sops.yaml`, symlinks not resolved
 * @param absoluteFile absolute path of the file, symlinks not resolved
 * @returns the path below the folder of the config, with the separators of the OS; the absolute path for a file outside
 * that folder, and for a config in the root folder
 */
export function sopsRelativePath(paths: Paths, configPath: string, absoluteFile: string): string {
  const prefix = paths.dirname(configPath) + paths.separator;
  return absoluteFile.startsWith(prefix) ? absoluteFile.slice(prefix.length) : absoluteFile;
}

/** The most RE2 programs that are kept for one config: each takes about 34 kB. A simple pattern takes few bytes. */
const MAX_PROGRAMS = 2000;

/** Compiled patterns of each config, by their text. */
const COMPILED = new WeakMap<SopsConfig, Map<string, PathRegex>>();

function compiledRegex(config: SopsConfig, rule: Rule, regex: string): PathRegex {
  let compiled = COMPILED.get(config);
  if (compiled === undefined) COMPILED.set(config, compiled = new Map());
  let pattern = compiled.get(regex);
  if (pattern === undefined) {
    const entry = findEntry(rule.nodes.entries, "path_regex");
    const [offset] = (entry?.value ?? rule.nodes.item).range;
    pattern = compilePathRegex(regex, { text: config.document, offset, ruleNumber: rule.index + 1 });
    if (pattern instanceof SimplePathRegex || compiled.size < MAX_PROGRAMS) compiled.set(regex, pattern);
  }
  return pattern;
}

/** The most characters of a pattern that a message shows. */
const MAX_SHOWN = 60;

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The engine's description without its preamble; a long piece of the pattern is cut. */
function describeReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return shorten(message.replace(/^error parsing regexp: /, ""));
}
