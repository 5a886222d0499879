/**
 * A lock and the temporary file of an atomic write, in one.
 *
 * The file that will replace `keys.txt` is made beside it under the fixed name `.keys.txt.sopsmith-tmp` (0600), and is
 * itself what is locked (flock). So the lock works for a target that does not exist yet, no lock file outlives a
 * successful write (the rename consumes it), the system drops the lock of a killed process, and what such a process
 * leaves is removed by the next run. Why not a lock on the target: `docs/decisions/005-locking.md`.
 *
 * What is found under the name is never written to: it may have another owner, a wider mode, or be held open by someone.
 *
 * Advisory: it orders sopsmith runs among themselves; other programs are noticed by comparing content before the rename.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host, OpenFile } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";

/** Ending of the temporary file's name. */
export const TEMPORARY_SUFFIX = ".sopsmith-tmp";

/** An exclusive lock on the right to replace one file. */
export interface FileLock {
  /** Path of the temporary file beside the file that may be replaced. */
  readonly temporary: string;
  /** The temporary file, made by this process, empty, open for writing. */
  readonly file: OpenFile;
  /** @returns whether the temporary file is still the one under its name */
  isHeld(): boolean;
  /** Gives up the lock; removes the temporary file unless it has been renamed. Never throws: the next run sweeps it. */
  release(): void;
}

/** @returns the path of the temporary file of a target */
export function temporaryPath(host: Host, target: string): string {
  return host.paths.join(host.paths.dirname(target), `.${host.paths.basename(target)}${TEMPORARY_SUFFIX}`);
}

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
  const temporary = temporaryPath(host, target);
  while (true) {
    const file = makeTemporary(host, target, temporary, wantedMode);
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
  const temporary = temporaryPath(host, target);
  const file = openLeftOver(host, target, temporary);
  if (file === undefined) return;
  try {
    await file.lock(() => sayWaiting(host, target));
    if (isStillAt(host, file, temporary)) host.files.remove(temporary);
  } catch (error) {
    throw describeLeftOver(target, temporary, error);
  } finally {
    file.close();
  }
}

function sayWaiting(host: Host, target: string): void {
  host.sayWaiting(`another sopsmith is writing "${target}"; waiting for it to end`);
}

function fileLock(host: Host, temporary: string, file: OpenFile): FileLock {
  return {
    temporary,
    file,
    isHeld: () => isStillAt(host, file, temporary),
    release() {
      try {
        if (isStillAt(host, file, temporary)) host.files.remove(temporary);
      } catch {
        // nothing to add to what went wrong before; the left-over is 0600 and the next run sweeps it
      }
      file.close();
    },
  };
}

/** @returns the new file; undefined when there is one already */
function makeTemporary(
  host: Host,
  target: string,
  temporary: string,
  wantedMode: number,
): OpenFile | undefined {
  try {
    return host.files.create(temporary, wantedMode);
  } catch (error) {
    if (ioErrorCode(error) === "EEXIST") return undefined;
    throw describeIoError("write", target, error);
  }
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

function describeLeftOver(target: string, temporary: string, error: unknown): unknown {
  const code = ioErrorCode(error);
  return code === "EACCES" || code === "EPERM" ? inTheWay(target, temporary) : describeIoError("write", target, error);
}

function inTheWay(target: string, temporary: string): UserError {
  return new UserError("refused", `cannot write "${target}": "${temporary}" is in the way, expected no such file`, {
    hints: ["look at that file, and remove it if nobody needs it"],
    location: { path: temporary },
  });
}

function isStillAt(host: Host, file: OpenFile, path: string): boolean {
  const named = host.files.lstat(path);
  return named !== undefined && named.identity === file.info().identity;
}
