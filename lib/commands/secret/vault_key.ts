/**
 * The private key of a vault, wherever it lives: in its keys file, also a protected one, or in the keychain. Of a keys file
 * that holds keys of others, too, only those of the vault are shown.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Secret } from "../../base/secret.ts";
import type { Session } from "../../base/show/session.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import type { KeysEntry } from "../../keys/file/keys_file.ts";
import { KeysUnlocker } from "../../keys/file/unlock.ts";
import { readKeychainIdentities } from "../../keys/keychain/keychain.ts";
import { readKeysInput } from "../shared/keys_input.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { findVaultEntries } from "../../repository/keygen/vault_entries.ts";
import { findIdentityPlace } from "../shared/vault_identity.ts";
import { formatKeygenCommand } from "./target.ts";

/** @throws {UserError} `not-found` when there is none; as reading the place does */
export async function readVaultIdentities(
  session: Session,
  vault: Vault,
  flags: PassphraseFlagValues,
): Promise<readonly Secret[]> {
  const own = await readOwnEntries(session, vault, flags);
  if (own.length > 0) return own.map(({ secret }) => secret);
  throw new UserError("not-found", `vault "${vault.name}" has no private key on this machine`, {
    hints: [
      "ask who has it to send it to you",
      `or make one of your own: ${formatKeygenCommand(vault)}`,
    ],
  });
}

/** A keychain entry is the vault's alone; a keys file may hold keys of others. */
async function readOwnEntries(
  { host }: Session,
  vault: Vault,
  flags: PassphraseFlagValues,
): Promise<readonly KeysEntry[]> {
  const place = findIdentityPlace(host, vault);
  if (place.kind === "keychain") return (await readKeychainIdentities(host, place.entry))?.entries ?? [];
  if (host.files.stat(place.path) === undefined) return [];
  const unlocker = new KeysUnlocker(host, findPassphraseSource(host, flags));
  return await findVaultEntries(host, vault, await readKeysInput(host, place.path, unlocker));
}
