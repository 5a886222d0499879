/**
 * Which `.sops.yaml`, which of its rules and which key group a `recipient` command is about: by its flags, else by a
 * question on the terminal. Never guesses between rules. Spec: sops-config §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { canAsk, choose } from "../../base/ask/prompts.ts";
import { formatPath } from "../../base/show/report.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { chooseConfig, type ChosenConfig, readChosenConfig } from "../../config/config_choice.ts";
import { describeRules, requireSameRule, type RuleSelection, selectRules } from "../../repository/recipients/rules.ts";
import {
  createKeyNamer,
  formatPattern,
  formatRuleNumbers,
  formatThreshold,
  type KeyNamer,
  warnOf,
} from "../shared/rule_text.ts";
import { layOutTable, tableOf } from "../../base/show/table.ts";

/** The flags that choose a config and rules. */
export interface RuleChoiceFlags {
  /** Rule numbers, or pieces of a pattern. */
  readonly rule?: readonly string[];
  /** Files, each for the rule that wins for it. */
  readonly file?: readonly string[];
  readonly allRules?: boolean;
  /** The `.sops.yaml` to use instead of the nearest one. */
  readonly config?: string;
}

/** The flags that say what is changed in a rule. */
export interface PlaceFlags {
  /** Number of the key group, counted from 1. */
  readonly group?: string;
  /** Change a list that rules share, for all of them. */
  readonly shared?: boolean;
}

/** The flags of all commands that change rules. */
export interface ChangeFlags extends RuleChoiceFlags, PlaceFlags {
  readonly dryRun?: boolean;
  /** Brings the encrypted files up to date without a question. */
  readonly yes?: boolean;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** A config that was chosen, and read once. */
export interface ReadConfig {
  readonly chosen: ChosenConfig;
  readonly config: SopsConfig;
}

/** Which rules come into question where the flags name none. */
export interface Candidates {
  /** Holds for at least one rule. */
  readonly has: (rule: Rule) => boolean;
  /** Stands behind "rules": `with bob`. */
  readonly description: string;
}

/** Picks the rules out of a version of the config, in the order of the file. */
export type RuleChoice = (config: SopsConfig) => Promise<readonly Rule[]>;

/**
 * Reads the config that counts for the files of `--file`, else for the working directory.
 *
 * @throws {UserError} `not-found` without a config, `usage` for files that different configs count for, `malformed` when
 * SOPS would refuse it, `io` or `denied`
 */
export function readConfigFor(session: Session, flags: RuleChoiceFlags): ReadConfig {
  const { host, report } = session;
  const [folder = host.cwd, ...others] = (flags.file ?? []).map((file) =>
    host.paths.dirname(host.paths.resolve(host.cwd, file))
  );
  const { config, reason } = readChosenConfig(host, folder, flags.config);
  for (const other of others) {
    const { path } = chooseConfig(host, other, flags.config);
    if (path === config.path) continue;
    throw new UserError("usage", `the files of --file have different configurations: "${config.path}" and "${path}"`, {
      hints: ["run the command once for each"],
    });
  }
  warnOf(config, report);
  return { chosen: { path: config.path, reason }, config };
}

/** @returns what the flags say about rules */
function selectionOf(host: Host, { rule = [], file = [], allRules = false }: RuleChoiceFlags): RuleSelection {
  return { rules: rule, files: file.map((name) => host.paths.resolve(host.cwd, name)), all: allRules };
}

/**
 * Finds out which rules are meant; asks where the flags do not say it, several come into question and there is a terminal.
 *
 * @param candidates absent: every rule
 * @throws {UserError} `usage` when nobody said it and nobody can be asked; what `selectRules` throws
 */
export async function chooseRules(
  host: Host,
  config: SopsConfig,
  flags: RuleChoiceFlags,
  candidates?: Candidates,
): Promise<RuleChoice> {
  const selection = selectionOf(host, flags);
  const selected = await selectRules(host.paths, config, selection);
  if (selected !== undefined) return async (current) => await selectRules(host.paths, current, selection) ?? [];
  const possible = candidates === undefined ? config.rules : config.rules.filter(candidates.has);
  const same = (rules: readonly Rule[]): RuleChoice => (current) =>
    Promise.resolve(rules.map((rule) => requireSameRule(current, rule)));
  if (possible.length === 1) return same(possible);
  if (!canAsk(host)) {
    const which = candidates === undefined ? "" : ` ${candidates.description}`;
    throw new UserError("usage", `"${config.path}" has ${possible.length} rules${which}, and none was named`, {
      hints: ["pass --rule NUMBER, --file FILE for the rule that wins for a file, or --all-rules"],
      details: describeRules(possible),
    });
  }
  const nameOf = createKeyNamer(config);
  const rows = layOutTable(
    tableOf(possible.map((rule) => [`rule ${rule.index + 1}`, formatPattern(rule), formatMembers(rule, nameOf)])),
    Infinity,
  );
  const heading = `${formatPath(host, config.path)} has ${possible.length} rules; those not chosen stay as they are`;
  const answer = await choose(host, { text: "which rule", instead: "pass --rule", heading }, [...rows, "all of them"]);
  const chosen = possible[answer];
  return same(chosen === undefined ? possible : [chosen]);
}

/**
 * Finds out which key group is meant in the rules that have several.
 *
 * @param rules those of the config that are to be changed
 * @returns its index; undefined when no rule has several
 * @throws {UserError} `usage` for a number that is none, and when nobody said it and nobody can be asked
 */
export async function chooseGroup(
  host: Host,
  { config, rules }: { readonly config: SopsConfig; readonly rules: readonly Rule[] },
  flags: PlaceFlags,
): Promise<number | undefined> {
  const group = parseGroup(flags);
  if (group !== undefined) return group;
  const several = rules.filter(({ groups }) => groups.length > 1);
  const [first] = several;
  if (first === undefined) return undefined;
  const choices = first.groups.map(({ keys }) => keys.map(createKeyNamer(config)).join(", ") || "nobody");
  if (several.length === 1 && canAsk(host)) {
    const heading = `rule ${first.index + 1} has several key groups: ${formatThreshold(first)}`;
    return await choose(host, { heading, text: "which group", instead: "pass --group" }, choices);
  }
  throw new UserError(
    "usage",
    several.length === 1
      ? `${formatRuleNumbers(several)} has several key groups: ${formatThreshold(first)}`
      : `${formatRuleNumbers(several)} have several key groups`,
    {
      hints: ["pass --group NUMBER to say which of them is to change"],
      details: choices.map((members, i) => `group ${i + 1} of rule ${first.index + 1}  ${members}`),
    },
  );
}

/**
 * @returns the index of the key group that the flag names; undefined when it names none
 * @throws {UserError} `usage` for a number that is none
 */
export function parseGroup({ group }: PlaceFlags): number | undefined {
  if (group === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(group)) return Number(group) - 1;
  throw new UserError("usage", `--group is "${group}", expected the number of a key group, counted from 1`);
}

function formatMembers({ groups }: Rule, nameOf: KeyNamer): string {
  return groups.map(({ keys }) => keys.map(nameOf).join(", ") || "nobody").join(" | ");
}
