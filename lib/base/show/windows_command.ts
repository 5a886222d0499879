/**
 * Command lines for the shells of Windows: what is written for a POSIX shell, as PowerShell or cmd takes it. Pure.
 *
 * The program writes its steps once, in the words of POSIX; here they are taken apart and put together again: quotes,
 * variables, `&&`, `mkdir -p`, `~`. Which shell is there is told by what PowerShell and Git Bash leave in the environment.
 *
 * @module
 */
import { findHome } from "../host/home.ts";
import type { Host } from "../host/host.ts";
import { UNPRINTABLE } from "../shell_word.ts";
import { findCommands } from "./command_text.ts";

/** A shell of Windows. */
export type WindowsShell = "powershell" | "cmd";

/** The module folders that the system names for every process; PowerShell puts those of the person before them. */
const SYSTEM_MODULE_FOLDERS = 2;

/** Words that a shell takes as they are. */
const PLAIN: Readonly<Record<WindowsShell, RegExp>> = { powershell: /^[\w+=:.\\/-]+$/, cmd: /^[\w+:.\\/@-]+$/ };

/** Where the output of a command goes that nobody wants. */
const NOWHERE: Readonly<Record<WindowsShell, string>> = { powershell: "$null", cmd: "NUL" };

/** What stands between commands of which each is run whatever the other came to. */
const AFTERWARDS: Readonly<Record<WindowsShell, string>> = { powershell: "; ", cmd: " && " };

/** What POSIX has a program for, by its first words. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<WindowsShell, string>>>> = {
  "ls -l": { powershell: "Get-Item", cmd: "dir" },
  "mkdir -p": { powershell: "mkdir -Force", cmd: "mkdir" },
  "mv": { powershell: "Move-Item", cmd: "move" },
  "rm": { powershell: "Remove-Item", cmd: "del" },
};

/** @returns the shell that commands are printed for; undefined on other systems, and in Git Bash and its like */
export function findWindowsShell({ os, env }: Pick<Host, "os" | "env">): WindowsShell | undefined {
  if (os !== "windows" || env("MSYSTEM") || env("SHELL")) return undefined;
  const folders = (env("PSModulePath") ?? "").split(";").filter((folder) => folder !== "");
  return env("PROMPT") && folders.length <= SYSTEM_MODULE_FOLDERS ? "cmd" : "powershell";
}

/** @returns the text with each of its command lines as the person's shell takes it */
export function translateCommands(host: Pick<Host, "os" | "env">, text: string): string {
  const shell = findWindowsShell(host);
  if (shell === undefined) return text;
  let translated = "";
  let at = 0;
  for (const { start, end } of findCommands(text)) {
    const part = text.slice(start, end);
    const between = text.slice(at, start);
    translated += shell === "cmd" && at > 0 && between === "; " ? " & " : between;
    translated += part.startsWith("#") ? translateComment(part, shell) : translateCommand(part, shell, findHome(host));
    at = end;
  }
  return translated + text.slice(at);
}

