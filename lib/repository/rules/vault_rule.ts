/**
 * The rule of `.sops.yaml` that a vault's recipients belong in: found, or planned as a new one, and proved to win.
 *
 * Reads the vault's files; writes nothing. Spec: vaults §3 "Which rule".
 *
 * @module
 */
import type { Snapshot } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import { holdsIdentity } from "../../base/secret.ts";
import type { ConfigEdit } from "../../config/edit/plan.ts";
import { planAddRecipient } from "../../config/edit/add_recipient.ts";
import { createRuleMatcher, type RuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { syntheticPath, vaultPattern } from "../../config/vaults/files.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import { type EditForVault, type OthersPolicy, planNewRule } from "./new_rule.ts";
import { chooseRule, findWinners } from "./rule_choice.ts";
import { findEncryptedFilesOfRule, findVaultFiles, type VaultFile, type VaultFiles } from "../scan/vault_files.ts";

/** A vault's `.sops.yaml` and its files, as read. */
export interface VaultRules {
  /** The configuration and its rules; undefined when there is none. */
  readonly matcher: RuleMatcher | undefined;
  /** Text of the configuration; empty when there is none. */
  readonly source: string;
  /** The pattern of a rule for the vault's files. */
  readonly pathRegex: string;
  readonly files: VaultFiles;
}

/** What shall be in the rule. */
export interface VaultRuleRequest {
  readonly vault: Vault;
  /** What the recipient is called in `.sops.yaml`. */
  readonly name: string;
  readonly others: OthersPolicy;
}

/**
 * Reads the rules for a vault.
 *
 * @param snapshot of the vault's `.sops.yaml`
 * @throws {UserError} `malformed` for a configuration that SOPS would refuse, `unsupported` as `findVaultFiles`
 */
export async function readVaultRules(
  host: Host,
  vault: Vault,
  snapshot: Snapshot,
  progress: Progress,
): Promise<VaultRules> {
  const configPath = snapshot.target.path;
  const source = snapshot.content === undefined ? undefined : decodeYaml(snapshot.content, configPath);
  const config = source === undefined ? undefined : parseSopsConfig(source, configPath);
  const folder = host.paths.dirname(configPath);
  const isAnchored = config === undefined || config.rules.every(({ pathRegex }) => !pathRegex || pathRegex[0] === "^");
  const pathRegex = vaultPattern(vault, host, folder, isAnchored ? "anchored" : "unanchored");
  const question = { configPath, basePath: vault.basePath, pathRegex, syntheticPath: syntheticPath(vault, host) };
  const files = await findVaultFiles(host, question, progress);
  const matcher = config && await createRuleMatcher(config);
  return { matcher, source: source ?? "", pathRegex, files };
}

/**
 * @returns the recipients that every rule which wins for the vault's files has, and the first of these rules; undefined
 * when there is a file that no rule wins for
 */
export function findCommonRecipients(
  { matcher, files }: VaultRules,
): { readonly rule: Rule; readonly recipients: ReadonlySet<string> } | undefined {
  if (matcher === undefined) return undefined;
  const winners = findWinners(matcher, files.samples);
  const [rule] = winners;
  if (rule === undefined || files.samples.some((path) => matcher.findWinner(path) === undefined)) return undefined;
  return { rule, recipients: winners.map(ageRecipients).reduce((a, b) => a.intersection(b)) };
}

/**
 * Plans a recipient in the rule for a vault: in the one that exists, else in a new one where it takes effect.
 *
 * @throws {UserError} `refused` as `planNewRule` and `planAddRecipient`; `usage` for a name that holds an identity, because
 * the file is made to be committed
 */
export function planVaultRule(
  host: Host,
  { vault, name, others }: VaultRuleRequest,
  { matcher, pathRegex, files }: VaultRules,
  text: string,
): EditForVault {
  if (holdsIdentity(name)) {
    throw new UserError("usage", "the name of the key holds a private key, expected what people call it", {
      hints: ["make a new key if the private one now stands in the history of a shell that others can read"],
    });
  }
  const recipient = { text, name };
  if (matcher === undefined) {
    return planNewRule(host, { vault, config: undefined, pathRegex, recipient, others, files, successor: undefined });
  }
  const { config } = matcher;
  const choice = chooseRule({ matcher, pathRegex, samples: files.samples, isBuiltIn: isBuiltIn(vault) });
  if (choice.kind === "new") {
    return planNewRule(host, { vault, config, pathRegex, recipient, others, files, successor: choice.successor });
  }
  const edit: ConfigEdit = planAddRecipient(config, choice.rule.index, recipient);
  return { ...edit, isNewRule: false, successor: undefined };
}

/**
 * Proves what SOPS would see: every file of the vault resolves to the planned rule, and the rule has the recipient.
 *
 * @returns the planned rule
 * @throws {InternalError} when the proof fails
 */
export async function proveVaultRule(
  edit: EditForVault,
  { matcher: matcherBefore, files }: VaultRules,
  recipient: string,
): Promise<Rule> {
  const matcher = await createRuleMatcher(edit.config, matcherBefore);
  const rule = edit.config.rules[edit.ruleIndex];
  const isProved = rule !== undefined && ageRecipients(rule).has(recipient) &&
    files.samples.every((path) => matcher.findWinner(path) === rule);
  if (!isProved) throw new InternalError("the planned rule would not win for the files of the vault");
  return rule;
}

/**
 * Finds the encrypted files that a planned rule is for and its new recipient cannot read yet.
 *
 * @param rule as {@link proveVaultRule} returned it
 */
export async function findFilesBehind(
  host: Host,
  { matcher, pathRegex, files }: VaultRules,
  edit: EditForVault,
  rule: Rule,
  recipient: string,
  progress: Progress,
): Promise<readonly VaultFile[]> {
  const isOwnRule = edit.isNewRule || matcher === undefined || rule.pathRegex === pathRegex;
  const ofRule = isOwnRule ? files.encrypted : await findEncryptedFilesOfRule(host, edit.config, rule, progress);
  return ofRule.filter(({ file }) =>
    !file.metadata.groups.some(({ keys }) => keys.some(({ text }) => text === recipient))
  );
}

/** @returns the age recipients of a rule, of all its groups */
function ageRecipients(rule: Rule): Set<string> {
  return new Set(rule.groups.flatMap(({ keys }) => keys.filter(({ type }) => type === "age").map(({ text }) => text)));
}
