/**
 * What is said about who can read a keys file.
 *
 * @module
 */
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
