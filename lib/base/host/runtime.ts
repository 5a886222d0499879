/**
 * Which Deno the program needs, and how it is started with it: from source, or as the bundle. An executable has its own.
 *
 * @module
 */
import { UserError } from "../error.ts";

/** The first release with `Deno.FsFile.tryLock`, on which every write rests. */
const OLDEST_DENO = "2.7.0";

/** What the bundle is started with: all that it needs, and nothing that could reach the network. */
export const RUN_FLAGS = "--no-remote --no-npm --allow-read --allow-write --allow-env --allow-run";

/**
 * @param version of the Deno that runs the program
 * @returns an error of kind `unsupported` for one that is too old; undefined for any other, also one without a number
 */
export function findRuntimeProblem(version: string = Deno.version.deno): UserError | undefined {
  if (!isOlder(version, OLDEST_DENO)) return undefined;
  return new UserError("unsupported", `cannot run on Deno ${version}: expected ${OLDEST_DENO} or newer`, {
    hints: ["install a newer Deno, or use the executable of this system, which has its own"],
  });
}

function isOlder(version: string, limit: string): boolean {
  const [ours, theirs] = [version, limit].map((text) => text.split(/[.+-]/, 3).map(Number));
  const at = ours?.findIndex((number, i) => number !== theirs?.[i]) ?? -1;
  return (ours?.[at] ?? 0) < (theirs?.[at] ?? 0);
}
