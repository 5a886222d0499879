/**
 * The commands that a report names as the one next step, quoted so that a shell takes them.
 *
 * @module
 */
import type { Host } from "../base/host.ts";
import type { Report } from "../base/report.ts";
import { findEntry } from "../config/upward.ts";

/** How many files a next step names; the others are counted. */
const MAX_NAMED_FILES = 3;

/** @returns the command that makes and edits a new encrypted file, and its folder first where that is missing */
export async function formatFirstEdit(host: Host, report: Report, file: string): Promise<string> {
  const edit = `sops edit ${quotePath(report, file)}`;
  const folder = host.paths.dirname(file);
  // SOPS does not make the folder of a new file, and loses what was typed into it
  if (await findEntry(host, folder) !== undefined) return edit;
  return `${host.os === "windows" ? "mkdir" : "mkdir -p"} ${quotePath(report, folder)} && ${edit}`;
}

/**
 * @param files absolute paths, at least one
 * @returns the command that encrypts files for the recipients of their rule
 */
export function formatUpdate(report: Report, files: readonly string[]): string {
  const named = files.slice(0, MAX_NAMED_FILES).map((path) => quotePath(report, path));
  const rest = files.length - named.length;
  return `sops updatekeys ${named.join(" ")}${rest > 0 ? `   (then the other ${rest})` : ""}`;
}

/** @param count of encrypted files that a new key cannot read, at least 1 @returns what that asks for */
export function formatBehind(count: number): string {
  const [files, them] = count === 1 ? ["1 encrypted file does", "it"] : [`${count} encrypted files do`, "them"];
  return `${files} not know this key yet; someone who can read ${them} now runs the next step`;
}

/** @returns the path as the report shows it, for a shell; the `~` of a home folder stands outside of quotes */
export function quotePath(report: Report, path: string): string {
  const shown = report.path(path);
  return shown.startsWith("~/") ? `~/${quoteForShell(shown.slice(2))}` : quoteForShell(shown);
}

/** @returns the word, in single quotes where a shell would take it apart */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
