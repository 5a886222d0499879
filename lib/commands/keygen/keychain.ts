/**
 * `keygen` for a vault that keeps its key in the OS keychain: the planner sees the entry as a keys file whose identities
 * were all made for the vault. I/O through the host. Spec: vaults §3, §6.
 *
 * @module
 */
import {
  editFiles,
  type EditPlan,
  type EditTarget,
  planEdit,
  type Planner,
  type Snapshot,
} from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import { addKeychainIdentity, readKeychainIdentities } from "../../keys/keychain/keychain.ts";
import { formatKeychainEntry, type KeychainEntry } from "../../keys/keychain/entry.ts";
import { withKeychainLock } from "../../keys/keychain/lock.ts";
import { formatVaultMark } from "../../keys/file/comment.ts";
import { parseKeysFile } from "../../keys/file/keys_file.ts";
import type { KeygenOutcome, KeygenRequest } from "../../repository/keygen/keygen_plan.ts";

/** What is planned for `.sops.yaml`, and the identity that the keychain does not have yet. */
interface KeychainPlan {
  readonly outcome: KeygenOutcome;
  /** Undefined when the entry holds it already. */
  readonly added: Secret | undefined;
}

/**
 * Puts the private half into the keychain and reads it back, then records the public half.
 *
 * @param config the `.sops.yaml`
 * @param planner of keygen; makes at most one identity
 * @throws {UserError} what the planner, the keychain and editing throw; what is stored by then stays, and `details` says so
 */
export async function writeThroughKeychain(
  host: Host,
  request: KeygenRequest,
  entry: KeychainEntry,
  config: EditTarget,
  planner: Planner<KeygenOutcome>,
): Promise<KeygenOutcome> {
  const wrapped = createPlanner(host, request, entry, planner);
  if (request.isPreview) return (await planEdit(host, [config], wrapped)).outcome.outcome;
  return await withKeychainLock(host, async () => {
    const { outcome: { added } } = await planEdit(host, [config], wrapped);
    if (added !== undefined) await addKeychainIdentity(host, entry, added);
    try {
      return (await editFiles(host, [config], wrapped)).outcome;
    } catch (error) {
      throw added === undefined ? error : sayWhatWasStored(error, entry);
    }
  });
}

function createPlanner(
  host: Host,
  { vault, keysPlace: { target } }: KeygenRequest,
  entry: KeychainEntry,
  planner: Planner<KeygenOutcome>,
): Planner<KeychainPlan> {
  return async ([config]): Promise<EditPlan<KeychainPlan>> => {
    const mark = { vault: vault.name, config: vault.definedAt?.path ?? vault.recipientsFile };
    const stored = await readKeychainIdentities(host, entry);
    const lines = stored?.entries.flatMap(({ secret }) => [formatVaultMark(mark), `${secret.revealText()}\n`]).join(
      "\n",
    );
    const keys: Snapshot = {
      target,
      realPath: target.path,
      content: lines === undefined ? undefined : new TextEncoder().encode(lines),
      info: undefined,
    };
    const { changes, outcome } = await planner(config === undefined ? [keys] : [keys, config]);
    const change = changes.find(({ path }) => path === target.path);
    return {
      changes: changes.filter((each) => each !== change),
      outcome: { outcome, added: change && parseKeysFile(change.after, target.path).entries.at(-1)?.secret },
    };
  };
}

function sayWhatWasStored(error: unknown, entry: KeychainEntry): unknown {
  if (!(error instanceof UserError)) return error;
  return error.withDetails([
    `the ${formatKeychainEntry(entry)} holds the private half, which stays there`,
    "the same command, run again, finishes the job",
  ]);
}
