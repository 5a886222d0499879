/**
 * The real {@link Host}: the only file that calls `Deno.*` for files, environment, streams and signals.
 *
 * @module
 */
import {
  type DirectoryEntry,
  type FileInfo,
  type FileSystem,
  type Host,
  hostWith,
  type InputStream,
  LONG_WAIT_MS,
  type OpenFile,
  type Os,
  type OutputStream,
  type RenameOptions,
  type Signal,
} from "./host.ts";
import { UserError } from "../error.ts";
import { equalBytes } from "../bytes.ts";
import { readTerminalKeys, readTerminalLine } from "./deno_terminal.ts";
import { describeIoError, ioErrorCode, isPermissionMissing, permissionMissing } from "./io_error.ts";
import { isSettledWithin } from "./long_wait.ts";
import type { Paths } from "./paths.ts";
import { POSIX_PATHS } from "./posix_paths.ts";

const PERMISSION_BITS = 0o777;
const STICKY_BIT = 0o1000;
const OWNER_BITS = 0o700;
const OWNER_WRITE = 0o200;
const OTHERS_BITS = 0o077;

/** Mode of a file that nobody else may read. */
const PRIVATE_MODE = 0o600;

/** What file systems that cannot sync a folder answer, and folders that may be written but not read. */
const CANNOT_SYNC_DIRECTORY: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOTSUP", "EACCES", "EPERM"]);

/** More threads than this wait for the disk, and take 20 MB each. */
const MAX_THREADS = 4;

/** How long a program is waited for that may ask somebody who is not at this terminal, in milliseconds. */
const PATIENCE_MS = 60_000;

/** @returns the host of this process */
export async function createDenoHost(): Promise<Host> {
  const os = currentOs();
  const paths = os === "windows" ? (await import("./windows_paths.ts")).WINDOWS_PATHS : POSIX_PATHS;
  const stderr = outputStream(Deno.stderr, () => {}); // nobody is left who could be told
  let directory: string | undefined;
  return {
    os,
    paths,
    get cwd(): string {
      return directory ??= currentDirectory(paths);
    },
    files: FILES,
    get otherThreads(): number {
      return Math.min(navigator.hardwareConcurrency, MAX_THREADS) - 1;
    },
    stdin: STDIN,
    stdout: outputStream(Deno.stdout, (error) => {
      throw describeIoError("write to", "standard output", error);
    }),
    stderr,
    env: readVariable,
    program,
    now: () => new Date(),
    randomBytes,
    run: async (...command) => await (await import("./spawn.ts")).runCommand(...command),
    spawn: async (...command) => await (await import("./spawn.ts")).spawnCommand(...command),
    onSignal,
    get patienceMs(): number {
      return STDIN.isTerminal || stderr.isTerminal ? Infinity : PATIENCE_MS;
    },
    sayWaiting: (text) => stderr.write(`note: ${text}\n`),
    in(this: Host, path: string): Host {
      return hostWith(this, { cwd: paths.resolve(this.cwd, path) });
    },
  };
}

/** The most random bytes that one call of the web's interface gives. */
const MAX_RANDOM_BYTES = 65_536;

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MAX_RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(at, at + MAX_RANDOM_BYTES));
  }
  return bytes;
}

function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    throw permissionMissing(`read the variable ${name}`, error);
  }
}

/** What a run from source is allowed to do, as `deno.json` has it. */
const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env", "--allow-run"];

function program(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const { protocol, pathname } = new URL(Deno.mainModule);
  const path = decodeURIComponent(Deno.build.os === "windows" ? pathname.slice(1) : pathname);
  return [Deno.execPath(), "run", "-q", "--no-prompt", ...PERMISSIONS, protocol === "file:" ? path : Deno.mainModule];
}

function onSignal(signal: Signal, handler: () => void): () => void {
  if (Deno.build.os === "windows" && signal !== "SIGINT") return () => {}; // it has no other of them
  Deno.addSignalListener(signal, handler);
  return () => Deno.removeSignalListener(signal, handler);
}

