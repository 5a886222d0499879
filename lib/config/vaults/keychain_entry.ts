/**
 * Where in the OS keychain the private half of a vault lives, or would live. Pure. Spec: vaults §6.
 *
 * @module
 */
import { deriveKeychainEntry, type KeychainEntry } from "../../keys/keychain/entry.ts";
import { KEYCHAIN_STORE, type Vault } from "./vault.ts";

/** @returns the entry, also of a vault that keeps its key in a file; undefined for one of a store that is no keychain */
export function findVaultEntry({ name, ageKey }: Vault): KeychainEntry | undefined {
  if (ageKey.form !== "store") return deriveKeychainEntry(name, name);
  if (ageKey.storeKind !== KEYCHAIN_STORE) return undefined;
  return deriveKeychainEntry(name, ageKey.path, ageKey.keychain);
}
