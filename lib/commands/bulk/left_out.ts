/**
 * What a sparse checkout keeps from commands that look at whole folders: said, because it may hold encrypted files.
 *
 * @module
 */
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { countLeftOut } from "../../repository/scan/work_tree.ts";

/** @param paths as typed; none: the repository */
export async function noteLeftOut({ host, report }: Session, paths: readonly string[]): Promise<void> {
  const folders = paths.length === 0 ? [host.cwd] : paths.map((path) => host.paths.resolve(host.cwd, path));
  const folder = folders.find((path) => host.files.stat(path)?.kind === "directory");
  const count = folder === undefined ? 0 : await countLeftOut(host, folder);
  if (count === 0) return;
  const are = count === 1 ? "is" : "are";
  report.note(`${formatCount(count, "file")} of the repository ${are} not in this sparse checkout, and not looked at`);
}
