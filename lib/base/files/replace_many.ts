/**
 * The write path for many files that do not depend on each other: each is planned, locked, written beside itself and
 * renamed as `edit_files.ts` does it for one, but the disk is waited for by the batch: all new contents of a batch at the
 * same time, each folder once at the very end. A file is old or new, never half; a failure of one does not stop the
 * others. I/O through the host.
 *
 * What is different under the lock is found out by the rename, which compares the content once more: a file that was
 * changed meanwhile is planned again.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { describeIoError } from "../host/io_error.ts";
import { lockFile, sweepQuietly } from "./lock.ts";
import { type Change, describing, renameStaged, stageContent, type Step } from "./staged.ts";
import {
  type EditTarget,
  isStillThere,
  keepsChanging,
  makeFoldersOf,
  MAX_ATTEMPTS,
  readTarget,
  refuseReadOnlyMode,
  refuseUnwritable,
  type Snapshot,
} from "./target.ts";

/** How many files are held open at the same time; macOS lets a program have 256 and two workers share them. */
const BATCH_FILES = 64;

/** Mode of the new content of a file until it takes the place, and the mode, of the old one. */
const PRIVATE_MODE = 0o600;

/** How many bytes of files as they were read are held in memory, unless a single file is larger. */
const BATCH_BYTES = 32 * 1024 * 1024;

/** What is to become of one file. */
export interface FilePlan<Outcome> {
  /** Undefined: the file stays as it is. */
  readonly after: Uint8Array | undefined;
  readonly outcome: Outcome;
}

/** What became of one file. */
export type FileResult<Outcome> =
  | { readonly path: string; readonly state: "written" | "unchanged"; readonly outcome: Outcome }
  | { readonly path: string; readonly state: "failed"; readonly error: UserError };

/** How many files are replaced. */
export interface ReplaceOptions<Outcome> {
  /**
   * Makes a plan from what was read; must not write. It is called again whenever a file turns out to have changed. Its
   * {@link UserError} is the file's failure, but for `cancelled`, which ends everything.
   */
  readonly plan: (snapshot: Snapshot) => Promise<FilePlan<Outcome>>;
  /** What the new contents are for, in the words shown when one cannot be written: `the new data key`. */
  readonly reason: string;
  /** Called when one more file is done. */
  readonly onDone?: () => void;
}

/** What all batches know of each other. */
interface Run<Outcome> {
  readonly host: Host;
  readonly options: ReplaceOptions<Outcome>;
  readonly results: Map<EditTarget, FileResult<Outcome>>;
  /** Files by real path, so that none is written under two names. */
  readonly taken: Map<string, EditTarget>;
  /** Written files by the folder that is still to be synced. */
  readonly unsynced: Map<string, { readonly change: Change; readonly target: EditTarget }[]>;
}

/** A file that is to be written. */
interface PlannedStep<Outcome> extends Step {
  readonly outcome: Outcome;
}

/** @returns what became of each file, in the order of the targets; what was written is durable then */
export async function replaceMany<Outcome>(
  host: Host,
  targets: readonly EditTarget[],
  options: ReplaceOptions<Outcome>,
): Promise<FileResult<Outcome>[]> {
  const run: Run<Outcome> = { host, options, results: new Map(), taken: new Map(), unsynced: new Map() };
  try {
    for (let start = 0; start < targets.length;) start = await replaceBatch(run, targets, start);
  } finally {
    await syncFolders(run);
  }
  return targets.flatMap((target) => run.results.get(target) ?? []);
}

/** @returns the number of the first target of the next batch */
async function replaceBatch<Outcome>(
  run: Run<Outcome>,
  targets: readonly EditTarget[],
  start: number,
): Promise<number> {
  let waiting: Snapshot[] = [];
  let next = start;
  for (let bytes = 0; next - start < BATCH_FILES && bytes < BATCH_BYTES; next++) {
    const target = targets[next];
    if (target === undefined) break;
    const snapshot = await attempt(run, target, () => readTarget(run.host, target));
    if (snapshot !== undefined) waiting.push(snapshot);
    bytes += snapshot?.content?.length ?? 0;
  }
  for (let count = 1; waiting.length > 0; count++) {
    const changed = await writeBatch(run, waiting);
    waiting = [];
    for (const target of changed) {
      const snapshot = await attempt(run, target, () => {
        if (count === MAX_ATTEMPTS) throw keepsChanging([target]);
        return readTarget(run.host, target);
      });
      if (snapshot !== undefined) waiting.push(snapshot);
    }
  }
  return next;
}

