/**
 * The keys files that the vaults of this folder name, where SOPS looks only when it is told: in a new shell, nothing tells
 * it. I/O through the host. Spec: vaults §1.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { readVaults } from "../../config/vaults/read.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import type { ExaminedPlace, Obstacle, Repair } from "./finding.ts";
import { examineFile } from "./places.ts";

/**
 * @param isSeen whether a path has been looked at
 * @returns only places that hold something
 */
export async function examineVaultPlaces(
  host: Host,
  isSeen: (path: string) => boolean,
): Promise<readonly ExaminedPlace[]> {
  const named = new Map<string, string>();
  for (const { name, ageKey } of listVaults(host)) {
    if (ageKey.form === "file" && !named.has(ageKey.path) && !isSeen(ageKey.path)) named.set(ageKey.path, name);
  }
  const places: ExaminedPlace[] = [];
  for (const [path, name] of named) {
    const origin = formatPath(host, path);
    const obstacle: Obstacle = {
      reason: `SOPS is not told of the keys file of vault "${name}"`,
      repair: tell(host, path),
    };
    const file = { source: "elsewhere", label: origin, origin, isSshKey: false, obstacle } as const;
    const place = await examineFile(host, path, file);
    const identities = place.identities.filter(({ recipient }) => recipient !== undefined);
    if (place.content.kind === "protected" || identities.length > 0) places.push({ ...place, identities });
  }
  return places;
}

/** A variable that names a file already keeps it: what it names may open other files. */
function tell(host: Host, path: string): Repair {
  return host.env("SOPS_AGE_KEY_FILE")
    ? { kind: "import-keys", path }
    : { kind: "set-variable", variable: "SOPS_AGE_KEY_FILE", path };
}

/** @returns nothing where the configuration cannot be read: other commands say why, and it is not what was asked for */
export function listVaults(host: Host): readonly Vault[] {
  try {
    return readVaults(host, { configFiles: [], configPaths: [] }).vaults;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}
