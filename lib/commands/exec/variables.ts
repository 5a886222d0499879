/**
 * Values as the variables of a child's environment, and nowhere else.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { ioErrorCode } from "../../base/host/io_error.ts";
import { waitForChild } from "../../base/host/signals.ts";

/** @param name of the file, for messages @throws {UserError} `unsupported` for what no variable can hold */
export function checkVariable(key: string, text: string, name: string): void {
  if (key === "" || /[=\0]/.test(key)) {
    throw new UserError(
      "unsupported",
      `cannot use ${name} as an environment: "${key}" cannot be the name of a variable`,
    );
  }
  if (text.includes("\0")) {
    throw new UserError("unsupported", `cannot use ${name} as an environment: the value of "${key}" holds a NUL byte`);
  }
}

/** What a command gets. */
export interface Variables {
  readonly env: Readonly<Record<string, string>>;
  /** The file that they come from, for messages. */
  readonly name: string;
  /** The command gets these variables alone. */
  readonly isPristine?: boolean;
}

/**
 * Runs a command to its end; signals that come meanwhile are passed on.
 *
 * @returns its exit status, 128 and the number of the signal where one ended it
 * @throws {UserError} `not-found` when there is no such command, `unsupported` for an environment that is too large
 */
export async function runWithVariables(
  host: Host,
  [command = "", ...args]: readonly string[],
  { env, name, isPristine = false }: Variables,
): Promise<number> {
  try {
    const child = await host.spawn(command, args, { env, clearEnv: isPristine });
    if (child === undefined) throw new UserError("not-found", `cannot run the command: there is no "${command}"`);
    return await waitForChild(host, child);
  } catch (error) {
    if (ioErrorCode(error instanceof UserError ? error.cause : error) !== "E2BIG") throw error;
    throw new UserError("unsupported", `cannot use ${name} as an environment: it is larger than the system takes`, {
      hints: ["exec-file hands over the whole file"],
    });
  }
}
