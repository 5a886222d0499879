/**
 * Profiles: folders of configuration that are laid over the rest when they are asked for. I/O through the host.
 * Spec: vaults §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { suggest } from "../../base/show/suggest.ts";
import { type ImportOptions, listConfigFiles, readWithImports } from "../atmos/imports.ts";
import type { ConfigFile, ConfigMap } from "../atmos/layers.ts";
import { findEntry } from "../upward.ts";

/** What the profiles depend on. */
export interface ProfileOptions extends ImportOptions {
  /** `--profile NAME`; empty: `ATMOS_PROFILE`, else `profiles.default`. */
  readonly asked: readonly string[];
  /** The configuration without profiles. */
  readonly root: ConfigMap | undefined;
  /** Folder of the highest configuration file; absolute. */
  readonly folder: string;
}

/**
 * @returns the files of the profiles, highest first
 * @throws {UserError} `not-found` for a profile that there is not; what reading files throws
 */
export function readProfiles(options: ProfileOptions): ConfigFile[] {
  const folders = listFolders(options);
  return listNames(options).flatMap((name) => {
    const folder = folders.map((each) => options.host.paths.join(each, name)).find((each) => isFolder(options, each));
    if (folder === undefined) throw unknownProfile(name, folders, options.host);
    const files = listConfigFiles(options.host, folder);
    return files.flatMap((file) => readWithImports(file, [], options).reverse());
  }).reverse();
}

function listNames({ host, asked, root }: ProfileOptions): string[] {
  const given = asked.length > 0 ? asked : (host.env("ATMOS_PROFILE") ?? "").split(",");
  const names = given.map((name) => name.trim()).filter((name) => name !== "");
  if (names.length > 0) return names;
  const profiles = root?.find("profiles");
  const standard = profiles?.type === "map" ? profiles.find("default") : undefined;
  return standard?.type === "scalar" && standard.text.trim() !== "" ? [standard.text.trim()] : [];
}

/** @returns the folders that hold profiles, best first */
function listFolders({ host, root, folder }: ProfileOptions): string[] {
  const { paths } = host;
  const profiles = root?.find("profiles");
  const basePath = profiles?.type === "map" ? profiles.find("base_path") : undefined;
  const configured = basePath?.type === "scalar"
    ? [paths.resolve(paths.dirname(basePath.place.file.path), basePath.text)]
    : [];
  const home = findHome(host);
  const user = (host.env("ATMOS_XDG_CONFIG_HOME") || host.env("XDG_CONFIG_HOME")) ??
    (home === undefined ? undefined : paths.join(home, ".config"));
  const personal = user === undefined || !paths.isAbsolute(user) ? [] : [paths.join(user, "atmos", "profiles")];
  return [...configured, paths.join(folder, ".atmos", "profiles"), ...personal, paths.join(folder, "profiles")];
}

function isFolder({ host }: ProfileOptions, path: string): boolean {
  return findEntry(host, path)?.kind === "directory";
}

function unknownProfile(name: string, folders: readonly string[], host: Host): UserError {
  const known = folders.filter((folder) => findEntry(host, folder)?.kind === "directory")
    .flatMap((folder) => [...host.files.list(folder)].filter(({ kind }) => kind === "directory"))
    .map((entry) => entry.name).sort();
  const near = suggest(name, known);
  return new UserError("not-found", `no profile "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`, {
    details: [known.length === 0 ? "there is none" : `there are: ${[...new Set(known)].join(", ")}`],
    hints: ["check --profile and ATMOS_PROFILE, or profiles.default in atmos.yaml"],
  });
}
