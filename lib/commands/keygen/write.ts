/**
 * How what keygen has planned reaches its two places: a keys file, plain or protected with a passphrase, or the keychain;
 * and `.sops.yaml`. I/O through the host. Spec: vaults §3.
 *
 * @module
 */
import { runEdit } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { configTarget } from "../../config/config_target.ts";
import { isProtected, parseKeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import type { KeysUnlocker } from "../../keys/file/unlock.ts";
import { FileStore } from "../../keys/places/store.ts";
import { nameFile } from "../../base/show/named_file.ts";
import { createKeygenPlanner, type KeygenOutcome, type KeygenRequest } from "../../repository/keygen/keygen_plan.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `keygen` about the passphrase of the keys file. */
export interface KeygenPassphraseFlags extends PassphraseFlagValues {
  /** The keys file is, or is to be, protected; each of the other flags says so too. */
  readonly passphrase?: boolean;
}

/** @returns whether the keys file is, or is to be, protected */
export function wantsPassphrase({ passphrase, passphraseFd, passphraseFile }: KeygenPassphraseFlags): boolean {
  return passphrase === true || passphraseFd !== undefined || passphraseFile !== undefined;
}

/**
 * Writes both halves, the private one first; with a preview plans only.
 *
 * @throws {UserError} what the planner and editing throw; `refused` for a passphrase where the keys file is plain text;
 * `usage` for one where the key goes to the keychain
 */
export async function writeKeygen(
  host: Host,
  request: KeygenRequest,
  flags: KeygenPassphraseFlags,
): Promise<KeygenOutcome> {
  const { target, keychain } = request.keysPlace;
  const config = configTarget(request.vault.recipientsFile);
  const source = findPassphraseSource(host, flags);
  const planner = createKeygenPlanner(host, request);
  if (keychain !== undefined) {
    if (wantsPassphrase(flags)) {
      throw new UserError("usage", `a passphrase protects a keys file, and vault "${request.vault.name}" has none`, {
        hints: ["leave the passphrase out: its key lives in the keychain"],
      });
    }
    const { writeThroughKeychain } = await import("./keychain.ts");
    return await writeThroughKeychain(host, request, { entry: keychain, config, planner });
  }
  const options = wantsPassphrase(flags) ? { unlocker: await createUnlocker(host, source) } : {};
  const mode = request.isPreview ? "preview" : "write";
  return await runEdit(host, { mode, targets: [target, config] }, async (snapshots) => {
    const [keysSnapshot, configSnapshot] = snapshots;
    if (keysSnapshot === undefined || configSnapshot === undefined) throw new InternalError("keygen needs two targets");
    const { content } = keysSnapshot;
    if (wantsPassphrase(flags) && content !== undefined && !isProtected(content)) {
      refuseUnusable(parseKeysFile(content, target.path));
      throw plainText(target.path);
    }
    const store = new FileStore(keysSnapshot, options);
    const { changes, outcome } = await planner({ store, keysSnapshot, configSnapshot });
    const fileMode = outcome.keysMode === "narrowed" ? target.newFileMode : undefined;
    return { changes: [...store.changes(fileMode), ...changes], outcome };
  });
}

async function createUnlocker(
  host: Host,
  source: ReturnType<typeof findPassphraseSource>,
): Promise<KeysUnlocker> {
  const { KeysUnlocker } = await import("../../keys/file/unlock.ts");
  return new KeysUnlocker(host, source);
}

function plainText(path: string): UserError {
  return new UserError(
    "refused",
    `cannot add to "${path}" under a passphrase: it is plain text, expected a protected keys file`,
    { hints: [nameFile("protect it first: sopsmith identity protect FILE", path)], location: { path } },
  );
}
