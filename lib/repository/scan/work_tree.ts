/**
 * What git says about a work tree and a file of it: ignored, tracked, left out.
 *
 * Asks the `git` command about the repository that holds the file, whatever `GIT_DIR` says, and runs nothing that the
 * repository's own configuration names. Without git, or when it fails, the careful answer is given.
 * Spec: vaults §3, design (no other binary is needed).
 *
 * @module
 */
import type { CommandOptions, CommandResult, Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { findEntry } from "../../config/upward.ts";

/**
 * @param path absolute; the file need not exist
 * @returns whether git ignores the file; false outside of a work tree, without git and when git fails
 */
export async function isIgnoredByGit(host: Host, path: string): Promise<boolean> {
  return await runGitOn(host, path, (name) => ["check-ignore", "--quiet", "--", `./${name}`]);
}

/**
 * @param path absolute
 * @returns whether git tracks the file; false outside of a work tree, without git and when git fails
 */
export async function isTrackedByGit(host: Host, path: string): Promise<boolean> {
  return await runGitOn(host, path, (name) => ["--literal-pathspecs", "ls-files", "--error-unmatch", "--", name]);
}

/** What git marks a file with that is not to be in the work tree. */
const SKIPPED = "S ";

/**
 * Asks git only where a sparse checkout was set up.
 *
 * @param folder absolute
 * @returns how many files of the repository the work tree leaves out
 */
export async function countLeftOut(host: Host, folder: string): Promise<number> {
  const root = findGitRoot(host, folder);
  if (root === undefined) return 0;
  const gitFolder = findGitFolder(host, root);
  if (findEntry(host, host.paths.join(gitFolder, "info", "sparse-checkout")) === undefined) return 0;
  const result = await runGit(host, root, ["ls-files", "-t", "-z"]);
  if (result?.code !== 0) return 0;
  return new TextDecoder().decode(result.stdout).split("\0").filter((line) => line.startsWith(SKIPPED)).length;
}

/** How a linked work tree and a submodule name the folder that git has for them. */
const GIT_FILE = /^gitdir: (.+?)\r?\n?$/;

/** Longest file of this kind, in bytes: a path. */
const MAX_GIT_FILE_BYTES = 8192;

/** @param root absolute path of a work tree @returns the folder that git has for it */
function findGitFolder(host: Host, root: string): string {
  const path = host.paths.join(root, ".git");
  if (findEntry(host, path)?.kind !== "file") return path;
  const text = new TextDecoder().decode(host.files.read(path, MAX_GIT_FILE_BYTES));
  const named = GIT_FILE.exec(text)?.[1];
  return named === undefined ? path : host.paths.resolve(root, named);
}

/**
 * @param argsFor gives the arguments for the file's path from the root of the work tree
 * @returns whether git answers yes (exit code 0) about a file
 */
async function runGitOn(host: Host, path: string, argsFor: (name: string) => readonly string[]): Promise<boolean> {
  const { paths } = host;
  const root = findGitRoot(host, paths.dirname(path));
  if (root === undefined) return false;
  return (await runGit(host, root, argsFor(paths.relative(root, path))))?.code === 0;
}

/**
 * @param folder absolute; git is run there
 * @param options what git reads from its standard input, and variables besides those of this process
 * @returns how git ended; undefined outside of a work tree and without git
 */
export async function runGit(
  host: Host,
  folder: string,
  args: readonly string[],
  options: Pick<CommandOptions, "env" | "stdin"> = {},
): Promise<CommandResult | undefined> {
  const root = findGitRoot(host, folder);
  if (root === undefined) return undefined;
  const settings = [
    `--git-dir=${host.paths.join(root, ".git")}`,
    `--work-tree=${root}`,
    "-c",
    "core.fsmonitor=false", // else a command of the repository's configuration is run
  ];
  return await host.run("git", [...settings, ...args], { ...options, cwd: folder });
}
