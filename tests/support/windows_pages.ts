/**
 * What the pages of `tests/cases/`, written as POSIX systems show them, look like on Windows: both sides of a comparison
 * are brought to one form, in which separators, quotes and permission bits do not count.
 *
 * @module
 */
import type { Page, PageFile } from "./case_page.ts";
import type { TypedCommand } from "./case_shell.ts";
import { isOnPath } from "./peers.ts";

/** Under Wine there is none; on Windows there may be. */
const HAS_GIT = isOnPath("git");

/** @returns the text without what differs between the systems by their nature */
export function withoutSystem(text: string): string {
  return text
    .replace(/ \\$/gm, "") // a command that goes on below
    .replace(/"\$\(printf ('(?:[^']|'\\'')*')\)"/g, (_word, format: string) => format.replaceAll("\\134", "\\"))
    .replace(/\[(\^?)\/\\+\]/g, (_class, not) => not === "" ? "/" : "[^/]") // a separator in a path_regex
    .replace(/\\+/g, "/")
    .replaceAll("> $null", "> /dev/null")
    .replaceAll("mkdir -p ", "mkdir ")
    .replaceAll("%AppData% is set", "default") // why the keys file lies where it does
    .replaceAll("%AppData% is not set", "neither $XDG_CONFIG_HOME nor $HOME is set")
    .replace(/%(?:UserProfile|AppData)%(?= is not set|,)/gi, "$$HOME")
    .replace(/"mode": "0[0-7]{3}"/g, '"mode": null')
    .replace(/^│ note: other users could read .*\n/gm, "")
    .replace(/^warning: who can read .* was not checked: .*\n/gm, "") // see outside_profile_test.ts
    .replaceAll("'", '"')
    .replace(/"([\w@%+=:,./~<>-]+)"/g, "$1")
    .replaceAll("␍\n", "\n")
    .replace(/^(\W*)(?:[0-7]{4}|link) (?=\S)/gm, "$1.... ")
    .replace(/\n(?:│ )? {2,}/g, " ") // longer paths and patterns break lines elsewhere, and make columns wider
    .replace(/ {2,}/g, " ");
}

/**
 * @returns what a page lays out, with the separator of Windows in the patterns that SOPS compares with it, and in the paths
 * that stand in a keys file; as it is where the head of the file says `as-written`
 */
export function withSystem({ path, options }: PageFile, content: string): string {
  if (options.includes("as-written")) return content;
  if (!/\.sops\.ya?ml$/.test(path)) {
    return content.replace(/^# vault: .*, config: .*$/gm, (line) => line.replaceAll("/", "\\"));
  }
  return content.replace(/^(\s*(?:- )?path_regex: )(.*)$/gm, (_line, key: string, pattern: string) => {
    return key + withBothSeparators(pattern, pattern.startsWith('"') ? "\\\\\\\\" : "\\\\"); // in a string of YAML, or not
  });
}

/** @param backslash as the pattern is to have one in a class */
function withBothSeparators(pattern: string, backslash = "\\\\"): string {
  return pattern.replace(/\[\^\/\]|(?<!\[)\//g, (found) => `${found === "/" ? "[/" : "[^/"}${backslash}]`);
}

/** Where the pattern stands in a line that adds a rule; behind flags it begins with `^`. */
const PATTERN_AT = 3;

/** What Windows has for a program that pages start, by the words that name it. */
const PROGRAMS: readonly (readonly [words: RegExp, typed: readonly string[]])[] = [
  [/^printenv (\w+)$/, ["cmd", "/d", "/c", "echo", "%$1%"]],
  [/^sh -c exit (\d+)$/, ["cmd", "/d", "/c", "exit", "$1"]],
];

/**
 * @returns the command as a person types it on Windows: with both separators in the pattern of a new rule, with a program
 * of that system behind `--`, and with its own names for the home folder and for a terminal that shows UTF-8
 */
export function typedOnWindows({ env, unset, words, ...rest }: TypedCommand): TypedCommand {
  const home = env["HOME"]?.replaceAll("/", "\\");
  const typed = words.slice(0, 3).join(" ") === "sopsmith rules add"
    ? words.map((word, i) => word.startsWith("^") || i === PATTERN_AT ? withBothSeparators(word) : word)
    : words;
  const end = typed.indexOf("--");
  const program = typed.slice(end + 1).join(" ");
  const [pattern, own] = PROGRAMS.find(([pattern]) => end > 0 && pattern.test(program)) ?? [];
  return {
    ...rest,
    env: {
      ...(env["TERM"] === undefined ? { ACCESSIBLE: "1" } : {}), // Windows paints without it, other systems do not
      ...(/utf-?8/i.test(env["LC_ALL"] ?? env["LANG"] ?? "") ? { WT_SESSION: "1" } : {}),
      ...(home === undefined ? {} : { USERPROFILE: home, APPDATA: home && `${home}\\.config` }),
      ...env,
    },
    unset: unset.includes("HOME") ? [...unset, "USERPROFILE", "APPDATA"] : unset,
    words: pattern === undefined || own === undefined
      ? typed
      : [...typed.slice(0, end + 1), ...own.map((word) => program.replace(pattern, word))],
  };
}

/** @returns why the page cannot run on Windows; undefined when it can */
export function findWindowsReason(page: Page): string | undefined {
  const options = page.files.flatMap((file) => file.options);
  if (page.settings.has("by the rules of linux") || page.settings.has("by the rules of darwin")) return "other rules";
  if (!HAS_GIT && page.steps.some(({ command }) => command.startsWith("git "))) return "needs git";
  if (options.some((option) => option.startsWith("symlink="))) return "symlinks";
  if (page.files.some(({ content }) => content.startsWith("#!"))) return "a script for a POSIX shell";
  if (page.steps.some(({ command }) => /\bXDG_\w+=/.test(command))) return "the folders of other systems";
  if (page.steps.some(({ command }) => /^(?:chmod|mode) /.test(command))) return "permission bits";
  return undefined;
}
