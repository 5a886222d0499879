/**
 * Keys files that lie where SOPS does not look: in the place of another system or another setting, or made by hand in the
 * working folder.
 *
 * I/O through the host. Spec: keys §2.
 *
 * @module
 */
import { findHome } from "../../base/host/home.ts";
import { findRealPath } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { ExaminedPlace, LocalIdentity, Obstacle } from "./finding.ts";
import { examineFile } from "./places.ts";

/** Keys files below the home folder, by what leads there: other systems' places, and those of other instructions. */
const HOME_PLACES: readonly (readonly string[])[] = [
  [".config", "sops", "age", "keys.txt"],
  ["Library", "Application Support", "sops", "age", "keys.txt"],
  ["AppData", "Roaming", "sops", "age", "keys.txt"],
  [".config", "age", "keys.txt"],
  [".age", "keys.txt"],
  [".sops", "age", "keys.txt"],
];

/** What people call the file that `age-keygen -o` makes. */
const HAND_MADE_NAMES = ["keys.txt", "key.txt", "age.key"] as const;

/** Where sops-nix keeps an age key of the machine. */
const SOPS_NIX_PLACE = "/var/lib/sops-nix/key.txt";

/**
 * Looks for keys files elsewhere.
 *
 * @param examined the places of SOPS, of which none is told twice
 * @returns only places that hold something
 */
export async function examineElsewhere(
  host: Host,
  examined: readonly ExaminedPlace[],
): Promise<readonly ExaminedPlace[]> {
  const seen = new Set<string>();
  for (const { path, content, identities } of examined) {
    const paths = path !== undefined && content.kind !== "nothing" ? [path] : [];
    for (const one of [...paths, ...identities.flatMap(pathOfRepair)]) seen.add(await findRealPath(host, one) ?? one);
  }
  const usable = new Set(
    examined.flatMap(({ identities }) =>
      identities.flatMap(({ recipient, obstacle }) =>
        obstacle === undefined && recipient !== undefined ? [recipient] : []
      )
    ),
  );
  const places: ExaminedPlace[] = [];
  for (const path of await candidates(host)) {
    const realPath = await findRealPath(host, path);
    if (realPath === undefined || seen.has(realPath)) continue;
    seen.add(realPath);
    const place = await examineElsewhereFile(host, path, usable);
    if (place.content.kind === "protected" || place.identities.length > 0) places.push(place);
  }
  return places;
}

/** @param usable recipients of the identities that SOPS uses: a copy of one elsewhere is no mistake */
async function examineElsewhereFile(host: Host, path: string, usable: ReadonlySet<string>): Promise<ExaminedPlace> {
  const origin = formatPath(host, path);
  const repair = { kind: "import-keys", path } as const;
  const obstacle: Obstacle = { reason: "SOPS does not look there", repair };
  const place = await examineFile(host, path, {
    source: "elsewhere",
    label: origin,
    origin,
    isSshKey: false,
    obstacle,
  });
  // A guess cannot be had from a place that SOPS does not read.
  const identities = place.identities.filter(({ recipient }) => recipient !== undefined);
  if (identities.every(({ recipient = "" }) => usable.has(recipient))) return { ...place, identities };
  const message = `"${origin}" holds private keys, and SOPS does not look there`;
  return { ...place, identities, findings: [{ code: "other-place", message, path, repair }, ...place.findings] };
}

async function candidates(host: Host): Promise<string[]> {
  const { paths, cwd } = host;
  const home = findHome(host);
  const folders = [cwd, await findGitRoot(host, cwd) ?? cwd, ...(home === undefined ? [] : [home])];
  return [
    ...(home === undefined ? [] : HOME_PLACES.map((parts) => paths.join(home, ...parts))),
    ...folders.flatMap((folder) => HAND_MADE_NAMES.map((name) => paths.join(folder, name))),
    ...(host.os === "linux" ? [SOPS_NIX_PLACE] : []),
  ].filter((path) => paths.isAbsolute(path));
}

function pathOfRepair({ obstacle }: LocalIdentity): string[] {
  const repair = obstacle?.repair;
  return repair !== undefined && "path" in repair ? [repair.path] : [];
}
