/**
 * The two halves of an atomic write: new content beside the file, durable and with the right owner, and the rename over
 * it, provided that it still is what was read. I/O through the host.
 *
 * @module
 */
import type { Host } from "../host/host.ts";
import { describeIoError } from "../host/io_error.ts";
import type { Snapshot } from "./target.ts";
import type { FileLock } from "./temporary.ts";

/** One intended change of one file. */
export interface Change {
  /** The `path` of its target. */
  readonly path: string;
  readonly after: Uint8Array;
  /** What the change is for, in the words shown when it cannot be made: `the public half`. */
  readonly reason: string;
  /** A narrower mode than the file has now; absent: the mode is kept. */
  readonly mode?: number;
}

/** A change of a file that was read and is locked. */
export interface Step {
  readonly change: Change;
  readonly snapshot: Snapshot;
  readonly lock: FileLock;
}

/** Writes the new content beside the file; {@link OpenFile.sync} of the lock's file makes it durable. */
export async function stageContent(host: Host, { change, snapshot, lock }: Step): Promise<void> {
  lock.file.replaceContent(change.after);
  await keepOwner(host, lock, { snapshot, mode: modeOf(snapshot, change, lock) });
}

/**
 * Renames the new content over the file; the folder is not synced yet.
 *
 * @returns false, with nothing done, when another program has changed the file meanwhile
 */
export function renameStaged(host: Host, { change, snapshot, lock }: Step): boolean {
  const mode = host.os === "windows" ? {} : { mode: modeOf(snapshot, change, lock) };
  lock.seal();
  if (!lock.isHeld()) return false;
  const isRenamed = host.files.rename(lock.temporary, snapshot.realPath, { expected: snapshot.content, ...mode });
  if (isRenamed) lock.consume();
  return isRenamed;
}

/** Runs a part of a write; what it throws says what could not be written for which reason. */
export async function describing<Result>(change: Change, operation: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw describeIoError(`write ${change.reason} to`, change.path, error);
  }
}

function modeOf(snapshot: Snapshot, change: Change, { file }: FileLock): number {
  return change.mode ?? snapshot.info?.mode ?? file.permittedMode ?? snapshot.target.newFileMode;
}

async function keepOwner(
  host: Host,
  lock: FileLock,
  { snapshot, mode }: { readonly snapshot: Snapshot; readonly mode: number },
): Promise<void> {
  if (host.os === "windows") return;
  const wanted = snapshot.info;
  const { made } = lock;
  if (wanted?.uid !== undefined && wanted.gid !== undefined && (wanted.uid !== made.uid || wanted.gid !== made.gid)) {
    try {
      await host.files.changeOwner(lock.temporary, wanted.uid, wanted.gid);
    } catch (error) {
      const groupIsIrrelevant = wanted.uid === made.uid && (mode & 0o070) === 0;
      if (!groupIsIrrelevant) throw error;
    }
  }
}
