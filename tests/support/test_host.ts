/**
 * A host for tests: the real file system in a temp folder of its own, everything else under control: streams, clock,
 * random bytes, environment, child processes, and faults at chosen file operations.
 *
 * It also guards promises that no single test would think of: paths that reach the file system are absolute, an identity
 * is never written to a file that others can read, and never stands in the arguments of a child process.
 *
 * @module
 */
import { createDenoHost } from "../../lib/base/host/deno_host.ts";
import {
  type CommandOptions,
  type CommandResult,
  type DirectoryEntry,
  type FileSystem,
  type Host,
  hostWith,
  type InputStream,
  type OpenFile,
  type Os,
  type OutputStream,
  type Signal,
} from "../../lib/base/host/host.ts";
import { pathsOf } from "./paths.ts";

/** What a test host starts the program with; there is no such file. */
export const TEST_PROGRAM = "/opt/sopsmith/bin/sopsmith";

/** The time on a test host's clock. */
export const TEST_TIME = "2026-11-21T12:00:00Z";

/** Text that begins every age identity. */
export const IDENTITY_PATTERN = /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}/g;

/** The file operations that a fault can be set on. */
export type FileOperation = keyof FileSystem | "lock" | "replaceContent" | "sync";

/**
 * Called before each file operation with its path (of a rename: the new one); throws to make the operation fail. It may
 * take its time only where the operation does.
 */
export type FileHook = (operation: FileOperation, path: string) => void | Promise<void>;

/** A stand-in for a command of the machine; the commands that have none are run for real. */
export type FakeCommand = (args: readonly string[], options: CommandOptions) => CommandResult | undefined;

/** What a test may decide; everything has a quiet default. */
export interface TestHostOptions {
  /** Files to lay out: path relative to the working folder (`~/…`: to the home folder) to content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Variables besides `HOME` and `PATH`; undefined removes one of those. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Rules of this system (paths are still the real ones). Default: the system that runs the test. */
  readonly os?: Os;
  /** Start of the clock, ISO 8601. Default {@link TEST_TIME}. */
  readonly now?: string;
  /** Seed of the random bytes. Default 1. */
  readonly seed?: number;
  /** What stands on the standard input. Default: nothing. */
  readonly stdin?: string;
  /** What the person at the terminal types, line by line. Default: nothing; a question then finds the input ended. */
  readonly answers?: readonly string[];
  /** Whether what is typed stands on the standard error, as a terminal shows it there. Default: no. */
  readonly echoes?: boolean;
  /** How wide the terminal says it is. Default: it does not tell. */
  readonly columns?: number;
  /** The streams that are a terminal. Default: none. */
  readonly terminal?: readonly ("stdin" | "stdout" | "stderr")[];
  readonly commands?: Readonly<Record<string, FakeCommand>>;
  /** How long other programs are waited for, in milliseconds. Default: for ever. */
  readonly patienceMs?: number;
  readonly beforeFileOperation?: FileHook;
}

/** A piece of output, in the order of writing. */
export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** What was written, where it was bytes. */
  readonly bytes?: Uint8Array;
}

/** A test's host and what can be asked of it afterwards. Remove its folder with `await using` or {@link TestHost.dispose}. */
export interface TestHost extends Host, AsyncDisposable {
  /** The folder above the working folder and the home folder, symlinks resolved. */
  readonly root: string;
  /** The home folder. */
  readonly home: string;
  /** What was written to either stream so far. */
  readonly output: readonly OutputPiece[];
  /** Everything written to one stream so far. */
  written(stream: OutputPiece["stream"]): string;
  /** Sends a signal to the program. @returns whether it was listened to; else it would have ended the program */
  raise(signal: Signal): boolean;
  /** The path of a file given as in {@link TestHostOptions.files}. */
  path(name: string): string;
  readText(name: string): Promise<string>;
  writeText(name: string, text: string): Promise<void>;
  /** @returns this host, sharing its files and its record of output, as another start of the program sees it */
  restarted(surroundings: Surroundings): Host;
  dispose(): Promise<void>;
}

