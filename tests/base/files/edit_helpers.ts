/**
 * What the tests of `lib/base/files/edit_files.ts` and `lib/base/files/lock.ts` share: targets, a planner that appends a line, a look at what is left in
 * a folder, and the worker process of `edit_worker.ts`.
 *
 * @module
 */
import type { EditPlan, EditTarget, Planner, Snapshot } from "../../../lib/base/files/edit_files.ts";
import type { FilePlan } from "../../../lib/base/files/replace_many.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assertEquals } from "../../support/assert.ts";
import { walk } from "../../support/case_shell.ts";
import type { TestHost } from "../../support/test_host.ts";

/** @returns targets of 1 MiB at most whose new files are 0600 and new folders 0700 */
export function targetsOf(...paths: readonly string[]): EditTarget[] {
  return paths.map((path) => ({ path, maxBytes: 1024 * 1024, newFileMode: 0o600, newFolderMode: 0o700 }));
}

/** @returns a planner that adds a line to every target, or to those named */
export function appending(line: string, only?: readonly string[]): Planner<string> {
  return (snapshots) => {
    const changes = snapshots.filter(({ target }) => only?.includes(target.path) ?? true)
      .map(({ target, content }) => ({
        path: target.path,
        after: concat(content ?? new Uint8Array(), new TextEncoder().encode(`${line}\n`)),
        reason: "a line",
      }));
    return Promise.resolve<EditPlan<string>>({ changes, outcome: line });
  };
}

/** @returns a planner for many files that adds a line to each, and finds nothing to do where one stands already */
export function appendingToEach(line: string): (snapshot: Snapshot) => Promise<FilePlan<string>> {
  return ({ content = new Uint8Array() }) => {
    const isThere = new TextDecoder().decode(content).split("\n").includes(line);
    const after = isThere ? undefined : concat(content, new TextEncoder().encode(`${line}\n`));
    return Promise.resolve({ after, outcome: line });
  };
}

/** A planner that finds nothing to do. */
export function changeNothing(): Promise<EditPlan<string>> {
  return Promise.resolve({ changes: [], outcome: "nothing" });
}

/** @returns names of everything below the test's root, folders with a `/` at the end, sorted */
export async function listAll(host: TestHost): Promise<string[]> {
  const names: string[] = [];
  await walk(host.root, "", (name, info) => void names.push(info.isDirectory ? `${name}/` : name));
  return names.sort();
}

/** @returns the permission bits of a file, symlinks not followed */
export async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

/** Fails unless a file has these permission bits; Windows, which has none, makes them up. */
export async function assertMode(path: string, expected: number): Promise<void> {
  if (Deno.build.os !== "windows") assertEquals(await modeOf(path), expected, path);
}

/** Ending of the name of the file that is locked, beside the target `.a`: on Windows one of its own. */
export const LOCK_SUFFIX = Deno.build.os === "windows" ? ".sopsmith-lock" : ".sopsmith-tmp";

/** A user that is nobody on the machine. */
export const OTHER_USER = 54_321;

/** Starts `edit_worker.ts`. @param umask octal digits; absent: that of the test */
export function startWorker(args: readonly string[], umask?: string): Deno.ChildProcess {
  const config = `${ROOT}/deno.json`;
  const worker = `${import.meta.dirname}/edit_worker.ts`;
  const deno = [Deno.execPath(), "run", "-q", "-P", "--config", config, worker, ...args];
  const [command = "", ...rest] = umask === undefined ? deno : ["sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...deno];
  return new Deno.Command(command, { args: rest, stdin: "piped", stdout: "piped" }).spawn();
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
