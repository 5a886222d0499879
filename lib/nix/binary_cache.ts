/**
 * The `.narinfo` files of a Nix binary cache on disk: found, and read with what their names promise.
 *
 * Nix asks a cache for the file `HASH.narinfo` at its top, so only the folder itself is listed, and a file of such a name
 * must be about that path. Reads only. Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { readCapped } from "../base/files/read_files.ts";
import type { FileInfo, Host } from "../base/host/host.ts";
import { describeIoError } from "../base/host/io_error.ts";
import { MAX_NARINFO_BYTES, type NarInfo, parseNarInfo } from "./narinfo.ts";
import { isStoreHash } from "./store_path.ts";

const ENDING = ".narinfo";

/**
 * Finds the files to work on.
 *
 * @param paths absolute; a `.narinfo` file or the folder of a binary cache each
 * @returns absolute paths, each once: in the order of `paths`, those of a folder in the order of names
 * @throws {UserError} `not-found` for a path that does not exist and a folder without a `.narinfo`, `usage` for another
 * kind of file, `io` or `denied` when a folder cannot be read
 */
export function findNarInfoFiles(host: Host, paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => filesOf(host, path)))];
}

/**
 * Reads one file of a cache.
 *
 * @param path absolute
 * @throws {UserError} `not-found` when it is gone, `malformed` as {@link parseCacheEntry} and when it is too large, `io`
 * or `denied` when it cannot be read
 */
export function readCacheEntry(host: Host, path: string): NarInfo {
  return parseCacheEntry(host, readNarInfoFile(host, path), path);
}

/** @throws {UserError} as {@link readCacheEntry}, but for the content */
export function readNarInfoFile(host: Host, path: string): Uint8Array {
  const bytes = readCapped(host, path, { maxBytes: MAX_NARINFO_BYTES });
  if (bytes === undefined) throw noSuchPath(path);
  return bytes;
}

/** @throws {UserError} `malformed` when the content is no narinfo, or not that of the path that the file is named after */
export function parseCacheEntry(host: Host, bytes: Uint8Array, path: string): NarInfo {
  const info = parseNarInfo(bytes, path);
  const name = host.paths.basename(path);
  const stem = name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : name;
  if (isStoreHash(stem) && stem !== info.storePath.hash) {
    throw new UserError(
      "malformed",
      `cannot use "${path}": its StorePath begins with ${info.storePath.hash}, expected the hash that the file is named after`,
      { hints: ["restore the file: Nix refuses it too"], location: { path } },
    );
  }
  return info;
}

function filesOf(host: Host, path: string): readonly string[] {
  const info = statPath(host, path);
  if (info === undefined) throw noSuchPath(path);
  if (info.kind !== "directory") {
    if (path.endsWith(ENDING)) return [path];
    throw new UserError("usage", `"${path}" is neither a ${ENDING} file nor the folder of a binary cache`);
  }
  const names: string[] = [];
  try {
    for (const entry of host.files.list(path)) {
      if (entry.name.endsWith(ENDING) && entry.kind !== "directory") names.push(entry.name);
    }
  } catch (error) {
    throw describeIoError("read", path, error);
  }
  if (names.length === 0) {
    throw new UserError("not-found", `no ${ENDING} file in "${path}", expected the folder of a binary cache`, {
      hints: ["nix copy --to file://FOLDER PATH… makes one"],
      location: { path },
    });
  }
  return names.sort().map((name) => host.paths.join(path, name));
}

function statPath(host: Host, path: string): FileInfo | undefined {
  try {
    return host.files.stat(path);
  } catch (error) {
    throw describeIoError("read", path, error);
  }
}

function noSuchPath(path: string): UserError {
  return new UserError("not-found", `cannot read "${path}": no such file or folder`, {
    hints: ["name a .narinfo file, or the folder of a binary cache"],
    location: { path },
  });
}
