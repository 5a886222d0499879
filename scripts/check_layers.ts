/**
 * Fails when a file reaches where it must not: an import that its room may not have, the
 * operating system touched outside `lib/base/`, a package that belongs to one file, a file that has grown too long.
 *
 * @module
 */
import { ROOT } from "./process.ts";

const BASE = ["base", "base/host", "base/show", "base/ask", "base/files"];
const YAML = ["yaml", "yaml/edit"];
const KEYS = ["keys/primitives", "keys/ssh", "keys/age", "keys/file", "keys/keychain", "keys/places"];
const CONFIG = [
  "config/rules",
  "config",
  "config/patterns",
  "config/edit",
  "config/lint",
  "config/atmos",
  "config/stacks",
  "config/vaults",
];
const SOPS = ["sops/tree", "sops/metadata", "sops/facts", "sops"];
const REPOSITORY = [
  "repository/scan",
  "repository/rules",
  "repository/recipients",
  "repository/keygen",
  "repository/doctor",
];

/**
 * Every room, from the ground up, with the rooms that it may import. A room stands below those that import it, so no two
 * can need each other. `config` and `sops` do not know each other; `repository` joins them.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "base": [],
  "base/host": ["base"],
  "base/show": ["base", "base/host"],
  "base/ask": ["base", "base/host", "base/show"],
  "base/files": ["base", "base/host"],
  "yaml": ["base"],
  "yaml/edit": ["base", "yaml"],
  "yaml/scan": ["base", "yaml"],
  "keys/primitives": ["base", "base/host"],
  "keys/ssh": [...BASE, "keys/primitives"],
  "keys/age": ["base", "base/host", "base/show", "base/ask", "keys/primitives", "keys/ssh"],
  "keys/file": [...BASE, "keys/primitives", "keys/age"],
  "keys/keychain": ["base", "base/host", "base/files", "keys/age", "keys/file"],
  "keys/places": [...BASE, "keys/primitives", "keys/ssh", "keys/age", "keys/file", "keys/keychain"],
  "nix": ["base", "base/host", "base/files", "keys/primitives"],
  "config/rules": ["base", "keys/age", "yaml"],
  "config": ["base", "base/host", "base/files", "config/rules", "yaml"],
  "config/patterns": ["base", "base/host", "config/rules", "yaml"],
  "config/edit": ["base", "base/show", "config/rules", ...YAML],
  "config/lint": ["base", "base/show", "config/patterns", "config/rules", "keys/age", "keys/ssh", ...YAML],
  "config/atmos": [...BASE, "config", "yaml"],
  "config/stacks": ["base", "base/host", "config/atmos", "yaml"],
  "config/vaults": [...BASE, "config", "config/patterns", "config/atmos", "config/stacks", "keys/keychain"],
  "sops/tree": ["base", "yaml"],
  "sops/metadata": ["base", "sops/tree", "yaml/scan"],
  "sops/engine": ["base", "base/host", "sops/tree", "sops/metadata"],
  "sops/stores/yaml": ["base", ...YAML, "yaml/scan", "sops/tree"],
  "sops/stores": ["base", ...YAML, "yaml/scan", "sops/tree", "sops/metadata", "sops/stores/yaml"],
  "sops/stores/json": ["base", ...YAML, "sops/tree", "sops/metadata", "sops/stores"],
  "sops/stores/ini": ["base", ...YAML, "sops/tree", "sops/metadata", "sops/stores", "sops/stores/json"],
  "sops/lines": ["base", "yaml", "sops/tree", "sops/metadata", "sops/engine", "sops/stores/yaml"],
  "sops/facts": ["base", "keys/age", "sops/tree", "sops/metadata", "yaml/scan"],
  "sops": [
    "base",
    "base/host",
    "keys/age",
    "sops/tree",
    "sops/engine",
    "sops/stores",
    "sops/stores/yaml",
    "sops/stores/json",
    "sops/stores/ini",
    "sops/lines",
    "sops/metadata",
    "sops/facts",
    "yaml/edit",
  ],
  "sops/merge": [
    "base",
    "sops/tree",
    "sops/metadata",
    "sops/engine",
    "sops/stores",
    "sops",
    "yaml/edit",
  ],
  "repository/scan": [...BASE, ...CONFIG, ...SOPS, "sops/engine", "sops/stores", "yaml"],
  "repository/rules": [...BASE, ...YAML, "keys/age", ...CONFIG, ...SOPS, "repository/scan"],
  "repository/recipients": [...BASE, ...YAML, "keys/age", "keys/ssh", ...CONFIG, "repository/rules", "repository/scan"],
  "repository/keygen": [...BASE, ...KEYS, ...CONFIG, "repository/rules", "repository/scan"],
  "repository/file": [
    ...BASE,
    "keys/age",
    "keys/places",
    "config/patterns",
    "config/rules",
    ...SOPS,
    "repository/scan",
  ],
  "repository/doctor": [
    ...BASE,
    "sops/engine",
    ...KEYS,
    ...CONFIG,
    ...SOPS,
    "repository/scan",
    "repository/rules",
    "repository/keygen",
    "repository/file",
    "yaml",
  ],
  "repository/bulk": [
    ...BASE,
    "config",
    "config/rules",
    "keys/age",
    ...SOPS,
    "repository/file",
    "repository/scan",
  ],
  "repository/check": [
    ...BASE,
    "keys/age",
    "keys/ssh",
    ...CONFIG,
    ...SOPS,
    "sops/engine",
    "sops/stores",
    "repository/bulk",
    "repository/scan",
    "yaml",
  ],
  "repository/git": [...BASE, ...CONFIG, "repository/scan", "repository/bulk"],
  "repository/access": [
    ...BASE,
    "keys/age",
    "keys/places",
    "config/rules",
    ...SOPS,
    "repository/scan",
  ],
  "repository/secrets": [
    ...BASE,
    "keys/keychain",
    "config/atmos",
    "config/vaults",
    ...SOPS,
    "repository/file",
  ],
  "commands/shared": [...BASE, ...KEYS, ...CONFIG, "sops", ...REPOSITORY, "repository/access"],
  "commands/completion": [...BASE, "commands/shared", ...CONFIG, "keys/age"],
  "commands/keygen": [...BASE, "commands/shared", ...KEYS, ...CONFIG, ...REPOSITORY],
  "commands/init": [...BASE, "commands/shared", "yaml", ...KEYS, "nix", ...CONFIG, ...SOPS, ...REPOSITORY],
  "commands/doctor": [
    ...BASE,
    "commands/shared",
    "keys/age",
    ...CONFIG,
    ...SOPS,
    ...REPOSITORY,
    "repository/access",
  ],
  "commands/identity": [
    ...BASE,
    "commands/shared",
    ...KEYS,
    "config",
    "config/vaults",
    "repository/keygen",
    "repository/recipients",
  ],
  "commands/rules": [
    ...BASE,
    "commands/shared",
    "yaml",
    "keys/age",
    ...CONFIG,
    ...SOPS,
    ...REPOSITORY,
    "repository/access",
  ],
  "commands/file": [...BASE, "commands/shared", "keys/age", "config", "repository/file", "repository/scan", ...SOPS],
  "commands/git": [
    ...BASE,
    "commands/shared",
    "commands/file",
    "config",
    "keys/age",
    "keys/places",
    "repository/file",
    "repository/git",
    "repository/scan",
    ...SOPS,
    "sops/merge",
  ],
  "commands/edit": [
    ...BASE,
    "commands/shared",
    "commands/file",
    "commands/git",
    "config",
    "keys/age",
    "keys/places",
    "repository/file",
    "repository/scan",
    ...SOPS,
    "sops/merge",
  ],
  "commands/exec": [...BASE, "commands/shared", "commands/file", "config", ...SOPS],
  "commands/bulk": [
    ...BASE,
    "commands/shared",
    "commands/file",
    "config/rules",
    "repository/access",
    "repository/bulk",
    "repository/file",
    "repository/scan",
  ],
  "commands/recipient": [
    ...BASE,
    "commands/shared",
    "commands/file",
    "commands/bulk",
    "keys/age",
    "keys/places",
    ...CONFIG,
    ...REPOSITORY,
    "repository/access",
    "repository/bulk",
    "repository/file",
  ],
  "commands/check": [
    ...BASE,
    "commands/bulk",
    "commands/shared",
    "config",
    "config/lint",
    "config/rules",
    "repository/bulk",
    "repository/check",
    "repository/scan",
  ],
  "commands/access": [
    ...BASE,
    "commands/bulk",
    "commands/shared",
    "config/rules",
    "sops",
    "repository/access",
    "repository/recipients",
    "repository/bulk",
    "repository/scan",
  ],
  "commands/secret": [
    ...BASE,
    "commands/shared",
    "commands/exec",
    "commands/file",
    "commands/keygen",
    "keys/age",
    "keys/file",
    "keys/keychain",
    "config",
    "config/patterns",
    "config/atmos",
    "config/stacks",
    "config/vaults",
    ...SOPS,
    "repository/file",
    "repository/keygen",
    "repository/secrets",
  ],
  "commands/vault": [...BASE, "commands/shared", "config", "config/vaults"],
  "commands/ssh_to_age": [...BASE, "commands/shared", ...KEYS, "repository/keygen"],
  "commands/nix": [...BASE, "commands/shared", "nix", "repository/keygen"],
  "commands": [
    ...BASE,
    "commands/shared",
    "commands/completion",
    "commands/keygen",
    "commands/init",
    "commands/doctor",
    "commands/identity",
    "commands/recipient",
    "commands/rules",
    "commands/bulk",
    "commands/check",
    "commands/access",
    "commands/file",
    "commands/git",
    "commands/edit",
    "commands/exec",
    "commands/secret",
    "commands/vault",
    "commands/ssh_to_age",
    "commands/nix",
  ],
};

/** The most source files of a room; more are two subjects in one folder. */
const MAX_FILES = 18;

