/**
 * The one way in which the program writes a file: read → plan → lock → read again → verify → atomic replace.
 *
 * The plan is first made without a lock, so that a run which changes nothing, or refuses, needs no write permission and
 * leaves no trace. When something is to be written, every file of the plan is locked in the order of real paths and all
 * targets are read again; the plan stands if nothing differs, else it is made anew from what was read under the lock.
 * Right before each rename the target is compared once more, because editors and SOPS take no lock; a difference starts
 * everything over.
 *
 * Symlinks are followed to the real file; mode and owner are kept; file and folder are fsynced. Hard links are not: the
 * other names of a file keep the old content. Spec: vaults §3 "Order and safety". I/O through the host.
 *
 * @module
 */
import { InternalError, UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { lockFile, sweepQuietly } from "./lock.ts";
import { type Change, describing, renameStaged, stageContent } from "./staged.ts";
import {
  type EditTarget,
  isSameSnapshot,
  isStillThere,
  keepsChanging,
  makeFoldersOf,
  MAX_ATTEMPTS,
  readTarget,
  refuseReadOnly,
  type Snapshot,
} from "./target.ts";
import type { FileLock } from "./temporary.ts";

export type { Change } from "./staged.ts";
export type { EditTarget, Snapshot } from "./target.ts";

/** What a planner answers: the changes in the order in which they are to be written, and whatever it found out. */
export interface EditPlan<Outcome> {
  readonly changes: readonly Change[];
  readonly outcome: Outcome;
}

/**
 * Makes a plan from what was read; must not write. It is called again, with new snapshots, whenever a file turns out to
 * have changed; after a partial write it sees what has been written.
 */
export type Planner<Outcome> = (snapshots: readonly Snapshot[]) => Promise<EditPlan<Outcome>>;

/**
 * Plans an edit without locking or writing anything (`--dry-run`).
 *
 * @throws {UserError} what reading and the planner throw
 */
export async function planEdit<Outcome>(
  host: Host,
  targets: readonly EditTarget[],
  planner: Planner<Outcome>,
): Promise<EditPlan<Outcome>> {
  return await planner(readTargets(host, targets));
}

/** What an edit is about. */
export interface EditRun {
  /** `preview` writes nothing. */
  readonly mode: "write" | "preview";
  readonly targets: readonly EditTarget[];
}

/**
 * Writes an edit, or only plans it.
 *
 * @returns the outcome of the plan
 * @throws {UserError} as {@link editFiles}
 */
export async function runEdit<Outcome>(
  host: Host,
  { mode, targets }: EditRun,
  planner: Planner<Outcome>,
): Promise<Outcome> {
  return mode === "write" ? await editFiles(host, targets, planner) : (await planEdit(host, targets, planner)).outcome;
}

/**
 * Plans and writes an edit of one or more files.
 *
 * @returns the outcome of the plan that was written
 * @throws {UserError} what reading and the planner throw; `denied` for a file or folder that may not be written; `io`
 * for a full disk and the like; `refused` for a symlink that leads nowhere. When an earlier change of the plan has
 * already been written, `details` says so.
 */
export async function editFiles<Outcome>(
  host: Host,
  targets: readonly EditTarget[],
  planner: Planner<Outcome>,
): Promise<Outcome> {
  const written = new Set<string>();
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const snapshots = readTargets(host, targets);
      const plan = await planner(snapshots);
      if (plan.changes.length === 0) {
        await sweepLeftOvers(host, snapshots);
        return plan.outcome;
      }
      const done = await writePlan(host, snapshots, plan, planner, written);
      if (done !== undefined) return done.outcome;
    }
  } catch (error) {
    throw sayWhatWasWritten(error, written);
  }
  throw sayWhatWasWritten(keepsChanging(targets), written);
}

async function sweepLeftOvers(host: Host, snapshots: readonly Snapshot[]): Promise<void> {
  for (const { realPath } of snapshots) await sweepQuietly(host, realPath);
}

