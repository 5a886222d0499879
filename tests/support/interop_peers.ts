/**
 * Running `sops`, `age-keygen` and `git` for a test host: its home folder, its working folder, and no variable of the
 * environment but `HOME` and `PATH`.
 *
 * @module
 */
import { runIsolated, type TestHost } from "./test_host.ts";

/** What a program answered. */
export interface PeerRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that run at the same time; more make no test faster on two cores. */
const WORKERS = 4;

/** Runs a program in the host's working folder. @param env variables besides `HOME` and `PATH` */
export async function runPeer(
  host: TestHost,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PeerRun> {
  const surroundings = { cwd: host.cwd, env: { HOME: host.home, PATH: Deno.env.get("PATH") ?? "", ...env } };
  const result = await runIsolated(command, args, surroundings);
  if (result === undefined) throw new Error(`cannot start ${command}`);
  const decoder = new TextDecoder();
  return { code: result.code, stdout: decoder.decode(result.stdout), stderr: decoder.decode(result.stderr) };
}

/** Runs sops and fails, with what it says, unless it succeeds. @returns its standard output */
export async function sops(
  host: TestHost,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await runPeer(host, "sops", args, env);
  if (code !== 0) throw new Error(`sops ${args.join(" ")}: exit ${code}: ${stderr}`);
  return stdout;
}

/** Runs a body for every item, a few at the same time. @returns the results in the order of the items */
export async function forEachOf<Item, Result>(
  items: readonly Item[],
  body: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await body(item);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return results;
}