/** The system by whose rules keys files lie in `~/.config/sops` of a test host: not macOS. */
export const CONFIG_FOLDER_OS: Os = Deno.build.os === "windows" ? "windows" : "linux";

/** What differs from one start of the program to the next. */
export interface Surroundings {
  readonly cwd: string;
  /** The whole environment, for child processes too. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
}

/** Another program that was started in it may still be about to write when a test ends. */
async function removeTree(path: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (attempt === MAX_REMOVALS || error instanceof Deno.errors.NotFound) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * 50));
    }
  }
}

/**
 * Length of the path of a test's folder, in UTF-16 code units: the same on every machine, because lines are wrapped by it.
 * The folders for temporary files of macOS need 71.
 */
const ROOT_LENGTH = 76;

/** @returns a new folder for one test, and the one above it that is to be removed */
async function makeRoot(): Promise<{ root: string; temporary: string }> {
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "sopsmith-test-" }));
  const root = `${temporary}/${"d".repeat(Math.max(1, ROOT_LENGTH - temporary.length - 1))}`;
  await Deno.mkdir(root);
  return { root: await Deno.realPath(root), temporary };
}

/** How often a folder is removed that somebody writes into. */
const MAX_REMOVALS = 5;

/** Makes a test host with a fresh temp folder. */
export async function testHost(options: TestHostOptions = {}): Promise<TestHost> {
  const { root, temporary } = await makeRoot();
  const real = await createDenoHost();
  const native = real.paths;
  const cwd = native.join(root, "work");
  const home = native.join(root, "home");
  await Deno.mkdir(cwd);
  await Deno.mkdir(home, { mode: 0o700 });
  const path = (name: string): string =>
    name.startsWith("~/") ? native.join(home, name.slice(2)) : native.join(cwd, name);
  for (const [name, content] of Object.entries(options.files ?? {})) await layOut(path(name), content);

  const env = definedOnly({ ...homeVariables(home), ...options.env });
  const output: OutputPiece[] = [];
  const random = seededRandom(options.seed ?? 1);
  const stream = (name: OutputPiece["stream"]): OutputStream => ({
    isTerminal: options.terminal?.includes(name) ?? false,
    columns: options.terminal?.includes(name) ? options.columns : undefined,
    write: (text) => void output.push({ stream: name, text }),
    writeBytes: (bytes) => void output.push({ stream: name, text: decode(bytes), bytes }),
  });
  const signals = new Map<Signal, Set<() => void>>();
  const os = options.os ?? real.os;
  const commands = options.commands ?? {};
  const isTerminal = options.terminal?.includes("stdin") ?? false;
  const answers = [...options.answers ?? []];
  const echo = (answer: string): void => {
    if (!options.echoes) return;
    output.push({ stream: "stderr", text: `${answer.replace(IDENTITY_PATTERN, "(an identity)")}\n` });
  };
  const stdin = new TextEncoder().encode(options.stdin);
  const host: Host = {
    os,
    paths: pathsOf(os),
    cwd,
    otherThreads: 0,
    files: guardedFiles(real.files, options.beforeFileOperation ?? ((): void => {})),
    stdin: inputStream(stdin, isTerminal, { answers, echo }),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: (name) => readVariable(env, name),
    program: () => [TEST_PROGRAM],
    now: () => new Date(options.now ?? TEST_TIME),
    randomBytes: random,
    run: commandRunner(commands, { cwd, env }),
    spawn: commandSpawner(commands, { cwd, env, stdin }, output),
    onSignal(signal, handler): () => void {
      const handlers = signals.get(signal) ?? new Set();
      signals.set(signal, handlers.add(handler));
      return () => void handlers.delete(handler);
    },
    patienceMs: options.patienceMs ?? Infinity,
    sayWaiting: (text) => void output.push({ stream: "stderr", text: `note: ${text}\n` }),
    in(directory): Host {
      return hostWith(this, { cwd: this.paths.resolve(this.cwd, directory) });
    },
  };
  const dispose = (): Promise<void> => removeTree(temporary);
  return {
    ...host,
    root,
    home,
    output,
    path,
    dispose,
    raise(signal): boolean {
      const handlers = [...signals.get(signal) ?? []];
      for (const handler of handlers) handler();
      return handlers.length > 0;
    },
    written: (name) => output.filter((piece) => piece.stream === name).map((piece) => piece.text).join(""),
    readText: (name) => Deno.readTextFile(path(name)),
    writeText: (name, text) => layOut(path(name), text),
    restarted: (surroundings) => ({
      ...host,
      cwd: surroundings.cwd,
      env: (name) => readVariable(surroundings.env, name),
      stdin: inputStream(surroundings.stdin, isTerminal, { answers, echo }),
      run: commandRunner(commands, surroundings),
      spawn: commandSpawner(commands, surroundings, output),
    }),
    [Symbol.asyncDispose]: dispose,
  };
}

