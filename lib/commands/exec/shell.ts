/**
 * Running a command line for a person, as SOPS does: by the shell of the system, with the streams of this program.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { waitForChild } from "../../base/host/signals.ts";

/** The environment that a command gets. */
export interface CommandEnvironment {
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command gets these variables alone. */
  readonly isPristine?: boolean;
}

/**
 * Runs a command line to its end; signals that come meanwhile are passed on.
 *
 * @returns its exit status, 128 and the number of the signal where one ended it
 * @throws {UserError} `not-found` without a shell, `io` or `denied` when it cannot be started
 */
export async function runInShell(
  host: Host,
  commandLine: string,
  { env = {}, isPristine = false }: CommandEnvironment = {},
): Promise<number> {
  const [shell, flag] = host.os === "windows" ? ["cmd.exe", "/C"] as const : ["/bin/sh", "-c"] as const;
  const child = await host.spawn(shell, [flag, commandLine], { env, clearEnv: isPristine });
  if (child === undefined) throw new UserError("not-found", `cannot run the command: there is no "${shell}"`);
  return await waitForChild(host, child);
}
