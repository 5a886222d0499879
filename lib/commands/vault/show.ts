/**
 * `vault show [VAULT]`: everything that is known of one vault, and whether its files exist. Reads only; never shows key
 * material. Spec: vaults §1–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { findEntry } from "../../config/upward.ts";
import { canGenerateKey, isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { formatFileTemplate, vaultPattern } from "../../config/vaults/files.ts";
import { formatScopes } from "../../config/vaults/select.ts";
import { findVault } from "../shared/vault_identity.ts";
import { tableOf } from "../../base/show/table.ts";
import {
  definedForAsJson,
  findPrivateHalf,
  formatKind,
  formatLocation,
  formatPrivateHalf,
  type PrivateHalf,
  type VaultFlags,
} from "../shared/vault_text.ts";

/** The flags of `vault show`. */
export type VaultShowFlags = VaultFlags;

/** What the disk says about a vault. */
interface VaultState {
  readonly half: PrivateHalf;
  /** Undefined where the private half is in no file. */
  readonly keysFileExists: boolean | undefined;
  readonly recipientsFileExists: boolean;
  readonly pathRegex: string;
}

/**
 * Shows one vault.
 *
 * @param args the vault's name, or nothing for the only vault
 * @returns the exit code
 * @throws {UserError} `usage` for an unknown or ambiguous vault, else as `readVaults()`
 */
export async function vaultShow(
  flags: VaultShowFlags,
  [name]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const vault = findVault(session, name, flags);
  const half = findPrivateHalf(vault, host);
  const state: VaultState = {
    half,
    keysFileExists: half.place === "file" ? await exists(host, half.path) : undefined,
    recipientsFileExists: await exists(host, vault.recipientsFile),
    pathRegex: vaultPattern(vault, host, {
      configDirectory: host.paths.dirname(vault.recipientsFile),
      anchoring: "anchored",
    }),
  };
  report.answer([tableOf(rows(vault, state, report))]);
  report.json(vaultAsJson(vault, state));
  return EXIT.done;
}

async function exists(host: Host, path: string): Promise<boolean> {
  return await findEntry(host, path) !== undefined;
}

function rows(vault: Vault, state: VaultState, report: Report): string[][] {
  const { half, keysFileExists, recipientsFileExists, pathRegex } = state;
  const place = vault.definedAt === undefined ? "built in" : formatLocation(vault.definedAt, report);
  const keysFile = half.place === "file" ? `${half.reason}${keysFileExists ? "" : "; does not exist yet"}` : undefined;
  const keysPlace = vault.ageKeyAt === undefined ? "" : `; ${formatLocation(vault.ageKeyAt, report)}`;
  const rows = [
    ["vault", vault.name, `(${place})`],
    ...vault.definedFor === undefined ? [] : [["for", formatScopes(vault.definedFor)]],
    ["kind", formatKind(vault.kind), ...(canGenerateKey(vault.kind) ? [] : ["(sopsmith makes no keys of this kind)"])],
    ["base path", report.path(vault.basePath)],
    ["files", formatFileTemplate(vault)],
    ["pattern", pathRegex],
    ["private half", formatPrivateHalf(half, report), ...(keysFile === undefined ? [] : [`(${keysFile}${keysPlace})`])],
    ["recipients", report.path(vault.recipientsFile), recipientsFileExists ? "(exists)" : "(does not exist yet)"],
  ];
  if (vault.ageRecipientsAt !== undefined) {
    rows.push(["pinned", `age_recipients at ${formatLocation(vault.ageRecipientsAt, report)}`]);
  }
  if (vault.hiddenConfig !== undefined) {
    rows.push(["SOPS uses", report.path(vault.hiddenConfig), "(above the git work tree)"]);
  }
  return rows.map(([head = "", ...rest]) => [head, rest.join("  ")]);
}

function vaultAsJson(vault: Vault, state: VaultState): Record<string, unknown> {
  return {
    name: vault.name,
    kind: vault.kind,
    isBuiltIn: isBuiltIn(vault),
    definedAt: vault.definedAt ?? null,
    definedFor: definedForAsJson(vault),
    canGenerateKey: canGenerateKey(vault.kind),
    basePath: vault.basePath,
    files: formatFileTemplate(vault),
    pathRegex: state.pathRegex,
    privateHalf: state.half,
    keysFileExists: state.keysFileExists ?? null,
    recipientsFile: vault.recipientsFile,
    recipientsFileExists: state.recipientsFileExists,
    ageRecipients: vault.ageRecipients ?? null,
    hiddenConfig: vault.hiddenConfig ?? null,
  };
}
