/**
 * Turns what the operating system answers into a {@link UserError} that says what to do. Pure.
 *
 * @module
 */
import { UserError } from "../error.ts";
import { RUN_FLAGS } from "./runtime.ts";

/** What Deno asks for where a path is refused to all programs that do not run without any limits. */
const ALL_FLAG = "--allow-all";

/** Stands for a refusal by Deno's own permissions, which has no POSIX code. */
const NOT_CAPABLE = "NotCapable";

/** Error numbers that Deno gives without a code: EFBIG and ENOEXEC everywhere, EDQUOT on Linux and on macOS; of Windows. */
const CODES_BY_NUMBER: Readonly<Record<string, string>> = {
  "8": "ENOEXEC",
  "27": "EFBIG",
  "122": "EDQUOT",
  "69": "EDQUOT",
  "193": "ENOEXEC", // ERROR_BAD_EXE_FORMAT of Windows
};

/** POSIX error codes that have a cause and a cure of their own. */
const CAUSES: Readonly<Record<string, { kind: "io" | "denied" | "not-found"; state: string; hint: string }>> = {
  EACCES: { kind: "denied", state: "permission denied", hint: "check who may use the file and its folder" },
  EPERM: { kind: "denied", state: "operation not permitted", hint: "check who may use the file" },
  EBUSY: {
    kind: "io",
    state: "another program has it open",
    hint: "close the program that has the file open, and run the command again",
  },
  EROFS: {
    kind: "denied",
    state: "the file system is read-only",
    hint: "make the file system writable, or use a file elsewhere",
  },
  ENOSPC: { kind: "io", state: "no space left on the device", hint: "free some space and run the command again" },
  EDQUOT: { kind: "io", state: "the disk quota is used up", hint: "free some space and run the command again" },
  EFBIG: {
    kind: "io",
    state: "the file size limit is reached",
    hint: "raise the limit (ulimit -f) and run the command again",
  },
  EISDIR: {
    kind: "io",
    state: "it is a folder, expected a file",
    hint: "move the folder away, or name another path",
  },
  ENOTDIR: {
    kind: "io",
    state: "a part of the path is a file, expected a folder",
    hint: "move that file away, or name another path",
  },
  ELOOP: { kind: "io", state: "its symlinks form a loop", hint: "remove one of the symlinks" },
  ENAMETOOLONG: { kind: "io", state: "the name is too long", hint: "name a shorter path" },
  EMFILE: {
    kind: "io",
    state: "too many open files",
    hint: "raise the limit (ulimit -n) and run the command again",
  },
  EIO: {
    kind: "io",
    state: "the device reports an input/output error",
    hint: "copy the files to another device before anything else",
  },
  ENOEXEC: {
    kind: "io",
    state: "it is no program of this system",
    hint: "name a program; a script needs the name of its interpreter before it",
  },
  ENOENT: { kind: "not-found", state: "no such file or folder", hint: "check the path for a typing mistake" },
};

/**
 * @param action what Deno does not let the program do: `read the variable HOME`
 * @param cause what Deno threw
 * @returns an error of kind `denied` that names the flag which Deno was not given
 */
export function permissionMissing(action: string, cause: unknown): UserError {
  const flag = cause instanceof Error ? /--allow-[a-z]+/.exec(cause.message)?.[0] : undefined;
  if (flag === ALL_FLAG) {
    return new UserError("denied", `cannot ${action}: Deno keeps programs from devices and from /proc`, {
      hints: ["name a regular file, or pipe the content in"],
      cause,
    });
  }
  return new UserError("denied", `cannot ${action}: Deno was not given ${flag ?? "the permission"}`, {
    hints: [`start sopsmith with ${RUN_FLAGS}`],
    cause,
  });
}

/** @returns whether Deno's own permissions refused an operation */
export function isPermissionMissing(error: unknown): boolean {
  return ioErrorCode(error) === NOT_CAPABLE;
}

/** @returns the POSIX code of an error thrown by a file operation (`NotCapable` for Deno's refusal), undefined for others */
export function ioErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string") return code;
  if (error.name === "NotFound") return "ENOENT";
  if (error.name === "AlreadyExists") return "EEXIST";
  if (error.name === "PermissionDenied") return "EACCES";
  if (error.name === NOT_CAPABLE) return NOT_CAPABLE;
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number === undefined ? undefined : CODES_BY_NUMBER[number] ?? `error ${number}`;
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
  if (code === NOT_CAPABLE) return permissionMissing(`${action} "${path}"`, error);
  const known = CAUSES[code];
  const state = known?.state ?? `the system answers ${code}`;
  return new UserError(known?.kind ?? "io", `cannot ${action} "${path}": ${state}`, {
    hints: known === undefined ? [] : [known.hint],
    location: { path },
    cause: error,
  });
}
