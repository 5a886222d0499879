/**
 * Recipients for some files: in the rule that wins for them, else in a new one where it takes effect. The one plan of
 * keygen, init and `rules add`, proved to win for those files.
 *
 * A new rule copies settings from the rule that won until now; nobody loses encrypted files to it without a word. Pure.
 * Spec: vaults §3 "Which rule" 3 and 4, sops-config §3–4.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { cutLines, formatCount, formatSome } from "../../base/show/counts.ts";
import { type ConfigChange, planChange } from "../../config/edit/change.ts";
import { diffConfigs, keysOf } from "../../config/edit/diff.ts";
import type { NewRecipient, NewRule } from "../../config/edit/intent.ts";
import { type NewConfigForm, planNewConfig } from "../../config/edit/new_config.ts";
import { createRuleMatcher, type RuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import { lineNumberAt } from "../../yaml/position.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { distinctKeys, haveSameKeys } from "../../sops/metadata/keys.ts";
import { compareWithRule } from "../scan/differences.ts";
import type { VaultFiles } from "../scan/vault_files.ts";
import { chooseRule, findWinners, formatRule } from "./rule_choice.ts";

/** What happens to the recipients of the files that a new rule takes over. */
export type OthersPolicy =
  /** Stop when someone would lose access. */
  | "refuse"
  /** The new rule has the recipients of the rule that won until now. */
  | "keep"
  /** Let them lose it. */
  | "drop";

/** The `.sops.yaml` as it is, and the files that a rule is for. */
export interface RuleSituation {
  /** Absolute path of the `.sops.yaml`. */
  readonly configPath: string;
  /** Undefined when there is none. */
  readonly matcher: RuleMatcher | undefined;
  readonly files: VaultFiles;
}

/** What shall be in the rule. */
export interface RuleRequest {
  readonly pathRegex: string;
  /** May be empty when `others` is `keep`. */
  readonly recipients: readonly NewRecipient[];
  readonly others: OthersPolicy;
  /** Undefined: as in the rule that won until now. */
  readonly selectors?: NewRule["selectors"] | undefined;
  /** Undefined: as in the rule that won until now. */
  readonly macOnlyEncrypted?: boolean | undefined;
  /** A rule that wins for all the files already serves as well as one with this pattern. */
  readonly acceptsWinner: boolean;
  /** How a new `.sops.yaml` writes its keys. */
  readonly newConfigForm: NewConfigForm;
  /** Refuses, by throwing, a rule that the recipients would join, or that a new one would take its keys from. */
  readonly check: { readonly join?: (rule: Rule) => void; readonly source?: (rule: Rule) => void };
}

/** The rule for the files, planned. */
export interface RulePlan {
  readonly config: ConfigChange;
  /** As it stands afterwards. */
  readonly rule: Rule;
  /** 1-based line on which a new rule starts, or the first recipient stands in one that was there. */
  readonly lineNumber: number;
  readonly isNewRule: boolean;
  /** The rule of the old file before which a new one stands, because it would have won. */
  readonly successor: Rule | undefined;
  /** The rules of the old file that won for the files until now; empty unless the rule is new. */
  readonly takenFrom: readonly Rule[];
  /** What the plan was made for. */
  readonly files: VaultFiles;
}

/** First line of a new `.sops.yaml`. */
const PURPOSE = "Who can read the encrypted files of this repository: the first rule that matches a file counts";

/** How many names or files a message lists before it counts. */
const MAX_LISTED = 3;

/**
 * Plans the rule.
 *
 * @throws {UserError} `refused` when a rule with the same pattern is shadowed, when encrypted files would lose recipients
 * and the policy does not allow it, or when the recipients to keep cannot be copied; `usage` for a rule without any
 * recipient; what `planChange` throws
 * @throws {InternalError} when the planned rule would not win for every file
 */
export async function planRule(situation: RuleSituation, request: RuleRequest): Promise<RulePlan> {
  const { configPath, matcher, files } = situation;
  if (matcher === undefined) {
    const rule = newRule(situation, request, undefined);
    const config = planNewConfig(configPath, rule, { form: request.newConfigForm, purpose: PURPOSE });
    const plan = { config, rule: config.added!, isNewRule: true, successor: undefined, takenFrom: [], files };
    return await prove(plan, request.recipients);
  }
  const { pathRegex, recipients, acceptsWinner } = request;
  const choice = chooseRule({ matcher, pathRegex, samples: files.samples, isBuiltIn: acceptsWinner });
  if (choice.kind === "join") {
    request.check.join?.(choice.rule);
    const keys = [{ rules: [choice.rule.index], add: recipients }];
    const config = recipients.length === 0 ? withoutChange(matcher.config) : planChange(matcher.config, { keys });
    const rule = config.after.rules[choice.rule.index]!;
    const plan = { config, rule, isNewRule: false, successor: undefined, takenFrom: [], files };
    return await prove(plan, recipients, matcher);
  }
  const { position, successor } = choice;
  const rule = newRule(situation, request, successor);
  const config = planChange(matcher.config, { addRule: { rule, position } });
  const takenFrom = findWinners(matcher, files.samples);
  return await prove(
    { config, rule: config.added!, isNewRule: true, successor, takenFrom, files },
    recipients,
    matcher,
  );
}

