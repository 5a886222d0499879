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
import { equalBytes } from "../bytes.ts";
import { readCapped } from "./read_files.ts";
import type { FileInfo, Host } from "../host/host.ts";
import { describeIoError, ioErrorCode } from "../host/io_error.ts";
import { type FileLock, lockFile, sweepLeftOver } from "./lock.ts";

/** How often an edit starts over because another program changed a file meanwhile. */
const MAX_ATTEMPTS = 20;

/** A file that an edit reads and may replace. */
export interface EditTarget {
  /** Absolute path, as the person named it. */
  readonly path: string;
  /** Largest size in bytes that is accepted. */
  readonly maxBytes: number;
  /** Mode of the file when it is created; the person's umask may take permissions of others away from it. */
  readonly newFileMode: number;
  /** Mode of folders that are created for it. */
  readonly newFolderMode: number;
}

/** A target as it was read. */
export interface Snapshot {
  readonly target: EditTarget;
  /** With every symlink resolved; the parent part only where the file does not exist. */
  readonly realPath: string;
  /** Undefined when the file does not exist. */
  readonly content: Uint8Array | undefined;
  readonly info: FileInfo | undefined;
}

/** One intended change of one file. */
export interface Change {
  /** The `path` of its target. */
  readonly path: string;
  readonly after: Uint8Array;
  /** What the change is for, in the words shown when it cannot be made: `the public half`. */
  readonly reason: string;
  /** A narrower mode than the file has now; absent: the mode is kept. */
  readonly mode?: number;
}

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
  return await planner(await readTargets(host, targets));
}

/**
 * Writes an edit, or only plans it.
 *
 * @param mode `preview` writes nothing
 * @returns the outcome of the plan
 * @throws {UserError} as {@link editFiles}
 */
export async function runEdit<Outcome>(
  host: Host,
  mode: "write" | "preview",
  targets: readonly EditTarget[],
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
      const snapshots = await readTargets(host, targets);
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

function keepsChanging(targets: readonly EditTarget[]): UserError {
  const names = targets.map(({ path }) => `"${path}"`).join(" or ");
  return new UserError("io", `cannot write ${names}: another program keeps changing it`, {
    hints: ["close the programs that write the file, and run the command again"],
  });
}

/** What cannot be removed does not concern a run that writes nothing. */
async function sweepLeftOvers(host: Host, snapshots: readonly Snapshot[]): Promise<void> {
  for (const { realPath } of snapshots) {
    try {
      await sweepLeftOver(host, realPath);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
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
    const current = await readTargets(host, snapshots.map(({ target }) => target));
    const isCurrent = current.every((now, i) => isSame(now, snapshots[i]));
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
  for (const { change, snapshot, lock } of steps) {
    await describing(change, async () => {
      lock.file.replaceContent(change.after);
      await lock.file.sync();
      await keepOwner(host, lock, snapshot, modeOf(snapshot, change, lock));
    });
  }
  for (const { change, snapshot, lock } of steps) {
    if (!isSame(await readTarget(host, snapshot.target), snapshot) || !lock.isHeld()) return false;
    let isRenamed = false;
    await describing(change, async () => {
      isRenamed = host.files.rename(lock.temporary, snapshot.realPath, {
        expected: snapshot.content,
        ...(host.os === "windows" ? {} : { mode: modeOf(snapshot, change, lock) }),
      });
      if (!isRenamed) return;
      written.add(change.path);
      await host.files.syncDirectory(host.paths.dirname(snapshot.realPath));
    });
    if (!isRenamed) return false;
  }
  return true;
}

async function describing(change: Change, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (error) {
    throw describeIoError(`write ${change.reason} to`, change.path, error);
  }
}

function modeOf(snapshot: Snapshot, change: Change, { file }: FileLock): number {
  return change.mode ?? snapshot.info?.mode ?? file.permittedMode ?? snapshot.target.newFileMode;
}

async function keepOwner(host: Host, lock: FileLock, snapshot: Snapshot, mode: number): Promise<void> {
  if (host.os === "windows") return;
  const wanted = snapshot.info;
  const made = lock.file.info();
  if (wanted?.uid !== undefined && wanted.gid !== undefined && (wanted.uid !== made.uid || wanted.gid !== made.gid)) {
    try {
      await host.files.changeOwner(lock.temporary, wanted.uid, wanted.gid);
    } catch (error) {
      const groupIsIrrelevant = wanted.uid === made.uid && (mode & 0o070) === 0;
      if (!groupIsIrrelevant) throw error;
    }
  }
}

function isSame(now: Snapshot, before: Snapshot | undefined): boolean {
  return before !== undefined && now.realPath === before.realPath && equalBytes(now.content, before.content) &&
    now.info?.mode === before.info?.mode && now.info?.uid === before.info?.uid && now.info?.gid === before.info?.gid;
}

async function readTargets(host: Host, targets: readonly EditTarget[]): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const target of targets) snapshots.push(await readTarget(host, target));
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

async function readTarget(host: Host, target: EditTarget): Promise<Snapshot> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      const { realPath, isThere } = resolveTarget(host, target.path);
      if (!isThere) return { target, realPath, info: undefined, content: undefined };
      const info = host.files.stat(realPath);
      if (info !== undefined && info.kind !== "file") throw notAFile(target.path, info);
      const content = await readCapped(host, realPath, target);
      if ((info === undefined) === (content === undefined)) return { target, realPath, info, content };
    } catch (error) {
      if (ioErrorCode(error) !== "ENOENT") throw describeIoError("read", target.path, error);
    }
    // the file came or went between two looks at it: look again
  }
  throw keepsChanging([target]);
}

