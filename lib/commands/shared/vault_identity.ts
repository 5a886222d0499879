/**
 * Where the private half of a vault's key lives, as the commands that use it need it: a keys file, or an entry of the OS
 * keychain. Pure but for the reading of the configuration. Spec: vaults §1, §6.
 *
 * @module
 */
import { readVaults } from "../../config/vaults/read.ts";
import { type AskedScope, selectVault } from "../../config/vaults/select.ts";
import type { ConfigSelection } from "../../config/vaults/find.ts";
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { isBuiltIn, KEYCHAIN_STORE, type Vault, type VaultConfig } from "../../config/vaults/vault.ts";
import type { KeychainEntry } from "../../keys/keychain/entry.ts";
import { findVaultEntry } from "../../config/vaults/keychain_entry.ts";
import { findKeysPath } from "./keys_input.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { reportNotices, type VaultFlags } from "./vault_text.ts";

/** A place that holds identities. */
export type IdentityPlace =
  /** `path` is absolute. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "keychain"; readonly entry: KeychainEntry };

/**
 * Finds a vault in the configuration.
 *
 * @param name undefined for the only one
 * @throws {UserError} `usage` for an unknown or ambiguous vault; what reading the configuration throws
 */
export function findVault(session: Session, name: string | undefined, flags: VaultFlags): Vault {
  return selectVault(readVaultConfig(session, flags), name, findAskedScope(session.host, flags));
}

/**
 * Reads the configuration of the vaults, and says what is worth saying about it.
 *
 * @throws {UserError} what reading it throws
 */
export function readVaultConfig({ host, report }: Session, flags: VaultFlags): VaultConfig {
  const config = readVaults(host, selectionOf(flags));
  reportNotices(config, report);
  return config;
}

/** @returns where the flags say that the configuration is */
export function selectionOf({ config = [], configPath = [], profile = [] }: VaultFlags): ConfigSelection {
  return { configFiles: config, configPaths: configPath, profiles: profile };
}

/** @returns the stack and the component that are meant, by flag or variable */
export function findAskedScope(host: Host, { stack, component }: VaultFlags): AskedScope {
  return {
    stack: stack ?? (host.env("ATMOS_STACK") || undefined),
    component: component ?? (host.env("ATMOS_COMPONENT") || undefined),
  };
}

/**
 * @returns where the private half of a vault lives
 * @throws {UserError} `unsupported` for a store that is no keychain, `refused` for a key in the configuration itself;
 * `not-found` when this machine has no default place
 */
export function findIdentityPlace(host: Host, vault: Vault): IdentityPlace {
  const { name, ageKey, ageKeyAt } = vault;
  const location = ageKeyAt === undefined ? {} : { location: ageKeyAt };
  switch (ageKey.form) {
    case "inline":
      throw new UserError(
        "refused",
        `cannot use the key of vault "${name}": its age_key holds the key itself, expected a place`,
        { hints: ["move the key to a file, and name it in age_key_file"], ...location },
      );
    case "store":
      return { kind: "keychain", entry: deriveVaultEntry(vault) };
    case "file":
      return { kind: "file", path: ageKey.path };
    case "default":
      return { kind: "file", path: findKeysPath(host, undefined) };
  }
}

/**
 * @returns the keychain entry of a vault, also of one that keeps its key in a file
 * @throws {UserError} `unsupported` for a store that is no keychain
 */
export function deriveVaultEntry(vault: Vault): KeychainEntry {
  const entry = findVaultEntry(vault);
  if (entry === undefined) throw unsupportedStore(vault);
  return entry;
}

/**
 * The folder is named: the shell that the line is typed into goes elsewhere, and the configuration is searched from there.
 *
 * @returns the line for a shell by which sops itself takes the key of a vault from the keychain
 */
export function formatKeyCommandExport({ cwd }: Pick<Host, "cwd">, vault: Vault): string {
  const { name, ageKey, definedFor } = vault;
  const scope = definedFor?.find(({ stack }) => stack !== undefined);
  const words = [
    "sopsmith",
    "-C",
    cwd,
    "identity",
    "export",
    ...(ageKey.form === "store" ? [] : ["--keychain"]),
    ...(isBuiltIn(vault) ? [] : ["--vault", name]),
    ...(scope?.stack === undefined ? [] : ["--stack", scope.stack]),
    ...(scope?.component === undefined ? [] : ["--component", scope.component]),
  ];
  return `export SOPS_AGE_KEY_CMD=${quoteForShell(words.map(quoteForShell).join(" "))}`;
}

function unsupportedStore({ name, ageKey, ageKeyAt }: Vault): UserError {
  const store = ageKey.form === "store" ? ageKey.store : "";
  return new UserError(
    "unsupported",
    `cannot use the key of vault "${name}": it lives in the store "${store}", expected a file or a store of type ` +
      KEYCHAIN_STORE,
    {
      hints: [`name a file in age_key_file instead of age_key.store (line ${ageKeyAt?.line} of "${ageKeyAt?.path}")`],
      ...(ageKeyAt === undefined ? {} : { location: ageKeyAt }),
    },
  );
}
