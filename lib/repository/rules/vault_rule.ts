/**
 * The rule of `.sops.yaml` that a vault's recipients belong in: found, or planned as a new one, and proved to win.
 *
 * Reads the vault's files; writes nothing. Spec: vaults §3 "Which rule".
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { UserError } from "../../base/error.ts";
import { MAX_CONFIG_BYTES, readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import { holdsIdentity } from "../../base/secret.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { isSamePathRegex } from "../../config/patterns/path_regex.ts";
import type { KeyOwner } from "../../config/edit/intent.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { firstPath, syntheticPath, vaultPattern } from "../../config/vaults/files.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import { findEncryptedFilesOfRule, type VaultFile } from "../scan/vault_files.ts";
import type { FileIndex } from "./file_index.ts";
import { findWinners, formatRule } from "./rule_choice.ts";
import { type OthersPolicy, planRule, type RulePlan, type RuleSituation } from "./rule_plan.ts";

/** A vault's `.sops.yaml` and its files, as read. */
export interface VaultRules extends RuleSituation {
  /** The pattern of a rule for the vault's files. */
  readonly pathRegex: string;
}

/** What shall be in the rule. */
export interface VaultRuleRequest {
  readonly vault: Vault;
  /** What the recipient is called in `.sops.yaml`. */
  readonly name: string;
  /** Whose key it is. */
  readonly owner: KeyOwner;
  readonly others: OthersPolicy;
}

/**
 * Reads the rules for a vault. Asked before the lock is taken, it parses and walks then; a planner that finds the same
 * file asks again and gets the same answer.
 */
export class VaultRulesReader {
  readonly #host: Host;
  readonly #vault: Vault;
  readonly #index: FileIndex;
  #known: { readonly content: Uint8Array | undefined; readonly rules: VaultRules } | undefined;

  constructor(host: Host, vault: Vault, index: FileIndex) {
    this.#host = host;
    this.#vault = vault;
    this.#index = index;
  }

  /** Reads the file as it is now. What keeps it from being read is for the edit to say. */
  async prepare(): Promise<void> {
    let content: Uint8Array | undefined;
    try {
      content = readCapped(this.#host, this.#vault.recipientsFile, { maxBytes: MAX_CONFIG_BYTES });
    } catch {
      return;
    }
    await this.read(content);
  }

  /**
   * @param content of the vault's `.sops.yaml`; undefined when there is none
   * @throws {UserError} `malformed` for a configuration that SOPS would refuse, `unsupported` as `findVaultFiles`
   */
  async read(content: Uint8Array | undefined): Promise<VaultRules> {
    if (this.#known !== undefined && equalBytes(this.#known.content, content)) return this.#known.rules;
    const host = this.#host;
    const { recipientsFile: configPath, basePath } = this.#vault;
    const config = content === undefined ? undefined : parseSopsConfig(decodeYaml(content, configPath), configPath);
    const isAnchored = config === undefined ||
      config.rules.every(({ pathRegex }) => !pathRegex || pathRegex[0] === "^");
    const folder = host.paths.dirname(configPath);
    const pathRegex = vaultPattern(this.#vault, host, {
      configDirectory: folder,
      anchoring: isAnchored ? "anchored" : "unanchored",
    });
    const question = { configPath, basePath, pathRegex, syntheticPath: syntheticPath(this.#vault, host) };
    const found = await this.#index.findFiles(question);
    // A rule that the file has stays where it is; a new one must win for the file that is made first.
    const isThere = config?.rules.some((rule) => isSamePathRegex(rule.pathRegex ?? "", pathRegex)) ?? false;
    const first = isThere ? [] : [sopsRelativePath(host.paths, configPath, firstPath(this.#vault, host))];
    const files = { ...found, samples: [...new Set([...found.samples, ...first])] };
    const rules = { configPath, matcher: config && await createRuleMatcher(config), pathRegex, files };
    this.#known = { content, rules };
    return rules;
  }
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
 * @param text the recipient
 * @throws {UserError} what `planRule` throws; `usage` for a name that holds an identity, because the file is made to be
 * committed
 */
export async function planVaultRule(
  host: Host,
  { vault, name, owner, others, rules }: VaultRuleRequest & { readonly rules: VaultRules },
  text: string,
): Promise<RulePlan> {
  if (holdsIdentity(name)) {
    throw new UserError("usage", "the name of the key holds a private key, expected what people call it", {
      hints: ["make a new key if the private one now stands in the history of a shell that others can read"],
    });
  }
  // atmos adds a flat `age:` to a rule later, which SOPS would ignore beside `key_groups`
  const isFromAtmos = vault.definedAt !== undefined && host.paths.basename(vault.definedAt.path).includes("atmos");
  return await planRule(rules, {
    pathRegex: rules.pathRegex,
    recipients: [{ text, name, owner }],
    others,
    acceptsWinner: isBuiltIn(vault),
    newConfigForm: isFromAtmos ? "flat" : "named-keys",
    check: { source: refuseSeveralGroups },
  });
}

function refuseSeveralGroups(rule: Rule): void {
  if (rule.groups.length < 2) return;
  throw new UserError("refused", `cannot copy the recipients of ${formatRule(rule)}: it has several key groups`, {
    hints: ["write a rule for the vault's files by hand, above that rule, with one key group; the key then joins it"],
  });
}

/**
 * Finds the encrypted files that a planned rule wins for. Those of a rule that was there and has another pattern than was
 * asked for are looked for: not for a planner.
 */
export async function findFilesOfRule(
  host: Host,
  { config, rule, isNewRule, files }: RulePlan,
  { pathRegex, progress }: { readonly pathRegex: string; readonly progress: Progress },
): Promise<readonly VaultFile[]> {
  if (isNewRule || rule.pathRegex === pathRegex) return files.encrypted;
  return await findEncryptedFilesOfRule(host, config.after, { rule, progress });
}

/** @returns the files that hold no data key for a recipient */
export function findFilesWithout(files: readonly VaultFile[], recipient: string): readonly VaultFile[] {
  return files.filter(({ file }) =>
    !file.metadata.groups.some(({ keys }) => keys.some(({ text }) => text === recipient))
  );
}

/** @returns the age recipients of a rule, of all its groups */
function ageRecipients(rule: Rule): Set<string> {
  return new Set(keysOf(rule).filter(({ type }) => type === "age").map(({ text }) => text));
}
