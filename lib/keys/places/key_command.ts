/**
 * The commands that SOPS runs for identities (`SOPS_AGE_KEY_CMD`, `SOPS_AGE_SSH_PRIVATE_KEY_CMD`), run as SOPS runs them:
 * split into words, without a shell, with the wanted recipient in `SOPS_AGE_RECIPIENT`. What they print stays in memory.
 *
 * I/O through the host. Spec: sops-engine §2.3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { equalBytes } from "../../base/bytes.ts";
import { MAX_KEYS_FILE_BYTES } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { awaitProgram, formatSilence } from "../../base/host/long_wait.ts";

/** How many recipients a command is run for at most: it may ask a device or a person each time. */
const MAX_RUNS = 8;

/** What a command printed. */
export interface CommandAnswers {
  /** What it printed, each different answer once. */
  readonly outputs: readonly Uint8Array[];
  /** Whether running it for more recipients could tell more. */
  readonly isCutShort: boolean;
  /** Why it never printed anything, to stand after its variable; absent when it did. */
  readonly problem?: string;
}

/**
 * Runs a command for each wanted recipient, until two equal answers show that it does not look at the recipient.
 *
 * @param wanted recipients; without any the command is run once
 */
export async function askCommand(host: Host, command: string, wanted: readonly string[]): Promise<CommandAnswers> {
  const outputs: Uint8Array[] = [];
  let problem: string | undefined;
  for (const recipient of wanted.length === 0 ? [undefined] : wanted.slice(0, MAX_RUNS)) {
    const answer = await runKeyCommand(host, command, recipient);
    if (!(answer instanceof Uint8Array)) {
      problem ??= answer.text;
      if (answer.isForAll) break;
    } else if (outputs.some((output) => equalBytes(output, answer))) return { outputs, isCutShort: false };
    else outputs.push(answer);
  }
  const isCutShort = wanted.length > MAX_RUNS;
  return outputs.length > 0 || problem === undefined
    ? { outputs, isCutShort }
    : { outputs, isCutShort: false, problem };
}

/** Why a command printed no keys. */
export interface CommandProblem {
  /** Stands after its variable. */
  readonly text: string;
  /** It would be the same for every recipient, and is not tried again. */
  readonly isForAll: boolean;
}

/**
 * Runs a command for one recipient. Where nobody is at a terminal it is given up when it takes too long.
 *
 * @param recipient absent where the command is not told it
 * @returns what the command printed, or why it did not
 */
export async function runKeyCommand(
  host: Host,
  command: string,
  recipient?: string,
): Promise<Uint8Array | CommandProblem> {
  const forAll = (text: string): CommandProblem => ({ text, isForAll: true });
  const forThis = (text: string): CommandProblem => ({ text, isForAll: false });
  const words = splitCommand(command);
  const [program, ...args] = words ?? [];
  if (program === undefined) return forAll(words === undefined ? "has a quote that is never closed" : "is empty");
  try {
    const env: Record<string, string> = recipient === undefined ? {} : { SOPS_AGE_RECIPIENT: recipient };
    const timeoutMs = host.patienceMs;
    const running = host.run(program, args, { env, maxOutputBytes: MAX_KEYS_FILE_BYTES, timeoutMs });
    const result = await awaitProgram(host, `waiting for the program "${program}", which should print a key`, running);
    if (result === undefined) return forAll(`names the program "${program}", which is not there`);
    if (result.isTimedOut) return forAll(`fails: "${program}" ${formatSilence(timeoutMs)}`);
    if (result.stdout.length > MAX_KEYS_FILE_BYTES) return forThis("prints more than any list of keys");
    if (result.code !== 0) return forThis(`fails: its command ends with code ${result.code}`);
    return result.stdout;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return forThis(`fails: ${error.message}`);
  }
}

/**
 * Splits a command line into words: quotes, backslashes and `#` comments as in a POSIX shell, nothing else.
 *
 * @returns undefined when a quote is never closed
 */
export function splitCommand(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? "";
    const next = line[i + 1];
    if (quote === "'") {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === "\\") {
      if (next === undefined) return undefined;
      word = (word ?? "") + (quote === '"' && !/["\\]/.test(next) ? character + next : next);
      i++;
    } else if (quote === '"') {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "#" && word === undefined) {
      while (i + 1 < line.length && line[i + 1] !== "\n") i++;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
