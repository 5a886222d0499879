/**
 * What opens the files of a vault: its own key, wherever it lives, and whatever SOPS finds on this machine.
 *
 * I/O through the host. Spec: vaults §1 (lookup order of the private key), keys §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import { findVaultEntry } from "../../config/vaults/keychain_entry.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { createSurroundings, type EngineSurroundings, type VaultPlaces } from "../file/keys.ts";

/** @param passphrase where passphrases come from; undefined: the variables, then the terminal */
export function createVaultSurroundings(
  host: Host,
  vault: Vault,
  passphrase: PassphraseSource | undefined,
): EngineSurroundings {
  return createSurroundings(host, passphrase, placesOf(vault));
}

/** @returns where the private half of a vault is, where SOPS does not look by itself */
export function placesOf(vault: Vault): VaultPlaces {
  const { ageKey } = vault;
  if (ageKey.form === "file") return { files: [ageKey.path] };
  const entry = ageKey.form === "store" ? findVaultEntry(vault) : undefined;
  return entry === undefined ? {} : { keychain: [entry] };
}
