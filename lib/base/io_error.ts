/**
 * Turns what the operating system answers into a {@link UserError} that says what to do. Pure.
 *
 * @module
 */
import { UserError } from "./error.ts";

/** Stands for a refusal by Deno's own permissions, which has no POSIX code. */
const NOT_CAPABLE = "NotCapable";

/** POSIX error codes that have a cause and a cure of their own. */
const CAUSES: Readonly<Record<string, { kind: "io" | "denied" | "not-found"; state: string; hint?: string }>> = {
  EACCES: { kind: "denied", state: "permission denied", hint: "check the owner and mode of the file and its folder" },
  EPERM: { kind: "denied", state: "operation not permitted", hint: "check the owner and mode of the file" },
  EROFS: { kind: "denied", state: "the file system is read-only" },
  ENOSPC: { kind: "io", state: "no space left on the device", hint: "free some space and run the command again" },
  EDQUOT: { kind: "io", state: "the disk quota is used up", hint: "free some space and run the command again" },
  EFBIG: {
    kind: "io",
    state: "the file size limit is reached",
    hint: "raise the limit (ulimit -f) and run the command again",
  },
  EISDIR: { kind: "io", state: "it is a folder, expected a file" },
  ENOTDIR: { kind: "io", state: "a part of the path is a file, expected a folder" },
  ELOOP: { kind: "io", state: "its symlinks form a loop" },
  ENAMETOOLONG: { kind: "io", state: "the name is too long" },
  EMFILE: { kind: "io", state: "too many open files" },
  EIO: { kind: "io", state: "the device reports an input/output error" },
  ENOENT: { kind: "not-found", state: "no such file or folder" },
  [NOT_CAPABLE]: {
    kind: "denied",
    state: "Deno was not given the permission, or never gives it for such a path",
    hint: "start sopsmith with --allow-read --allow-write --allow-env --allow-run, and name a regular file",
  },
};

/** @returns the POSIX code of an error thrown by a file operation (`NotCapable` for Deno's refusal), undefined for others */
export function ioErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string") return code;
  if (error.name === "NotFound") return "ENOENT";
  if (error.name === "AlreadyExists") return "EEXIST";
  if (error.name === "PermissionDenied") return "EACCES";
  if (error.name === NOT_CAPABLE) return NOT_CAPABLE;
  return undefined;
}

/**
 * @param action what was being done, for example `write`
 * @param path shown in the message
 * @param error what the host threw; a {@link UserError} is returned as it is
 * @returns an error of kind `io`, `denied` or `not-found`; anything without an OS code is returned unchanged
 */
export function describeIoError(action: string, path: string, error: unknown): unknown {
  const code = ioErrorCode(error);
  if (code === undefined || error instanceof UserError) return error;
  const known = CAUSES[code];
  const state = known?.state ?? `the system answers ${code}`;
  return new UserError(known?.kind ?? "io", `cannot ${action} "${path}": ${state}`, {
    hints: known?.hint === undefined ? [] : [known.hint],
    location: { path },
    cause: error,
  });
}
