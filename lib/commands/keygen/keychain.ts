/**
 * `keygen` for a vault that keeps its key in the OS keychain. I/O through the host. Spec: vaults §3, §6.
 *
 * @module
 */
import { type EditTarget, runEdit } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatKeychainEntry, type KeychainEntry } from "../../keys/keychain/entry.ts";
import { withKeychainLock } from "../../keys/keychain/lock.ts";
import { KeychainStore } from "../../keys/places/keychain_store.ts";
import type { KeygenOutcome, KeygenPlanner, KeygenRequest } from "../../repository/keygen/keygen_plan.ts";

/** Where both halves go, and who plans it. */
export interface KeychainKeygen {
  readonly entry: KeychainEntry;
  /** The `.sops.yaml`. */
  readonly config: EditTarget;
  readonly planner: KeygenPlanner;
}

/**
 * Puts the private half into the keychain and reads it back, then records the public half.
 *
 * @throws {UserError} what the planner, the keychain and editing throw; what is stored by then stays, and `details` says so
 */
export async function writeThroughKeychain(
  host: Host,
  { vault, isPreview }: KeygenRequest,
  { entry, config, planner }: KeychainKeygen,
): Promise<KeygenOutcome> {
  const mark = { vault: vault.name, config: vault.definedAt?.path ?? vault.recipientsFile };
  const store = new KeychainStore(host, entry, mark);
  const edit = (mode: "preview" | "write"): Promise<KeygenOutcome> =>
    runEdit(host, { mode, targets: [config] }, ([configSnapshot]) => {
      if (configSnapshot === undefined) throw new InternalError("keygen needs a target");
      return planner({ store, keysSnapshot: undefined, configSnapshot });
    });
  if (isPreview) return await edit("preview");
  return await withKeychainLock(host, async () => {
    try {
      return await edit("write");
    } catch (error) {
      throw store.isAdded ? sayWhatWasStored(error, entry) : error;
    }
  });
}

function sayWhatWasStored(error: unknown, entry: KeychainEntry): unknown {
  if (!(error instanceof UserError)) return error;
  return error.withDetails([
    `the ${formatKeychainEntry(entry)} holds the private half, which stays there`,
    "the same command, run again, finishes the job",
  ]);
}
