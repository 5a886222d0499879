/**
 * Which `.sops.yaml` counts for a file: the one that the person names, else the nearest above the file within its
 * repository.
 *
 * SOPS itself searches from its working directory and goes on above the repository; what it would find is told beside
 * it, so that a difference can be said. I/O through the host. Spec: sops-config §2, sops-engine §1.1.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import type { Host } from "../base/host/host.ts";
import { findGitRoot } from "./git_root.ts";
import type { SopsConfig } from "./rules/sops_config.ts";
import { findSopsConfig, readSopsConfigFile } from "./sops_config_find.ts";

/** Why a config counts: named by `--config`, by `SOPS_CONFIG`, or the nearest one above. */
export type ChoiceReason = "flag" | "environment" | "nearest";

/** The config that counts for the files of one folder. */
export interface ChosenConfig {
  /** Absolute, symlinks not resolved. */
  readonly path: string;
  readonly reason: ChoiceReason;
}

/**
 * Chooses the config for the files of a folder.
 *
 * @param directory absolute path of the folder; it need not exist
 * @param named value of `--config`, relative to the working directory; undefined when not given
 * @returns a config that exists, or one that was named
 * @throws {UserError} `not-found` when there is none between the folder and the root of its repository
 */
export function chooseConfig(host: Host, directory: string, named?: string): ChosenConfig {
  if (named !== undefined) return { path: host.paths.resolve(host.cwd, named), reason: "flag" };
  const variable = host.env("SOPS_CONFIG");
  if (variable) return { path: host.paths.resolve(host.cwd, variable), reason: "environment" };
  const { path, ignoredYml } = findSopsConfig(host, directory);
  const root = findGitRoot(host, directory);
  if (path !== undefined && (root === undefined || liesBelow(host, root, path))) {
    return { path, reason: "nearest" };
  }
  const hints: string[] = [];
  if (ignoredYml !== undefined) hints.push(`rename "${ignoredYml}" to ".sops.yaml": SOPS reads no other name`);
  if (path !== undefined) hints.push(`pass --config "${path}" to use the one above the repository`);
  if (hints.length === 0) hints.push("make one with: sopsmith init");
  throw new UserError(
    "not-found",
    `no ".sops.yaml" in "${directory}" or a folder above it${root === undefined ? "" : " in its repository"}`,
    {
      hints,
    },
  );
}

/**
 * Chooses the config for the files of a folder, and reads it.
 *
 * @param directory absolute path of the folder; it need not exist
 * @param named value of `--config`; undefined when not given
 * @throws {UserError} `not-found` when there is none, `malformed` where SOPS would refuse it, `io` or `denied` when it
 * cannot be read
 */
export function readChosenConfig(
  host: Host,
  directory: string,
  named?: string,
): { readonly config: SopsConfig; readonly reason: ChoiceReason } {
  const { path, reason } = chooseConfig(host, directory, named);
  return { config: readExistingConfig(host, path), reason };
}

/**
 * Reads a config that must be there.
 *
 * @param path absolute
 * @throws {UserError} `not-found`, and as {@link readSopsConfigFile}
 */
export function readExistingConfig(host: Host, path: string): SopsConfig {
  const config = readSopsConfigFile(host, path);
  if (config === undefined) throw new UserError("not-found", `cannot read "${path}": no such file`);
  return config;
}

/** @returns the path of the config that {@link chooseConfig} chooses without a flag; undefined when there is none */
export function findChosenConfig(host: Host, directory: string): string | undefined {
  try {
    return chooseConfig(host, directory).path;
  } catch (error) {
    if (error instanceof UserError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/**
 * Finds the config that SOPS would use when it is started in the working directory.
 *
 * @returns its absolute path; undefined when SOPS would find none
 */
export function findConfigOfSops(host: Host): string | undefined {
  const variable = host.env("SOPS_CONFIG");
  return variable ? host.paths.resolve(host.cwd, variable) : findSopsConfig(host, host.cwd).path;
}

/** Symlinks in either path make no difference. */
function liesBelow(host: Host, root: string, path: string): boolean {
  const { paths, files } = host;
  if (paths.contains(root, path)) return true;
  return paths.contains(files.realPath(root), files.realPath(paths.dirname(path)));
}
