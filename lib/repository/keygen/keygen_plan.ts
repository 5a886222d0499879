/**
 * What `keygen` would do: keep, record or make a key, and the text of both files afterwards.
 *
 * Reads the vault's files and, for a new key, asks git about the keys file; writes nothing. Proves with the rule matcher
 * that every file of the vault resolves to the planned rule. Spec: vaults §3.
 *
 * @module
 */
import type { Change, EditPlan, Snapshot } from "../../base/files/edit_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import type { Secret } from "../../base/secret.ts";
import type { ConfigEdit } from "../../config/edit/plan.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient, generateIdentity, type NativeIdentityKind } from "../../keys/age/identity.ts";
import { findIdentityByRecipient, findIdentityForVault, type KeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import type { IdentityStore } from "../../keys/places/store.ts";
import { compareWithRule, type NamedRuleKey, nameKey } from "../scan/differences.ts";
import type { ScanNote } from "../scan/encrypted_files.ts";
import { deriveKeysMode, type KeysMode, type KeysPlace, refusePlaceInWorkTree } from "./keys_place.ts";
import type { OthersPolicy } from "../rules/new_rule.ts";
import { findWinners } from "../rules/rule_choice.ts";
import type { VaultFile } from "../scan/vault_files.ts";
import {
  findCommonRecipients,
  findFilesBehind,
  planVaultRule,
  proveVaultRule,
  readVaultRules,
  type VaultRules,
} from "../rules/vault_rule.ts";

/** What stands for a recipient that is not made, in a preview. */
export const PREVIEW_RECIPIENT = "<new recipient>";

/** What was asked for. */
export interface KeygenRequest {
  readonly vault: Vault;
  readonly keysPlace: KeysPlace;
  readonly kind: NativeIdentityKind;
  /** What the key is called in `.sops.yaml`. */
  readonly name: string;
  /** `make`: another key even when the vault has one. */
  readonly mode: "ensure" | "make";
  /** Make no key: {@link PREVIEW_RECIPIENT} stands for its recipient. */
  readonly isPreview: boolean;
  readonly others: OthersPolicy;
  /** Counts the folders that are looked through. */
  readonly progress: Progress;
}

/** What was found out, for the report. */
export interface KeygenOutcome {
  /** `kept`: the vault has its key. `recorded`: an identity that was made for it is now in its rule. `made`: a new key. */
  readonly action: "kept" | "recorded" | "made";
  readonly recipient: string;
  readonly kind: NativeIdentityKind;
  /** When the key was made, as its comment says; undefined when unknown. */
  readonly created: Date | undefined;
  /** The rule that the recipient is in, as it stands after the edit. */
  readonly rule: Rule;
  /** Whether the rule was there before. */
  readonly isNewRule: boolean;
  /** The rule before which a new one was placed, because it would have won; its index is the new one. */
  readonly successor: Rule | undefined;
  /** The rules, as they stood before, that won for files of the vault until a new one took them over. */
  readonly displaced: readonly Rule[];
  /** Encrypted files under the rule that this recipient cannot read yet. */
  readonly behind: readonly VaultFile[];
  /** The keys that `behind` is encrypted to and the rule does not have: an update takes the files away from them. */
  readonly losers: readonly NamedRuleKey[];
  /** What could not be looked at for encrypted files of the vault. */
  readonly unseen: readonly ScanNote[];
  /** The text of `.sops.yaml` before and after; equal when it is not changed. */
  readonly configBefore: string;
  readonly configAfter: string;
  /** Line of `.sops.yaml` on which the change is visible; 1-based. */
  readonly lineNumber: number;
  readonly keysMode: KeysMode;
}

/** What keygen plans on, as read. */
export interface KeygenInput {
  /** Where the private half is kept. */
  readonly store: IdentityStore;
  /** The keys file; undefined for a store that is none. */
  readonly keysSnapshot: Snapshot | undefined;
  /** The `.sops.yaml`. */
  readonly configSnapshot: Snapshot;
}

/**
 * Adds the private half to the store as its last act, when everything else is proved, and plans the change of `.sops.yaml`.
 */
export type KeygenPlanner = (input: KeygenInput) => Promise<EditPlan<KeygenOutcome>>;

/** @returns the planner of keygen. It makes at most one identity, however often an edit starts over. */
export function createKeygenPlanner(host: Host, request: KeygenRequest): KeygenPlanner {
  let made: Secret | undefined;
  let isNarrowing = false;
  return async (input) => {
    const { store, keysSnapshot, configSnapshot } = input;
    const situation = await readSituation(host, request, input);
    const kept = request.mode === "make" ? undefined : await findKept(situation);
    if (kept !== undefined) return { changes: [], outcome: kept };

    const { keysFile, rules, mark } = situation;
    const marked = request.mode === "make" ? undefined : findMarked(keysFile, mark, request.kind);
    if (marked === undefined && made === undefined) {
      if (keysSnapshot !== undefined) await refusePlaceInWorkTree(host, request.keysPlace, keysSnapshot.realPath);
      if (!request.isPreview) made = generateIdentity(request.kind, host.randomBytes);
    }
    const identity = marked?.secret ?? made;
    const recipient = identity === undefined ? PREVIEW_RECIPIENT : await deriveRecipient(identity);
    const edit = planVaultRule(host, request, rules, recipient);
    const isNew = identity !== undefined && !keysFile?.entries.some(({ secret }) => secret.equals(identity));
    // after a run that had to start over, the private half stands in the file by now, which has its new mode
    const isRestarted = made !== undefined && !isNew;
    const keysMode = isRestarted && isNarrowing
      ? "narrowed"
      : deriveKeysMode(keysSnapshot?.info, { isNarrowing: isNew && request.keysPlace.isDefault });
    isNarrowing = keysMode === "narrowed";
    const changes: Change[] = [];
    if (edit.source !== rules.source) {
      const after = new TextEncoder().encode(edit.source);
      changes.push({ path: configSnapshot.target.path, after, reason: "the public half" });
    }
    const isMade = marked === undefined || (made !== undefined && marked.secret.equals(made));
    const rule = await proveVaultRule(edit, rules, recipient);
    const behind = await findFilesBehind(host, rules, edit, rule, recipient, request.progress);
    const outcome: KeygenOutcome = {
      action: isMade ? "made" : "recorded",
      recipient,
      kind: request.kind,
      created: marked?.comments.created,
      rule,
      isNewRule: edit.isNewRule,
      successor: edit.successor,
      displaced: edit.isNewRule && rules.matcher ? findWinners(rules.matcher, rules.files.samples) : [],
      behind,
      losers: findLosers(edit, rule, behind),
      unseen: rules.files.unseen,
      configBefore: rules.source,
      configAfter: edit.source,
      lineNumber: edit.lineNumber,
      keysMode,
    };
    if (isNew) await store.add({ created: host.now(), mark, recipient, identity });
    return { changes, outcome };
  };
}

/** Both files and the vault's files, as read. */
interface Situation {
  readonly keysFile: KeysFile | undefined;
  readonly rules: VaultRules;
  readonly mark: { readonly vault: string; readonly config: string };
}

async function readSituation(
  host: Host,
  { vault, progress }: KeygenRequest,
  { store, configSnapshot }: KeygenInput,
): Promise<Situation> {
  const keysFile = await store.read();
  if (keysFile !== undefined) refuseUnusable(keysFile);
  const rules = await readVaultRules(host, vault, configSnapshot, progress);
  const mark = { vault: vault.name, config: vault.definedAt?.path ?? configSnapshot.target.path };
  return { keysFile, rules, mark };
}

/** The vault has its key when every rule that wins for its files knows the same identity of the keys file. */
async function findKept({ keysFile, rules }: Situation): Promise<KeygenOutcome | undefined> {
  const common = findCommonRecipients(rules);
  if (keysFile === undefined || common === undefined) return undefined;
  const { rule, recipients } = common;
  const match = await findIdentityByRecipient(keysFile, recipients);
  if (match === undefined || match.entry.kind === "plugin") return undefined;
  return {
    action: "kept",
    recipient: match.recipient,
    kind: match.entry.kind,
    created: match.entry.comments.created,
    rule,
    isNewRule: false,
    successor: undefined,
    displaced: [],
    behind: [],
    losers: [],
    unseen: rules.files.unseen,
    configBefore: rules.source,
    configAfter: rules.source,
    lineNumber: rule.lineNumber,
    keysMode: "private",
  };
}

function findMarked(
  keysFile: KeysFile | undefined,
  mark: Situation["mark"],
  kind: NativeIdentityKind,
): KeysFile["entries"][number] | undefined {
  const entry = keysFile && findIdentityForVault(keysFile, mark);
  return entry?.kind === kind ? entry : undefined;
}

/** @returns each key once, in the order of the files */
function findLosers({ config }: ConfigEdit, rule: Rule, behind: readonly VaultFile[]): NamedRuleKey[] {
  const losers = new Map<string, NamedRuleKey>();
  for (const { file } of behind) {
    for (const { key } of compareWithRule(file.metadata, rule).extra) {
      if (!losers.has(key.text)) losers.set(key.text, nameKey(key, config, rule));
    }
  }
  return [...losers.values()];
}
