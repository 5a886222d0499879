/**
 * Vaults as people and `--json` see them, shared by the `vault` commands: where each half of a key lives. Never key
 * material. Pure but for the variables of the host. Spec: vaults §1–2.
 *
 * @module
 */
import { type Location, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import type { ConfigNotice } from "../../config/atmos/value.ts";
import { canGenerateKey, type Vault, type VaultConfig } from "../../config/vaults/vault.ts";
import { defaultKeysFile } from "../../keys/places/keys_path.ts";

/** The flags of the `vault` commands. */
export interface VaultFlags {
  /** Configuration files to read instead of searching. */
  readonly config?: readonly string[];
  /** Folders of configuration to read instead of searching. */
  readonly configPath?: readonly string[];
  /** Profiles to lay over it. */
  readonly profile?: readonly string[];
  /** The stack and the component whose definition of a vault is meant. */
  readonly stack?: string;
  readonly component?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** Where the private half of a vault's key lives, and why there. */
export type PrivateHalf =
  /** `path` is absolute. */
  | { readonly place: "file"; readonly path: string; readonly reason: string }
  | { readonly place: "store"; readonly store: string; readonly path: string; readonly storeKind: string | null }
  | { readonly place: "configuration" }
  /** Its kind has no age key. */
  | { readonly place: "elsewhere" }
  /** No place can be named on this machine. */
  | { readonly place: "unknown"; readonly problem: string };

/** @returns where keygen writes and readers look for the private half */
export function findPrivateHalf({ kind, ageKey }: Vault, host: Host): PrivateHalf {
  if (!canGenerateKey(kind)) return { place: "elsewhere" };
  switch (ageKey.form) {
    case "inline":
      return { place: "configuration" };
    case "store":
      return { place: "store", store: ageKey.store, path: ageKey.path, storeKind: ageKey.storeKind ?? null };
    case "file":
      return { place: "file", path: ageKey.path, reason: `written as ${ageKey.written}` };
    case "default":
      return findDefaultPlace(host);
  }
}

function findDefaultPlace(host: Host): PrivateHalf {
  try {
    const { path, reason } = defaultKeysFile(host);
    return { place: "file", path: host.paths.resolve(host.cwd, path), reason };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { place: "unknown", problem: error.message };
  }
}

/** @returns one phrase: a path, a store, … */
export function formatPrivateHalf(half: PrivateHalf, report: Report): string {
  switch (half.place) {
    case "file":
      return report.path(half.path);
    case "store":
      return `store "${half.store}"`;
    case "configuration":
      return "in the configuration";
    case "elsewhere":
      return "not an age key";
    case "unknown":
      return half.problem;
  }
}

/** @returns the kind, or what an absent one means */
export function formatKind(kind: string): string {
  return kind === "" ? "sops/age (by default)" : kind;
}

/** @returns what a definition is for, as JSON */
export function definedForAsJson({ definedFor }: Pick<Vault, "definedFor">): unknown {
  return definedFor?.map(({ stack = null, manifest, component = null }) => ({ stack, manifest, component })) ?? null;
}

/** @returns file and line for people */
export function formatLocation({ path, line }: Location, report: Report): string {
  return line === undefined ? report.path(path) : `${report.path(path)}:${line}`;
}

/** @returns a sentence with the place that it is about */
function formatNotice({ message, location }: ConfigNotice, report: Report): string {
  return location === undefined ? message : `${formatLocation(location, report)}: ${message}`;
}

/** Says what the reading of the configuration found worth saying. */
export function reportNotices(
  { warnings, notes, skipped }: Pick<VaultConfig, "warnings" | "notes" | "skipped">,
  report: Report,
): void {
  for (const warning of warnings) report.warning(formatNotice(warning, report));
  for (const note of [...skipped, ...notes]) report.note(formatNotice(note, report));
}
