/**
 * The commands that a report names as the one next step, quoted so that a shell takes them.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Host } from "../../base/host/host.ts";
import { quotePathForShell } from "../../base/shell_word.ts";
import type { Report } from "../../base/show/report.ts";
import { findEntry } from "../../config/upward.ts";

/** How many files a next step names; the others are counted. */
const MAX_NAMED_FILES = 3;

/**
 * @param config absolute path of the `.sops.yaml` that a command is to use
 * @param file absolute path of the file that the command is for
 * @returns the same config; undefined where the command chooses it by itself
 */
export async function findConfigToName(host: Host, config: string, file: string): Promise<string | undefined> {
  const { findChosenConfig } = await import("../../config/config_choice.ts"); // reads YAML; quoting a word does not
  return await findChosenConfig(host, host.paths.dirname(file)) === config ? undefined : config;
}

/**
 * @param words of the command, quoted
 * @param config absolute path of the `.sops.yaml` to use; undefined: the nearest above the file
 */
export function formatFileCommand(report: Report, words: string, config: string | undefined): string {
  return `sopsmith ${words}${config === undefined ? "" : ` --config ${quotePath(report, config)}`}`;
}

/**
 * @param configPath absolute path of the `.sops.yaml` that has the file's rule; undefined: the nearest above the file
 * @returns the command that makes and edits a new encrypted file, and its folder first where that is missing
 */
export async function suggestFirstEdit(session: Session, file: string, configPath?: string): Promise<string> {
  const { host, report } = session;
  const config = configPath === undefined ? undefined : await findConfigToName(host, configPath, file);
  const edit = formatFileCommand(report, `edit ${quotePath(report, file)}`, config);
  const folder = host.paths.dirname(file);
  if (await findEntry(host, folder) !== undefined) return edit;
  return `${host.os === "windows" ? "mkdir" : "mkdir -p"} ${quotePath(report, folder)} && ${edit}`;
}

/** @returns the command that lists the mistakes of a config */
export async function suggestLint({ host, report }: Session, configPath: string): Promise<string> {
  return formatFileCommand(report, "rules lint", await findConfigToName(host, configPath, configPath));
}

/** What a command cannot tell by its files alone. */
export interface UpdateScope {
  /** As for {@link formatFileCommand}. */
  readonly config?: string | undefined;
  /** How many files there are besides, which the command cannot take: they have another config. */
  readonly otherCount?: number;
}

/**
 * @param files absolute paths, at least one
 * @returns the command that encrypts files for the recipients of their rule; how many are left, as a comment of a shell
 */
export function formatUpdate(
  report: Report,
  files: readonly string[],
  { config, otherCount = 0 }: UpdateScope = {},
): string {
  const named = files.slice(0, MAX_NAMED_FILES).map((path) => quotePath(report, path));
  const rest = files.length - named.length + otherCount;
  const comment = rest === 0 ? "" : `   # then the other ${rest === 1 ? "one" : rest}`;
  return formatFileCommand(report, `updatekeys ${named.join(" ")}`, config) + comment;
}

/**
 * @param files absolute paths, at least one
 * @param configPath absolute path of the `.sops.yaml` that has their rule
 * @returns as {@link formatUpdate}
 */
export async function suggestUpdate(session: Session, files: readonly string[], configPath: string): Promise<string> {
  const { host, report } = session;
  return formatUpdate(report, files, { config: await findConfigToName(host, configPath, files[0]!) });
}

/** @param count of encrypted files that a new key cannot read, at least 1 @returns what that asks for */
export function formatBehind(count: number): string {
  const [files, them] = count === 1 ? ["1 encrypted file does", "it"] : [`${count} encrypted files do`, "them"];
  return `${files} not know this key yet; someone who can read ${them} now runs the next step`;
}

/** @returns the path as the report shows it, for a shell; the `~` of a home folder stands outside of quotes */
export function quotePath(report: Report, path: string): string {
  return quotePathForShell(report.path(path));
}
