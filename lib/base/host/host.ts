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
  /** Whether the file has the attribute "read-only"; undefined where the OS has permission bits instead. */
  readonly isReadOnly?: boolean;
  /** Of a folder: whether only the owner of an entry may remove or rename it. Undefined where the OS has no such bit. */
  readonly isSticky?: boolean;
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
  info(): FileInfo;
  /** @returns whether this process now has the lock, without waiting for it; see {@link OpenFile.lock} */
  tryLock(): boolean;
  /**
   * Waits for an exclusive advisory lock on the file; the OS drops it when the process ends.
   *
   * @param onLongWait called once, when the lock has not been had for {@link LONG_WAIT_MS}
   */
  lock(onLongWait: () => void): Promise<void>;
  /** Replaces the whole content; {@link OpenFile.sync} makes it durable. */
  replaceContent(bytes: Uint8Array): void;
  /** Waits until the content is on the disk (fsync). */
  sync(): Promise<void>;
  close(): void;
}

/** What a rename expects and sets. */
export interface RenameOptions {
  /** What the file holds that is replaced; undefined: nothing is there. */
  readonly expected: Uint8Array | undefined;
  /** Permission bits that the file gets right before, so that a killed process leaves it private; absent: it keeps its own. */
  readonly mode?: number;
}

/**
 * File operations. What is short is done at once: a call costs 10 µs then, against 200 µs by way of the thread pool, and
 * a command makes a hundred of them. Only waiting for the disk is worth a promise. Absent files are `undefined` where the return type says so; every other failure throws a raw error. */
export interface FileSystem {
  /** Follows symlinks. */
  stat(path: string): FileInfo | undefined;
  /** Does not follow symlinks. */
  lstat(path: string): FileInfo | undefined;
  /** The path with every symlink resolved; throws when it does not exist. */
  realPath(path: string): string;
  /**
   * Reads at most `maxBytes + 1` bytes, so that a caller can tell a file that is too large; undefined when absent.
   *
   * @param offset how many bytes are left out at the start; none when absent
   */
  read(path: string, maxBytes: number, offset?: number): Uint8Array | undefined;
  /** The same for a pipe, whose other end may let wait: opened and read without keeping everything else from going on. */
  readPipe(path: string, maxBytes: number): Promise<Uint8Array>;
  /**
   * Creates a file that does not exist yet (exclusive, no symlink followed) for reading and writing. Nobody else may read
   * it for now.
   *
   * @param wantedMode what it may have in the end; see {@link OpenFile.permittedMode}
   */
  create(path: string, wantedMode: number): OpenFile;
  /** Opens an existing file for reading and writing. */
  open(path: string): OpenFile;
  list(path: string): Iterable<DirectoryEntry>;
  /** Makes one folder; throws when it exists. */
  makeDirectory(path: string, mode: number): void;
  /**
   * Renames `from` over `to`, provided that `to` still is what {@link RenameOptions.expected} says. Everything is done
   * without a turn for anything else in between: no system call does it all at once, so this keeps the time in which
   * another program's write could be lost to a few microseconds.
   *
   * @returns false, with nothing done, when something else is there
   */
  rename(from: string, to: string, options: RenameOptions): boolean;
  /** Removes a file or an empty folder. */
  remove(path: string): void;
  /** Removes a folder and everything in it; follows no symlink. */
  removeTree(path: string): void;
  /** Does not follow symlinks. */
  changeOwner(path: string, uid: number, gid: number): Promise<void>;
  /** Makes renames inside the folder durable; does nothing where the OS cannot. */
  syncDirectory(path: string): Promise<void>;
}

/** Where text and bytes go, at once and as they are. */
export interface OutputStream {
  write(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
  /** How wide the terminal is now; undefined where there is none, and where it does not tell. */
  readonly columns: number | undefined;
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
  /**
   * Reads what keys send, as it comes: a character or an escape sequence at a time, Ctrl-C (`\x03`) too. Nothing of it is
   * shown. Ends at the end of the input.
   */
  readKeys(): AsyncIterable<string>;
  readonly isTerminal: boolean;
}

/** How a child process is started. Its arguments never hold a secret. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Written to the child's standard input. */
  readonly stdin?: Uint8Array;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A child that prints more is ended; one byte more than this is then returned. Absent: there is no end to it. */
  readonly maxOutputBytes?: number;
  /** A child that takes longer is ended, and what it printed is not returned, in milliseconds. Absent or infinite: no end. */
  readonly timeoutMs?: number;
}

/** How a child process ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** It took longer than it may, and was ended. */
  readonly isTimedOut?: true;
}

/** What a child's stream is: that of this program, a pipe to this program, or nothing. */
export type ChildStream = "inherit" | "piped" | "null";

/** How a child that is talked with is started. Its arguments never hold a secret. */
export interface SpawnOptions {
  /** Absent: that of this program. */
  readonly stdin?: ChildStream;
  /** Absent: that of this program. */
  readonly stdout?: ChildStream;
  /** Absent: that of this program. */
  readonly stderr?: ChildStream;
  readonly cwd?: string;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The child gets `env` and nothing of this process's variables. */
  readonly clearEnv?: boolean;
}

/** A signal that a person, a terminal or the system sends to end a program. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** A child process. */
export interface Child {
  /** Present when it is piped. */
  readonly stdin?: WritableStream<Uint8Array>;
  /** Present when it is piped. */
  readonly stdout?: ReadableStream<Uint8Array>;
  /** Present when it is piped. */
  readonly stderr?: ReadableStream<Uint8Array>;
  /** The exit status; 128 and the number of the signal for a child that a signal has ended, as shells say it. */
  readonly status: Promise<number>;
  /** Sends a signal; does nothing when the child has ended. `SIGKILL` cannot be refused. */
  kill(signal: Signal | "SIGKILL"): void;
}

/** The operating system as a value. */
export interface Host {
  readonly os: Os;
  /** Path arithmetic by the rules of `os`. */
  readonly paths: Paths;
  /** Absolute working directory, symlinks not resolved (`$PWD` where it is right), as SOPS sees it. */
  readonly cwd: string;
  readonly files: FileSystem;
  /** How many other threads may work for this one; 0 where nobody serves them. */
  readonly otherThreads: number;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** @returns the variable's value, undefined when it is not set */
  env(name: string): string | undefined;
  /**
   * The command that starts this program again: the executable, with what stands before the words of a command where it
   * is Deno itself.
   */
  program(): readonly string[];
  now(): Date;
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array;
  /** Runs a command without a shell; undefined when there is no such command. */
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult | undefined>;
  /** Starts a command without a shell, and does not wait for its end; undefined when there is no such command. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): Promise<Child | undefined>;
  /**
   * Calls `handler` for every such signal from now on, which then does not end the program any more. A signal that the
   * system does not have never comes.
   *
   * @returns what gives the signal its effect back
   */
  onSignal(signal: Signal, handler: () => void): () => void;
  /**
   * How long another program that may ask a person may take before it is given up, in milliseconds; infinite at a
   * terminal, where the person is told what is waited for and can press Ctrl-C.
   */
  readonly patienceMs: number;
  /** Tells the person what the program waits for. */
  sayWaiting(text: string): void;
  /** @returns the same host with another working directory (`-C DIR`) */
  in(directory: string): Host;
}

/** @returns the same host but for some members; what is found out when it is asked for (`cwd`) stays so */
export function hostWith(host: Host, members: Partial<Host>): Host {
  return Object.defineProperties({}, {
    ...Object.getOwnPropertyDescriptors(host),
    ...Object.getOwnPropertyDescriptors(members),
  }) as Host;
}