/** An error as the OS gives it, for a {@link FileHook} to throw. */
export function osError(code: "ENOSPC" | "EROFS" | "EACCES" | "EIO" | "EDQUOT" | "EXDEV"): Error {
  const messages: Record<typeof code, [message: string, number: number]> = {
    ENOSPC: ["No space left on device", 28],
    EROFS: ["Read-only file system", 30],
    EACCES: ["Permission denied", 13],
    EIO: ["Input/output error", 5],
    EDQUOT: ["Disk quota exceeded", 122],
    EXDEV: ["Invalid cross-device link", 18],
  };
  const [message, number] = messages[code];
  const text = `${message} (os error ${number})`;
  const error = code === "EACCES" ? new Deno.errors.PermissionDenied(text) : new Error(text);
  return Object.assign(error, { code });
}

/** A generator of bytes that look random and are the same in every run (sfc32). */
export function seededRandom(seed: number): (length: number) => Uint8Array {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162 ^ seed, 1];
  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 24;
  }
  for (let round = 0; round < 16; round++) next();
  return (length) => Uint8Array.from({ length }, next);
}

/** On Windows the case of a name does not count. */
function readVariable(env: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Deno.build.os !== "windows") return env[name];
  return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
}

/** What Windows programs need to start; its folder for settings is where the pages of the tests have it. */
const WINDOWS_VARIABLES = ["SystemRoot", "ComSpec", "PATHEXT", "TEMP", "TMP"];

/** @returns the variables that say where a person's home is, and the commands of the machine */
export function homeVariables(home: string): Record<string, string | undefined> {
  const variables = { HOME: home, PATH: Deno.env.get("PATH") };
  if (Deno.build.os !== "windows") return variables;
  const machine = Object.fromEntries(WINDOWS_VARIABLES.map((name) => [name, Deno.env.get(name)]));
  // As in Git Bash, which gets the words that the pages have; those of PowerShell and cmd are tested apart.
  return { ...machine, ...variables, MSYSTEM: "MINGW64", USERPROFILE: home, APPDATA: `${home}\\.config` };
}

async function layOut(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
  await (typeof content === "string" ? Deno.writeTextFile(path, content) : Deno.writeFile(path, content));
}

/** @param typed what is typed, of which each line that is read takes one away, and what shows it */
function inputStream(
  bytes: Uint8Array,
  isTerminal: boolean,
  { answers, echo }: { readonly answers: string[]; readonly echo: (answer: string) => void },
): InputStream {
  return {
    isTerminal,
    read: (maxBytes) => Promise.resolve(bytes.subarray(0, maxBytes + 1)),
    readLine(visibility): Promise<string | undefined> {
      const answer = answers.shift();
      if (visibility === "open" && answer !== undefined) echo(answer);
      return Promise.resolve(answer);
    },
    async *readKeys(): AsyncGenerator<string> {
      for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) yield* keysOf(answer);
    },
  };
}

