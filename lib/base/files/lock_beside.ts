/**
 * The lock of an atomic write as a file of its own beside the target, `.keys.txt.sopsmith-lock`: what Windows needs.
 *
 * A lock is mandatory there: a file that is locked cannot be read by others, so it must never become the target. And a
 * file that somebody has open can be renamed or removed only where the file system knows how (NTFS since Windows 10), so
 * nobody waits with the lock file open: it is opened, tried and closed again, until the lock can be had.
 *
 * Only who has the lock of the file under the name removes that file, and whoever gets a lock looks whether its file still
 * is the one under the name. The system drops the lock of a process that ends; what such a process leaves, the lock file
 * and perhaps the temporary file, the next run takes over and removes.
 *
 * @module
 */
import type { Host, OpenFile } from "../host/host.ts";
import { LONG_WAIT_MS } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";
import { pause } from "../host/long_wait.ts";
import {
  besidePath,
  describeLeftOver,
  type FileLock,
  inTheWay,
  isStillAt,
  makeTemporary,
  sayWaiting,
  temporaryPath,
} from "./temporary.ts";

/** Ending of the lock file's name. */
const LOCK_SUFFIX = ".sopsmith-lock";

/** The lock file holds nothing, but nobody else needs it. */
const LOCK_MODE = 0o600;

/** How long after a try the next one comes, in milliseconds, and a random part, so that two do not stay in step. */
const RETRY_MS = { least: 8, random: 24 };

/**
 * How long a lock file that can be neither made nor opened is taken for one that is just going away, in milliseconds; and
 * one that is not there at all: what forbids to make it then is the folder.
 */
const GOING_AWAY_MS = { there: 10_000, gone: 200 };

/** What the system answers for a file that is going away, or that somebody else has open for himself alone. */
const UNUSABLE: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);

/** @see lockFile in `lock.ts` */
export async function lockBeside(host: Host, target: string, wantedMode: number): Promise<FileLock> {
  const lock = await takeLock(host, target);
  try {
    const temporary = temporaryPath(host, target);
    const start = performance.now();
    while (true) { // a left-over that a scanner has open keeps its name until that closes it
      removeLeftOver(host, target, temporary);
      const file = makeTemporary(host, target, wantedMode);
      if (file !== undefined) return besideLock(host, temporary, file, lock);
      if (performance.now() - start > GOING_AWAY_MS.there) throw inTheWay(target, temporary);
      await pause(RETRY_MS.least);
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @see sweepLeftOver in `lock.ts` */
export async function sweepBeside(host: Host, target: string): Promise<void> {
  const temporary = temporaryPath(host, target);
  const names = [temporary, besidePath(host, target, LOCK_SUFFIX)];
  if (names.every((path) => host.files.lstat(path) === undefined)) return;
  const lock = await takeLock(host, target);
  try {
    removeLeftOver(host, target, temporary);
  } finally {
    lock.release();
  }
}

function besideLock(host: Host, temporary: string, file: OpenFile, lock: Lock): FileLock {
  const made = file.info();
  let isOpen = true;
  let isConsumed = false;
  const close = (): void => {
    if (isOpen) file.close();
    isOpen = false;
  };
  const isOurs = (): boolean => isStillAt(host, made, temporary);
  return {
    temporary,
    file,
    made,
    isHeld: () => lock.isHeld() && isOurs(),
    seal: close,
    consume: () => isConsumed = true,
    release() {
      close();
      try {
        if (!isConsumed && isOurs()) host.files.remove(temporary);
      } catch {
        // nothing to add to what went wrong before; the next run sweeps it
      }
      lock.release();
    },
  };
}

/** The lock file of a target, locked. */
interface Lock {
  isHeld(): boolean;
  /** Removes the lock file. Never throws: the next run takes it over. */
  release(): void;
}

async function takeLock(host: Host, target: string): Promise<Lock> {
  const path = besidePath(host, target, LOCK_SUFFIX);
  const start = performance.now();
  let unusableSince: number | undefined;
  let isSaid = false;
  while (true) {
    try {
      const file = makeOrOpen(host, target, path);
      unusableSince = undefined;
      const lock = file && tryLock(host, path, file);
      if (lock !== undefined) return lock;
    } catch (error) {
      if (!UNUSABLE.has(ioErrorCode(error))) throw describeIoError("lock", target, error);
      unusableSince ??= performance.now();
      const waitedMs = performance.now() - unusableSince;
      if (isGone(host, path) && waitedMs > GOING_AWAY_MS.gone) throw describeIoError("write", target, error);
      if (waitedMs > GOING_AWAY_MS.there) throw describeLeftOver(target, path, error);
    }
    if (!isSaid && performance.now() - start > LONG_WAIT_MS) {
      isSaid = true;
      sayWaiting(host, target);
    }
    await pause(RETRY_MS.least + Math.random() * RETRY_MS.random);
  }
}

/** @returns undefined when the file has gone between two steps */
function makeOrOpen(host: Host, target: string, path: string): OpenFile | undefined {
  try {
    return host.files.create(path, LOCK_MODE);
  } catch (error) {
    if (ioErrorCode(error) !== "EEXIST") throw error;
  }
  try {
    const found = host.files.lstat(path);
    if (found === undefined) return undefined;
    if (found.kind !== "file" || (found.links ?? 1) > 1) throw inTheWay(target, path);
    return host.files.open(path);
  } catch (error) {
    if (ioErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns undefined when another process has the lock, or has removed the file */
function tryLock(host: Host, path: string, file: OpenFile): Lock | undefined {
  const made = file.info();
  const isHeld = (): boolean => isStillAt(host, made, path);
  try {
    if (file.tryLock() && isHeld()) {
      return {
        isHeld,
        release(): void {
          try {
            if (isHeld()) host.files.remove(path);
          } catch {
            // the next run takes it over
          }
          file.close();
        },
      };
    }
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

/** A file that is going away is still there, and cannot be looked at. */
function isGone(host: Host, path: string): boolean {
  try {
    return host.files.lstat(path) === undefined;
  } catch {
    return false;
  }
}

/** Removes what a killed run left; the lock is held. @throws {UserError} `refused` for what is no left-over */
function removeLeftOver(host: Host, target: string, temporary: string): void {
  try {
    const found = host.files.lstat(temporary);
    if (found === undefined) return;
    if (found.kind !== "file" || (found.links ?? 1) > 1) throw inTheWay(target, temporary);
    host.files.remove(temporary);
  } catch (error) {
    if (ioErrorCode(error) !== "ENOENT") throw describeLeftOver(target, temporary, error);
  }
}
