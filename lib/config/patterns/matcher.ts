/**
 * Which creation rule of a `.sops.yaml` wins for a file, asked as SOPS asks it: rules in order, RE2 search in the path
 * relative to the folder of the config, the first match ends the search.
 *
 * Matching takes linear time, whatever the pattern. The regular expression engine is loaded when a pattern needs it. Pure.
 * Spec: sops-engine §1.3 (SOPS 3.13.2, Go regexp).
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Paths } from "../../base/host/paths.ts";
import { malformedAt } from "../../yaml/source_error.ts";
import { compileAutomaton } from "./automaton.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

/** A compiled pattern. @returns whether it matches anywhere in a text */
export type PatternTest = (text: string) => boolean;

/** The engine: compiles a pattern in RE2 syntax, or throws. */
export type Re2Compiler = (pattern: string) => { readonly test: PatternTest };

/** What one rule said to a path. */
export interface RuleOutcome {
  readonly rule: Rule;
  readonly matches: boolean;
}

/**
 * Compiles a pattern in RE2 syntax as Go's `regexp.Compile` does.
 *
 * @param pattern empty matches every text
 * @throws {UserError} `malformed` when Go would not compile it
 */
export async function compilePattern(pattern: string): Promise<PatternTest> {
  const automaton = compileAutomaton(pattern);
  if (automaton !== undefined) return automaton;
  const compileRe2 = await loadRe2();
  try {
    const program = compileRe2(pattern);
    return (text) => program.test(text);
  } catch (cause) {
    throw new UserError("malformed", `cannot read the pattern "${shorten(pattern)}": ${describeReason(cause)}`, {
      cause,
    });
  }
}

/**
 * Prepares the questions that {@link RuleMatcher} answers. A pattern that does not compile is no error yet.
 *
 * @param earlier of another version of the file, whose compiled patterns are taken over
 */
export async function createRuleMatcher(config: SopsConfig, earlier?: RuleMatcher): Promise<RuleMatcher> {
  const automata = compileAutomata(config, earlier?.automata);
  const needsRe2 = automata.values().some((automaton) => automaton === undefined);
  return new RuleMatcher(config, automata, needsRe2 ? await loadRe2() : undefined);
}

/** The patterns of some rules; undefined for those that need the engine. */
export type CompiledPatterns = ReadonlyMap<string, PatternTest | undefined>;

/** @param known patterns that need not be compiled again */
export function compileAutomata(config: SopsConfig, known: CompiledPatterns = new Map()): CompiledPatterns {
  const automata = new Map<string, PatternTest | undefined>();
  for (const { pathRegex } of config.rules) {
    if (!pathRegex || automata.has(pathRegex)) continue;
    automata.set(pathRegex, known.get(pathRegex) ?? compileAutomaton(pathRegex));
  }
  return automata;
}

async function loadRe2(): Promise<Re2Compiler> {
  return (await import("./re2.ts")).compileRe2;
}

/** The most RE2 programs that are kept for one config: each takes about 34 kB. */
const MAX_PROGRAMS = 2000;

/** The rules of one config, asked for paths as `sopsRelativePath` gives them. Rules never merge. */
export class RuleMatcher {
  /** The config whose rules are asked. */
  readonly config: SopsConfig;
  /** The patterns of its rules. */
  readonly automata: CompiledPatterns;
  readonly #compileRe2: Re2Compiler | undefined;
  readonly #programs = new Map<string, PatternTest>();

  /**
   * @param automata what {@link compileAutomata} gives for the config
   * @param compileRe2 the engine; may be undefined when no pattern needs it
   */
  constructor(config: SopsConfig, automata: CompiledPatterns, compileRe2: Re2Compiler | undefined) {
    this.config = config;
    this.automata = automata;
    this.#compileRe2 = compileRe2;
  }

  /**
   * Finds the rule that SOPS uses for a file. Patterns behind the winner are not compiled.
   *
   * @returns the winner; undefined when no rule matches
   * @throws {UserError} `malformed` for a pattern on the way that Go would not compile
   */
  findWinner(relativePath: string): Rule | undefined {
    return this.config.rules.find((rule) => this.matches(rule, relativePath));
  }

  /**
   * Tells what each rule says to a path, up to the winner.
   *
   * @returns one outcome per rule that SOPS asks; only the last can match
   * @throws {UserError} `malformed` for a pattern on the way that Go would not compile
   */
  explain(relativePath: string): readonly RuleOutcome[] {
    const outcomes: RuleOutcome[] = [];
    for (const rule of this.config.rules) {
      const matches = this.matches(rule, relativePath);
      outcomes.push({ rule, matches });
      if (matches) break;
    }
    return outcomes;
  }

  /** @returns whether one rule matches, without asking those before it. @throws {UserError} `malformed` for its pattern */
  matches(rule: Rule, relativePath: string): boolean {
    if (rule.pathRegex === undefined || rule.pathRegex === "") return true;
    const test = this.automata.get(rule.pathRegex) ?? this.#programOf(rule, rule.pathRegex);
    return test(relativePath);
  }

  #programOf(rule: Rule, pattern: string): PatternTest {
    const known = this.#programs.get(pattern);
    if (known !== undefined) return known;
    const program = this.#compile(rule, pattern);
    if (this.#programs.size < MAX_PROGRAMS) this.#programs.set(pattern, program);
    return program;
  }

  #compile(rule: Rule, pattern: string): PatternTest {
    if (this.#compileRe2 === undefined) throw new InternalError("a pattern that needs the engine, which is not loaded");
    try {
      const program = this.#compileRe2(pattern);
      return (text) => program.test(text);
    } catch (cause) {
      const entry = findEntry(rule.nodes.entries, "path_regex");
      const [offset] = (entry?.value ?? rule.nodes.item).range;
      const problem = `the path_regex of rule ${rule.index + 1} is no RE2 regular expression: ${describeReason(cause)}`;
      throw malformedAt(this.config.document, offset, problem);
    }
  }
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
