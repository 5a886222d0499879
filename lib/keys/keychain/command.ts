/**
 * What the commands of all keychains have in common: what they do, and how they fail. I/O through the host. Spec: vaults §6.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { CommandOptions, CommandResult, Host } from "../../base/host/host.ts";
import { awaitProgram, formatSilence } from "../../base/host/long_wait.ts";
import type { Secret } from "../../base/secret.ts";
import type { KeychainEntry } from "./entry.ts";

/** One system's keychain. */
export interface Keychain {
  /** @returns whether there is an entry; the person is asked for nothing */
  has(entry: KeychainEntry): Promise<boolean>;
  /** @returns the value of an entry; undefined when there is none */
  read(entry: KeychainEntry): Promise<Secret | undefined>;
  /** Makes an entry, or replaces its value. */
  write(entry: KeychainEntry, value: Secret): Promise<void>;
}

/** What a person does who has no keychain. */
export const FILE_INSTEAD =
  "keep the key in a file instead: name it in age_key_file of the vault, or use the default keys file";

/**
 * Runs the command of a keychain, which may ask the person in a window of its own: says so when it takes long.
 *
 * @returns undefined when there is no such command
 * @throws {UserError} `io` for one that does not answer, where nobody is at a terminal
 */
export async function runKeychain(
  host: Host,
  command: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult | undefined> {
  const text = "waiting for the keychain; it may ask for its password in a window of its own";
  const timeoutMs = host.patienceMs;
  const result = await awaitProgram(host, text, host.run(command, args, { ...options, timeoutMs }));
  if (!result?.isTimedOut) return result;
  throw new UserError("io", `cannot reach the keychain: "${command}" ${formatSilence(timeoutMs)}`, {
    hints: ["unlock the keychain, or run the command in a terminal, where it waits", FILE_INSTEAD],
  });
}

/** @returns the error for a keychain whose command is missing; to be thrown by the caller */
export function keychainMissing(command: string, hint: string): UserError {
  return new UserError("unsupported", `cannot reach the keychain: the command "${command}" is missing`, {
    hints: [hint, FILE_INSTEAD],
  });
}

/** @returns the error for a keychain that answers with a failure; to be thrown by the caller */
export function keychainFailed(
  action: string,
  { code, stderr }: Pick<CommandResult, "code" | "stderr">,
  kind: "io" | "denied" = "io",
): UserError {
  const answer = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  const said = answer === "" ? `its command ended with code ${code}` : answer.replace(/^[\w-]+: /, "");
  return new UserError(kind, `cannot ${action} the keychain: ${said}`, {
    hints: ["unlock the keychain, or log in to a desktop session that has one", FILE_INSTEAD],
  });
}
