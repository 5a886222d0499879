/**
 * The few words that a case page may type besides `sopsmith`: to look at files, to change them, and to arm a fault.
 *
 * Not a shell: words, quotes, `NAME=value` or `env -u NAME` before a command, and `< FILE`. What the commands print goes through
 * {@link hideIdentities}.
 *
 * @module
 */
import { createTwoFilesPatch } from "diff";
import { equalBytes } from "../../lib/base/bytes.ts";
import { type FileOperation, IDENTITY_PATTERN, osError, type TestHost } from "./test_host.ts";

/** A typed line, taken apart. */
export interface TypedCommand {
  readonly env: Readonly<Record<string, string>>;
  /** Variables taken away with `env -u NAME`. */
  readonly unset: readonly string[];
  readonly words: readonly string[];
  /** The file whose content is the standard input. */
  readonly stdinPath?: string;
}

/** What lives as long as a case. */
export interface CaseState {
  readonly host: TestHost;
  /** Absolute working folder, moved by `cd`. */
  cwd: string;
  /** Content of files when `diff` or `unchanged` last looked, by absolute path. */
  readonly seen: Map<string, Uint8Array>;
  /** Faults that wait for their operation. */
  readonly faults: { operation: FileOperation; path: string; strike: () => void }[];
}

/** @returns the line's parts, with `~/` at the start of a word as the home folder */
export function parseCommand(line: string, home: string): TypedCommand {
  const words: string[] = [];
  for (const match of line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+/g)) {
    words.push(match[0].replace(/^~\//, `${home}/`));
  }
  const env: Record<string, string> = {};
  const unset: string[] = [];
  while (words[0] === "env" && words[1] === "-u") unset.push(...words.splice(0, 3).slice(2));
  while (/^[A-Za-z_][A-Za-z0-9_]*=/.test(words[0] ?? "")) {
    const [name = "", ...value] = (words.shift() ?? "").split("=");
    env[name] = unquote(value.join("=").replace(/^~\//, `${home}/`));
  }
  const redirection = words.indexOf("<");
  const stdinPath = redirection < 0 ? undefined : words.splice(redirection, 2)[1];
  return {
    env,
    unset,
    words: words.map(unquote),
    ...(stdinPath === undefined ? {} : { stdinPath: unquote(stdinPath) }),
  };
}

/** @returns the text with every identity's characters replaced */
export function hideIdentities(text: string): string {
  return text.replace(IDENTITY_PATTERN, "<identity>");
}

/** The helper commands by name: given the words after the name, each returns the lines it prints. */
export const HELPERS: Readonly<Record<string, (state: CaseState, args: readonly string[]) => Promise<string>>> = {
  async cat(state, args) {
    return await Deno.readTextFile(at(state, args[0]));
  },
  /** Mode and name of every file below a folder. */
  async ls(state, args) {
    const lines: string[] = [];
    await walk(at(state, args[0] ?? "."), "", (path, info) => {
      if (path !== ".git" && !path.startsWith(".git/")) {
        lines.push(`${octal(info)} ${path}${info.isDirectory ? "/" : ""}`);
      }
    });
    return lines.map((line) => `${line}\n`).join("");
  },
  async mode(state, args) {
    return `${octal(await Deno.lstat(at(state, args[0])))}\n`;
  },
  async cd(state, args) {
    state.cwd = at(state, args[0]);
    if (!(await Deno.stat(state.cwd)).isDirectory) throw new Error(`cd: no folder "${args[0]}"`);
    return "";
  },
  async mkdir(state, args) {
    await Deno.mkdir(at(state, args[0]), { recursive: true });
    return "";
  },
  async rm(state, args) {
    await Deno.remove(at(state, args[0]), { recursive: true });
    return "";
  },
  async mv(state, args) {
    await Deno.rename(at(state, args[0]), at(state, args[1]));
    return "";
  },
  async chmod(state, args) {
    await Deno.chmod(at(state, args[1]), Number.parseInt(args[0] ?? "", 8));
    return "";
  },
  async append(state, args) {
    await Deno.writeTextFile(at(state, args[0]), `${args[1]}\n`, { append: true });
    return "";
  },
  async git(state, args) {
    const result = await state.host.run("git", args, { cwd: state.cwd });
    if (result?.code !== 0) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(result?.stderr)}`);
    return "";
  },
  /** `git` where it may fail: a merge with a conflict does. */
  async "try-git"(state, args) {
    await state.host.run("git", args, { cwd: state.cwd });
    return "";
  },
  /** The changed lines of a file since the start, or since the last `diff` of it. */
  async diff(state, args) {
    const path = at(state, args[0]);
    const before = state.seen.get(path) ?? new Uint8Array();
    const after = await Deno.readFile(path);
    state.seen.set(path, after);
    const decoder = new TextDecoder();
    if (equalBytes(before, after)) return "";
    const patch = createTwoFilesPatch("", "", decoder.decode(before), decoder.decode(after), "", "", { context: 1 });
    return patch.slice(patch.indexOf("\n@@") + 1);
  },
  /** Remembers the content of files as it is now for `diff` and `unchanged`, and shows nothing. */
  async remember(state, args) {
    for (const name of args) state.seen.set(at(state, name), await Deno.readFile(at(state, name)));
    return "";
  },
  /** Fails unless each file is what it was at the start, or at the last `diff` or `remember` of it. */
  async unchanged(state, args) {
    for (const name of args) {
      const path = at(state, name);
      if (!equalBytes(await readIfThere(path), state.seen.get(path))) throw new Error(`"${name}" was changed`);
    }
    return "";
  },
  /** `fail OPERATION PATH CODE`: the next such operation on the file fails as the OS would fail it. */
  fail(state, [operation, path, code]) {
    arm(state, operation, path, () => {
      throw osError(code as Parameters<typeof osError>[0]);
    });
    return Promise.resolve("");
  },
  /** `meanwhile OPERATION PATH TEXT`: just before the next such operation, another program appends a line to the file. */
  meanwhile(state, [operation, path, text]) {
    const file = at(state, path);
    arm(state, operation, path, () => Deno.writeTextFileSync(file, `${text}\n`, { append: true }));
    return Promise.resolve("");
  },
};

/** Remembers the content of every file for `diff` and `unchanged`. */
export async function rememberFiles(state: CaseState): Promise<void> {
  const { host } = state;
  const { root } = host;
  await walk(root, "", async (path, info) => {
    if (info.isFile) state.seen.set(host.paths.join(root, path), await Deno.readFile(`${root}/${path}`));
  });
}

/** Visits everything below a folder in the order of names; symlinks are not followed. */
export async function walk(
  folder: string,
  prefix: string,
  visit: (path: string, info: Deno.FileInfo) => void | Promise<void>,
): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).sort();
  for (const name of names) {
    const info = await Deno.lstat(`${folder}/${name}`);
    await visit(prefix + name, info);
    if (info.isDirectory) await walk(`${folder}/${name}`, `${prefix}${name}/`, visit);
  }
}

/** @returns the absolute path of a name typed in a case */
export function at(state: CaseState, name = ""): string {
  if (name.startsWith("~/")) return state.host.paths.join(state.host.home, name.slice(2));
  return state.host.paths.resolve(state.cwd, name);
}

function arm(state: CaseState, operation: string | undefined, path: string | undefined, strike: () => void): void {
  state.faults.push({ operation: operation as FileOperation, path: at(state, path), strike });
}

function octal(info: Deno.FileInfo): string {
  return info.isSymlink ? "link" : ((info.mode ?? 0) & 0o7777).toString(8).padStart(4, "0");
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_match, single, double, escaped) => {
    return single ?? double?.replace(/\\(.)/g, "$1") ?? escaped;
  });
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