/** What keys send that people know by a name, as a test types them: `<down>`. */
const KEY_CODES: Readonly<Record<string, string>> = {
  "<up>": "\x1b[A",
  "<down>": "\x1b[B",
  "<escape>": "\x1b",
  "<ctrl-c>": "\x03",
  "<enter>": "\r",
};

/** @returns what the keys of a typed line send; the Enter at its end is not written, but pressed */
function keysOf(answer: string): string[] {
  return [...answer.match(/<[a-z-]+>|[^]/gu) ?? [], "<enter>"].map((key) => KEY_CODES[key] ?? key);
}

/** The real file system behind the hook and the guards. */
function guardedFiles(real: FileSystem, hook: FileHook): FileSystem {
  function before(operation: FileOperation, path: string): void {
    if (awaitable(operation, path) instanceof Promise) throw new Error(`a hook that takes time at ${operation}`);
  }
  function awaitable(operation: FileOperation, path: string): void | Promise<void> {
    if (!pathsOf("linux").isAbsolute(path) && !pathsOf("windows").isAbsolute(path)) {
      throw new Error(`a relative path reached the file system: ${operation} "${path}"`);
    }
    return hook(operation, path);
  }
  function guarded<Rest extends unknown[], Result>(
    operation: FileOperation,
    run: (path: string, ...rest: Rest) => Result,
  ): (path: string, ...rest: Rest) => Result {
    return (path, ...rest) => {
      before(operation, path);
      return run(path, ...rest);
    };
  }
  function guardedAsync<Rest extends unknown[], Result>(
    operation: FileOperation,
    run: (path: string, ...rest: Rest) => Promise<Result>,
  ): (path: string, ...rest: Rest) => Promise<Result> {
    return async (path, ...rest) => {
      await awaitable(operation, path);
      return await run(path, ...rest);
    };
  }
  function guardedFile(path: string, file: OpenFile): OpenFile {
    return {
      info: () => file.info(),
      close: () => file.close(),
      tryLock(): boolean {
        before("lock", path);
        return file.tryLock();
      },
      ...(file.permittedMode === undefined ? {} : { permittedMode: file.permittedMode }),
      async lock(onLongWait): Promise<void> {
        await awaitable("lock", path);
        await file.lock(onLongWait);
      },
      replaceContent(bytes): void {
        before("replaceContent", path);
        refuseOpenIdentity(path, bytes, file.info().mode);
        file.replaceContent(bytes);
      },
      async sync(): Promise<void> {
        await awaitable("sync", path);
        await file.sync();
      },
    };
  }
  return {
    stat: guarded("stat", real.stat),
    lstat: guarded("lstat", real.lstat),
    realPath: guarded("realPath", real.realPath),
    read: guarded("read", real.read),
    readPipe: guardedAsync("readPipe", real.readPipe),
    create: guarded("create", (path, mode: number) => guardedFile(path, real.create(path, mode))),
    open: guarded("open", (path) => guardedFile(path, real.open(path))),
    *list(path): Iterable<DirectoryEntry> {
      before("list", path);
      yield* real.list(path);
    },
    makeDirectory: guarded("makeDirectory", real.makeDirectory),
    rename(from, to, options): boolean {
      before("rename", to);
      if (options.expected === undefined) refuseOpenIdentity(to, Deno.readFileSync(from), options.mode);
      return real.rename(from, to, options);
    },
    remove: guarded("remove", real.remove),
    removeTree: guarded("removeTree", real.removeTree),
    changeOwner: guardedAsync("changeOwner", real.changeOwner),
    syncDirectory: guardedAsync("syncDirectory", real.syncDirectory),
  };
}

function refuseOpenIdentity(path: string, content: Uint8Array, mode = 0): void {
  if ((mode & 0o077) === 0 || new TextDecoder().decode(content).search(IDENTITY_PATTERN) < 0) return;
  throw new Error(`an identity would be written to a file that others can read: "${path}" (${mode.toString(8)})`);
}

