/**
 * `rules add`: what a rule for a pattern is about, and what it means for the encrypted files; the rule that has the
 * pattern already gets the recipients.
 *
 * Narrower rules keep their files: the new rule stands before the first rule that would win for what is left. Writes
 * nothing. Spec: sops-config §3–4.
 *
 * @module
 */
import { configChanges } from "../../config/config_target.ts";
import type { Planner } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { NewRecipient, NewRule } from "../../config/edit/intent.ts";
import { createRuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import type { FileIndex } from "./file_index.ts";
import { formatRule } from "./rule_choice.ts";
import { type OthersPolicy, planRule, type RulePlan, type RuleSituation } from "./rule_plan.ts";
import { findNarrowerRules, findSamples } from "./rule_samples.ts";

/** What shall be in the file. */
export interface RuleAdditionRequest {
  /** Absolute path of the `.sops.yaml`. */
  readonly configPath: string;
  readonly pathRegex: string;
  /** May be empty when `others` is `keep`. */
  readonly recipients: readonly NewRecipient[];
  /** At most one; undefined: that of the rule that won until now. */
  readonly selectors: NewRule["selectors"] | undefined;
  /** Undefined: as in the rule that won until now. */
  readonly macOnlyEncrypted: boolean | undefined;
  readonly others: OthersPolicy;
  /** Absolute path of a file that the rule is for; undefined: one is made up. */
  readonly example: string | undefined;
  readonly index: FileIndex;
}

/** The rule with the pattern, planned: a new one, or one that was there and has more recipients, or had them all. */
export interface RuleAddition extends RulePlan {
  /** The rules of the old file that keep their part of the files, because they come first. */
  readonly narrower: readonly Rule[];
  /** Rules of the old file behind the new one that never win from now on. */
  readonly shadowed: readonly Rule[];
  /** A path that the rule wins for, as SOPS compares it. */
  readonly sample: string;
}

/**
 * @returns the planner for the one target of `rules add`
 * @throws {UserError} what `planRule` throws; `malformed` and `unsupported` for a pattern that cannot be used
 */
export function createRuleAdditionPlanner(host: Host, request: RuleAdditionRequest): Planner<RuleAddition> {
  return async ([snapshot]) => {
    const { configPath: path } = request;
    if (snapshot?.content === undefined) {
      throw new UserError("not-found", `cannot change "${path}": no such file`, {
        hints: ["make one with: sopsmith init"],
      });
    }
    const outcome = await planAddition(host, request, parseSopsConfig(decodeYaml(snapshot.content, path), path));
    return { changes: configChanges(outcome.config, "the new rule"), outcome };
  };
}

/**
 * Looks for the files that the pattern is about, before the lock is taken.
 *
 * @throws {UserError} as the planner
 */
export async function readFilesFor(host: Host, request: RuleAdditionRequest, config: SopsConfig): Promise<void> {
  await readSituation(host, request, config);
}

async function planAddition(
  host: Host,
  request: RuleAdditionRequest,
  config: SopsConfig,
): Promise<RuleAddition> {
  const { narrower, sample, ...situation } = await readSituation(host, request, config);
  const plan = await planRule(situation, {
    ...request,
    acceptsWinner: false,
    newConfigForm: "named-keys",
    check: { join: (rule) => refuseOtherSettings(request, rule) },
  });
  const { index: position } = plan.rule;
  const ofNew = plan.isNewRule ? narrower : [];
  return {
    ...plan,
    narrower: ofNew.filter(({ index }) => index < position),
    shadowed: ofNew.filter(({ index }) => index >= position),
    sample,
  };
}

/** The file as read, and the files that the pattern is about: those that narrower rules leave. */
interface Situation extends RuleSituation {
  readonly narrower: readonly Rule[];
  /** A path that was made up, or the example. */
  readonly sample: string;
}

async function readSituation(host: Host, request: RuleAdditionRequest, config: SopsConfig): Promise<Situation> {
  const { configPath, pathRegex, example, index } = request;
  const matcher = await createRuleMatcher(config);
  const same = config.rules.some((rule) => rule.pathRegex === pathRegex);
  const narrower = same ? [] : findNarrowerRules(config, pathRegex);
  const [first, ...others] = await findSamples(host, { config, pathRegex, narrower, example });
  const basePath = host.paths.dirname(configPath);
  const syntheticPath = host.paths.resolve(basePath, first);
  const { samples, encrypted, unseen } = await index.findFiles({ configPath, basePath, pathRegex, syntheticPath });
  const isLeft = (path: string): boolean => {
    const winner = matcher.findWinner(path);
    return winner === undefined || !narrower.includes(winner);
  };
  const left = [...new Set([...samples, ...others])].filter(isLeft);
  const files = { samples: left, encrypted: encrypted.filter(({ comparedPath }) => isLeft(comparedPath)), unseen };
  return { configPath, matcher, files, narrower, sample: first };
}

/** A rule that is there keeps its settings; other ones would leave its files as they were. */
function refuseOtherSettings({ selectors, macOnlyEncrypted }: RuleAdditionRequest, rule: Rule): void {
  const isSame = (selectors === undefined || JSON.stringify(selectors) === JSON.stringify(rule.selectors)) &&
    (macOnlyEncrypted === undefined || macOnlyEncrypted === rule.macOnlyEncrypted);
  if (isSame) return;
  throw new UserError("refused", `${formatRule(rule)} has the same pattern and other settings`, {
    hints: ["leave the settings out to add the recipients to that rule; change its settings by hand"],
  });
}
