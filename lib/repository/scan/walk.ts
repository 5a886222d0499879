/**
 * The files of a repository, one at a time.
 *
 * Walks every folder below a root but those that are no part of the repository: what version control and package
 * managers keep (`.git`, `node_modules`, …), and folders that are a repository of their own (a submodule, a linked work
 * tree), and the temporary files of this program. The configuration of SOPS is not among the files: it is never encrypted itself. Symlinks are not followed: their targets are found where they are. What cannot be read is noted and does not
 * end the walk. Holds the names in one folder and in those above it, however large the repository is. Reads names only.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { DirectoryEntry, Host } from "../../base/host/host.ts";
import { targetOfTemporary } from "../../base/files/temporary.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import type { Progress } from "../../base/show/progress.ts";
import { IGNORED_CONFIG_NAME, SOPS_CONFIG_NAME } from "../../config/sops_config_find.ts";

/** Folders that hold nothing of the repository itself. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", ".hg", ".jj", ".svn", ".direnv", "node_modules"]);

/** Where a file or a folder lies. */
export interface Place {
  /** Absolute. */
  readonly path: string;
  /** From the root of the walk, with the separators of the system; empty for the root itself. */
  readonly relativePath: string;
}

/** Something that was left out of a walk or a scan, and why. */
export interface ScanNote {
  readonly relativePath: string;
  readonly reason: "unreadable" | "too-large" | "nested-repository";
  /** One sentence for people, with the path. */
  readonly message: string;
}

/** How a repository is walked. */
export interface WalkOptions {
  /** Asked for every folder below the root, given its entries, before anything in it. Default: every folder. */
  readonly enters?: (path: string, entries: readonly DirectoryEntry[]) => boolean;
  /** Told what was left out, when the walk comes to it. */
  readonly onNote?: (note: ScanNote) => void;
  /** Told of the files beside which a run of this program has left something when it was killed, or is writing just now. */
  readonly onLeftOver?: ((path: string) => void) | undefined;
  /** Counts the folders. */
  readonly progress?: Progress;
}

/**
 * Finds the files below a folder.
 *
 * @param root absolute path of a folder; one that does not exist holds nothing
 * @returns the files sorted by `relativePath` (by UTF-16 code units); a folder is listed when its files are asked for
 */
export function* walkRepository(host: Host, root: string, options: WalkOptions = {}): Generator<Place, void> {
  const above: OpenFolder[] = [];
  let folder = openFolder(host, { path: root, relativePath: "" }, options);
  while (folder !== undefined) {
    const entry = folder.entries[folder.next++];
    if (entry === undefined) {
      folder = above.pop();
      continue;
    }
    const { name, kind } = entry;
    const place = { path: host.paths.join(folder.path, name), relativePath: folder.prefix + name };
    const target = kind === "file" ? targetOfTemporary(name) : undefined;
    if (target !== undefined) options.onLeftOver?.(host.paths.join(folder.path, target));
    else if (kind === "file" && name !== SOPS_CONFIG_NAME && name !== IGNORED_CONFIG_NAME) yield place;
    if (kind !== "directory" || SKIPPED_FOLDERS.has(name)) continue;
    const inner = openFolder(host, place, options);
    if (inner === undefined) continue;
    above.push(folder);
    folder = inner;
  }
}

/**
 * Runs a file operation; a failure of the system becomes a note, but for what has vanished meanwhile.
 *
 * @param operation answers undefined for what is not there
 */
export function noteFailure<T>(
  { path, relativePath }: Place,
  { onNote }: WalkOptions,
  operation: () => T | undefined,
): T | undefined {
  const note = (error: UserError | undefined): undefined => {
    if (error !== undefined) onNote?.({ relativePath, reason: "unreadable", message: error.message });
  };
  try {
    return operation() ?? note(describeLost(path));
  } catch (error) {
    const described = describeIoError("read", path, error);
    if (!(described instanceof UserError)) throw error;
    return note(described.kind === "not-found" ? describeLost(path) : described);
  }
}

/** What stands in a name for bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = "\ufffd";

/**
 * @param path absolute, of what a folder has named and nobody finds
 * @returns why, if it has not just vanished: a path is a text here, so a name that is none cannot be opened
 */
export function describeLost(path: string): UserError | undefined {
  if (!path.includes(REPLACEMENT_CHARACTER)) return undefined;
  return new UserError("denied", `cannot read "${path}": its name is not UTF-8, expected one that is`, {
    hints: ["rename it"],
  });
}

/** A folder whose entries are being looked at. */
interface OpenFolder {
  readonly path: string;
  /** What stands before the names of its entries in their relative paths. */
  readonly prefix: string;
  readonly entries: readonly DirectoryEntry[];
  /** Index of the entry that comes next. */
  next: number;
}

/** @returns undefined for a folder that is left out */
function openFolder(host: Host, place: Place, options: WalkOptions): OpenFolder | undefined {
  const { path, relativePath } = place;
  const { separator } = host.paths;
  const entries = noteFailure(place, options, () => Array.from(host.files.list(path)));
  options.progress?.step();
  if (entries === undefined) return undefined;
  const isRoot = relativePath === "";
  if (!isRoot && entries.some(({ name }) => name === ".git")) {
    const message = `"${relativePath}" is a repository of its own`;
    options.onNote?.({ relativePath, reason: "nested-repository", message });
    return undefined;
  }
  if (!isRoot && options.enters?.(path, entries) === false) return undefined;
  return { path, prefix: isRoot ? "" : relativePath + separator, entries: inPathOrder(entries, separator), next: 0 };
}

/** Sorts the entries as what is in them is sorted by its path: a folder stands where its name with a separator does. */
function inPathOrder(entries: readonly DirectoryEntry[], separator: string): DirectoryEntry[] {
  const keyOf = ({ name, kind }: DirectoryEntry): string => kind === "directory" ? name + separator : name;
  return entries.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}
