/**
 * What a person without a key is told to type: `keygen`, which wants a name where there are several vaults. I/O through
 * the host.
 *
 * @module
 */
import { defaultKeysFile } from "../../keys/places/keys_path.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { formatSome } from "../../base/show/counts.ts";
import type { Vault } from "../../config/vaults/vault.ts";

/** How many vaults a hint names. */
const MAX_NAMED = 3;

/** @returns the hint: `make one with: sopsmith keygen`, or what has to be done before that works */
export async function suggestKeygen(host: Host): Promise<string> {
  const obstacle = findPlaceProblem(host);
  if (obstacle !== undefined) return obstacle;
  const names = await listVaultNames(host);
  if (names.length < 2) {
    return `make one with: sopsmith keygen${names.map((name) => ` ${quoteForShell(name)}`).join("")}`;
  }
  return `make one with: sopsmith keygen VAULT, where VAULT is one of ${formatSome(names, MAX_NAMED)}`;
}

/** @returns what to do about a machine on which there is no place for a key; undefined where there is one */
function findPlaceProblem(host: Host): string | undefined {
  try {
    const { path } = defaultKeysFile(host);
    const isDangling = host.files.lstat(host.paths.resolve(host.cwd, path))?.kind === "symlink" &&
      host.files.stat(host.paths.resolve(host.cwd, path)) === undefined;
    return isDangling ? `make what "${path}" points to, or remove the symlink` : undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.hints[0] ?? error.message;
  }
}

/** @returns the vaults that can have a key; none where the configuration cannot be read */
async function listVaultNames(host: Host): Promise<string[]> {
  const { readVaults } = await import("../../config/vaults/read.ts"); // reads YAML, which most commands with a key do not
  const { canGenerateKey, KEYCHAIN_STORE } = await import("../../config/vaults/vault.ts");
  const canMakeKey = ({ kind, ageKey }: Vault): boolean =>
    ageKey.form === "store" ? ageKey.storeKind === KEYCHAIN_STORE : canGenerateKey(kind) && ageKey.form !== "inline";
  try {
    const { vaults, files } = readVaults(host, { configFiles: [], configPaths: [] });
    if (files.length === 0 || vaults.length === 1) return [];
    return vaults.filter(canMakeKey).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}
