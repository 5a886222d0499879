/**
 * What `init` would do: put a key's private half into the keys file where it has to be made or brought in, keep git from
 * committing that file, and record the public half in the rule for `secrets/`.
 *
 * Reads the encrypted files below `secrets/`, and asks git about the keys file; writes nothing. Everything twice is the
 * same as once. Spec: vaults §2 (built-in vault) and §3, sops-config §3.
 *
 * @module
 */
import { configChanges } from "../../config/config_target.ts";
import type { Change, EditPlan, EditTarget, Planner, Snapshot } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { type ConfigChange, planChange } from "../../config/edit/change.ts";
import type { NewRecipient } from "../../config/edit/intent.ts";
import type { RuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient, generateIdentity, type NativeIdentityKind } from "../../keys/age/identity.ts";
import type { VaultMark } from "../../keys/file/comment.ts";
import { findIdentityForVault } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { FileStore } from "../../keys/places/store.ts";
import { nameRuleKey } from "../scan/differences.ts";
import { keepRule, type RulePlan } from "../rules/rule_plan.ts";
import { planIgnoreLine } from "../scan/ignore_file.ts";
import { PREVIEW_RECIPIENT } from "./keygen_plan.ts";
import { couldBeCommitted, deriveKeysMode, type KeysMode, wouldBeCommitted } from "./keys_place.ts";
import { findCommonRecipients, planVaultRule, type VaultRules, type VaultRulesReader } from "../rules/vault_rule.ts";
import { isTrackedByGit } from "../scan/work_tree.ts";

/** Where the key comes from. */
export type InitKey =
  /** Its private half is in the keys file already, or is none of this machine's business. */
  | { readonly kind: "recipient"; readonly recipient: string }
  /** Its private half was brought, as from an ssh key, and goes to the keys file. */
  | { readonly kind: "identity"; readonly identity: Secret }
  | {
    readonly kind: "new";
    readonly identityKind: NativeIdentityKind;
    /** Make one even where another run has made one for this repository meanwhile. */
    readonly isForced: boolean;
  };

/** What was asked for. */
export interface InitRequest {
  /** The built-in vault. */
  readonly vault: Vault;
  readonly key: InitKey;
  /** What the key is called in `.sops.yaml`. */
  readonly name: string;
  /** The keys file that a private half goes to. */
  readonly keysTarget: EditTarget;
  /** Whether that is the file in the user's configuration folder, whose mode is ours to narrow. */
  readonly isDefaultPlace: boolean;
  /** The `.gitignore` at the root of the work tree that the keys file lies in; undefined outside of one. */
  readonly ignoreTarget: EditTarget | undefined;
  /** URL or path, without blanks, of a JSON Schema that a new `.sops.yaml` names for editors. */
  readonly schema: string | undefined;
  /** Make no key: {@link PREVIEW_RECIPIENT} stands for its recipient. */
  readonly isPreview: boolean;
  readonly reader: VaultRulesReader;
  /** Picks the rules that the key joins; absent: the one for the vault's files, which is made where there is none. */
  readonly join?: ((config: SopsConfig) => readonly Rule[]) | undefined;
}

/** What was found out, for the report: the key, and the rule that it is in. */
export interface InitOutcome extends RulePlan {
  readonly recipient: string;
  /** Whether a private half is added to the keys file; in a preview, whether one would be. */
  readonly isIdentityAdded: boolean;
  /** Who can read the keys file; `private` when nothing is added to it. */
  readonly keysMode: KeysMode;
  /** The line that is added to `.gitignore`; undefined when none is needed. */
  readonly ignoreLine: string | undefined;
  /** What `.sops.yaml` calls the key. */
  readonly name: string;
  /** The rules that have the key now, as they stand afterwards; the first is {@link RulePlan.rule}. */
  readonly joined: readonly Rule[];
}

/**
 * @returns the planner for the targets of `init`: keys file, `.sops.yaml`, and `.gitignore` if the request has one. It
 * makes at most one identity, however often an edit starts over
 */