function notAFile(path: string, info: FileInfo): UserError {
  const found = info.kind === "directory" ? "a folder" : "a device or pipe";
  return new UserError("io", `cannot use "${path}": it is ${found}, expected a file`, {
    hints: ["move it away, or name another path"],
    location: { path },
  });
}

/** Follows symlinks to the real file, which need not exist; throws when it, or a folder above it, has vanished. */
function resolveTarget(host: Host, path: string): { realPath: string; isThere: boolean } {
  const missing: string[] = [];
  let existing = path;
  while (!existsAsNamed(host, existing)) {
    const parent = host.paths.dirname(existing);
    if (parent === existing) return { realPath: path, isThere: false };
    missing.unshift(host.paths.basename(existing));
    existing = parent;
  }
  const realPath = host.paths.join(host.files.realPath(existing), ...missing);
  return { realPath, isThere: missing.length === 0 };
}

/** A symlink to nothing is refused: making its target may not be what its owner wants. */
function existsAsNamed(host: Host, path: string): boolean {
  const found = host.files.lstat(path);
  if (found?.kind === "symlink" && host.files.stat(path) === undefined) {
    throw new UserError("refused", `cannot use "${path}": it is a symlink to something that does not exist`, {
      hints: ["make what it points to, or remove the symlink"],
      location: { path },
    });
  }
  return found !== undefined;
}

/** Finds out before anything is written that a target may not be; then makes missing folders. */
async function prepareTargets(host: Host, snapshots: readonly Snapshot[], changes: readonly Change[]): Promise<void> {
  const changed = changes.map((change) => snapshotOf(snapshots, change));
  for (const { target, realPath, info } of changed) {
    if (info !== undefined) refuseReadOnly(host, target.path, realPath, info);
  }
  for (const { target, realPath, info } of changed) {
    if (info === undefined) await makeFolders(host, host.paths.dirname(realPath), target);
  }
}

/** A rename would replace a read-only file silently; its owner meant it to stay. */
function refuseReadOnly(host: Host, path: string, realPath: string, info: FileInfo): void {
  const OWNER_WRITE = 0o200;
  if (info.mode !== undefined && (info.mode & OWNER_WRITE) === 0) {
    throw new UserError("denied", `cannot write "${path}": it is read-only, expected write permission`, {
      hints: ["give yourself write permission (chmod u+w), if the file may be changed"],
      location: { path },
    });
  }
  try {
    host.files.open(realPath).close();
  } catch (error) {
    throw describeIoError("write", path, error);
  }
}

async function makeFolders(host: Host, folder: string, target: EditTarget): Promise<void> {
  if (host.files.stat(folder) !== undefined) return;
  const parent = host.paths.dirname(folder);
  if (parent !== folder) await makeFolders(host, parent, target);
  try {
    host.files.makeDirectory(folder, target.newFolderMode);
    await host.files.syncDirectory(parent);
  } catch (error) {
    if (ioErrorCode(error) !== "EEXIST") throw describeIoError("make the folder of", target.path, error);
  }
}

function sayWhatWasWritten(error: unknown, written: ReadonlySet<string>): unknown {
  if (!(error instanceof UserError) || written.size === 0) return error;
  const kept = [...written].map((path) => `"${path}" has been written and stays as it is`);
  const hints = error.hints.length > 0 ? error.hints : ["repair the cause, and run the same command again"];
  return error.withDetails([...kept, "the same command, run again, finishes the job"], hints);
}
