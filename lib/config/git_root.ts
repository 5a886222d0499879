/**
 * The root of the git work tree that a folder belongs to, found without running git.
 *
 * A work tree is a folder with an entry `.git`: a folder in a plain clone, a file in a submodule or a linked work
 * tree. Bare repositories and `GIT_DIR` are not considered. Reads folder entries only. Spec: vaults §2.
 *
 * @module
 */
import type { Host } from "../base/host/host.ts";
import { findEntry, foldersUpward } from "./upward.ts";

/**
 * @param directory absolute path to start from
 * @returns the nearest folder at or above `directory` that is a work tree; undefined outside of one
 */
export function findGitRoot(host: Host, directory: string): string | undefined {
  for (const folder of foldersUpward(host, directory)) {
    if (findEntry(host, host.paths.join(folder, ".git")) !== undefined) return folder;
  }
  return undefined;
}
