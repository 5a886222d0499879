/**
 * Which configuration files there are for vaults, and which of them wins.
 *
 * Looks at names only: nothing is opened here. In every folder `sopsmith.yaml` wins over `atmos.yaml`, and
 * `.atmos.yaml` counts only without `atmos.yaml`. Spec: vaults §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { findGitRoot } from "../git_root.ts";
import { findEntry, foldersUpward } from "../upward.ts";
import { DEFAULT_FOLDERS } from "../atmos/imports.ts";
import type { ConfigNotice } from "../atmos/value.ts";

/** What the person asked for on the command line. Paths as typed. */
export interface ConfigSelection {
  /** `--config FILE`, in order; later files win. Empty: `ATMOS_CONFIG`, separated by commas. */
  readonly configFiles: readonly string[];
  /** `--config-path DIR`, in order, above the files. Empty: `ATMOS_CONFIG_PATH`, separated by commas. */
  readonly configPaths: readonly string[];
  /** `--profile NAME`, later ones win. Empty: `ATMOS_PROFILE`, separated by commas, else `profiles.default`. */
  readonly profiles?: readonly string[];
  /** The folder of the machine-wide configuration, for tests. Default: the system's. */
  readonly systemFolder?: string;
}

/** One configuration file. */
export interface FoundConfig {
  /** Absolute path. */
  readonly path: string;
  /** Whether it belongs to the person or the machine, not to a project: paths in a project do not count from there. */
  readonly isShared: boolean;
}

/** What the search found. */
export interface FoundConfigs {
  /** Highest precedence first, each file once. */
  readonly files: readonly FoundConfig[];
  /** Root of the git work tree that the working directory belongs to; undefined outside of one. */
  readonly gitRoot: string | undefined;
  /**
   * The folder that paths count from when the configuration does not say: the git root when the working directory has
   * no configuration of its own; undefined otherwise.
   */
  readonly defaultBase: string | undefined;
  /** What is worth knowing. */
  readonly notes: readonly ConfigNotice[];
}

/** Names of the main file, best first, in each folder; the first of each list is read. */
const FILE_NAMES = [["sopsmith.yaml"], ["atmos.yaml", "atmos.yml", ".atmos.yaml"]] as const;

/** What, besides a main file, makes a folder one with a configuration of its own, as in atmos. */
const LOCAL_SIGNS = [".atmos", ...DEFAULT_FOLDERS];

/**
 * Finds the configuration files.
 *
 * @throws {UserError} `not-found` when a file or folder that was asked for does not exist or holds no configuration
 */
export function findConfigFiles(host: Host, selection: ConfigSelection): FoundConfigs {
  const gitRoot = findGitRoot(host, host.cwd);
  const local = findInFolder(host, host.cwd);
  const isLocal = local.length > 0 || hasAny(host, host.cwd, LOCAL_SIGNS);
  const usesGitRoot = gitRoot !== undefined && !isLocal && host.env("ATMOS_GIT_ROOT_BASEPATH") !== "false";
  const notes: ConfigNotice[] = [];
  const asked = findAskedFiles(host, selection);
  const files = asked ?? searchFiles(host, {
    gitRoot: usesGitRoot ? gitRoot : undefined,
    local,
    isLocal,
    systemFolder: selection.systemFolder ?? systemFolder(host),
    notes,
  });
  const unique = files.filter(({ path }, index) => files.findIndex((other) => other.path === path) === index);
  return { files: unique, gitRoot, defaultBase: usesGitRoot ? gitRoot : undefined, notes };
}

