/**
 * Child processes through Deno: run to the end with their output collected, or started to be talked with. No shell.
 *
 * @module
 */
import type { Child, CommandOptions, CommandResult, Signal, SpawnOptions } from "./host.ts";
import { describeIoError } from "./io_error.ts";

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
  if (options.stdin !== undefined) await writeInput(child.stdin, options.stdin);
  const output = await ending;
  return { code: output.code, stdout: output.stdout, stderr: output.stderr };
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
