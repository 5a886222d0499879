/**
 * Unified diffs for `--dry-run`. Loads the diff library; imported only where a diff is shown. Pure.
 *
 * @module
 */
import { createTwoFilesPatch } from "diff";

/** Lines of context around a change, as `diff -u` shows. */
const CONTEXT_LINES = 3;

/**
 * @param path shown for both sides, with `/` between its parts
 * @param before empty for a file that does not exist
 * @returns a unified diff without a final newline; empty when nothing differs. Never call it with a keys file.
 */
export function createUnifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const oldName = before === "" ? "/dev/null" : `a/${path}`;
  const patch = createTwoFilesPatch(oldName, `b/${path}`, before, after, undefined, undefined, {
    context: CONTEXT_LINES,
  });
  return patch.replace(/^=+\n/, "").trimEnd();
}