/** Packages that only one place may import, and why. */
const OWNED_PACKAGES: Readonly<Record<string, RegExp>> = {
  "re2js": /^lib\/config\/patterns\/re2\.ts$/, // it costs as much as an empty program
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

/** Who waits for seconds can wait for the timers to load. */
const TIMERS = "lib/base/host/long_wait.ts";

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
    const isExitStatus = path === "main.ts" && /^Deno\.(?:args|exit)\b/.test(code.slice(index));
    if (!path.startsWith("lib/base/") && !isExitStatus) add(lineAt(code, index), "Deno.* outside lib/base/");
  }
  for (
    const { index } of code.matchAll(
      /\bIntl\s*\.|\.localeCompare\(|\.toLocale\w+\(|\bglobalThis\.process\b|(?<![.\w])process\.|\bset(?:Timeout|Interval)\b/g,
    )
  ) {
    if (path === TIMERS && code.startsWith("setTimeout", index)) continue;
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
    if (!/^lib\/(?:base\/host|keys\/primitives)\//.test(path)) return `"${specifier}" outside lib/base/host/`;
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
  const [from, to] = [roomOf(path), roomOf(target)];
  if (to === undefined) return `"${specifier}" lies outside the rooms`;
  if (path === "main.ts" || from === to) return undefined;
  if (from === undefined) return "lies in no room: add its folder to ROOMS";
  return ROOMS[from]?.includes(to) ? undefined : `${from} may not import ${to}`;
}

/** @returns the folder of a file below `lib/`, when it is a room */
function roomOf(path: string): string | undefined {
  const folder = /^lib\/(.+)\/[^/]+$/.exec(path)?.[1];
  return folder !== undefined && Object.hasOwn(ROOMS, folder) ? folder : undefined;
}

/** @returns a breach for every room that the files fill too much, and for every room that has none */
export function findFullRooms(paths: readonly string[]): Breach[] {
  return Object.keys(ROOMS).flatMap((room) => {
    const count = paths.filter((path) => roomOf(path) === room).length;
    const reason = count === 0
      ? "is a room without files"
      : count > MAX_FILES
      ? `${count} files, at most ${MAX_FILES}: two subjects?`
      : undefined;
    return reason === undefined ? [] : [{ path: `lib/${room}/`, line: 1, reason }];
  });
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
  const paths = await sourceFiles();
  const breaches = findFullRooms(paths);
  for (const path of paths) {
    breaches.push(...findBreaches(path, await Deno.readTextFile(`${ROOT}/${path}`)));
  }
  for (const { path, line, reason } of breaches) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${path}:${line}: ${reason}\n`));
  }
  if (breaches.length > 0) Deno.exit(1);
}
