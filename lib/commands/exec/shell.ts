/**
 * Running a command line for a person, as SOPS does: by the shell of the system, with the streams of this program.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { waitForChild } from "../../base/host/signals.ts";

/**
 * Runs a command line to its end; signals that come meanwhile are passed on.
 *
 * @returns its exit status, 128 and the number of the signal where one ended it
 * @throws {UserError} `not-found` without a shell, `io` or `denied` when it cannot be started
 */
export async function runInShell(host: Host, commandLine: string): Promise<number> {
  const [shell, ...args] = shellWords(host, commandLine);
  const child = await host.spawn(shell, args);
  if (child === undefined) throw new UserError("not-found", `cannot run the command: there is no "${shell}"`);
  return await waitForChild(host, child);
}

/** @returns the shell of the system and what it is told, to run a command line */
export function shellWords({ os }: Pick<Host, "os">, commandLine: string): [shell: string, ...args: string[]] {
  return os === "windows" ? ["cmd.exe", "/C", commandLine] : ["/bin/sh", "-c", commandLine];
}