/** @returns the plan that was written; undefined when a file was changed meanwhile and everything has to start over */
async function writePlan<Outcome>(
  host: Host,
  snapshots: readonly Snapshot[],
  plan: EditPlan<Outcome>,
  planner: Planner<Outcome>,
  written: Set<string>,
): Promise<EditPlan<Outcome> | undefined> {
  const locks = new Map<string, FileLock>();
  try {
    await prepareTargets(host, snapshots, plan.changes);
    const changed = plan.changes.map((change) => snapshotOf(snapshots, change));
    for (const { realPath, target } of changed.sort((a, b) => a.realPath < b.realPath ? -1 : 1)) {
      locks.set(realPath, await lockFile(host, realPath, target.newFileMode));
    }
    const current = readTargets(host, snapshots.map(({ target }) => target));
    const isCurrent = current.every((now, i) => isSameSnapshot(now, snapshots[i]));
    const finalPlan = isCurrent ? plan : await planner(current);
    if (!changedPaths(current, finalPlan.changes).every((realPath) => locks.has(realPath))) return undefined;
    if (!isCurrent) await prepareTargets(host, current, finalPlan.changes);
    return await writeChanges(host, current, finalPlan.changes, locks, written) ? finalPlan : undefined;
  } finally {
    for (const lock of locks.values()) lock.release();
  }
}

function changedPaths(snapshots: readonly Snapshot[], changes: readonly Change[]): string[] {
  return changes.map((change) => snapshotOf(snapshots, change).realPath);
}

function snapshotOf(snapshots: readonly Snapshot[], change: Change): Snapshot {
  const snapshot = snapshots.find((candidate) => candidate.target.path === change.path);
  if (snapshot === undefined) throw new InternalError("a planned change of a file that is no target of the edit");
  return snapshot;
}

/**
 * Writes every temporary file before the first rename, so that a full disk leaves all targets as they were.
 *
 * @returns false when a target was changed by another program and everything has to start over
 */
async function writeChanges(
  host: Host,
  snapshots: readonly Snapshot[],
  changes: readonly Change[],
  locks: ReadonlyMap<string, FileLock>,
  written: Set<string>,
): Promise<boolean> {
  const steps = changes.map((change) => {
    const snapshot = snapshotOf(snapshots, change);
    const lock = locks.get(snapshot.realPath);
    if (lock === undefined) throw new InternalError("a write of a file that is not locked");
    return { change, snapshot, lock };
  });
  for (const step of steps) {
    await describing(step.change, async () => {
      await stageContent(host, step);
      await step.lock.file.sync();
    });
  }
  for (const step of steps) {
    const { change, snapshot } = step;
    if (!isStillThere(host, snapshot)) return false;
    if (!await describing(change, () => renameStaged(host, step))) return false;
    written.add(change.path);
    await describing(change, () => host.files.syncDirectory(host.paths.dirname(snapshot.realPath)));
  }
  return true;
}

function readTargets(host: Host, targets: readonly EditTarget[]): Snapshot[] {
  const snapshots = targets.map((target) => readTarget(host, target));
  const seen = new Map<string, string>();
  for (const { realPath, info, target } of snapshots) {
    const other = seen.get(info?.identity ?? realPath);
    if (other !== undefined) {
      throw new UserError(
        "refused",
        `cannot use "${target.path}": it is the same file as "${other}", expected two files`,
        { hints: ["name another file for one of them"], location: { path: target.path } },
      );
    }
    seen.set(info?.identity ?? realPath, target.path);
  }
  return snapshots;
}

async function prepareTargets(host: Host, snapshots: readonly Snapshot[], changes: readonly Change[]): Promise<void> {
  const changed = changes.map((change) => snapshotOf(snapshots, change));
  for (const snapshot of changed) refuseReadOnly(host, snapshot);
  for (const snapshot of changed) await makeFoldersOf(host, snapshot);
}

function sayWhatWasWritten(error: unknown, written: ReadonlySet<string>): unknown {
  if (!(error instanceof UserError) || written.size === 0) return error;
  const kept = [...written].map((path) => `"${path}" has been written and stays as it is`);
  const hints = error.hints.length > 0 ? error.hints : ["repair the cause, and run the same command again"];
  return error.withDetails([...kept, "the same command, run again, finishes the job"], hints);
}
