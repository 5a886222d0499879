/**
 * A lock and the temporary file of an atomic write, in one.
 *
 * The file that will replace `keys.txt` is made beside it under the fixed name `.keys.txt.sopsmith-tmp` (0600), and is
 * itself what is locked (flock). So the lock works for a target that does not exist yet, no lock file outlives a
 * successful write (the rename consumes it), the system drops the lock of a killed process, and what such a process
 * leaves is removed by the next run. Why not a lock on the target: `docs/decisions/005-locking.md`. On Windows, where a
 * locked file cannot be read and an open one not always renamed, the lock is a file of its own: `lock_beside.ts`.
 *
 * Advisory: it orders sopsmith runs among themselves; other programs are noticed by comparing content before the rename.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host, OpenFile } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";
import { lockBeside, sweepBeside } from "./lock_beside.ts";
import {
  describeLeftOver,
  type FileLock,
  inTheWay,
  isStillAt,
  makeTemporary,
  sayWaiting,
  temporaryPath,
} from "./temporary.ts";

/**
 * Waits until this process alone may replace `target`; says on stderr what it waits for when that takes long.
 *
 * @param target real path; its folder exists
 * @param wantedMode what the target is to have when it is new; {@link OpenFile.permittedMode} of the temporary file then
 * tells what the person's umask leaves of it
 * @throws {UserError} `denied` or `io` when the folder does not let a file be made, `refused` when something that is
 * not a left-over of sopsmith lies under the temporary name
 */
export async function lockFile(host: Host, target: string, wantedMode: number): Promise<FileLock> {
  if (host.os === "windows") return await lockBeside(host, target, wantedMode);
  const temporary = temporaryPath(host, target);
  while (true) {
    const file = makeTemporary(host, target, wantedMode);
    if (file === undefined) {
      await sweepLeftOver(host, target);
      continue;
    }
    const lock = fileLock(host, temporary, file);
    try {
      await file.lock(() => sayWaiting(host, target));
      if (lock.isHeld()) return lock;
    } catch (error) {
      lock.release();
      throw describeIoError("lock", target, error);
    }
    lock.release(); // another process was faster with the lock, took the new file for a left-over and removed it
  }
}

/**
 * Waits for the process that is writing `target`, if it lives, and removes what it left, if it was killed.
 *
 * @throws {UserError} `refused` when what lies under the temporary name is no left-over, or not this person's to remove
 */
export async function sweepLeftOver(host: Host, target: string): Promise<void> {
  if (host.os === "windows") return await sweepBeside(host, target);
  const temporary = temporaryPath(host, target);
  const file = openLeftOver(host, target, temporary);
  if (file === undefined) return;
  try {
    await file.lock(() => sayWaiting(host, target));
    if (isStillAt(host, file.info(), temporary)) host.files.remove(temporary);
  } catch (error) {
    throw describeLeftOver(target, temporary, error);
  } finally {
    file.close();
  }
}

/** The same where it does not matter whether that can be done: what cannot be removed is in nobody's way. */
export async function sweepQuietly(host: Host, target: string): Promise<void> {
  try {
    await sweepLeftOver(host, target);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function fileLock(host: Host, temporary: string, file: OpenFile): FileLock {
  const made = file.info();
  let isConsumed = false;
  const isHeld = (): boolean => isStillAt(host, made, temporary);
  return {
    temporary,
    file,
    made,
    isHeld,
    seal(): void {}, // the lock is on it
    consume: () => isConsumed = true,
    release() {
      try {
        if (!isConsumed && isHeld()) host.files.remove(temporary);
      } catch {
        // nothing to add to what went wrong before; the left-over is 0600 and the next run sweeps it
      }
      file.close();
    },
  };
}

/** @returns the file under the temporary name; undefined when there is none (any more) */
function openLeftOver(host: Host, target: string, temporary: string): OpenFile | undefined {
  try {
    const found = host.files.lstat(temporary);
    if (found === undefined) return undefined;
    if (found.kind !== "file" || (found.links ?? 1) > 1) throw inTheWay(target, temporary);
    const file = host.files.open(temporary);
    const opened = file.info();
    if (opened.identity === found.identity) return file;
    file.close();
    return undefined;
  } catch (error) {
    if (ioErrorCode(error) === "ENOENT") return undefined;
    throw describeLeftOver(target, temporary, error);
  }
}
