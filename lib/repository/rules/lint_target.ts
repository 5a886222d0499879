/**
 * Which file `rules lint` looks at, how SOPS comes by it, and what lies around it. Reads only.
 * Spec: sops-config §5 (wrong-name, dead-rule).
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { ConfigPlace } from "../../config/lint/lint.ts";
import { sopsRelativePath } from "../../config/patterns/matcher.ts";
import { findSopsConfig, IGNORED_CONFIG_NAME, SOPS_CONFIG_NAME } from "../../config/sops_config_find.ts";
import { chooseConfig } from "../../config/config_choice.ts";
import { scanRepository } from "../scan/encrypted_files.ts";
import { walkRepository } from "../scan/walk.ts";

/** A file to look at. */
export interface LintTarget {
  /** Absolute. */
  readonly path: string;
  readonly place: ConfigPlace;
  /** Absolute path of a `.sops.yml` that lies on the way to it, and that SOPS does not read. */
  readonly ignored: string | undefined;
}

/**
 * Finds the file as every other command does; where there is none, a `.sops.yml` serves.
 *
 * @param named value of `--config`; undefined when not given
 * @throws {UserError} `not-found` when there is neither
 */
export function findLintTarget(host: Host, named: string | undefined): LintTarget {
  const isSearched = named === undefined && !host.env("SOPS_CONFIG");
  const found = isSearched ? findSopsConfig(host, host.cwd) : undefined;
  const root = findGitRoot(host, host.cwd);
  const ignored = found?.ignoredYml !== undefined && (root === undefined || host.paths.contains(root, found.ignoredYml))
    ? found.ignoredYml
    : undefined;
  if (
    ignored !== undefined && (found?.path === undefined || root !== undefined && !host.paths.contains(root, found.path))
  ) {
    return { path: ignored, place: "ignored-name", ignored: undefined };
  }
  const { path } = chooseConfig(host, host.cwd, named);
  return { path, place: findPlace(host, path), ignored };
}

function findPlace(host: Host, path: string): ConfigPlace {
  const name = host.paths.basename(path);
  if (name === IGNORED_CONFIG_NAME) return "ignored-name";
  if (name !== SOPS_CONFIG_NAME) return "found";
  const folder = host.paths.dirname(path);
  const root = findGitRoot(host, folder);
  return root === undefined || root === folder ? "found" : "below-root";
}

/**
 * Lists the files that the rules of a config could be for.
 *
 * @param configPath absolute
 * @returns their paths as SOPS compares them
 */
export function listComparedPaths(host: Host, configPath: string): readonly string[] {
  const progress = new Progress(host, "looking for files, folders");
  const compared: string[] = [];
  try {
    for (const { path } of walkRepository(host, host.paths.dirname(configPath), { progress })) {
      compared.push(sopsRelativePath(host.paths, configPath, path));
    }
  } finally {
    progress.end();
  }
  return compared.sort();
}

/** How many files are looked into for one that is encrypted; a repository of more counts as one that is in use. */
const MAX_LOOKED_INTO = 2000;

/**
 * Looks for an encrypted file beside a config or below.
 *
 * @param configPath absolute
 */
export function holdsEncryptedFile(host: Host, configPath: string): boolean {
  let count = 0;
  const progress = new Progress(host, "looking for files, folders");
  try {
    const accepts = (): boolean => ++count <= MAX_LOOKED_INTO;
    const { done } = scanRepository(host, host.paths.dirname(configPath), { accepts, progress }).next();
    return !done || count > MAX_LOOKED_INTO;
  } finally {
    progress.end();
  }
}