function currentOs(): Os {
  const os = Deno.build.os;
  return os === "darwin" || os === "windows" ? os : "linux";
}

/** `$PWD` when it names the working directory (so symlinks stay as the person typed them, as in Go), else its real path. */
function currentDirectory(paths: Paths): string {
  const real = realDirectory();
  const named = readVariable("PWD");
  if (named === undefined || named === real || !paths.isAbsolute(named)) return real;
  try {
    const a = Deno.statSync(named);
    const b = Deno.statSync(real);
    return a.ino !== null && a.ino === b.ino && a.dev === b.dev ? named : real;
  } catch {
    return real;
  }
}

function realDirectory(): string {
  try {
    return Deno.cwd();
  } catch (error) {
    throw new UserError("not-found", "cannot find the working directory: it was removed or may not be entered", {
      hints: ["change to a folder that exists, and run the command again"],
      cause: error,
    });
  }
}

const FILES: FileSystem = {
  stat: (path) => ifPresent("read", path, () => fileInfo(Deno.statSync(path))),
  lstat: (path) => ifPresent("read", path, () => fileInfo(Deno.lstatSync(path))),
  realPath: (path) => permitted("read", path, () => Deno.realPathSync(path)),
  read: (path, maxBytes, offset = 0) =>
    ifPresent("read", path, () => patiently(() => readFile(path, maxBytes, offset), HELD_FOR_READING)),
  async readPipe(path, maxBytes): Promise<Uint8Array> {
    using file = await Deno.open(path, { read: true });
    const buffer = new Uint8Array(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const count = await file.read(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
    return buffer.subarray(0, length);
  },
  create: (path, wantedMode) => permitted("write", path, () => createFile(path, wantedMode)),
  open: (path) => permitted("write", path, () => openFile(path, Deno.openSync(path, { read: true, write: true }))),
  *list(path): Iterable<DirectoryEntry> {
    for (const entry of permitted("read", path, () => Deno.readDirSync(path))) {
      yield { name: entry.name, kind: kindOf(entry) };
    }
  },
  makeDirectory: (path, mode) => permitted("make the folder", path, () => Deno.mkdirSync(path, { mode })),
  rename: (from, to, options) => permitted("write", to, () => patiently(() => renameOver(from, to, options))),
  remove: (path) => permitted("remove", path, () => patiently(() => Deno.removeSync(path))),
  removeTree: (path) => permitted("remove", path, () => patiently(() => Deno.removeSync(path, { recursive: true }))),
  async changeOwner(path, uid, gid) {
    const { lchown } = await import("node:fs/promises"); // Deno.chown follows symlinks; loaded only when it is needed
    await lchown(path, uid, gid);
  },
  syncDirectory,
};

/**
 * A refusal by Deno's own permissions is said at once: a search must not take it for a place where nothing is, as it
 * takes a folder that the person may not enter.
 */
function permitted<T>(action: string, path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw isPermissionMissing(error) ? describeIoError(action, path, error) : error;
  }
}

/** What Windows answers while another program has a file open, and will have closed it in a moment. */
const HELD: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY", "ENOTEMPTY"]);

/** The same for a file that is only read, where a refusal is one. */
const HELD_FOR_READING: ReadonlySet<string | undefined> = new Set(["EBUSY"]);

/** How long a scanner for viruses, an indexer or an editor is waited for, in milliseconds, and how long at a time. */
const PATIENCE = { totalMs: 3_000, stepMs: 10 };

/** Tries again what another program stands in the way of for a moment. Nothing else may happen meanwhile, as everywhere. */
function patiently<T>(operation: () => T, held: ReadonlySet<string | undefined> = HELD): T {
  if (Deno.build.os !== "windows") return operation();
  const start = performance.now();
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  while (true) {
    try {
      return operation();
    } catch (error) {
      if (!held.has(ioErrorCode(error)) || performance.now() - start > PATIENCE.totalMs) throw error;
      Atomics.wait(cell, 0, 0, PATIENCE.stepMs);
    }
  }
}

async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  try {
    using directory = permitted("read", path, () => Deno.openSync(path, { read: true }));
    await syncFile(directory);
  } catch (error) {
    if (!CANNOT_SYNC_DIRECTORY.has(ioErrorCode(error))) throw error;
  }
}

