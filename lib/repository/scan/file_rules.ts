/**
 * One model for all who ask what the configuration says of a file: file → config → rule → differences.
 *
 * Files one by one, in bounded memory: every config is read once, and files of which the same is to be said share it.
 * Mistakes inside the rules are for `rules lint`. I/O through the host. Spec: sops-engine §1.1, sops-config §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { shortenPaths } from "../../base/show/report.ts";
import { type ChoiceReason, chooseConfig, type ChosenConfig, readExistingConfig } from "../../config/config_choice.ts";
import { createRuleMatcher, type RuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { compareWithRule, type RuleDifferences } from "./differences.ts";
import type { ScannedFile } from "./encrypted_files.ts";
import { rememberAnswers } from "./remember.ts";
import type { ScannedMetadata } from "./scanned_metadata.ts";

/** What the configuration says of one file; the same object for all files of which it says the same. */
export interface FileRule {
  /** Undefined: there is none, or it cannot be read. */
  readonly config?: SopsConfig;
  /** The rule that wins; undefined when none does. */
  readonly rule?: Rule;
  /** Why there is no config, for people. */
  readonly problem?: string;
  /** There is no config at all, where {@link FileRule.problem} says so of one that cannot be read otherwise. */
  readonly isMissing?: boolean;
}

/** An encrypted file and its rule. */
export interface RuledFile extends ScannedFile {
  readonly fileRule: FileRule;
  /** Undefined without a rule. */
  readonly differences: RuleDifferences | undefined;
}

/** The config that counts for a file, and how its rules are asked. */
export interface ConfigOfFile {
  readonly config: SopsConfig;
  readonly reason: ChoiceReason;
  readonly matcher: RuleMatcher;
  /** The string that the patterns are asked with. */
  readonly comparedPath: string;
}

/** For how many folders the choice of a config is remembered; a walk needs few at a time. */
const MAX_FOLDERS = 1000;

/** Finds the rules of many files. */
export class FileRules {
  readonly #host: Host;
  readonly #named: string | undefined;
  readonly #choices = new Map<string, ChosenConfig>();
  readonly #matchers = new Map<string, Promise<RuleMatcher>>();
  /** By the rule, else by the config, else by the problem. */
  readonly #answers = new Map<Rule | SopsConfig | string, FileRule>();
  readonly #compare = rememberAnswers((rule: Rule, metadata: ScannedMetadata) => compareWithRule(metadata, rule));

  /** @param named value of `--config`; undefined when not given */
  constructor(host: Host, named: string | undefined) {
    this.#host = host;
    this.#named = named;
  }

  /**
   * @param file absolute path; the file need not exist
   * @throws {UserError} `not-found` when there is no config, `malformed` where SOPS would refuse it, `io` or `denied` when
   * it cannot be read
   */
  async configOf(file: string): Promise<ConfigOfFile> {
    const { path, reason } = this.#choose(this.#host.paths.dirname(file));
    const matcher = await this.#read(path);
    return { config: matcher.config, reason, matcher, comparedPath: sopsRelativePath(this.#host.paths, path, file) };
  }

  /**
   * @param file absolute path
   * @returns also for a file without a config that can be read
   */
  async find(file: string): Promise<FileRule> {
    try {
      const { config, matcher, comparedPath } = await this.configOf(file);
      const rule = matcher.findWinner(comparedPath);
      return this.#share(rule ?? config, rule === undefined ? { config } : { config, rule });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const problem = shortenPaths(this.#host, error.message);
      return this.#share(problem, { problem, isMissing: error.kind === "not-found" });
    }
  }

  /** @returns how a file differs from a rule: the same object for the same question; undefined without a rule */
  compare(metadata: ScannedMetadata, rule: Rule | undefined): RuleDifferences | undefined {
    return rule === undefined ? undefined : this.#compare(rule, metadata);
  }

  /** Gives each file its rule, when somebody asks for it. */
  async *findAll(files: Iterable<ScannedFile>): AsyncGenerator<RuledFile, void> {
    for (const file of files) {
      const fileRule = await this.find(file.path);
      yield { ...file, fileRule, differences: this.compare(file.metadata, fileRule.rule) };
    }
  }

  #choose(folder: string): ChosenConfig {
    if (this.#choices.size > MAX_FOLDERS) this.#choices.clear();
    const choice = this.#choices.get(folder) ?? chooseConfig(this.#host, folder, this.#named);
    this.#choices.set(folder, choice);
    return choice;
  }

  #read(path: string): Promise<RuleMatcher> {
    const matcher = this.#matchers.get(path) ?? this.#compile(path);
    this.#matchers.set(path, matcher);
    return matcher;
  }

  async #compile(path: string): Promise<RuleMatcher> {
    return await createRuleMatcher(readExistingConfig(this.#host, path));
  }

  #share(id: Rule | SopsConfig | string, answer: FileRule): FileRule {
    const known = this.#answers.get(id) ?? answer;
    this.#answers.set(id, known);
    return known;
  }
}
