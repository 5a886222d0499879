/**
 * What git says about a file of a work tree: ignored, tracked.
 *
 * Asks the `git` command about the repository that holds the file, whatever `GIT_DIR` says, and runs nothing that the
 * repository's own configuration names. Without git, or when it fails, the careful answer is given.
 * Spec: vaults §3, design (no other binary is needed).
 *
 * @module
 */
import type { CommandOptions, CommandResult, Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";

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
