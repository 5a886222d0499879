/**
 * What `keygen` would do: keep, record or make a key, and the text of both files afterwards.
 *
 * Reads the vault's files and, for a new key, asks git about the keys file; writes nothing. Proves with the rule matcher
 * that every file of the vault resolves to the planned rule. Spec: vaults §3.
 *
 * @module
 */
import { configChanges } from "../../config/config_target.ts";
import type { EditPlan, Snapshot } from "../../base/files/edit_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient, generateIdentity, type NativeIdentityKind } from "../../keys/age/identity.ts";
import { findIdentityByRecipient, findIdentityForVault, type KeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import type { IdentityStore } from "../../keys/places/store.ts";
import { keepRule, type OthersPolicy, type RulePlan } from "../rules/rule_plan.ts";
import { findCommonRecipients, planVaultRule, type VaultRules, type VaultRulesReader } from "../rules/vault_rule.ts";
import { deriveKeysMode, type KeysMode, type KeysPlace, refusePlaceInWorkTree } from "./keys_place.ts";

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
  readonly reader: VaultRulesReader;
}

/** What was found out, for the report: the key, and the rule that it is in. */
export interface KeygenOutcome extends RulePlan {
  /** `recorded`: an identity that was made for the vault is now in its rule. `made`: a new key. Undefined: nothing. */
  readonly change: "recorded" | "made" | undefined;
  readonly recipient: string;
  readonly kind: NativeIdentityKind;
  /** When the key was made, as its comment says; undefined when unknown. */
  readonly created: Date | undefined;
  /** The pattern that a rule for the vault has. */
  readonly pathRegex: string;
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
    const { store, keysSnapshot } = input;
    const situation = await readSituation(request, input);
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
    const plan = await planVaultRule(host, { ...request, owner: "vault", rules }, recipient);
    const isNew = identity !== undefined && !keysFile?.entries.some(({ secret }) => secret.equals(identity));
    // after a run that had to start over, the private half stands in the file by now, which has its new mode
    const isRestarted = made !== undefined && !isNew;
    const keysMode = isRestarted && isNarrowing
      ? "narrowed"
      : deriveKeysMode(keysSnapshot?.info, { isNarrowing: isNew && request.keysPlace.isDefault });
    isNarrowing = keysMode === "narrowed";
    const isMade = marked === undefined || (made !== undefined && marked.secret.equals(made));
    const outcome: KeygenOutcome = {
      ...plan,
      change: isMade ? "made" : "recorded",
      recipient,
      kind: request.kind,
      created: marked?.comments.created,
      pathRegex: rules.pathRegex,
      keysMode,
    };
    if (isNew) await store.add({ created: host.now(), mark, recipient, identity });
    return { changes: configChanges(plan.config, "the public half"), outcome };
  };
}

/** Both files and the vault's files, as read. */
interface Situation {
  readonly keysFile: KeysFile | undefined;
  readonly rules: VaultRules;
  readonly mark: { readonly vault: string; readonly config: string };
}

async function readSituation(
  { vault, reader }: KeygenRequest,
  { store, configSnapshot }: KeygenInput,
): Promise<Situation> {
  const keysFile = await store.read();
  if (keysFile !== undefined) refuseUnusable(keysFile);
  const rules = await reader.read(configSnapshot.content);
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
    ...keepRule(rules.matcher!, rule, rules.files),
    change: undefined,
    recipient: match.recipient,
    kind: match.entry.kind,
    created: match.entry.comments.created,
    pathRegex: rules.pathRegex,
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