export function createInitPlanner(host: Host, request: InitRequest): Planner<InitOutcome> {
  let made: Secret | undefined;
  let keysMode: KeysMode = "private"; // kept by a run that has to start over after the keys file was written
  return async ([keysSnapshot, configSnapshot, ignoreSnapshot]) => {
    if (keysSnapshot === undefined || configSnapshot === undefined) throw new InternalError("init needs two targets");
    const { key, vault } = request;
    const store = new FileStore(keysSnapshot);
    const keysFile = await store.read();
    const mark: VaultMark = { vault: vault.name, config: configSnapshot.target.path };
    const present = key.kind === "new" && !key.isForced ? keysFile && findIdentityForVault(keysFile, mark) : undefined;
    const isToMake = key.kind === "new" && present === undefined;
    if (isToMake && !request.isPreview) made ??= generateIdentity(key.identityKind, host.randomBytes);
    const identity = key.kind === "identity" ? key.identity : present?.secret ?? made;
    const given = key.kind === "recipient" ? key.recipient : PREVIEW_RECIPIENT;
    const recipient = identity === undefined ? given : await deriveRecipient(identity);

    const rules = await request.reader.read(configSnapshot.content);
    const changes: Change[] = [];
    if (identity !== undefined && keysFile !== undefined) refuseUnusable(keysFile);
    const isNew = identity !== undefined && !keysFile?.entries.some(({ secret }) => secret.equals(identity));
    if (isNew) await store.add({ created: host.now(), identity, recipient, ...(key.kind === "new" && { mark }) });
    const isWriting = isNew || (isToMake && request.isPreview);
    if (isWriting) keysMode = deriveKeysMode(keysSnapshot.info, { isNarrowing: request.isDefaultPlace });
    changes.push(...store.changes(keysMode === "narrowed" ? request.keysTarget.newFileMode : undefined));
    const ignore = isWriting ? await planIgnore(host, keysSnapshot, ignoreSnapshot) : undefined;
    if (ignore !== undefined) changes.unshift(ignore.change); // git must not see the key for a moment
    const plan = await planConfig(host, { ...request, rules }, recipient);
    changes.push(...configChanges(plan.config, "the public half"));
    const outcome: InitOutcome = {
      ...plan,
      recipient,
      isIdentityAdded: isWriting || (made !== undefined && identity?.equals(made) === true),
      keysMode,
      ignoreLine: ignore?.line,
      name: nameRuleKey({ type: "age", text: recipient }, plan.config.after, plan.rule).name ?? request.name,
      joined: request.join === undefined
        ? [plan.rule]
        : request.join(plan.config.before).map(({ index }) => plan.config.after.rules[index]!),
    };
    return { changes, outcome } satisfies EditPlan<InitOutcome>;
  };
}

/** @throws {UserError} `refused` for a keys file that git tracks, or that no line in the `.gitignore` can keep from it */
async function planIgnore(
  host: Host,
  { realPath, target }: Snapshot,
  ignoreSnapshot: Snapshot | undefined,
): Promise<{ readonly change: Change; readonly line: string } | undefined> {
  if (!await couldBeCommitted(host, realPath)) return undefined;
  if (await isTrackedByGit(host, realPath)) {
    throw new UserError("refused", `cannot write a private key to "${target.path}": git tracks it`, {
      hints: ["set SOPS_AGE_KEY_FILE to a file outside of the repository"],
      location: { path: target.path },
    });
  }
  const { paths } = host;
  const root = findGitRoot(host, paths.dirname(realPath));
  // a symlink may lead into another repository, and git reads no `.gitignore` that is a symlink itself
  const isNameable = !/[\r\n]/.test(realPath);
  if (root === undefined || ignoreSnapshot?.realPath !== paths.join(root, ".gitignore") || !isNameable) {
    throw wouldBeCommitted(host, target.path, realPath);
  }
  const { after, line } = planIgnoreLine(ignoreSnapshot.content, paths.relative(root, realPath), paths);
  return { change: { path: ignoreSnapshot.target.path, after, reason: "the line that keeps git from the key" }, line };
}

async function planConfig(
  host: Host,
  request: InitRequest & { readonly rules: VaultRules },
  recipient: string,
): Promise<RulePlan> {
  const { rules: { matcher, files }, rules, schema, join, name } = request;
  const owner = "person";
  if (matcher !== undefined && join !== undefined) {
    return planJoin(matcher, { rules: join(matcher.config), add: { text: recipient, name, owner }, files });
  }
  const common = findCommonRecipients(rules);
  if (matcher !== undefined && common?.recipients.has(recipient)) return keepRule(matcher, common.rule, files);
  const plan = await planVaultRule(host, { ...request, owner, others: "refuse" }, recipient);
  return matcher === undefined && schema !== undefined ? { ...plan, config: withSchema(plan.config, schema) } : plan;
}

/** Gives the recipient to rules that are there. */
function planJoin(
  matcher: RuleMatcher,
  { rules, add, files }: {
    readonly rules: readonly Rule[];
    readonly add: NewRecipient;
    readonly files: RulePlan["files"];
  },
): RulePlan {
  const config = planChange(matcher.config, { keys: [{ rules: rules.map(({ index }) => index), add: [add] }] });
  const rule = config.after.rules[rules[0]?.index ?? 0];
  if (rule === undefined) throw new InternalError("no rule to join");
  return { ...keepRule(matcher, rule, files), config };
}

/** Puts a line for the YAML language server on top; a comment, so nothing that SOPS reads changes. */
function withSchema(config: ConfigChange, schema: string): ConfigChange {
  const { document, path } = config.after;
  return { ...config, after: parseSopsConfig(`# yaml-language-server: $schema=${schema}\n${document.source}`, path) };
}
