/**
 * What the pages of `tests/cases/`, written as POSIX systems show them, look like on Windows: both sides of a comparison
 * are brought to one form, in which separators, quotes and permission bits do not count.
 *
 * @module
 */
import type { Page } from "./case_page.ts";
import { isOnPath } from "./peers.ts";

/** Under Wine there is none; on Windows there may be. */
const HAS_GIT = isOnPath("git");

/** @returns the text without what differs between the systems by their nature */
export function withoutSystem(text: string): string {
  return text
    .replace(/\[(\^?)\/\\+\]/g, (_class, not) => not === "" ? "/" : "[^/]") // a separator in a path_regex
    .replace(/\\+/g, "/")
    .replaceAll("> $null", "> /dev/null")
    .replaceAll("mkdir -p ", "mkdir ")
    .replaceAll("'", '"')
    .replace(/"([\w@%+=:,./~-]+)"/g, "$1")
    .replace(/^(\W*)(?:[0-7]{4}|link) (?=\S)/gm, "$1.... ")
    .replace(/\n(?:│ )? {2,}/g, " ") // longer paths and patterns break lines elsewhere, and make columns wider
    .replace(/ {2,}/g, " ");
}

/** @returns what a page lays out, with the separator of Windows in the patterns that SOPS compares with it */
export function withSystem(path: string, content: string): string {
  if (!/\.sops\.ya?ml$/.test(path)) return content;
  return content.replace(/^(\s*(?:- )?path_regex: )(.*)$/gm, (_line, key: string, pattern: string) => {
    const backslash = pattern.startsWith('"') ? "\\\\\\\\" : "\\\\"; // as a pattern and as a string of YAML write it
    return key + pattern.replace(/\[\^\/\]|(?<!\[)\//g, (found) => `${found === "/" ? "[/" : "[^/"}${backslash}]`);
  });
}

/** @returns why the page cannot run on Windows; undefined when it can */
export function findWindowsReason(page: Page): string | undefined {
  const options = page.files.flatMap((file) => file.options);
  if (page.settings.has("by the rules of linux") || page.settings.has("by the rules of darwin")) return "other rules";
  if (!HAS_GIT && page.steps.some(({ command }) => command.startsWith("git "))) return "needs git";
  if (options.some((option) => option.startsWith("symlink="))) return "symlinks";
  if (page.steps.some(({ command }) => /^(?:chmod|mode) /.test(command))) return "permission bits";
  return undefined;
}
