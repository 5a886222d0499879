/**
 * Runs a command case: lays its files out in a temp folder, types its steps, and checks after every step what must hold
 * in all cases: no identity in the output, no left-over file, identities only in files of mode 0600.
 *
 * How `sopsmith` itself is run (in process, or as a bundle) is decided by the caller.
 *
 * @module
 */
import { TEMPORARY_SUFFIX } from "../../lib/base/files/temporary.ts";
import { at, type CaseState, HELPERS, hideIdentities, parseCommand, rememberFiles, walk } from "./case_shell.ts";
import { NO_FINAL_NEWLINE, type Page, type PageFile, type ShownLine, type StepResult } from "./case_page.ts";
import {
  definedOnly,
  homeVariables,
  IDENTITY_PATTERN,
  type OutputPiece,
  type Surroundings,
  type TestHost,
  testHost,
  type TestHostOptions,
} from "./test_host.ts";
import { typedOnWindows, withSystem } from "./windows_pages.ts";

/** Starts `sopsmith` once. Without `output`, what it showed stands in the host's record. */
export type RunProgram = (
  args: readonly string[],
  host: TestHost,
  surroundings: Surroundings,
) => Promise<{ exitCode: number; output?: readonly OutputPiece[] }>;

/** What was typed, in the surroundings of which it ran, and what it showed. */
export interface FinishedStep {
  /** As it stands on the page. */
  readonly command: string;
  /** The words behind `sopsmith`. */
  readonly args: readonly string[];
  readonly surroundings: Surroundings;
  readonly output: readonly OutputPiece[];
  readonly exitCode: number;
}

/** Looks at what a run of `sopsmith` has left, and leaves it as it was. */
export type AfterStep = (state: CaseState, step: FinishedStep) => Promise<void>;

/** The search for identities leaves larger files out, in bytes. */
const LARGEST_SEARCHED_FILE = 4 * 1024 * 1024;

/**
 * @param options.afterStep called behind every run of `sopsmith`
 * @returns what each step showed
 * @throws Error when a helper command fails, the program throws, or a promise that holds for every case is broken
 */
export async function runCase(
  page: Page,
  runProgram: RunProgram,
  { afterStep }: { readonly afterStep?: AfterStep } = {},
): Promise<StepResult[]> {
  const state: { current?: CaseState } = {};
  const terminal = page.settings.has("at a terminal") ? ["stdin", "stdout", "stderr"] as const : [];
  const hostOptions: TestHostOptions = {
    terminal,
    answers: page.answers,
    echoes: true,
    ...(page.settings.has("by the rules of darwin") ? { os: "darwin" } : {}),
    ...(page.settings.has("by the rules of linux") ? { os: "linux" } : {}),
    beforeFileOperation(operation, path) {
      const faults = state.current?.faults ?? [];
      const index = faults.findIndex((fault) => fault.operation === operation && fault.path === path);
      if (index >= 0) faults.splice(index, 1)[0]?.strike();
    },
  };
  await using host = await testHost(hostOptions);
  const current: CaseState = { host, cwd: host.cwd, seen: new Map(), faults: [] };
  state.current = current;
  for (const file of page.files) await layOutFile(current, file);
  await rememberFiles(current);
  const results: StepResult[] = [];
  for (const step of page.steps) results.push(await runStep(current, step.command, { page, runProgram, afterStep }));
  const [waiting] = current.faults;
  if (waiting !== undefined) throw new Error(`the fault at ${waiting.operation} "${waiting.path}" was never reached`);
  return results;
}

/** What is the same for all steps of a page. */
interface CaseRun {
  readonly page: Page;
  readonly runProgram: RunProgram;
  readonly afterStep: AfterStep | undefined;
}

async function runStep(
  state: CaseState,
  line: string,
  { page, runProgram, afterStep }: CaseRun,
): Promise<StepResult> {
  const { host } = state;
  const [dir, home] = [typable(host.cwd), typable(host.home)];
  const read = parseCommand(line.replaceAll("<dir>", dir).replaceAll("<home>", home), home);
  const typed = Deno.build.os === "windows" ? typedOnWindows(read) : read;
  const [name = "", ...args] = typed.words;
  if (name !== "sopsmith") {
    const helper = HELPERS[name];
    if (helper === undefined) throw new Error(`no helper command "${name}" (see case_shell.ts)`);
    const text = hideIdentities(await helper(state, args));
    return { lines: showLines([{ stream: "stdout", text }], host), exitCode: 0 };
  }
  const env: Record<string, string> = { ...definedOnly(homeVariables(host.home)), ...GIT_ISOLATION, ...typed.env };
  for (const variable of typed.unset) delete env[variable];
  const stdin = typed.stdinPath === undefined ? new Uint8Array() : await Deno.readFile(at(state, typed.stdinPath));
  const surroundings: Surroundings = { cwd: state.cwd, env, stdin };
  const before = await findIdentityFiles(state);
  const start = host.output.length;
  const { exitCode, output = host.output.slice(start) } = await runProgram(args, host, surroundings);
  if (!page.settings.has("reveals a private key")) refuseIdentities(output, line);
  await refuseLeftOvers(state, page);
  await refuseOpenIdentityFiles(state, before);
  await afterStep?.(state, { command: line, args, surroundings, output, exitCode });
  return { lines: showLines(output, host), exitCode };
}

