/**
 * `vault list`: every vault with its kind, the place of its private half and its recipients file. Reads only.
 * Spec: vaults §1–2.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { canGenerateKey, type UnusableVault, type Vault } from "../../config/vaults/vault.ts";
import { styled } from "../../base/show/style.ts";
import { tableOf } from "../../base/show/table.ts";
import { formatScopes, listVisible } from "../../config/vaults/select.ts";
import { findAskedScope, readVaultConfig } from "../shared/vault_identity.ts";
import {
  definedForAsJson,
  findPrivateHalf,
  formatKind,
  formatPrivateHalf,
  type VaultFlags,
} from "../shared/vault_text.ts";

/** The flags of `vault list`. */
export type VaultListFlags = VaultFlags;

const HEADER = ["vault", "kind", "private half", "recipients file"];

/**
 * Lists the vaults. One that cannot be used here is listed with the reason.
 *
 * @returns the exit code
 * @throws {UserError} as `readVaults()`: `not-found`, `malformed`, `unsupported`, `io`, `denied`
 */
export function vaultList(
  flags: VaultListFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const config = readVaultConfig(session, flags);
  for (const { name, error } of config.unusable) {
    report.warning(`vault "${name}" cannot be used here: ${error.message}`);
  }
  const all = listVisible([...config.vaults, ...config.unusable], findAskedScope(host, flags))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const rows = all.map((vault) => "error" in vault ? unusableRow(vault) : row(vault, session));
  const header = all.some(({ definedFor }) => definedFor !== undefined) ? [...HEADER, "for"] : HEADER;
  report.answer([
    tableOf([
      header.map((head) => styled(head, "dim")),
      ...rows.map(([name = "", ...rest]) => [styled(name, "name"), ...rest]),
    ], {
      yields: [2, 0],
    }),
  ]);
  report.json({ files: config.files, vaults: all.map((vault) => vaultAsJson(vault, host)) });
  return Promise.resolve(EXIT.done);
}

function row(vault: Vault, session: Session): string[] {
  const { host, report } = session;
  const half = formatPrivateHalf(findPrivateHalf(vault, host), report);
  return [vault.name, formatKind(vault.kind), half, report.path(vault.recipientsFile), ...formatFor(vault)];
}

function unusableRow({ name, kind, definedFor }: UnusableVault): string[] {
  return [name, formatKind(kind), "cannot be used here", "", ...formatFor({ definedFor })];
}

function formatFor({ definedFor }: Pick<Vault, "definedFor">): string[] {
  return definedFor === undefined ? [] : [formatScopes(definedFor)];
}

function vaultAsJson(vault: Vault | UnusableVault, host: Host): Record<string, unknown> {
  const { name, kind, definedAt = null } = vault;
  const common = { name, kind, definedAt, definedFor: definedForAsJson(vault), canGenerateKey: canGenerateKey(kind) };
  if ("error" in vault) return { ...common, problem: vault.error.message };
  return { ...common, privateHalf: findPrivateHalf(vault, host), recipientsFile: vault.recipientsFile };
}