/** @returns the plan of a rule that has what it needs */
export function keepRule({ config }: RuleMatcher, rule: Rule, files: VaultFiles): RulePlan {
  const { lineNumber } = rule;
  return {
    config: withoutChange(config),
    rule,
    lineNumber,
    isNewRule: false,
    successor: undefined,
    takenFrom: [],
    files,
  };
}

function withoutChange(config: SopsConfig): ConfigChange {
  return { ...diffConfigs(config, config), changed: false };
}

function newRule(situation: RuleSituation, request: RuleRequest, successor: Rule | undefined): NewRule {
  const { pathRegex, others } = request;
  const source = others === "keep" ? successor : undefined;
  const present = others === "keep" && successor === undefined ? findCommonReaders(situation.files) : [];
  const recipients = [
    ...present.filter(({ text }) => request.recipients.every((one) => one.text !== text)),
    ...request.recipients,
  ];
  if (source !== undefined) request.check.source?.(source);
  else if (recipients.length === 0) {
    throw new UserError("usage", "no recipient for the new rule: no other rule wins for its files until now", {
      hints: ["name the recipients: sopsmith rules add PATTERN RECIPIENT..."],
    });
  }
  const canCopy = source === undefined || source.groups.length < 2; // else the plan of the change says that it cannot
  if (others !== "drop" && canCopy) {
    const texts = [...source?.groups[0]?.keys ?? [], ...recipients].map(({ text }) => text);
    refuseLosses(situation, { keys: source?.groups[0]?.keys ?? [], texts: new Set(texts), successor, others });
  }
  return {
    pathRegex,
    recipients,
    selectors: request.selectors ?? successor?.selectors ?? {},
    macOnlyEncrypted: request.macOnlyEncrypted ?? successor?.macOnlyEncrypted ?? false,
    ...(source === undefined ? {} : { keysOfRule: source.index }),
  };
}

/**
 * @returns the age keys of encrypted files that no rule wins for, where all of them are for the same; nobody has said what
 * they are called
 */
function findCommonReaders({ encrypted }: VaultFiles): readonly NewRecipient[] {
  const [first, ...others] = encrypted.map(({ file: { metadata } }) => metadata.groups);
  const keys = first?.[0]?.keys ?? [];
  const isPlain = first?.length === 1 && keys.every(({ type }) => type === "age");
  if (!isPlain || others.some((groups) => !haveSameKeys(groups, first))) return [];
  return distinctKeys(keys).map(({ text }, index) => ({ text, name: `reader-${index + 1}` }));
}

/** Proves what SOPS would see: the rule wins for every file, and has every recipient. */
async function prove(
  plan: Omit<RulePlan, "lineNumber">,
  recipients: readonly NewRecipient[],
  before?: RuleMatcher,
): Promise<RulePlan> {
  const { config, rule, files } = plan;
  const matcher = await createRuleMatcher(config.after, before);
  const keys = new Map(keysOf(rule).map((key) => [key.text, key]));
  const isProved = recipients.every(({ text }) => keys.has(text)) &&
    files.samples.every((path) => matcher.findWinner(path) === rule);
  if (!isProved) throw new InternalError("the planned rule would not win for its files");
  const first = plan.isNewRule ? undefined : keys.get(recipients[0]?.text ?? "");
  return { ...plan, lineNumber: first ? lineNumberAt(config.after.document, first.range.start) : rule.lineNumber };
}

/** Who reads what with a new rule. */
interface NewReaders {
  /** Those that it copies. */
  readonly keys: readonly RuleKey[];
  /** The texts of all. */
  readonly texts: ReadonlySet<string>;
  readonly successor: Rule | undefined;
  readonly others: OthersPolicy;
}

/** Stops when someone would lose access to encrypted files that a new rule takes over. */
function refuseLosses(
  { files, matcher }: RuleSituation,
  { keys, texts, successor, others }: NewReaders,
): void {
  const losing = files.encrypted.flatMap(({ comparedPath, file }) => {
    const { extra } = compareWithRule(file.metadata, { groups: [{ keys }], shamirThreshold: undefined });
    const lost = extra.map(({ key }) => key.text).filter((text) => !texts.has(text));
    return lost.length === 0 ? [] : [{ comparedPath, lost }];
  });
  if (losing.length === 0) return;
  const names = new Map(matcher?.config.rules.flatMap(keysOf).map(({ text, name }) => [text, name]));
  const whose = [...new Set(losing.flatMap(({ lost }) => lost))]
    .map((text) => names.get(text) ?? formatShortRecipient(text));
  const from = successor === undefined ? "" : ` from ${formatRule(successor)}`;
  const count = formatCount(losing.length, "encrypted file");
  const them = losing.length === 1 ? "it" : "them";
  throw new UserError(
    "refused",
    `the new rule would take ${count}${from}, and ${formatSome(whose, MAX_LISTED)} would lose ${them}`,
    {
      details: [cutLines(losing.map(({ comparedPath }) => comparedPath), MAX_LISTED).join(", "), "nothing was changed"],
      hints: [
        others === "keep"
          ? "write a rule for these files by hand, for those who read them; --only-me takes it away on purpose"
          : "--with-recipients keeps their access; --only-me takes it away on purpose",
      ],
    },
  );
}
