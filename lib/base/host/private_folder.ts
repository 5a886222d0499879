/**
 * A folder for plaintext that an editor or another program has to see: for this person alone (0700), in memory where the
 * system has such a place, never inside the work tree, and gone when it is not needed any more, also at a signal. What a
 * killed run leaves is removed by the next one that makes such a folder.
 *
 * A run holds a lock (flock) on a file in its folder; the system drops it when the process ends, so a folder whose lock
 * can be had is a left-over. Deno keeps programs out of `/dev/shm`.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { FileInfo, Host, OpenFile } from "./host.ts";
import { findHome } from "./home.ts";
import { ioErrorCode } from "./io_error.ts";
import { withCleanup } from "./signals.ts";

/** How the folders' names begin; random hexadecimal digits follow. */
const PREFIX = "sopsmith-private-";

const NAME_BYTES = 8;
const FOLDER_MODE = 0o700;
const LOCK_MODE = 0o600;
const OTHERS_WRITE = 0o022;

/** How often a folder is made anew whose name was taken, or that another run took for a left-over. */
const MAX_ATTEMPTS = 8;

/** Where the files of running programs lie on Linux, and those of each user's. */
const RUN_FOLDER = "/run";
const USER_FOLDERS = "/run/user";

/** A folder that nobody else can look into. */
export interface PrivateFolder {
  /** Real path. */
  readonly path: string;
  /** Whether it lies in memory, as far as that can be told. */
  readonly isInMemory: boolean;
}

/** Where a private folder may not lie. */
export interface PrivateFolderOptions {
  /** The work tree; absent: there is none. */
  readonly outside?: string;
}

/** A folder in which a private folder can be made. */
interface Place {
  readonly path: string;
  readonly info: FileInfo;
  readonly isInMemory: boolean;
}

/** A private folder with the lock that says it is in use. */
interface LockedFolder extends PrivateFolder {
  readonly lock: OpenFile;
  readonly uid: number | undefined;
}

/**
 * Makes a private folder for the time of a body.
 *
 * @throws {UserError} `denied` when there is no place for one, `cancelled` after a signal
 */
export async function withPrivateFolder<Result>(
  host: Host,
  body: (folder: PrivateFolder) => Promise<Result>,
  options: PrivateFolderOptions = {},
): Promise<Result> {
  const places = findPlaces(host, options);
  let folder: LockedFolder | undefined;
  return await withCleanup(host, () => folder && removeFolder(host, folder), async () => {
    folder = makeFolder(host, places);
    for (const place of places) sweepPlace(host, place, folder);
    return await body({ path: folder.path, isInMemory: folder.isInMemory });
  });
}

/** Mode of a file that nobody else may read. */
const PRIVATE_MODE = 0o600;

/** Writes a new file that nobody else can read. @param path in a private folder */
export function writePrivateFile(host: Host, path: string, bytes: Uint8Array): void {
  const file = host.files.create(path, PRIVATE_MODE);
  try {
    file.replaceContent(bytes);
  } finally {
    file.close();
  }
}

function removeFolder(host: Host, { path, lock }: LockedFolder): void {
  let isLocked = true;
  const unlock = (): void => {
    if (isLocked) lock.close();
    isLocked = false;
  };
  try {
    if (host.os === "windows") unlock(); // a folder with an open file stays
    host.files.removeTree(path);
  } catch (error) {
    throw new UserError("io", `cannot remove "${path}", which holds plaintext`, {
      hints: [`remove the folder yourself: "${path}"`],
      location: { path },
      cause: error,
    });
  } finally {
    unlock();
  }
}

/** @returns folders to try, best first */
function findPlaces(host: Host, { outside }: PrivateFolderOptions): Place[] {
  const { files, paths } = host;
  const found = [...namedPlaces(host)].flatMap((path) => {
    const place = lookAt(host, path);
    return place === undefined ? [] : [place];
  });
  if (outside === undefined) return found;
  const workTree = files.realPath(outside);
  return found.filter(({ path }) => path !== workTree && !paths.contains(workTree, path));
}

function* namedPlaces(host: Host): Iterable<string | undefined> {
  if (host.os === "linux") {
    yield host.env("XDG_RUNTIME_DIR");
    yield onOtherDevice(host, RUN_FOLDER); // only root can write there
    for (const name of listNames(host, USER_FOLDERS)) yield onOtherDevice(host, host.paths.join(USER_FOLDERS, name));
  }
  if (host.os === "windows") {
    yield host.env("TEMP");
    const home = findHome(host);
    if (home !== undefined) yield host.paths.join(home, "AppData", "Local", "Temp");
    return;
  }
  yield host.env("TMPDIR");
  yield "/tmp";
}

