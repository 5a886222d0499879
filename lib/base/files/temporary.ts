/**
 * The temporary file of an atomic write: beside its target, under a fixed name, and what every way of locking knows of it.
 *
 * What is found under the name is never written to: it may have another owner, a wider mode, or be held open by someone.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { FileInfo, Host, OpenFile } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";

/** Ending of the temporary file's name. */
export const TEMPORARY_SUFFIX = ".sopsmith-tmp";

/** An exclusive lock on the right to replace one file. */
export interface FileLock {
  /** Path of the temporary file beside the file that may be replaced. */
  readonly temporary: string;
  /** The temporary file, made by this process, empty, open for writing. */
  readonly file: OpenFile;
  /** What the temporary file was when it was made: its owner, and what tells it from others. */
  readonly made: FileInfo;
  /** @returns whether the temporary file is still the one under its name */
  isHeld(): boolean;
  /** Says that the content is complete: a file that is open cannot be renamed everywhere. */
  seal(): void;
  /** Says that the temporary file has been renamed: there is nothing to remove. */
  consume(): void;
  /** Gives up the lock; removes the temporary file unless it has been renamed. Never throws: the next run sweeps it. */
  release(): void;
}

/** @returns the path of the temporary file of a target */
export function temporaryPath(host: Host, target: string): string {
  return besidePath(host, target, TEMPORARY_SUFFIX);
}

/** @returns the name of the file that a temporary file, or a lock file, was made for; undefined for any other name */
export function targetOfTemporary(name: string): string | undefined {
  return /^\.(.+)\.sopsmith-(?:tmp|lock)$/.exec(name)?.[1];
}

/** @returns the path of a hidden file beside a target */
export function besidePath({ paths }: Host, target: string, suffix: string): string {
  return paths.join(paths.dirname(target), `.${paths.basename(target)}${suffix}`);
}

/** Tells the person what is waited for. */
export function sayWaiting(host: Host, target: string): void {
  host.sayWaiting(`another sopsmith is writing "${target}"; waiting for it to end`);
}

/** @returns the new temporary file of a target; undefined when there is one already */
export function makeTemporary(host: Host, target: string, wantedMode: number): OpenFile | undefined {
  try {
    return host.files.create(temporaryPath(host, target), wantedMode);
  } catch (error) {
    if (ioErrorCode(error) === "EEXIST") return undefined;
    throw describeIoError("write", target, error);
  }
}

/** @param file an open file, as it was when it was opened: what it is stays so @returns whether it is the one under a name */
export function isStillAt(host: Host, { identity }: FileInfo, path: string): boolean {
  const named = host.files.lstat(path);
  return named !== undefined && named.identity === identity;
}

/** @returns what is said of something under one of our names that is no left-over, or not this person's to remove */
export function inTheWay(target: string, path: string): UserError {
  return new UserError("refused", `cannot write "${target}": "${path}" is in the way, expected no such file`, {
    hints: ["look at that file, and remove it if nobody needs it"],
    location: { path },
  });
}

/** @returns what an error at a left-over says: that it is in the way, where this person may not open or remove it */
export function describeLeftOver(target: string, path: string, error: unknown): unknown {
  const code = ioErrorCode(error);
  return code === "EACCES" || code === "EPERM" ? inTheWay(target, path) : describeIoError("write", target, error);
}
