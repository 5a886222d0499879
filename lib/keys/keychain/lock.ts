/**
 * Keeps runs of the program apart that change a keychain: reading an entry and writing it back is no single step in any
 * keychain, and without a lock one of two identities that are added at the same time would be lost. I/O through the host.
 *
 * @module
 */
import { findRealPath } from "../../base/files/read_files.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { lockFile } from "../../base/files/lock.ts";

/** What is locked beside the person's files; no file of this name is ever made. */
const NAME = "sopsmith-keychain";

const PRIVATE_MODE = 0o600;

/**
 * Runs `body` while no other run of this person on this machine is inside.
 *
 * @returns what the body returns
 * @throws {UserError} `denied` or `io` when the lock cannot be had
 */
export async function withKeychainLock<Result>(host: Host, body: () => Promise<Result>): Promise<Result> {
  const folder = findFolder(host);
  const lock = await lockFile(host, host.paths.join(folder, NAME), PRIVATE_MODE);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}

/** @returns a folder of the person's own that is there in every session that has a keychain, symlinks resolved */
function findFolder(host: Host): string {
  for (const path of [host.os === "linux" ? host.env("XDG_RUNTIME_DIR") : undefined, findHome(host)]) {
    if (path === undefined || !host.paths.isAbsolute(path)) continue;
    const realPath = findRealPath(host, path);
    if (realPath !== undefined) return realPath;
  }
  return host.cwd;
}
