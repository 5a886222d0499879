/**
 * How tests start a child that is the same on every system.
 *
 * @module
 */

/** @returns the command that starts `child_worker.ts` */
export function childWorker(mode: string, ...args: readonly string[]): readonly [command: string, args: string[]] {
  const worker = `${import.meta.dirname}/child_worker.ts`;
  return [Deno.execPath(), ["run", "-q", "--no-config", "--allow-env", "--allow-read", worker, mode, ...args]];
}