/** @returns the path as a page can type it on every system: its `\` would take the next character as it is */
function typable(path: string): string {
  return Deno.build.os === "windows" ? path.replaceAll("\\", "/") : path;
}

/** Variables that keep the machine's git configuration out. */
const GIT_ISOLATION = { GIT_CONFIG_NOSYSTEM: "1" };

async function layOutFile(state: CaseState, file: PageFile): Promise<void> {
  const path = at(state, file.path);
  const option = (name: string): string | undefined =>
    file.options.find((given) => given === name || given.startsWith(`${name}=`))?.slice(name.length + 1);
  const mode = option("mode");
  const target = option("symlink");
  const size = option("size");
  await Deno.mkdir(state.host.paths.dirname(path), { recursive: true });
  if (option("directory") !== undefined) await Deno.mkdir(path, { recursive: true });
  else if (target !== undefined) await Deno.symlink(target, path);
  else {await Deno.writeFile(
      path,
      encodeContent(file, (text) => {
        const filled = text.replaceAll("<dir>", typable(state.cwd)).replaceAll("<home>", typable(state.host.home));
        return Deno.build.os === "windows" ? withSystem(file, filled) : filled;
      }),
    );}
  if (size !== undefined) await Deno.truncate(path, Number(size));
  if (mode !== undefined && Deno.build.os !== "windows") await Deno.chmod(path, Number.parseInt(mode, 8));
}

function encodeContent(file: PageFile, fill: (text: string) => string): Uint8Array {
  let text = fill(file.content);
  if (file.options.includes("no-final-newline")) text = text.replace(/\n$/, "");
  if (file.options.includes("crlf")) text = text.replaceAll("\n", "\r\n");
  if (file.options.includes("bom")) text = `\ufeff${text}`;
  if (file.options.includes("hex")) return Uint8Array.fromHex(text.replace(/\s/g, ""));
  return file.options.includes("utf16le") ? utf16(text) : new TextEncoder().encode(text);
}

function utf16(text: string): Uint8Array {
  const units = Uint16Array.from(`\ufeff${text}`.split(""), (unit) => unit.charCodeAt(0));
  return new Uint8Array(units.buffer);
}

/** Joins pieces to lines in the order in which the lines were finished; folders show as `<dir>` and `<home>`. */
function showLines(output: readonly OutputPiece[], host: TestHost): ShownLine[] {
  const lines: ShownLine[] = [];
  const open = { stdout: "", stderr: "" };
  const show = (text: string): string =>
    hideFolder(hideFolder(text, host.cwd, "<dir>"), host.home, "<home>")
      .replaceAll("\x1b", "␛").replaceAll("\r", "␍");
  for (const { stream, text } of output) {
    const parts = (open[stream] + text).split("\n");
    open[stream] = parts.pop() ?? "";
    for (const part of parts) lines.push({ stream, text: show(part) });
  }
  for (const stream of ["stderr", "stdout"] as const) {
    if (open[stream] === "") continue;
    lines.push({ stream, text: show(open[stream]) }, { stream, text: NO_FINAL_NEWLINE });
  }
  return lines;
}

/** In every form in which a path is written: as it is, in a string of JSON, with `/`. */
function hideFolder(text: string, folder: string, name: string): string {
  return new Set([folder, folder.replaceAll("\\", "\\\\"), typable(folder)]).values()
    .reduce((shown, form) => shown.replaceAll(form, name), text);
}

function refuseIdentities(output: readonly OutputPiece[], line: string): void {
  const text = output.map((piece) => piece.text).join("");
  if (text.search(IDENTITY_PATTERN) >= 0) throw new Error(`an identity stands in the output of: ${line}`);
}

async function refuseLeftOvers(state: CaseState, page: Page): Promise<void> {
  if (page.settings.has("leaves a file behind")) return;
  await walk(state.host.root, "", (path) => {
    if (path.endsWith(TEMPORARY_SUFFIX)) throw new Error(`a left-over file: ${path}`);
  });
}

/** @returns mode by path, relative to the root, of the files that hold an identity */
async function findIdentityFiles(state: CaseState): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  await walk(state.host.root, "", async (path, info) => {
    if (!info.isFile || info.size > LARGEST_SEARCHED_FILE) return;
    const text = await Deno.readTextFile(`${state.host.root}/${path}`);
    if (text.search(IDENTITY_PATTERN) >= 0) found.set(path, (info.mode ?? 0) & 0o777);
  });
  return found;
}

async function refuseOpenIdentityFiles(state: CaseState, before: ReadonlyMap<string, number>): Promise<void> {
  if (Deno.build.os === "windows") return;
  for (const [path, mode] of await findIdentityFiles(state)) {
    if (!before.has(path) && mode !== 0o600) {
      throw new Error(`a new file with an identity has mode ${mode.toString(8)}: ${path}`);
    }
  }
}
