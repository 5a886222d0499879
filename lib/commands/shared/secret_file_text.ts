/**
 * What a file that holds a private key asks for: a mode that keeps others out, and a git that leaves it alone.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import type { KeysMode } from "../../repository/keygen/keys_place.ts";
import { quotePath } from "./next_step.ts";

/**
 * Says that others could read a keys file, or still can; nothing of one that is private.
 *
 * @param path absolute
 */
export function reportKeysMode(report: Report, path: string, mode: KeysMode): void {
  const shown = report.path(path);
  if (mode === "narrowed") report.note(`other users could read ${shown}; its mode is 0600 now`);
  if (mode === "wide") {
    report.warning(`other users can read ${shown}; keep them out with: chmod 600 ${quotePath(report, path)}`);
  }
}

/**
 * Warns of a file that the next commit would take; says nothing of one that git ignores, or outside of a work tree.
 *
 * @param path absolute
 * @param advice what to do, imperative
 */
export async function warnOfCommit(
  { host, report }: Session,
  path: string,
  advice = "add it to .gitignore before the next commit",
): Promise<void> {
  const { couldBeCommitted } = await import("../../repository/keygen/keys_place.ts");
  if (!await couldBeCommitted(host, await host.files.realPath(path))) return;
  report.warning(`git does not ignore ${report.path(path)}; ${advice}`);
}