function translateComment(comment: string, shell: WindowsShell): string {
  return shell === "cmd" ? comment.replace(/^#/, "& rem") : comment;
}

/** A word of a command line: its text, and whether it stood in quotes. */
interface Word {
  readonly text: string;
  readonly isBare: boolean;
}

/** @returns the command line; as it is where it holds what only a POSIX shell can do */
function translateCommand(line: string, shell: WindowsShell, home: string | undefined): string {
  const written = line.replace(PRINTED_WORD, (word, format: string) => unprintf(format) ?? word);
  if (/\$\(|<\(|^\$env:/.test(written)) return line;
  return joinIfDone(splitLine(written).map((part) => translatePart(readWords(part), shell, home)), shell);
}

/** A word in the form of `printf`, as `quoteForShell()` writes what single quotes cannot hold in every shell of POSIX. */
const PRINTED_WORD = /"\$\(printf ('(?:[^']|'\\'')*')\)"/g;

/** @returns the word in single quotes; undefined where it holds what must not be printed */
function unprintf(format: string): string | undefined {
  const text = format.slice(1, -1).replace(/(?:\\[0-7]{3})+/g, (octals) => {
    return new TextDecoder().decode(Uint8Array.from(octals.split("\\").slice(1), (octal) => Number.parseInt(octal, 8)));
  });
  return text.search(UNPRINTABLE) === -1 ? `'${text.replaceAll("%%", "%")}'` : undefined;
}

/** Each command only where the one before it has succeeded; the PowerShell that Windows has does not know `&&`. */
function joinIfDone([first = "", ...rest]: readonly string[], shell: WindowsShell): string {
  if (rest.length === 0) return first;
  const others = joinIfDone(rest, shell);
  return shell === "cmd" ? `${first} && ${others}` : `${first}; if ($?) { ${others} }`;
}

/** @returns the commands of a line that are joined by `&&` */
function splitLine(line: string): string[] {
  const parts = [""];
  for (const [piece = ""] of line.matchAll(/'[^']*'|"[^"]*"| && |[^'" &]+|./gs)) {
    if (piece === " && ") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function readWords(part: string): Word[] {
  const words: Word[] = [];
  for (const [typed] of part.trim().matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)) {
    const text = typed.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_word, single, double, escaped) => {
      return single ?? double ?? escaped;
    });
    words.push({ text, isBare: !/['"\\]/.test(typed) });
  }
  return words;
}

function translatePart(words: readonly Word[], shell: WindowsShell, home: string | undefined): string {
  const [first, second, ...rest] = words.map(({ text }) => text);
  if (first === "export" && second !== undefined) return assign(second, shell, home);
  if (first === "unset" && second !== undefined) return [unset(second, shell), ...rest].join(" "); // a sentence may go on
  const before = words.findIndex(({ text, isBare }) => !isBare || !/^[A-Z_]+=/.test(text));
  const assignments = words.slice(0, Math.max(before, 0)).map(({ text }) => assign(text, shell, home));
  const command = translateProgram(words.slice(Math.max(before, 0)), shell, home);
  return [...assignments, command].join(AFTERWARDS[shell]);
}

function translateProgram(words: readonly Word[], shell: WindowsShell, home: string | undefined): string {
  const typed = words.map(({ text }) => text).join(" ");
  const [posix, own] = Object.entries(PROGRAMS).find(([name]) => typed.startsWith(`${name} `)) ?? [];
  const args = posix === undefined ? words : words.slice(posix.split(" ").length);
  const named = args.map((word) => quote(word, shell, home));
  if (own === undefined) return named.join(" ");
  // A cmdlet takes brackets in a name for a wildcard.
  const isPattern = own[shell].includes("-Item") && args.some(({ text }) => text.includes("["));
  return [own[shell], ...(isPattern ? ["-LiteralPath"] : []), ...named].join(" ");
}

/** @param assignment `NAME=value` */
function assign(assignment: string, shell: WindowsShell, home: string | undefined): string {
  const [, name = "", value = ""] = /^(\w+)=(.*)$/s.exec(assignment) ?? [];
  const other = /^\$([A-Z_]+)$/.exec(value)?.[1];
  if (shell === "cmd") return `set "${name}=${other === undefined ? withHome(value, home) : `%${other}%`}"`;
  return `$env:${name} = ${other === undefined ? inSingleQuotes(withHome(value, home)) : `$env:${other}`}`;
}

function unset(name: string, shell: WindowsShell): string {
  return shell === "cmd" ? `set "${name}="` : `Remove-Item env:${name}`;
}

function quote({ text, isBare }: Word, shell: WindowsShell, home: string | undefined): string {
  if (isBare && /^[<>|]+$/.test(text)) return text;
  if (text === "/dev/null") return NOWHERE[shell];
  if (text === "$USER") return shell === "cmd" ? "%USERNAME%" : "$env:USERNAME";
  const word = withHome(text, home);
  if (isBare || PLAIN[shell].test(word)) return word; // a placeholder stays one: `[flags]`
  return shell === "cmd" ? `"${word.replaceAll('"', '\\"')}"` : inSingleQuotes(word);
}

/** What PowerShell takes for a single quote: typographic ones, too. */
const SINGLE_QUOTES = /['\u2018\u2019\u201a\u201b]/g;

function inSingleQuotes(text: string): string {
  return `'${text.replace(SINGLE_QUOTES, "$&$&")}'`;
}

/** No shell of Windows knows `~` wherever it stands. */
function withHome(word: string, home: string | undefined): string {
  if (home === undefined || !/^~(?=$|[\\/])/.test(word)) return word;
  return home + word.slice(1).replaceAll("/", "\\");
}
