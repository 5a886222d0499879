/**
 * A new creation rule for a pattern: what it is made of, where it takes effect, and what that means for the encrypted
 * files; or the rule that has the pattern already, with more recipients.
 *
 * Narrower rules keep their files: the new rule stands before the first rule that would win for what is left. Reads the
 * files; writes nothing. Spec: sops-config §3–4.
 *
 * @module
 */
import type { Change, Planner } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import type { ConfigEdit, NewRecipient, NewRule } from "../../config/edit/plan.ts";
import { planAddRecipient } from "../../config/edit/add_recipient.ts";
import { planAddRule } from "../../config/edit/add_rule.ts";
import { createRuleMatcher, type RuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, Selector, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import { compareWithRule, isAsRuleSays } from "../scan/differences.ts";
import type { ScanNote } from "../scan/encrypted_files.ts";
import { type OthersPolicy, refuseLosses } from "./new_rule.ts";
import { chooseRule, findWinners, formatRule } from "./rule_choice.ts";
import { findNarrowerRules, findSamples } from "./rule_samples.ts";
import { findEncryptedFilesOfRule, findVaultFiles, type VaultFile, type VaultFiles } from "../scan/vault_files.ts";

/** What shall be in the file. */
export interface RuleAdditionRequest {
  /** Absolute path of the `.sops.yaml`. */
  readonly configPath: string;
  readonly pathRegex: string;
  /** May be empty when `others` is `keep`. */
  readonly recipients: readonly NewRecipient[];
  /** At most one; undefined: that of the rule that won until now. */
  readonly selector: Readonly<Partial<Record<Selector, string>>> | undefined;
  /** Undefined: as in the rule that won until now. */
  readonly macOnlyEncrypted: boolean | undefined;
  readonly others: OthersPolicy;
  /** Absolute path of a file that the rule is for; undefined: one is made up. */
  readonly example: string | undefined;
  readonly progress: Progress;
}

/** What was found out, for the report. */
export interface RuleAdditionOutcome {
  /** `added`: a new rule. `extended`: the rule with this pattern has more recipients. `kept`: it has them all. */
  readonly action: "added" | "extended" | "kept";
  /** As it stands after the edit. */
  readonly rule: Rule;
  /** The rule of the old file before which the new one stands, because it would have won. */
  readonly successor: Rule | undefined;
  /** The rules of the old file that won for its files until now; empty unless a rule was added. */
  readonly displaced: readonly Rule[];
  /** The rules of the old file that keep their part of the files, because they come first. */
  readonly narrower: readonly Rule[];
  /** Rules of the old file behind the new one that never win from now on. */
  readonly shadowed: readonly Rule[];
  /** The encrypted files of the rule that are not as it says now. */
  readonly behind: readonly VaultFile[];
  /** A path that the rule wins for, as SOPS compares it. */
  readonly sample: string;
  /** What could not be looked at. */
  readonly unseen: readonly ScanNote[];
  readonly configBefore: string;
  readonly configAfter: string;
}

/** The file as read, and the files that the pattern is about. */
interface Situation {
  readonly config: SopsConfig;
  readonly matcher: RuleMatcher;
  /** Those that narrower rules leave. */
  readonly files: VaultFiles;
  readonly narrower: readonly Rule[];
  /** A path that was made up, or the example. */
  readonly sample: string;
}

/**
 * @returns the planner for the one target of `rules add`
 * @throws {UserError} `refused` when a rule with this pattern is shadowed, or when somebody would lose files; `malformed`
 * and `unsupported` for a pattern that cannot be used
 */
export function createRuleAdditionPlanner(host: Host, request: RuleAdditionRequest): Planner<RuleAdditionOutcome> {
  return async ([snapshot]) => {
    if (snapshot?.content === undefined) {
      throw new UserError("not-found", `cannot change "${request.configPath}": no such file`, {
        hints: ["make one with: sopsmith init"],
      });
    }
    const config = parseSopsConfig(decodeYaml(snapshot.content, request.configPath), request.configPath);
    const situation = await readSituation(host, request, config);
    const { matcher, files } = situation;
    const choice = chooseRule({ matcher, pathRegex: request.pathRegex, samples: files.samples, isBuiltIn: false });
    const outcome = choice.kind === "join"
      ? await extendRule(host, request, situation, choice.rule)
      : await addRule(request, situation, choice.position, choice.successor);
    const change: Change = {
      path: request.configPath,
      after: new TextEncoder().encode(outcome.configAfter),
      reason: "the new rule",
    };
    return { changes: outcome.action === "kept" ? [] : [change], outcome };
  };
}

async function readSituation(host: Host, request: RuleAdditionRequest, config: SopsConfig): Promise<Situation> {
  const { configPath, pathRegex, example, progress } = request;
  const matcher = await createRuleMatcher(config);
  const same = config.rules.some((rule) => rule.pathRegex === pathRegex);
  const narrower = same ? [] : findNarrowerRules(config, pathRegex);
  const [first, ...others] = await findSamples(host, { config, pathRegex, narrower, example });
  const basePath = host.paths.dirname(configPath);
  const question = { configPath, basePath, pathRegex, syntheticPath: host.paths.resolve(basePath, first) };
  const { samples, encrypted, unseen } = await findVaultFiles(host, question, progress);
  const isLeft = (path: string): boolean => {
    const winner = matcher.findWinner(path);
    return winner === undefined || !narrower.includes(winner);
  };
  const left = [...new Set([...samples, ...others])].filter(isLeft);
  const files = { samples: left, encrypted: encrypted.filter(({ comparedPath }) => isLeft(comparedPath)), unseen };
  return { config, matcher, files, narrower, sample: first };
}

async function addRule(
  request: RuleAdditionRequest,
  situation: Situation,
  position: number,
  successor: Rule | undefined,
): Promise<RuleAdditionOutcome> {
  const { config, matcher, files, narrower } = situation;
  const { pathRegex, recipients, others } = request;
  const source = others === "keep" ? successor : undefined;
  if (source === undefined && recipients.length === 0) {
    throw new UserError("usage", "no recipient for the new rule: no other rule wins for its files until now", {
      hints: ["name the recipients: sopsmith rules add PATTERN RECIPIENT..."],
    });
  }
  const rule: NewRule = {
    pathRegex,
    recipients,
    selectors: request.selector ?? successor?.selectors ?? {},
    macOnlyEncrypted: request.macOnlyEncrypted ?? successor?.macOnlyEncrypted ?? false,
    ...(source === undefined ? {} : { keysOfRule: source.index }),
  };
  const edit = planAddRule(config, rule, position);
  if (others !== "drop") {
    const own = new Set(recipients.map(({ text }) => text));
    refuseLosses({ files, successor, config }, source?.groups[0]?.keys ?? [], own);
  }
  const added = await proveRule(request, edit, matcher, files);
  return {
    ...describe(situation, edit, added),
    action: "added",
    successor,
    displaced: findWinners(matcher, files.samples),
    narrower: narrower.filter(({ index }) => index < position),
    shadowed: narrower.filter(({ index }) => index >= position),
    behind: findBehind(files.encrypted, added),
  };
}

async function extendRule(
  host: Host,
  request: RuleAdditionRequest,
  situation: Situation,
  rule: Rule,
): Promise<RuleAdditionOutcome> {
  const { config, matcher, files } = situation;
  refuseOtherSettings(request, rule);
  let edit: ConfigEdit | undefined;
  for (const recipient of request.recipients) {
    edit = planAddRecipient(edit?.config ?? config, rule.index, recipient);
  }
  const after: ConfigEdit = edit ??
    { source: config.document.source, config, ruleIndex: rule.index, lineNumber: rule.lineNumber, name: "" };
  const extended = await proveRule(request, after, matcher, files);
  const encrypted = await findEncryptedFilesOfRule(host, after.config, extended, request.progress);
  return {
    ...describe(situation, after, extended),
    action: after.source === config.document.source ? "kept" : "extended",
    successor: undefined,
    displaced: [],
    narrower: [],
    shadowed: [],
    behind: findBehind(encrypted, extended),
  };
}

/** A rule that is there keeps its settings; other ones would leave its files as they were. */
function refuseOtherSettings({ selector, macOnlyEncrypted }: RuleAdditionRequest, rule: Rule): void {
  const isSame = (selector === undefined || JSON.stringify(selector) === JSON.stringify(rule.selectors)) &&
    (macOnlyEncrypted === undefined || macOnlyEncrypted === rule.macOnlyEncrypted);
  if (isSame) return;
  throw new UserError("refused", `${formatRule(rule)} has the same pattern and other settings`, {
    hints: ["leave the settings out to add the recipients to that rule; change its settings by hand"],
  });
}

/** The rule wins for every sample, and has every recipient. */
async function proveRule(
  { recipients }: RuleAdditionRequest,
  { config, ruleIndex }: ConfigEdit,
  before: RuleMatcher,
  { samples }: VaultFiles,
): Promise<Rule> {
  const matcher = await createRuleMatcher(config, before);
  const rule = config.rules[ruleIndex];
  const keys = new Set(rule?.groups.flatMap((group) => group.keys).map(({ text }) => text));
  const isProved = rule !== undefined && recipients.every(({ text }) => keys.has(text)) &&
    samples.every((path) => matcher.findWinner(path) === rule);
  if (!isProved) throw new InternalError("the planned rule would not win for its files");
  return rule;
}

function describe(
  { config, files, sample }: Situation,
  edit: ConfigEdit,
  rule: Rule,
): Pick<RuleAdditionOutcome, "rule" | "sample" | "unseen" | "configBefore" | "configAfter"> {
  return { rule, sample, unseen: files.unseen, configBefore: config.document.source, configAfter: edit.source };
}

function findBehind(files: readonly VaultFile[], rule: Rule): VaultFile[] {
  return files.filter(({ file }) => !isAsRuleSays(compareWithRule(file.metadata, rule)));
}
