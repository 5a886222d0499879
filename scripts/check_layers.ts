/**
 * Fails when a file reaches where it must not: an import that points up or sideways between the rooms of `lib/`, the
 * operating system touched outside `lib/base/`, a package that belongs to one file, a file that has grown too long.
 *
 * @module
 */
import { ROOT } from "./process.ts";

/** Rooms from the ground up; rooms of one floor do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["base"],
  ["yaml"],
  ["keys"],
  ["config", "sops"],
  ["repository"],
  ["commands"],
];

/** Packages that only one place may import, and why. */
const OWNED_PACKAGES: Readonly<Record<string, RegExp>> = {
  "@stricli/core": /^lib\/commands\/command_line\.ts$/, // the rest knows commands as data
};

/** Longest source file, in lines. */
const MAX_LINES = 450;

/** Packages that only tests may import. */
const TEST_PACKAGES: ReadonlySet<string> = new Set(["ajv", "fast-check"]);

/** One thing that is not as it must be. */
export interface Breach {
  /** Relative to the root. */
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

/** An import, static or dynamic, as it stands in a file. */
interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly isStatic: boolean;
}

/** @returns every breach in one source file of the program, in the order of lines */
export function findBreaches(path: string, source: string): Breach[] {
  const breaches: Breach[] = [];
  const code = blankComments(source);
  const add = (line: number, reason: string): void => void breaches.push({ path, line, reason });
  for (const found of findImports(code)) {
    const reason = judgeImport(path, found);
    if (reason !== undefined) add(found.line, reason);
  }
  for (const { index } of code.matchAll(/\bDeno\s*\./g)) {
    const isExitStatus = path === "main.ts" && /^Deno\.(?:args|exitCode)\b/.test(code.slice(index));
    if (!path.startsWith("lib/base/") && !isExitStatus) add(lineAt(code, index), "Deno.* outside lib/base/");
  }
  for (
    const { index } of code.matchAll(
      /\bIntl\s*\.|\.localeCompare\(|\.toLocale\w+\(|\bglobalThis\.process\b|(?<![.\w])process\.|\bset(?:Timeout|Interval)\b/g,
    )
  ) {
    add(
      lineAt(code, index),
      "loads a part of the runtime that costs 9 to 30 ms (language data, timers, Node compatibility)",
    );
  }
  for (const { index } of code.matchAll(/\bDeno\.exit(?:Code)?\b|\bprocess\.exit/g)) {
    if (path !== "main.ts") add(lineAt(code, index), "only main.ts sets the exit status");
  }
  const lines = source.split("\n").length - 1;
  if (lines > MAX_LINES) add(lines, `${lines} lines, at most ${MAX_LINES}: two concepts in one file?`);
  return breaches.sort((a, b) => a.line - b.line);
}

function judgeImport(path: string, { specifier, isStatic }: Import): string | undefined {
  if (specifier.startsWith("node:")) {
    if (!path.startsWith("lib/base/") && path !== "main.ts") return `"${specifier}" outside lib/base/`;
    return isStatic ? `"${specifier}" is loaded at start; node: modules cost tens of milliseconds` : undefined;
  }
  if (/^(?:npm|jsr|https?):/.test(specifier)) return `"${specifier}" has no pin in deno.json`;
  if (!specifier.startsWith(".")) {
    const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
    if (TEST_PACKAGES.has(name)) return `"${name}" is for tests`;
    const owner = OWNED_PACKAGES[name];
    return owner === undefined || owner.test(path) ? undefined : `"${name}" may not be imported here`;
  }
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (target === "deno.json") {
    return path === "lib/base/version.ts" ? undefined : "only lib/base/version.ts reads deno.json";
  }
  const [from, to] = [floorOf(path), floorOf(target)];
  if (to === undefined) return `"${specifier}" lies outside the rooms`;
  if (from === undefined) return undefined;
  if (to > from) return `imports up, from ${roomOf(path)} to ${roomOf(target)}`;
  if (to === from && roomOf(path) !== roomOf(target)) {
    return `imports sideways, from ${roomOf(path)} to ${roomOf(target)}`;
  }
  return undefined;
}

function roomOf(path: string): string {
  return path === "main.ts" ? "main.ts" : /^lib\/([^/]+)\//.exec(path)?.[1] ?? "";
}

/** @returns how high the room of a file lies, main.ts on top; undefined outside */
function floorOf(path: string): number | undefined {
  const room = roomOf(path);
  const floor = room === "main.ts" ? FLOORS.length : FLOORS.findIndex((rooms) => rooms.includes(room));
  return floor < 0 ? undefined : floor;
}

function findImports(code: string): Import[] {
  const imports: Import[] = [];
  const pattern = /\b(?:(?:import|export)\b[^;"'`]*?\bfrom\s*|import\s*(\(\s*)?)["']([^"']+)["']/g;
  for (const match of code.matchAll(pattern)) {
    imports.push({ specifier: match[2] ?? "", line: lineAt(code, match.index), isStatic: match[1] === undefined });
  }
  return imports;
}

/** Replaces comments by spaces, so that lines stay where they are; strings that hold comment signs are left alone. */
function blankComments(source: string): string {
  const pattern = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g;
  return source.replace(pattern, (part) => part.startsWith("/") ? part.replace(/[^\n]/g, " ") : part);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** @returns the program's source files, relative to the root */
export async function sourceFiles(folder = "lib"): Promise<string[]> {
  const paths: string[] = folder === "lib" ? ["main.ts"] : [];
  for await (const entry of Deno.readDir(`${ROOT}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) paths.push(...await sourceFiles(path));
    else if (path.endsWith(".ts")) paths.push(path);
  }
  return paths.sort();
}

if (import.meta.main) {
  const breaches: Breach[] = [];
  for (const path of await sourceFiles()) {
    breaches.push(...findBreaches(path, await Deno.readTextFile(`${ROOT}/${path}`)));
  }
  for (const { path, line, reason } of breaches) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${path}:${line}: ${reason}\n`));
  }
  if (breaches.length > 0) Deno.exit(1);
}
