/**
 * What git ignores below a folder: no part of the repository, whatever lies there.
 *
 * Asks `git` once for the whole folder. Without git, outside of a work tree or when git fails nothing counts as ignored.
 * Spec: design (no other binary is needed).
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { runGit } from "./work_tree.ts";

/**
 * @param folder absolute
 * @returns absolute paths of ignored files and folders; what is in such a folder is not named
 */
export async function listIgnored(host: Host, folder: string): Promise<ReadonlySet<string>> {
  const result = await runGit(host, folder, [
    "ls-files",
    "-z",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--directory",
  ]);
  if (result?.code !== 0) return new Set();
  const names = new TextDecoder().decode(result.stdout).split("\0").filter((name) => name !== "");
  return new Set(names.map((name) => host.paths.join(folder, name.replace(/\/$/, ""))));
}
