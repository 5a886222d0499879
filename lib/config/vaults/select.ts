/**
 * Which vault a command is about: the one that was named, or the only one. Pure. Spec: vaults §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { suggest } from "../../base/show/suggest.ts";
import {
  BUILT_IN_VAULT,
  canGenerateKey,
  isBuiltIn,
  type UnusableVault,
  type Vault,
  type VaultConfig,
} from "./vault.ts";

/**
 * The vault with a name; without a name the only one that keys can be generated for, or the only one at all.
 *
 * @param name as typed; undefined when none was given
 * @throws {UserError} `usage` for an unknown name and when there are several to choose from; the vault's own error when
 * it cannot be used here
 */
export function selectVault(config: VaultConfig, name: string | undefined): Vault {
  const all = [...config.vaults, ...config.unusable].sort((a, b) => a.name < b.name ? -1 : 1);
  const selected = name === undefined ? selectOnly(all, config) : all.find((vault) => vault.name === name);
  if (selected === undefined) throw unknownVault(name ?? "", all, config);
  if ("error" in selected) throw selected.error;
  return selected;
}

function selectOnly(all: readonly (Vault | UnusableVault)[], config: VaultConfig): Vault | UnusableVault {
  const capable = all.filter((vault) => canGenerateKey(vault.kind));
  const candidates = capable.length > 0 ? capable : all;
  if (candidates.length === 1) return candidates[0]!;
  throw new UserError("usage", `no vault named, and there are ${candidates.length} to choose from`, {
    details: [listVaults(candidates, config)],
    hints: ["name one of them"],
  });
}

function unknownVault(name: string, all: readonly (Vault | UnusableVault)[], config: VaultConfig): UserError {
  const near = suggest(name, all.map((vault) => vault.name));
  return new UserError("usage", `no vault "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`, {
    details: [listVaults(all, config)],
    hints: config.vaults.some(isBuiltIn) ? ["leave the name out, or define the vault in atmos.yaml"] : [],
  });
}

function listVaults(vaults: readonly (Vault | UnusableVault)[], config: VaultConfig): string {
  if (config.vaults.some(isBuiltIn)) return `none is configured; there is only the built-in vault "${BUILT_IN_VAULT}"`;
  return `configured in ${config.source}: ${vaults.map((vault) => vault.name).join(", ")}`;
}
