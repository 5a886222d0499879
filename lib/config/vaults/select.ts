/**
 * Which vault a command is about: the one that was named, or the only one. Pure. Spec: vaults §2, §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { suggest } from "../../base/show/suggest.ts";
import {
  BUILT_IN_VAULT,
  canGenerateKey,
  type DefinedFor,
  isBuiltIn,
  type UnusableVault,
  type Vault,
  type VaultConfig,
} from "./vault.ts";

/** Whose vault it is, as typed; undefined: nobody said. */
export interface AskedScope {
  readonly stack?: string | undefined;
  readonly component?: string | undefined;
}

type AnyVault = Vault | UnusableVault;

/**
 * The vault with a name; without a name the only one that keys can be generated for, or the only one at all. Names are
 * compared without case where no other spelling is that of another vault, as atmos has them all in lower case.
 *
 * @param name as typed; undefined when none was given
 * @param scope chooses between definitions of stacks
 * @throws {UserError} `usage` for an unknown name and when there are several to choose from; the vault's own error when
 * it cannot be used here
 */
export function selectVault(config: VaultConfig, name: string | undefined, scope: AskedScope = {}): Vault {
  const all = [...config.vaults, ...config.unusable].sort((a, b) => a.name < b.name ? -1 : 1);
  const visible = listVisible(all, scope);
  const named = name === undefined ? selectOnly(visible, config) : findNamed(visible, name);
  if (named.length === 0) throw unknownVault(name ?? "", all, config);
  const selected = named[0]!;
  if (named.length > 1) throw ambiguousVault(named, config, scope);
  if ("error" in selected) throw selected.error;
  return selected;
}

/** @returns the definitions that count for a stack and a component: of each name the nearest */
export function listVisible(all: readonly AnyVault[], scope: AskedScope): AnyVault[] {
  if (scope.stack === undefined && scope.component === undefined) return [...all];
  const ranks = new Map(all.map((vault) => [vault, rankOf(vault, scope)]));
  return all.filter((vault) => {
    const rank = ranks.get(vault);
    return rank !== undefined && !all.some((other) => isNamed(other, vault) && (ranks.get(other) ?? 0) > rank);
  });
}

/** @returns how near a definition is: the component's before the stack's before that of all; undefined: it is for others */
function rankOf({ definedFor }: AnyVault, asked: AskedScope): number | undefined {
  if (definedFor === undefined) return 1;
  const ranks = definedFor.flatMap(({ stack, manifest, component }) => {
    if (asked.stack !== undefined && asked.stack !== stack && asked.stack !== manifest) return [];
    if (component === undefined) return [2];
    if (component === asked.component) return [3];
    return asked.component === undefined ? [0] : [];
  });
  return ranks.length === 0 ? undefined : Math.max(...ranks);
}

function isNamed(one: AnyVault, other: AnyVault): boolean {
  return one.name.toLowerCase() === other.name.toLowerCase();
}

function findNamed(all: readonly AnyVault[], name: string): AnyVault[] {
  const exact = all.filter((vault) => vault.name === name);
  return exact.length > 0 ? exact : all.filter((vault) => vault.name.toLowerCase() === name.toLowerCase());
}

/** @returns the definitions of the only vault */
function selectOnly(all: readonly AnyVault[], config: VaultConfig): AnyVault[] {
  const capable = all.filter((vault) => canGenerateKey(vault.kind));
  const candidates = capable.length > 0 ? capable : all;
  const [first] = candidates;
  if (first !== undefined && candidates.every((vault) => isNamed(vault, first))) return [...candidates];
  throw new UserError("usage", `no vault named, and there are ${countNames(candidates)} to choose from`, {
    details: [listVaults(candidates, config)],
    hints: ["name one of them"],
  });
}

function countNames(vaults: readonly AnyVault[]): number {
  return new Set(vaults.map(({ name }) => name.toLowerCase())).size;
}

function ambiguousVault(
  vaults: readonly AnyVault[],
  { formatPath }: VaultConfig,
  { stack }: AskedScope,
): UserError {
  const [{ name }] = vaults as [AnyVault];
  const flag = stack === undefined ? "--stack" : "--component";
  return new UserError("usage", `vault "${name}" is defined in ${vaults.length} different ways`, {
    details: vaults.map(({ definedAt, definedFor }) => {
      const place = definedAt === undefined ? "built in" : `${formatPath(definedAt.path)}:${definedAt.line}`;
      return `${place}: ${formatScopes(definedFor)}`;
    }),
    hints: [`choose one with ${flag} NAME`],
  });
}

/** How many stacks are named before the rest is counted. */
const MAX_NAMED = 3;

/** @returns what a definition is for, for people */
export function formatScopes(definedFor: readonly DefinedFor[] | undefined): string {
  if (definedFor === undefined) return "every stack";
  const names = definedFor.map(({ stack, manifest, component }) =>
    component === undefined ? `stack ${stack ?? manifest}` : `component ${component} of stack ${stack ?? manifest}`
  );
  const others = names.length - MAX_NAMED;
  return others > 0 ? `${names.slice(0, MAX_NAMED).join(", ")} and ${others} more` : names.join(", ");
}

function unknownVault(name: string, all: readonly AnyVault[], config: VaultConfig): UserError {
  const near = suggest(name, all.map((vault) => vault.name));
  return new UserError("usage", `no vault "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`, {
    details: [listVaults(all, config)],
    hints: config.vaults.some(isBuiltIn) ? ["leave the name out, or define the vault in atmos.yaml"] : [],
  });
}

function listVaults(vaults: readonly AnyVault[], config: VaultConfig): string {
  if (config.vaults.some(isBuiltIn)) return `none is configured; there is only the built-in vault "${BUILT_IN_VAULT}"`;
  return `configured in ${config.source}: ${[...new Set(vaults.map((vault) => vault.name))].join(", ")}`;
}