function commandRunner(
  fakes: Readonly<Record<string, FakeCommand>>,
  { cwd, env }: Pick<Surroundings, "cwd" | "env">,
): Host["run"] {
  return async (command, args, options = {}) => {
    refuseIdentityArguments(command, args);
    const fake = fakes[command];
    if (fake !== undefined) return fake(args, options);
    const surroundings = { cwd: options.cwd ?? cwd, env: { ...env, ...options.env } };
    return await runIsolated(command, args, { ...surroundings, stdin: options.stdin });
  };
}

/** Children that inherit a stream get that of the test: its standard input, and a record of output that ends with them. */
function commandSpawner(
  fakes: Readonly<Record<string, FakeCommand>>,
  { cwd, env, stdin }: Surroundings,
  output: OutputPiece[],
): Host["spawn"] {
  return async (command, args, options = {}) => {
    refuseIdentityArguments(command, args);
    const isInherited = (name: "stdin" | "stdout" | "stderr"): boolean => (options[name] ?? "inherit") === "inherit";
    const record = (stream: OutputPiece["stream"], bytes: Uint8Array): void => {
      if (bytes.length > 0) output.push({ stream, text: decode(bytes), bytes });
    };
    const fake = fakes[command];
    if (fake !== undefined) {
      const { stdin: _, ...surroundings } = options;
      const result = fake(args, { ...surroundings, ...(isInherited("stdin") ? { stdin } : {}) });
      if (result === undefined) return undefined;
      const { stdout, stderr, code } = result;
      if (isInherited("stdout")) record("stdout", stdout);
      if (isInherited("stderr")) record("stderr", stderr);
      return {
        ...(options.stdin === "piped" ? { stdin: new WritableStream() } : {}),
        ...(options.stdout === "piped" ? { stdout: new Blob([stdout as BlobPart]).stream() } : {}),
        ...(options.stderr === "piped" ? { stderr: new Blob([stderr as BlobPart]).stream() } : {}),
        status: Promise.resolve(code),
        kill: () => {},
      };
    }
    const piped = (name: "stdin" | "stdout" | "stderr"): "piped" | "null" =>
      options[name] === "null" ? "null" : "piped";
    try {
      const child = new Deno.Command(command, {
        args: [...args],
        cwd: options.cwd ?? cwd,
        clearEnv: true,
        env: options.clearEnv ? { ...options.env } : { ...env, ...options.env },
        stdin: piped("stdin"),
        stdout: piped("stdout"),
        stderr: piped("stderr"),
      }).spawn();
      if (isInherited("stdin")) await new Blob([stdin as BlobPart]).stream().pipeTo(child.stdin).catch(() => {});
      const ending = Promise.all((["stdout", "stderr"] as const).map(async (name) => {
        if (isInherited(name)) record(name, await new Response(child[name]).bytes());
      }));
      return {
        ...(options.stdin === "piped" ? { stdin: child.stdin } : {}),
        ...(options.stdout === "piped" ? { stdout: child.stdout } : {}),
        ...(options.stderr === "piped" ? { stderr: child.stderr } : {}),
        status: ending.then(() => child.status).then(({ code }) => code),
        kill(signal): void {
          try {
            child.kill(signal);
          } catch (error) {
            if (!(error instanceof TypeError)) throw error; // it has ended
          }
        },
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
}

/** Runs a command with exactly this environment. @returns undefined when there is no such command */
export async function runIsolated(
  command: string | URL,
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>>; stdin?: Uint8Array | undefined },
): Promise<CommandResult | undefined> {
  const { stdin, ...surroundings } = options;
  try {
    const child = new Deno.Command(command, {
      ...surroundings,
      args: [...args],
      clearEnv: true,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(stdin);
      await writer.close();
    }
    const { code, stdout, stderr } = await output;
    return { code, stdout, stderr };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function refuseIdentityArguments(command: string, args: readonly string[]): void {
  if (args.some((arg) => arg.search(IDENTITY_PATTERN) >= 0)) {
    throw new Error(`an identity stands in the arguments of "${command}"`);
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** @returns the variables that are set */
export function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
