/**
 * How an encrypted file that was damaged comes back: what git has of it, looked at before it is named. Asks git, and
 * changes nothing.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { findMetadata } from "../../sops/metadata/metadata.ts";
import { readBlob } from "../scan/unmerged.ts";
import { runGit } from "../scan/work_tree.ts";

/** Where a whole version of a file is. */
export type Restoration =
  /** What was added or committed last: `git checkout -- FILE`. */
  | "index"
  /** Only older commits can have one. */
  | "history"
  /** Git does not have the file, or is not here. */
  | "backup";

/** @param path absolute */
export async function findRestoration(host: Host, path: string): Promise<Restoration> {
  const { paths } = host;
  const root = findGitRoot(host, paths.dirname(path));
  if (root === undefined) return "backup";
  const name = paths.relative(root, path).replaceAll(paths.separator, "/");
  const listed = await runGit(host, root, ["--literal-pathspecs", "ls-files", "--stage", "--", name]);
  const stages = new TextDecoder().decode(listed?.stdout).split("\n").filter((line) => line !== "");
  if (listed?.code !== 0 || stages.length === 0) return "backup";
  if (stages.length > 1) return "history"; // a merge that is not finished: git refuses to check the file out
  const isChanged = (await runGit(host, root, ["--literal-pathspecs", "diff", "--quiet", "--", name]))?.code === 1;
  // by the metadata alone: a version that git has was whole when it was committed, unless it was a conflict
  const staged = isChanged ? await readBlob(host, root, `:0:${name}`) : undefined;
  return staged !== undefined && findMetadata(staged, path) !== undefined ? "index" : "history";
}
