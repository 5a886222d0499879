/**
 * Child processes through Deno: run to the end with their output collected, or started to be talked with. No shell.
 *
 * @module
 */
import type { Child, CommandOptions, CommandResult, Signal, SpawnOptions } from "./host.ts";
import { describeIoError } from "./io_error.ts";
import { isSettledWithin } from "./long_wait.ts";

/** How long a child that is asked to end may take for it, in milliseconds. */
const END_TIMEOUT_MS = 1_000;

/** @see Host.run */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult | undefined> {
  const child = start(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: options.maxOutputBytes === undefined ? "piped" : "null",
  });
  if (child === undefined) return undefined;
  // Reads while the input is written: neither side waits for the other's full pipe.
  const ending = options.maxOutputBytes === undefined ? child.output() : readCapped(child, options.maxOutputBytes);
  const { stdin, timeoutMs = Infinity } = options;
  const talk = Promise.all([ending, stdin === undefined ? undefined : writeInput(child.stdin, stdin)]);
  if (timeoutMs !== Infinity && !await isSettledWithin(talk, timeoutMs)) return await giveUp(child, talk);
  const [{ code, stdout, stderr }] = await talk;
  return { code, stdout, stderr };
}

/** Ends a child. What it has started itself may keep its output open, so that is not waited for. */
async function giveUp(child: Deno.ChildProcess, talk: Promise<unknown>): Promise<CommandResult> {
  talk.catch(() => {});
  kill(child, "SIGTERM");
  if (!await isSettledWithin(child.status, END_TIMEOUT_MS)) kill(child, "SIGKILL");
  const { code } = await child.status;
  return { code, stdout: new Uint8Array(), stderr: new Uint8Array(), isTimedOut: true };
}

/** Its standard error is not wanted: what it says could be a secret. */
async function readCapped(child: Deno.ChildProcess, maxBytes: number): Promise<CommandResult> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of child.stdout) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break; // closes the stream, too
  }
  if (length > maxBytes) kill(child, "SIGKILL");
  const { code } = await child.status;
  const stdout = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()).subarray(0, maxBytes + 1);
  return { code, stdout, stderr: new Uint8Array() };
}

/** @see Host.spawn */
export function spawnCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Child | undefined> {
  return Promise.try(() => {
    const { stdin = "inherit", stdout = "inherit", stderr = "inherit", ...surroundings } = options;
    const child = start(command, args, { ...surroundings, stdin, stdout, stderr });
    return child === undefined ? undefined : {
      ...(stdin === "piped" ? { stdin: child.stdin } : {}),
      ...(stdout === "piped" ? { stdout: child.stdout } : {}),
      ...(stderr === "piped" ? { stderr: child.stderr } : {}),
      status: child.status.then(({ code }) => code), // Deno says 128 and the number of a signal itself
      kill: (signal: Signal | "SIGKILL") => kill(child, signal),
    };
  });
}

/** @returns undefined when there is no such command */
function start(command: string, args: readonly string[], options: Deno.CommandOptions): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command(command, { ...options, args: [...args] }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw describeIoError("run", command, error);
  }
}

function kill(child: Deno.ChildProcess, signal: Signal | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error; // it has ended
  }
}

async function writeInput(stream: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stream.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // the child needs no more input; its exit code tells
  }
}