/** @returns the targets that another program has changed meanwhile */
async function writeBatch<Outcome>(run: Run<Outcome>, snapshots: readonly Snapshot[]): Promise<EditTarget[]> {
  const { host } = run;
  const steps: PlannedStep<Outcome>[] = [];
  try {
    // whoever locks in this order never waits in a circle
    for (const snapshot of snapshots.toSorted((a, b) => a.realPath < b.realPath ? -1 : 1)) {
      await attempt(run, snapshot.target, async () => {
        const step = await lockStep(run, snapshot);
        if (step === undefined) return;
        steps.push(step);
        await describing(step.change, () => stageContent(host, step));
      });
    }
    const isGoingOn = ({ snapshot }: Step): boolean => !run.results.has(snapshot.target);
    await Promise.all(
      steps.filter(isGoingOn).map(({ change, snapshot, lock }) =>
        attempt(run, snapshot.target, () => describing(change, () => lock.file.sync()))
      ),
    );
    const changed: EditTarget[] = [];
    for (const step of steps.filter(isGoingOn)) {
      const { change, snapshot } = step;
      const isRenamed = await attempt(
        run,
        snapshot.target,
        () => isStillThere(host, snapshot) && describing(change, () => renameStaged(host, step)),
      );
      if (isRenamed === false) changed.push(snapshot.target);
      if (isRenamed === true) finishWritten(run, step);
    }
    return changed;
  } finally {
    for (const { lock } of steps) lock.release();
  }
}

/** Plans one file and takes its lock. @returns undefined when it stays as it is */
async function lockStep<Outcome>(run: Run<Outcome>, snapshot: Snapshot): Promise<PlannedStep<Outcome> | undefined> {
  const { host, options } = run;
  const { target, realPath } = snapshot;
  const { after, outcome } = await options.plan(snapshot);
  if (after === undefined) {
    await sweepQuietly(host, realPath);
    finish(run, target, { path: target.path, state: "unchanged", outcome });
    return undefined;
  }
  refuseTwice(run, snapshot);
  refuseReadOnlyMode(host, snapshot);
  await makeFoldersOf(host, snapshot);
  const lock = await lockFile(host, realPath, snapshot.info === undefined ? target.newFileMode : PRIVATE_MODE);
  if (lock.made.uid === undefined || lock.made.uid !== snapshot.info?.uid) {
    try {
      refuseUnwritable(host, snapshot); // of a file of one's own the mode has told it
    } catch (error) {
      lock.release();
      throw error;
    }
  }
  return { change: { path: target.path, after, reason: options.reason }, snapshot, lock, outcome };
}

/** Two names of one file: the second lock would wait for the first one for ever. */
function refuseTwice<Outcome>({ taken }: Run<Outcome>, { target, realPath }: Snapshot): void {
  const other = taken.get(realPath) ?? target;
  taken.set(realPath, other);
  if (other === target) return;
  throw new UserError("refused", `cannot use "${target.path}": it is the same file as "${other.path}"`, {
    hints: ["name the file once"],
    location: { path: target.path },
  });
}

/** Runs a step of one file's way; what goes wrong there is the file's own result. @returns undefined then */
async function attempt<Outcome, Result>(
  run: Run<Outcome>,
  target: EditTarget,
  step: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
    finish(run, target, failed(target, error));
    return undefined;
  }
}

function failed({ path }: EditTarget, error: UserError): { path: string; state: "failed"; error: UserError } {
  return { path, state: "failed", error };
}

function finish<Outcome>(run: Run<Outcome>, target: EditTarget, result: FileResult<Outcome>): void {
  run.results.set(target, result);
  run.options.onDone?.();
}

function finishWritten<Outcome>(run: Run<Outcome>, { snapshot, change, outcome }: PlannedStep<Outcome>): void {
  finish(run, snapshot.target, { path: change.path, state: "written", outcome });
  const folder = run.host.paths.dirname(snapshot.realPath);
  const written = run.unsynced.get(folder) ?? [];
  run.unsynced.set(folder, written);
  written.push({ change, target: snapshot.target });
}

/** What was written into a folder that cannot be synced may be lost with the power: it counts as failed. */
async function syncFolders<Outcome>({ host, unsynced, results }: Run<Outcome>): Promise<void> {
  await Promise.all([...unsynced].map(async ([folder, written]) => {
    try {
      await host.files.syncDirectory(folder);
    } catch (error) {
      for (const { change, target } of written) {
        const described = describeIoError(`write ${change.reason} to`, change.path, error);
        if (!(described instanceof UserError)) throw error;
        results.set(
          target,
          failed(target, described.withDetails([`"${change.path}" has been written and stays as it is`])),
        );
      }
    }
  }));
}
