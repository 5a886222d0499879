/**
 * The walk from a folder to the root of its file system, shared by the searches that look "upward". Reads folder
 * entries and symlinks only.
 *
 * @module
 */
import type { FileInfo, Host } from "../base/host/host.ts";
import { ioErrorCode } from "../base/host/io_error.ts";

/**
 * The folder itself, then each parent, up to the root of the file system.
 *
 * Above a symlinked folder the walk goes on at the real parent, as git and SOPS do; everywhere else the folders keep
 * the names that the person uses.
 *
 * @param directory absolute path, symlinks not resolved
 */
export function* foldersUpward(host: Host, directory: string): Generator<string, void> {
  const { paths } = host;
  let folder = paths.resolve(directory, directory);
  let physical = realPathOr(host, folder);
  for (;;) {
    yield folder;
    const physicalParent = paths.dirname(physical);
    if (physicalParent === physical) return;
    const parent = paths.dirname(folder);
    // Once a folder is its own real path, so are all above it.
    const keepsName = folder === physical || realPathOr(host, parent) === physicalParent;
    physical = physicalParent;
    folder = keepsName ? parent : physicalParent;
  }
}

function realPathOr(host: Host, path: string): string {
  try {
    return host.files.realPath(path);
  } catch (error) {
    if (ioErrorCode(error) === undefined) throw error;
    return path;
  }
}

/**
 * Looks for a candidate of a search, symlinks followed.
 *
 * @returns undefined when there is none, and also when the way there is closed (no permission, a file in place of a
 * folder): a search then goes on, as in SOPS and git
 */
export function findEntry(host: Host, path: string): FileInfo | undefined {
  try {
    return host.files.stat(path);
  } catch (error) {
    if (ioErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
