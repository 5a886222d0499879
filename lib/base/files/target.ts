/**
 * A file that is to be read and perhaps replaced: found behind its symlinks, read with a cap, and looked at again later.
 *
 * Does not write, but for the folders of a file that is to be made. I/O through the host.
 *
 * @module
 */
import { equalBytes } from "../bytes.ts";
import { UserError } from "../error.ts";
import type { FileInfo, Host } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";
import { readCapped } from "./read_files.ts";

/** Permission bit of a file that its owner may write; a rename would replace one without it all the same. */
const OWNER_WRITE = 0o200;

/** How often a write starts over because another program changed a file meanwhile. */
export const MAX_ATTEMPTS = 20;

/** A file that an edit reads and may replace. */
export interface EditTarget {
  /** Absolute path, as the person named it. */
  readonly path: string;
  /** Largest size in bytes that is accepted. */
  readonly maxBytes: number;
  /** Mode of the file when it is created; the person's umask may take permissions of others away from it. */
  readonly newFileMode: number;
  /** Mode of folders that are created for it. */
  readonly newFolderMode: number;
}

/** A target as it was read. */
export interface Snapshot {
  readonly target: EditTarget;
  /** With every symlink resolved; the parent part only where the file does not exist. */
  readonly realPath: string;
  /** Undefined when the file does not exist. */
  readonly content: Uint8Array | undefined;
  readonly info: FileInfo | undefined;
}

/** @returns what is said when it was tried {@link MAX_ATTEMPTS} times */
export function keepsChanging(targets: readonly EditTarget[]): UserError {
  const names = targets.map(({ path }) => `"${path}"`).join(" or ");
  return new UserError("io", `cannot write ${names}: another program keeps changing it`, {
    hints: ["close the programs that write the file, and run the command again"],
  });
}

/**
 * Reads a target as it is now.
 *
 * @throws {UserError} `io` or `denied` when it is no file or cannot be read; `refused` for a symlink that leads nowhere
 */
export function readTarget(host: Host, target: EditTarget): Snapshot {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      const { realPath, isThere, info } = resolveTarget(host, target.path);
      if (!isThere) return { target, realPath, info: undefined, content: undefined };
      if (info !== undefined && info.kind !== "file") throw notAFile(target.path, info);
      const content = readCapped(host, realPath, target);
      if ((info === undefined) === (content === undefined)) return { target, realPath, info, content };
    } catch (error) {
      if (ioErrorCode(error) !== "ENOENT") throw describeIoError("read", target.path, error);
    }
    // the file came or went between two looks at it: look again
  }
  throw keepsChanging([target]);
}

function notAFile(path: string, info: FileInfo): UserError {
  const found = info.kind === "directory" ? "a folder" : "a device or pipe";
  return new UserError("io", `cannot use "${path}": it is ${found}, expected a file`, {
    hints: ["move it away, or name another path"],
    location: { path },
  });
}

/** What a path leads to. */
interface ResolvedTarget {
  readonly realPath: string;
  readonly isThere: boolean;
  /** Of the real file, where it is there. */
  readonly info: FileInfo | undefined;
}

/** Follows symlinks to the real file, which need not exist; throws when it, or a folder above it, has vanished. */
function resolveTarget(host: Host, path: string): ResolvedTarget {
  const missing: string[] = [];
  let existing = path;
  let info = lookAsNamed(host, existing);
  while (info === undefined) {
    const parent = host.paths.dirname(existing);
    if (parent === existing) return { realPath: path, isThere: false, info };
    missing.unshift(host.paths.basename(existing));
    existing = parent;
    info = lookAsNamed(host, existing);
  }
  const isThere = missing.length === 0;
  if (!isThere && info.kind !== "directory") throw belowAFile();
  const realPath = host.paths.join(host.files.realPath(existing), ...missing);
  return { realPath, isThere, info: isThere ? info : undefined };
}

/** What POSIX systems answer for a path that goes on below a file; Windows says that there is no such path. */
function belowAFile(): Error {
  return Object.assign(new Error("a part of the path is a file"), { code: "ENOTDIR" });
}

/** A symlink to nothing is refused: making its target may not be what its owner wants. */
function lookAsNamed(host: Host, path: string): FileInfo | undefined {
  const found = host.files.lstat(path);
  if (found?.kind !== "symlink") return found;
  const target = host.files.stat(path);
  if (target !== undefined) return target;
  throw new UserError("refused", `cannot use "${path}": it is a symlink to something that does not exist`, {
    hints: ["make what it points to, or remove the symlink"],
    location: { path },
  });
}

/** @returns whether two looks at a target found the same file with the same content, mode and owner */
export function isSameSnapshot(now: Snapshot, before: Snapshot | undefined): boolean {
  return before !== undefined && now.realPath === before.realPath && equalBytes(now.content, before.content) &&
    hasSameOwner(now.info, before.info);
}

/** @returns whether the target still is the same file with the same mode and owner; of its content, this says nothing */
export function isStillThere(host: Host, snapshot: Snapshot): boolean {
  const { realPath, isThere, info } = resolveTarget(host, snapshot.target.path);
  if (realPath !== snapshot.realPath || isThere !== (snapshot.info !== undefined)) return false;
  return hasSameOwner(info, snapshot.info);
}

function hasSameOwner(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  return a?.kind === b?.kind && a?.mode === b?.mode && a?.uid === b?.uid && a?.gid === b?.gid;
}

/**
 * Finds out before anything is written that a target may not be.
 *
 * @throws {UserError} `denied` for a file without write permission
 */
export function refuseReadOnly(host: Host, snapshot: Snapshot): void {
  refuseReadOnlyMode(host, snapshot);
  refuseUnwritable(host, snapshot);
}

/** The first half of {@link refuseReadOnly}: what the mode says, which is all for a file of one's own. */
export function refuseReadOnlyMode({ os }: Host, { target: { path }, info }: Snapshot): void {
  const isReadOnly = info?.isReadOnly ?? (info?.mode !== undefined && (info.mode & OWNER_WRITE) === 0);
  if (!isReadOnly) return;
  const command = os === "windows" ? "attrib -r" : "chmod u+w";
  throw new UserError("denied", `cannot write "${path}": it is read-only, expected write permission`, {
    hints: [`if the file may be changed, give yourself write permission: ${command} "${path}"`],
    location: { path },
  });
}

/** The second half: what only trying tells. */
export function refuseUnwritable(host: Host, { target: { path }, realPath, info }: Snapshot): void {
  if (info === undefined) return;
  try {
    host.files.open(realPath).close();
  } catch (error) {
    throw describeIoError("write", path, error);
  }
}

/** Makes the folders that a new file needs. */
export async function makeFoldersOf(host: Host, { target, realPath, info }: Snapshot): Promise<void> {
  if (info === undefined) await makeFolders(host, host.paths.dirname(realPath), target);
}

async function makeFolders(host: Host, folder: string, target: EditTarget): Promise<void> {
  if (host.files.stat(folder) !== undefined) return;
  const parent = host.paths.dirname(folder);
  if (parent !== folder) await makeFolders(host, parent, target);
  try {
    host.files.makeDirectory(folder, target.newFolderMode);
    await host.files.syncDirectory(parent);
  } catch (error) {
    if (ioErrorCode(error) !== "EEXIST") throw describeIoError("make the folder of", target.path, error);
  }
}