/** @returns the files of flags and variables, highest first; undefined when neither asks for any */
function findAskedFiles(host: Host, selection: ConfigSelection): FoundConfig[] | undefined {
  const files = orVariable(host, selection.configFiles, "ATMOS_CONFIG");
  const folders = orVariable(host, selection.configPaths, "ATMOS_CONFIG_PATH");
  if (files.length === 0 && folders.length === 0) return undefined;
  const found: FoundConfig[] = [];
  for (const file of files) {
    const path = host.paths.resolve(host.cwd, file);
    if (findEntry(host, path) === undefined) throw notFound(`cannot read "${file}": no such file`, path);
    found.unshift({ path, isShared: false });
  }
  for (const folder of folders) {
    const path = host.paths.resolve(host.cwd, folder);
    const inFolder = findInFolder(host, path);
    if (inFolder.length === 0) {
      throw notFound(`cannot find a configuration in "${folder}": no file ${FILE_NAMES.flat().join(", ")}`, path);
    }
    found.unshift(...inFolder.map((path) => ({ path, isShared: false })));
  }
  return found;
}

function notFound(message: string, path: string): UserError {
  return new UserError("not-found", message, {
    hints: ["check --config and --config-path, or ATMOS_CONFIG and ATMOS_CONFIG_PATH"],
    location: { path },
  });
}

function orVariable(host: Host, flags: readonly string[], variable: string): readonly string[] {
  const given = flags.length > 0 ? flags : (host.env(variable) ?? "").split(",");
  return given.map((path) => path.trim()).filter((path) => path !== "");
}

/** What the search depends on. */
interface Search {
  /** Undefined where the git root does not count. */
  readonly gitRoot: string | undefined;
  /** The files of the working directory. */
  readonly local: readonly string[];
  /** Whether the working directory has a configuration of its own, in files or folders. */
  readonly isLocal: boolean;
  readonly systemFolder: string | undefined;
  readonly notes: ConfigNotice[];
}

function searchFiles(host: Host, search: Search): FoundConfig[] {
  const project = searchProject(host, search);
  const home = findHome(host);
  const shared = [home ? host.paths.join(home, ".atmos") : undefined, search.systemFolder];
  const sharedFiles: string[] = [];
  for (const folder of shared) {
    if (folder === undefined || !host.paths.isAbsolute(folder) || findEntry(host, folder) === undefined) continue;
    sharedFiles.push(...findInFolder(host, folder));
  }
  return [
    ...project.map((path) => ({ path, isShared: false })),
    ...sharedFiles.map((path) => ({ path, isShared: true })),
  ];
}

/** @returns the files of the named folder, the working directory, the git root and the nearest parent, highest first */
function searchProject(host: Host, { gitRoot, local, isLocal, notes }: Search): string[] {
  const named = host.env("ATMOS_CLI_CONFIG_PATH");
  if (named) {
    const files = findInFolder(host, host.paths.resolve(host.cwd, named));
    if (files.length === 0) {
      notes.push({ message: `ATMOS_CLI_CONFIG_PATH is "${named}", which holds no configuration` });
    }
    return [...files, ...local];
  }
  if (isLocal) return [...local];
  const atRoot = gitRoot === undefined ? [] : findInFolder(host, gitRoot);
  return [...atRoot, ...findInParents(host)];
}

function findInParents(host: Host): string[] {
  for (const folder of foldersUpward(host, host.cwd)) {
    if (folder === host.cwd) continue;
    const files = findInFolder(host, folder);
    if (files.length > 0) return files;
  }
  return [];
}

/** @returns the main files of a folder, highest first */
function findInFolder(host: Host, folder: string): string[] {
  const found: string[] = [];
  for (const names of FILE_NAMES) {
    for (const name of names) {
      const path = host.paths.join(folder, name);
      if (findEntry(host, path)?.kind !== "file") continue;
      found.push(path);
      break;
    }
  }
  return found;
}

function systemFolder(host: Host): string | undefined {
  if (host.os !== "windows") return "/usr/local/etc/atmos";
  const appData = host.env("LOCALAPPDATA");
  return appData ? host.paths.join(appData, "atmos") : undefined;
}

function hasAny(host: Host, folder: string, names: readonly string[]): boolean {
  for (const name of names) {
    if (findEntry(host, host.paths.join(folder, name)) !== undefined) return true;
  }
  return false;
}
