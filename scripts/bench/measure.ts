/**
 * How a program is measured beside another one: wall and CPU time, and the peak of memory. Needs `bash` for the times, Linux
 * for the memory.
 *
 * @module
 */
import { BUNDLE_PATH } from "../bundle/bundle.ts";
import { ROOT } from "../process.ts";

/** How often each job is run. */
export const ROUNDS = 5;

const DENO = [
  Deno.execPath(),
  "run",
  "-q",
  "--no-config",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-run",
];

/** The bundle as a command. */
export const BUNDLED: readonly string[] = [...DENO, `${ROOT}/${BUNDLE_PATH}`];

/** What one run took. */
export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Runs its arguments, and tells their times as POSIX has them. */
const WATCH_TIME = `time -p "$@" >/dev/null`;

/** The same for the peak of their memory, seen at most 10 ms before the end. */
const WATCH_PEAK = `
"$@" >/dev/null & pid=$!
while line=$(grep VmHWM "/proc/$pid/status" 2>&1); do peak=$line; sleep 0.01; done
wait "$pid" && echo "$peak" >&2`;

/** @returns a reader of the numbers that a script has printed by their names */
async function watch(folder: string, script: string, command: readonly string[]): Promise<(name: string) => number> {
  const { success, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...command],
    cwd: folder,
    env: { SOPS_AGE_KEY_FILE: `${folder}/keys.txt`, SOPS_DISABLE_VERSION_CHECK: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${command.join(" ")} failed: ${text}`);
  return (name) => Number(new RegExp(`^${name}:?\\s+([\\d.]+)`, "m").exec(text)?.[1]);
}

/** @returns the times of one run, which must succeed */
export async function measureUsage(folder: string, command: readonly string[]): Promise<Usage> {
  const read = await watch(folder, WATCH_TIME, command);
  return { wallMs: read("real") * 1000, cpuMs: (read("user") + read("sys")) * 1000 };
}

/** @returns the peak of memory in MiB */
export async function measurePeak(folder: string, command: readonly string[]): Promise<number> {
  return (await watch(folder, WATCH_PEAK, command))("VmHWM") / 1024;
}

/** @returns the middle one */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** @returns whether a program can be run */
export async function hasProgram(name: string, version: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args: [...version], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Prints rows as aligned columns, the first one to the left. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join("  ")
  );
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n\n`));
}
