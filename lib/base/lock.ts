/**
 * A lock and the temporary file of an atomic write, in one.
 *
 * The file that will replace `keys.txt` is made beside it under the fixed name `.keys.txt.sopsmith-tmp` (0600), and is
 * itself what is locked (flock). So the lock works for a target that does not exist yet, no lock file outlives a
 * successful write (the rename consumes it), the system drops the lock of a killed process, and what such a process
 * leaves is taken over, and so swept, by the next run. Why not a lock on the target: `docs/decisions/005-locking.md`.
 *
 * Advisory: it orders sopsmith runs among themselves; other programs are noticed by comparing content before the rename.
 *
 * @module
 */
import { UserError } from "./error.ts";
import type { Host, OpenFile } from "./host.ts";
import { describeIoError, ioErrorCode } from "./io_error.ts";

/** Ending of the temporary file's name. */
export const TEMPORARY_SUFFIX = ".sopsmith-tmp";

/** Mode of the temporary file: its content may become a keys file. */
const TEMPORARY_MODE = 0o600;

/** An exclusive lock on the right to replace one file. */
export interface FileLock {
  /** Real path of the file that may be replaced. */
  readonly target: string;
  /** Path of the temporary file beside it. */
  readonly temporary: string;
  /** The temporary file, open for writing. */
  readonly file: OpenFile;
  /** Gives up the lock; removes the temporary file unless it has been renamed. */
  release(): Promise<void>;
}

/** @returns the path of the temporary file of a target */
export function temporaryPath(host: Host, target: string): string {
  return host.paths.join(host.paths.dirname(target), `.${host.paths.basename(target)}${TEMPORARY_SUFFIX}`);
}

/**
 * Waits until this process alone may replace `target`.
 *
 * @param target real path; its folder exists
 * @throws {UserError} `denied` or `io` when the folder does not let a file be made, `refused` when something that is
 * not a left-over of sopsmith lies under the temporary name
 */
export async function lockFile(host: Host, target: string): Promise<FileLock> {
  const temporary = temporaryPath(host, target);
  while (true) {
    const file = await openTemporary(host, target, temporary);
    if (file === undefined) continue;
    try {
      await file.lock();
      if (await isStillAt(host, file, temporary)) return fileLock(host, target, temporary, file);
    } catch (error) {
      file.close();
      throw describeIoError("lock", target, error);
    }
    file.close(); // the process that held the lock has renamed or removed this file: start over with the new one
  }
}

/** Removes what a killed process left of a write of `target`, if that is possible; waits for a living one. */
export async function sweepLeftOver(host: Host, target: string): Promise<void> {
  if (await host.files.lstat(temporaryPath(host, target)) === undefined) return;
  try {
    await (await lockFile(host, target)).release();
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // not ours, or not ours to remove: it does not concern this run
  }
}

function fileLock(host: Host, target: string, temporary: string, file: OpenFile): FileLock {
  return {
    target,
    temporary,
    file,
    async release() {
      if (await isStillAt(host, file, temporary)) await host.files.remove(temporary);
      file.close();
    },
  };
}

/** @returns the open file; undefined when it vanished in between and the caller has to try again */
async function openTemporary(host: Host, target: string, temporary: string): Promise<OpenFile | undefined> {
  try {
    return await host.files.create(temporary, TEMPORARY_MODE);
  } catch (error) {
    if (ioErrorCode(error) !== "EEXIST") throw describeIoError("write", target, error);
  }
  const found = await host.files.lstat(temporary);
  if (found === undefined) return undefined;
  if (found.kind !== "file" || (found.links ?? 1) > 1) {
    throw new UserError("refused", `cannot write "${target}": "${temporary}" is in the way, expected no such file`, {
      hints: ["look at that file, and remove it if nobody needs it"],
      location: { path: temporary },
    });
  }
  try {
    const file = await host.files.open(temporary);
    const opened = await file.info();
    if (opened.identity === found.identity) return file;
    file.close();
    return undefined;
  } catch (error) {
    if (ioErrorCode(error) === "ENOENT") return undefined;
    throw describeIoError("write", target, error);
  }
}

async function isStillAt(host: Host, file: OpenFile, path: string): Promise<boolean> {
  const named = await host.files.lstat(path);
  return named !== undefined && named.identity === (await file.info()).identity;
}
