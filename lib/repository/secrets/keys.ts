/**
 * What opens the files of a vault: its own key, wherever it lives, and whatever SOPS finds on this machine.
 *
 * I/O through the host. Spec: vaults §1 (lookup order of the private key), keys §2.
 *
 * @module
 */
import { type Host, hostWith } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/show/passphrase.ts";
import { deriveKeychainEntry } from "../../keys/keychain/entry.ts";
import { KEYCHAIN_STORE, type Vault } from "../../config/vaults/vault.ts";
import { createSurroundings, type EngineSurroundings } from "../file/keys.ts";

/** The variable by which SOPS is told a keys file. */
const KEYS_FILE_VARIABLE = "SOPS_AGE_KEY_FILE";

/** @param passphrase where passphrases come from; undefined: the variables, then the terminal */
export function createVaultSurroundings(
  host: Host,
  vault: Vault,
  passphrase: PassphraseSource | undefined,
): EngineSurroundings {
  const { name, ageKey } = vault;
  const surroundings = createSurroundings(host, passphrase);
  if (ageKey.form === "file") {
    const env = (variable: string): string | undefined =>
      variable === KEYS_FILE_VARIABLE ? ageKey.path : host.env(variable);
    const own = createSurroundings(hostWith(host, { env }), passphrase);
    return { ...surroundings, open: firstOf(own.open, surroundings.open) };
  }
  if (ageKey.form !== "store" || ageKey.storeKind !== KEYCHAIN_STORE) return surroundings;
  const keychain = [deriveKeychainEntry(name, ageKey.path, ageKey.keychain)];
  return createSurroundings(host, passphrase, keychain);
}

/** @returns an opener that asks one after the other */
function firstOf(first: EngineSurroundings["open"], second: EngineSurroundings["open"]): EngineSurroundings["open"] {
  return async (...question) => {
    const opening = await first(...question);
    return "dataKey" in opening ? opening : await second(...question);
  };
}