function renameOver(from: string, to: string, { expected, mode }: RenameOptions): boolean {
  const entry = findEntry(to);
  if (!holds(to, entry, expected)) return false;
  if (mode !== undefined) Deno.chmodSync(from, mode);
  if (!isSameEntry(findEntry(to), entry)) return false; // once more, because reading takes longer than looking
  Deno.renameSync(from, to);
  return true;
}

function findEntry(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function holds(path: string, entry: Deno.FileInfo | undefined, expected: Uint8Array | undefined): boolean {
  if (entry === undefined || expected === undefined) return entry === expected;
  if (!entry.isFile || entry.size !== expected.length) return false;
  try {
    return equalBytes(Deno.readFileSync(path), expected);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isSameEntry(a: Deno.FileInfo | undefined, b: Deno.FileInfo | undefined): boolean {
  return a?.ino === b?.ino && a?.dev === b?.dev && a?.size === b?.size && a?.mtime?.getTime() === b?.mtime?.getTime();
}

function kindOf(entry: { isFile: boolean; isDirectory: boolean; isSymlink: boolean }): FileInfo["kind"] {
  if (entry.isSymlink) return "symlink";
  if (entry.isDirectory) return "directory";
  return entry.isFile ? "file" : "other";
}

function fileInfo(info: Deno.FileInfo): FileInfo {
  return {
    kind: kindOf(info),
    size: info.size,
    ...permissionsOf(info.mode),
    ...(info.uid === null ? {} : { uid: info.uid }),
    ...(info.gid === null ? {} : { gid: info.gid }),
    ...(info.ino === null ? {} : { identity: `${info.dev}:${info.ino}` }),
    ...(info.nlink === null ? {} : { links: info.nlink }),
  };
}

/** The bits that Deno makes up on Windows say nothing but whether a file has the attribute "read-only". */
function permissionsOf(mode: number | null): Pick<FileInfo, "mode" | "isSticky" | "isReadOnly"> {
  if (mode === null) return {};
  if (Deno.build.os === "windows") return { isReadOnly: (mode & OWNER_WRITE) === 0 };
  return { mode: mode & PERMISSION_BITS, isSticky: (mode & STICKY_BIT) !== 0 };
}

/** The umask cannot be asked for without one more permission: the mode of a new file tells what it leaves. */
function createFile(path: string, wantedMode: number): OpenFile {
  const file = Deno.openSync(path, { read: true, write: true, createNew: true, mode: wantedMode });
  if ((wantedMode & OTHERS_BITS) === 0 || Deno.build.os === "windows") {
    return { ...openFile(path, file, { isEmpty: true }), permittedMode: wantedMode };
  }
  try {
    const left = file.statSync().mode ?? wantedMode;
    makePrivate(path);
    const opened = openFile(path, file, { isEmpty: true });
    return { ...opened, permittedMode: (wantedMode & OWNER_BITS) | (left & wantedMode & OTHERS_BITS) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A run that takes the new file for a left-over may remove it before it is locked; the lock finds that out. */
function makePrivate(path: string): void {
  try {
    Deno.chmodSync(path, PRIVATE_MODE);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** From how many milliseconds on a sync is worth doing something else meanwhile: less than that in memory, more on a disk. */
const SLOW_SYNC_MS = 0.2;

let isSyncSlow = false;

/** Where nothing has to be waited for, a promise would cost more than the sync itself. */
async function syncFile(file: Deno.FsFile): Promise<void> {
  if (isSyncSlow) return await file.sync();
  const start = performance.now();
  file.syncSync();
  isSyncSlow = performance.now() - start > SLOW_SYNC_MS;
}

/** @param state `isEmpty`: it was just made */
function openFile(path: string, file: Deno.FsFile, { isEmpty = false } = {}): OpenFile {
  let isUntouched = isEmpty;
  return {
    info: () => permitted("read", path, () => fileInfo(file.statSync())),
    tryLock: () => file.tryLockSync(true),
    async lock(onLongWait): Promise<void> {
      if (file.tryLockSync(true)) return;
      const locked = file.lock(true);
      if (!await isSettledWithin(locked, LONG_WAIT_MS)) onLongWait();
      await locked;
    },
    replaceContent: (bytes) =>
      permitted("write", path, () => {
        if (!isUntouched) {
          file.truncateSync(0);
          file.seekSync(0, Deno.SeekMode.Start);
        }
        isUntouched = false;
        writeAll(file, bytes);
      }),
    sync: () => syncFile(file),
    close: () => file.close(),
  };
}

/** As {@link permitted}, with undefined for what does not exist. */
function ifPresent<T>(action: string, path: string, operation: () => T): T | undefined {
  try {
    return permitted(action, path, operation);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}

/** Where small files are read into, before their own memory is made: a scan reads a hundred thousand of them. */
const READ_BUFFER = new Uint8Array(32 * 1024);

function readFile(path: string, maxBytes: number, offset: number): Uint8Array {
  using file = Deno.openSync(path, { read: true });
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  let length = 0;
  try {
    for (let count = 1; count > 0 && length < READ_BUFFER.length; length += count) {
      count = file.readSync(READ_BUFFER.subarray(length)) ?? 0;
    }
    const start = READ_BUFFER.slice(0, Math.min(length, maxBytes + 1));
    return length < READ_BUFFER.length || length > maxBytes ? start : readAtMost(file, maxBytes, start);
  } finally {
    READ_BUFFER.fill(0, 0, length);
  }
}

/** What bytes are read from. */
interface ByteSource {
  readSync(into: Uint8Array): number | null;
  /** Of a file. */
  statSync?(): Deno.FileInfo;
}

/** @param start what was read before @returns it with what follows, up to `maxBytes + 1` bytes */
function readAtMost(source: ByteSource, maxBytes: number, start = new Uint8Array()): Uint8Array {
  let buffer = start.length > 0 ? start : new Uint8Array(Math.min(maxBytes + 1, 16 * 1024));
  let length = start.length;
  while (length <= maxBytes) {
    if (length === buffer.length) {
      const rest = (source.statSync?.().size ?? 0) + 1; // one more, in which the end is seen
      const larger = new Uint8Array(Math.min(maxBytes + 1, rest > length ? rest : buffer.length * 4));
      larger.set(buffer);
      buffer = larger;
    }
    const count = source.readSync(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

const STDIN: InputStream = {
  read: (maxBytes) => Promise.try(() => readAtMost(Deno.stdin, maxBytes)),
  readLine: readTerminalLine,
  readKeys: readTerminalKeys,
  get isTerminal(): boolean {
    return Deno.stdin.isTerminal();
  },
};

function outputStream(stream: typeof Deno.stdout, onFailure: (error: unknown) => void): OutputStream {
  const encoder = new TextEncoder();
  const writeBytes = (bytes: Uint8Array): void => {
    try {
      writeAll(stream, bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) onFailure(error); // else the reader (`| head`) has what it wanted
    }
  };
  return {
    write: (text) => writeBytes(encoder.encode(text)),
    writeBytes,
    get isTerminal(): boolean {
      return stream.isTerminal();
    },
    get columns(): number | undefined {
      return stream.isTerminal() ? terminalColumns() : undefined;
    },
  };
}

function terminalColumns(): number | undefined {
  try {
    return Deno.consoleSize().columns || undefined; // 0 where nobody has told the terminal
  } catch {
    return undefined; // it has no size
  }
}

function writeAll(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}
