/**
 * The only door to the operating system: files, environment, working directory, clock, random bytes, streams and child
 * processes. Everything outside `lib/base/` takes a {@link Host}; `deno_host.ts` makes the real one.
 *
 * @module
 */
import type { Paths } from "./paths.ts";

/** The operating systems whose rules differ. BSD and other Unix systems count as `linux`. */
export type Os = "linux" | "darwin" | "windows";

/** What `stat` tells of a file. */
export interface FileInfo {
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Bytes. */
  readonly size: number;
  /** Permission bits (`0o777` and below); undefined where the OS has none. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Device and inode as one comparable string; undefined where the OS has none. */
  readonly identity?: string;
  /** Number of hard links. */
  readonly links?: number;
}

/** One entry of a folder. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileInfo["kind"];
}

/** How long a person waits without being told what for, in milliseconds. */
export const LONG_WAIT_MS = 1_000;

/** An open file. */
export interface OpenFile {
  /** Of a file that was just created: what the person's umask leaves of the mode that was asked for. */
  readonly permittedMode?: number;
  info(): Promise<FileInfo>;
  /**
   * Waits for an exclusive advisory lock on the file; the OS drops it when the process ends.
   *
   * @param onLongWait called once, when the lock has not been had for {@link LONG_WAIT_MS}
   */
  lock(onLongWait: () => void): Promise<void>;
  /** Replaces the whole content and makes it durable (fsync). */
  replaceContent(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** What a rename expects and sets. */
export interface RenameOptions {
  /** What the file holds that is replaced; undefined: nothing is there. */
  readonly expected: Uint8Array | undefined;
  /** Permission bits that the file gets right before, so that a killed process leaves it private; absent: it keeps its own. */
  readonly mode?: number;
}

/** File operations. Absent files are `undefined` where the return type says so; every other failure throws a raw error. */
export interface FileSystem {
  /** Follows symlinks. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** Does not follow symlinks. */
  lstat(path: string): Promise<FileInfo | undefined>;
  /** The path with every symlink resolved; throws when it does not exist. */
  realPath(path: string): Promise<string>;
  /** Reads at most `maxBytes + 1` bytes, so that a caller can tell a file that is too large; undefined when absent. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Creates a file that does not exist yet (exclusive, no symlink followed) for reading and writing. Nobody else may read
   * it for now.
   *
   * @param wantedMode what it may have in the end; see {@link OpenFile.permittedMode}
   */
  create(path: string, wantedMode: number): Promise<OpenFile>;
  /** Opens an existing file for reading and writing. */
  open(path: string): Promise<OpenFile>;
  list(path: string): AsyncIterable<DirectoryEntry>;
  /** Makes one folder; throws when it exists. */
  makeDirectory(path: string, mode: number): Promise<void>;
  /**
   * Renames `from` over `to`, provided that `to` still is what {@link RenameOptions.expected} says. Everything is done
   * without a turn for anything else in between: no system call does it all at once, so this keeps the time in which
   * another program's write could be lost to a few microseconds.
   *
   * @returns false, with nothing done, when something else is there
   */
  rename(from: string, to: string, options: RenameOptions): Promise<boolean>;
  remove(path: string): Promise<void>;
  /** Does not follow symlinks. */
  changeOwner(path: string, uid: number, gid: number): Promise<void>;
  /** Makes renames inside the folder durable; does nothing where the OS cannot. */
  syncDirectory(path: string): Promise<void>;
}

/** Where text goes. */
export interface OutputStream {
  write(text: string): void;
  readonly isTerminal: boolean;
}

/** Where text comes from. */
export interface InputStream {
  /** Reads to the end, at most `maxBytes + 1` bytes. */
  read(maxBytes: number): Promise<Uint8Array>;
  /**
   * Reads what a person types up to the next line break, which is not part of it; undefined at the end of the input.
   * Hidden: nothing that is typed is shown.
   *
   * @throws {UserError} `cancelled` when Ctrl-C is pressed in a hidden line (in an open one it ends the program)
   */
  readLine(visibility: "open" | "hidden"): Promise<string | undefined>;
  readonly isTerminal: boolean;
}

/** How a child process is started. Its arguments never hold a secret. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Written to the child's standard input. */
  readonly stdin?: Uint8Array;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a child process ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** The operating system as a value. */
export interface Host {
  readonly os: Os;
  /** Path arithmetic by the rules of `os`. */
  readonly paths: Paths;
  /** Absolute working directory, symlinks not resolved (`$PWD` where it is right), as SOPS sees it. */
  readonly cwd: string;
  readonly files: FileSystem;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** @returns the variable's value, undefined when it is not set */
  env(name: string): string | undefined;
  now(): Date;
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array;
  /** Runs a command without a shell; undefined when there is no such command. */
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult | undefined>;
  /** @returns the same host with another working directory (`-C DIR`) */
  in(directory: string): Host;
}
