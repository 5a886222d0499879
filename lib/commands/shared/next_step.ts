/**
 * The commands that a report names as the one next step, quoted so that a shell takes them.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { findGitRoot } from "../../config/git_root.ts";
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

/** The same for sops itself, which encrypts for keys of services; see {@link formatFileCommand}. */
export function formatSopsCommand(report: Report, words: string, config: string | undefined): string {
  return `sops ${config === undefined ? "" : `--config ${quotePath(report, config)} `}${words}`;
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
  return `mkdir -p ${quotePath(report, folder)} && ${edit}`;
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
  /** With new data keys. */
  readonly rotates?: boolean;
}

/**
 * @param files absolute paths, at least one
 * @returns the command that encrypts files for the recipients of their rule: it names a few files, or the folder that all
 * of them are in; how many are left, as a comment of a shell
 */
export function formatUpdate(
  session: Session,
  files: readonly string[],
  { config, otherCount = 0, rotates = false }: UpdateScope = {},
): string {
  const comment = otherCount === 0 ? "" : `   # then the other ${otherCount === 1 ? "one" : otherCount}`;
  return formatFileCommand(
    session.report,
    nameTargets(session, `updatekeys${rotates ? " --rotate" : ""}`, files),
    config,
  ) + comment;
}

/**
 * @param files absolute paths, at least one
 * @param scope its config is the absolute path of the `.sops.yaml` that has their rule
 * @returns as {@link formatUpdate}
 */
export async function suggestUpdate(
  session: Session,
  files: readonly string[],
  scope: UpdateScope & { readonly config: string },
): Promise<string> {
  return formatUpdate(session, files, {
    ...scope,
    config: await findConfigToName(session.host, scope.config, files[0]!),
  });
}

/**
 * @param files absolute paths, at least one
 * @param configPath absolute path of the `.sops.yaml` that has their rule
 * @returns the command that gives files a new data key, in the form of {@link formatUpdate}
 */
export async function suggestRotation(session: Session, files: readonly string[], configPath: string): Promise<string> {
  const config = await findConfigToName(session.host, configPath, files[0]!);
  const words = nameTargets(session, files.length === 1 ? "rotate -i" : "rotate", files);
  return formatFileCommand(session.report, words, config);
}

/** The whole repository needs no name. */
function nameTargets({ host, report }: Session, command: string, files: readonly string[]): string {
  if (files.length <= MAX_NAMED_FILES) return [command, ...files.map((path) => quotePath(report, path))].join(" ");
  const folder = findCommonFolder(host, files);
  return folder === findGitRoot(host, host.cwd) ? command : `${command} ${quotePath(report, folder)}`;
}

function findCommonFolder({ paths }: Host, files: readonly string[]): string {
  let folder = paths.dirname(files[0]!);
  for (const file of files) while (!paths.contains(folder, file)) folder = paths.dirname(folder);
  return folder;
}

/** @param count of encrypted files that a new key cannot read, at least 1 @returns what that asks for */
export function formatBehind(count: number): string {
  const [files, them] = count === 1 ? ["1 encrypted file does", "it"] : [`${count} encrypted files do`, "them"];
  return `${files} not know this key yet; someone who can read ${them} now runs the next step`;
}

/** @returns the path as the report shows it, for a shell; the `~` of a home folder stands outside of quotes */
export function quotePath(report: Report, path: string): string {
  return report.typedPath(path);
}
