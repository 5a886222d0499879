/**
 * A new rule for a vault: what it copies from the rule that won until now, and who would lose access by it.
 *
 * Pure. Spec: vaults §3 "Which rule" 3 and 4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { ConfigEdit, NewRecipient, NewRule } from "../../config/edit/plan.ts";
import { planAddRule } from "../../config/edit/add_rule.ts";
import { planNewConfig } from "../../config/edit/new_config.ts";
import type { Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { compareWithRule } from "../scan/differences.ts";
import { formatRule } from "./rule_choice.ts";
import type { VaultFiles } from "../scan/vault_files.ts";

/** What happens to the recipients of the files that a new rule takes over. */
export type OthersPolicy =
  /** Stop when someone would lose access. */
  | "refuse"
  /** The new rule has the recipients of the rule that won until now. */
  | "keep"
  /** Let them lose it. */
  | "drop";

/** An edit of `.sops.yaml` for a vault. */
export type EditForVault = ConfigEdit & {
  readonly isNewRule: boolean;
  /** The rule of the old file before which the new one stands. */
  readonly successor: Rule | undefined;
};

/** What a new rule is made of. */
export interface NewRuleQuestion {
  readonly vault: Vault;
  /** Undefined when the file does not exist. */
  readonly config: SopsConfig | undefined;
  readonly pathRegex: string;
  readonly recipient: NewRecipient;
  readonly others: OthersPolicy;
  readonly files: VaultFiles;
  readonly successor: Rule | undefined;
}

/** First line of a new `.sops.yaml`. */
const PURPOSE = "Who can read the encrypted files of this repository: the first rule that matches a file counts";

/** How many names or files a message lists before it counts. */
const MAX_LISTED = 3;

/**
 * @throws {UserError} `refused` when encrypted files would lose recipients and the policy does not allow it, or when the
 * recipients to keep cannot be copied
 */
export function planNewRule(host: Host, question: NewRuleQuestion): EditForVault {
  const { vault, config, pathRegex, recipient, others, successor } = question;
  const source = others === "keep" ? successor : undefined;
  if (source !== undefined) refuseSeveralGroups(source);
  const rule: NewRule = {
    pathRegex,
    recipients: [recipient],
    selectors: successor?.selectors ?? {},
    macOnlyEncrypted: successor?.macOnlyEncrypted ?? false,
    ...(source === undefined ? {} : { keysOfRule: source.index }),
  };
  if (others !== "drop") refuseLosses(question, source?.groups[0]?.keys ?? [], new Set([recipient.text]));
  if (config === undefined) {
    // atmos adds a flat `age:` to a rule later, which SOPS would ignore beside `key_groups`
    const isFromAtmos = vault.definedAt !== undefined && host.paths.basename(vault.definedAt.path).includes("atmos");
    const form = isFromAtmos ? "flat" : "named-keys";
    return { ...planNewConfig(vault.recipientsFile, rule, form, PURPOSE), isNewRule: true, successor: undefined };
  }
  return { ...planAddRule(config, rule, successor?.index ?? config.rules.length), isNewRule: true, successor };
}

function refuseSeveralGroups(rule: Rule): void {
  if (rule.groups.length < 2) return;
  throw new UserError("refused", `cannot copy the recipients of ${formatRule(rule)}: it has several key groups`, {
    hints: ["write a rule for the vault's files by hand, above that rule, with one key group; the key then joins it"],
  });
}

/** The files that a new rule takes over, and from which rules. */
export type TakeOver = Pick<NewRuleQuestion, "files" | "successor" | "config">;

/**
 * Stops when someone would lose access to encrypted files that a new rule takes over.
 *
 * @param keys those of the new rule that it copies
 * @param own the texts of those that it has besides
 * @throws {UserError} `refused`, with the files and who would lose them
 */
export function refuseLosses(
  { files, successor, config }: TakeOver,
  keys: readonly RuleKey[],
  own: ReadonlySet<string>,
): void {
  const losing = files.encrypted.flatMap(({ comparedPath, file }) => {
    const { extra } = compareWithRule(file.metadata, { groups: [{ keys }], shamirThreshold: undefined });
    const lost = extra.map(({ key }) => key.text).filter((text) => !own.has(text));
    return lost.length === 0 ? [] : [{ comparedPath, lost }];
  });
  if (losing.length === 0) return;
  const names = new Map(config?.rules.flatMap(({ groups }) => groups).flatMap((group) => group.keys).map(nameOf));
  const losers = [...new Set(losing.flatMap(({ lost }) => lost))]
    .map((text) => names.get(text) ?? formatShortRecipient(text));
  const from = successor === undefined ? "" : ` from ${formatRule(successor)}`;
  const count = losing.length === 1 ? "1 encrypted file" : `${losing.length} encrypted files`;
  throw new UserError(
    "refused",
    `the new rule would take ${count}${from}, and ${formatSome(losers)} would lose ${
      losing.length === 1 ? "it" : "them"
    }`,
    {
      details: [formatFiles(losing.map(({ comparedPath }) => comparedPath)), "nothing was changed"],
      hints: ["--with-recipients keeps their access; --only-me takes it away on purpose"],
    },
  );
}

function nameOf({ text, name }: RuleKey): readonly [string, string] {
  return [text, name ?? formatShortRecipient(text)];
}

function formatFiles(paths: readonly string[]): string {
  const rest = paths.length - MAX_LISTED;
  return [...paths.slice(0, MAX_LISTED), ...(rest > 0 ? [`… ${rest} more`] : [])].join(", ");
}

function formatSome(words: readonly string[]): string {
  const rest = words.length - MAX_LISTED;
  return formatList(rest > 1 ? [...words.slice(0, MAX_LISTED), `${rest} more`] : words);
}