/** In a container, what lies in memory elsewhere may be an ordinary folder. */
function onOtherDevice(host: Host, path: string): string | undefined {
  return lookAt(host, path)?.isInMemory === true ? path : undefined;
}

/** @returns undefined for what is no folder, and for one whose entries others can exchange */
function lookAt(host: Host, path: string | undefined): Place | undefined {
  if (!path || !host.paths.isAbsolute(path)) return undefined;
  try {
    const real = host.files.realPath(path);
    const info = host.files.stat(real);
    if (info?.kind !== "directory") return undefined;
    if (info.mode !== undefined && (info.mode & OTHERS_WRITE) !== 0 && info.isSticky !== true) return undefined;
    const isInMemory = host.os === "linux" && (real === RUN_FOLDER || host.paths.contains(RUN_FOLDER, real)) &&
      deviceOf(info) !== deviceOf(host.files.stat("/"));
    return { path: real, info, isInMemory };
  } catch {
    return undefined; // a place that cannot be looked at is none
  }
}

function deviceOf(info: FileInfo | undefined): string | undefined {
  return info?.identity?.split(":")[0];
}

function listNames(host: Host, folder: string): string[] {
  try {
    return [...host.files.list(folder)].map(({ name }) => name).sort();
  } catch {
    return []; // not there, or not to be read
  }
}

function makeFolder(host: Host, places: readonly Place[]): LockedFolder {
  let cause: unknown;
  for (const place of places) {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        const folder = makeFolderIn(host, place);
        if (folder !== undefined) return folder;
      } catch (error) {
        cause = error;
        break; // not to be written: the next place
      }
    }
  }
  throw new UserError("denied", "cannot make a private folder for plaintext", {
    hints: [
      `set ${
        host.os === "windows" ? "TEMP" : "TMPDIR"
      } to a folder of your own, outside the repository, and run the command again`,
    ],
    cause,
  });
}

/** @returns undefined when its name was taken, another run took it for a left-over, or the place is somebody else's */
function makeFolderIn(host: Host, { path: parent, info, isInMemory }: Place): LockedFolder | undefined {
  const { files, paths } = host;
  const path = paths.join(parent, `${PREFIX}${host.randomBytes(NAME_BYTES).toHex()}`);
  try {
    files.makeDirectory(path, FOLDER_MODE);
  } catch (error) {
    if (ioErrorCode(error) === "EEXIST") return undefined;
    throw error;
  }
  const uid = files.lstat(path)?.uid;
  if (info.uid !== undefined && info.uid !== 0 && info.uid !== uid) {
    files.remove(path);
    return undefined; // root can write where others may exchange the folder
  }
  const lock = lockFolder(host, path);
  return lock === undefined ? undefined : { path, isInMemory, lock, uid };
}

/** The file that is locked: named like its folder, whose digits are random, so that no file of a person has its name. */
function lockPathOf({ paths }: Host, folder: string): string {
  return paths.join(folder, `.${paths.basename(folder)}`);
}

/** @returns undefined when another run took the folder for a left-over */
function lockFolder(host: Host, path: string): OpenFile | undefined {
  const { files } = host;
  let lock: OpenFile | undefined;
  try {
    const lockPath = lockPathOf(host, path);
    lock = files.create(lockPath, LOCK_MODE);
    if (lock.tryLock() && files.lstat(lockPath)?.identity === lock.info().identity) return lock;
  } catch (error) {
    if (ioErrorCode(error) !== "ENOENT") throw error;
  }
  lock?.close();
  return undefined;
}

/** Removes what killed runs of the same person have left in a place. What cannot be removed does not concern this run. */
function sweepPlace(host: Host, place: Place, own: LockedFolder): void {
  for (const name of listNames(host, place.path)) {
    const path = host.paths.join(place.path, name);
    if (!name.startsWith(PREFIX) || path === own.path) continue;
    try {
      const info = host.files.lstat(path);
      if (info?.kind === "directory" && info.uid === own.uid) sweepFolder(host, path);
    } catch {
      // the next run tries again
    }
  }
}

function sweepFolder(host: Host, path: string): void {
  const { files } = host;
  const lockPath = lockPathOf(host, path);
  if (files.lstat(lockPath) === undefined) return files.remove(path); // killed between two steps: empty, or not ours
  const lock = files.open(lockPath);
  try {
    if (!lock.tryLock()) return;
    files.remove(lockPath); // while it is locked: a run that has just made it must not take it for its own
  } finally {
    lock.close();
  }
  files.removeTree(path); // a folder with an open file stays on Windows
}
