/**
 * Types a printed line as a person at a terminal does: `sopsmith` in process, `export` and `unset` in the shell of the
 * case, everything else by a real shell; questions are answered.
 *
 * @module
 */
import { run } from "../../main.ts";
import type { Host, OutputStream } from "../../lib/base/host/host.ts";
import { type CaseState, parseCommand } from "./case_shell.ts";
import { putProgramOnPath } from "./program_path.ts";
import { TEST_PASSPHRASE } from "./readable.ts";
import type { Surroundings } from "./test_host.ts";

/** How a typed line ended. */
export interface TypedLine {
  readonly exitCode: number;
  /** Of both streams. */
  readonly shown: string;
  /** The variables of the shell afterwards. */
  readonly env: Readonly<Record<string, string>>;
}

/** An editor that adds a value to whatever it is given. */
const EDITOR = `/bin/sh -c 'case "$1" in
*.json) printf "{\\"added\\": \\"1\\"}\\n" > "$1" ;;
*.env) echo ADDED=1 >> "$1" ;;
*.ini) printf "[added]\\nadded = 1\\n" > "$1" ;;
*) echo "added: one" > "$1" ;;
esac' -`;

/** A test key. */
const TEST_SIGNING_KEY =
  "test-a-1:GyuUn9rmclzKIE8cqnQEqKf48sILZO2Zb9ChscKZ+2Q1UgP30qaQf/mFKgR0Fs4k44lnieQdFjE/PZuQrqqcNg==";

/** What only a real shell does. */
const FOR_A_REAL_SHELL = /\$\(|<\(|\||\*/;

/**
 * @param surroundings of the step that printed the line
 * @returns how the first command that fails ended, else the last one
 */
export async function typeLine(state: CaseState, line: string, surroundings: Surroundings): Promise<TypedLine> {
  let env: Record<string, string> = { USER: "tester", EDITOR, ...surroundings.env };
  let shown = "";
  for (const command of splitCommands(line)) {
    const [word = "", ...rest] = command.split(" ");
    let exitCode = 0;
    if (word === "unset") {
      env = Object.fromEntries(Object.entries(env).filter(([name]) => !rest.includes(name)));
    } else if (word === "export" && !FOR_A_REAL_SHELL.test(command)) {
      env = { ...env, ...parseCommand(expand(rest.join(" "), env), state.host.home).env };
    } else if (word === "sopsmith" && !FOR_A_REAL_SHELL.test(command)) {
      const ended = await runInProcess(state, expand(command, env), { ...surroundings, env });
      shown += ended.shown;
      exitCode = ended.exitCode;
    } else {
      const ended = await runInShell(state, command, env);
      shown += ended.shown;
      env = ended.env;
      exitCode = ended.exitCode;
    }
    if (exitCode !== 0) return { exitCode, shown, env };
  }
  return { exitCode: 0, shown, env };
}

/** At `&&` and `;` outside of quotes. */
function splitCommands(line: string): string[] {
  const parts = line.match(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|\$\([^)]*\)|&&|[^'"\\&;]|&)+?(?=\s*(?:&&|;|$))/g) ?? [];
  return parts.map((part) => part.replace(/^[\s;&]+/, "").trim()).filter((part) => part !== "");
}

/** `$NAME` outside of single quotes. */
function expand(command: string, env: Readonly<Record<string, string>>): string {
  return command.replace(/'[^']*'|\$(\w+)/g, (found, name) => name === undefined ? found : env[name] ?? "");
}

async function runInProcess(
  state: CaseState,
  command: string,
  surroundings: Surroundings,
): Promise<Pick<TypedLine, "exitCode" | "shown">> {
  const typed = parseCommand(command.replace(/\s+>\s+\S+$/, ""), state.host.home);
  const isPiped = typed.words.some((word) => word === "--stdin" || word === "-");
  const inner = state.host.restarted({
    ...surroundings,
    cwd: state.cwd,
    env: { ...surroundings.env, ...typed.env },
    ...(isPiped ? { stdin: new TextEncoder().encode("typed\n") } : {}),
  });
  const start = state.host.output.length;
  const shown = (): string => state.host.output.slice(start).map(({ text }) => text).join("");
  const host: Host = isPiped ? inner : atTerminal(inner, shown);
  const exitCode = await run(typed.words.slice(1), host);
  return { exitCode, shown: shown() };
}

/** A person who is asked again and again gives up. */
const MAX_ANSWERS = 6;

/** @param shown what stands on the terminal, the question last */
function atTerminal(host: Host, shown: () => string): Host {
  let answers = 0;
  const readLine = (): Promise<string | undefined> =>
    Promise.resolve(answers++ < MAX_ANSWERS ? answerTo(shown()) : undefined);
  return {
    ...host,
    stdin: { ...host.stdin, isTerminal: true, readLine },
    stdout: onTerminal(host.stdout),
    stderr: onTerminal(host.stderr),
  };
}

function onTerminal(stream: OutputStream): OutputStream {
  return {
    write: (text) => stream.write(text),
    writeBytes: (bytes) => stream.writeBytes(bytes),
    isTerminal: true,
    columns: 100,
  };
}

function answerTo(shown: string): string {
  const question = shown.trimEnd().split("\n").at(-1) ?? "";
  if (/secret key/.test(question)) return TEST_SIGNING_KEY;
  if (/passphrase|again|once more/i.test(question)) return TEST_PASSPHRASE;
  if (/\[y\/N\]|\[Y\/n\]/.test(question)) return "y";
  return /\]:?$/.test(question) ? "" : "typed";
}

async function runInShell(
  state: CaseState,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<TypedLine> {
  const program = command.includes("sopsmith") ? await programOf(state) : {};
  const ending = "\ncode=$?; env -0 > .step-env; exit $code";
  const result = await state.host.run("/bin/bash", ["--norc", "-c", command + ending], {
    cwd: state.cwd,
    env: { ...env, PATH: `${env.PATH}:${Deno.env.get("PATH")}`, ...program },
  });
  if (result === undefined) throw new Error("no bash");
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const file = `${state.cwd}/.step-env`;
  const pairs = (await Deno.readTextFile(file)).split("\0").filter((pair) => pair !== "");
  await Deno.remove(file);
  return {
    exitCode: result.code,
    shown: decode(result.stdout) + decode(result.stderr),
    env: { ...environmentOf(pairs), PATH: env.PATH ?? "" },
  };
}

function environmentOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

const programs = new WeakMap<CaseState, Record<string, string>>();

async function programOf(state: CaseState): Promise<Record<string, string>> {
  const known = programs.get(state) ?? await putProgramOnPath(state.host);
  programs.set(state, known);
  return known;
}
