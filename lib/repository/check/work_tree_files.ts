/**
 * The files of a work tree that are to be checked: all that git does not ignore, and what a person names.
 *
 * One file in memory at a time. Symlinks are not followed, other repositories are left out. Reads only.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { DirectoryEntry, Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import { Progress } from "../../base/show/progress.ts";
import { IGNORED_CONFIG_NAME, SOPS_CONFIG_NAME } from "../../config/sops_config_find.ts";
import { findRepositoryRoot, slashPath, type Unseen } from "../bulk/selection.ts";
import { isInShard, type Shard } from "../bulk/shard.ts";
import { listIgnored } from "../scan/ignored.ts";
import { MAX_PIECE_BYTES, readLargeFile } from "../scan/large_file.ts";
import { UnmergedFiles } from "../scan/unmerged.ts";
import { describeLost, noteFailure, walkRepository } from "../scan/walk.ts";
import type { FoundFile } from "./check.ts";

/** Which files are checked. */
export interface CheckSelection {
  /** As typed; none: the repository. */
  readonly paths: readonly string[];
  /** As typed: files and folders that are left out. */
  readonly excluded: readonly string[];
  readonly shard?: Shard | undefined;
  /** Value of `--config`. */
  readonly config?: string | undefined;
}

/** A place that is to be read. */
type Wanted = { readonly path: string; readonly kind: FoundFile["kind"] } | Unseen;

/** @returns what a file is to SOPS by its name */
export function kindOfName(host: Host, path: string): FoundFile["kind"] {
  const name = host.paths.basename(path);
  return name === SOPS_CONFIG_NAME ? "config" : name === IGNORED_CONFIG_NAME ? "ignored-config" : "file";
}

/** @returns what tells whether a path is to be left out */
export function createExclusion(host: Host, excluded: readonly string[]): (path: string) => boolean {
  const folders = excluded.map((path) => host.paths.resolve(host.cwd, path));
  return (path) => folders.some((folder) => host.paths.contains(folder, path));
}

/** @returns each file once with its content, those of a folder in the order of their paths */
export async function* readWorkTree(host: Host, selection: CheckSelection): AsyncGenerator<FoundFile | Unseen, void> {
  const { paths, shard, excluded } = selection;
  const root = findRepositoryRoot(host);
  const named = new Set(paths.length === 0 ? [root] : paths.map((path) => host.paths.resolve(host.cwd, path)));
  const isExcluded = createExclusion(host, excluded);
  const unmergedFiles = new UnmergedFiles(host);
  const seen = new Set<string>();
  for (const path of named) {
    // Other repositories below a folder are left out: all that comes of one path belongs to one work tree.
    const unmerged = await unmergedFiles.listAround(path);
    for await (const wanted of listBelow(host, path, isExcluded)) {
      if (shard !== undefined && !isInShard(shard, slashPath(host, root, wanted.path))) continue;
      if (named.size > 1) {
        if (seen.has(wanted.path)) continue;
        seen.add(wanted.path);
      }
      const file = "error" in wanted ? wanted : readFile(host, wanted);
      if (file === undefined) continue;
      yield "error" in file || !unmerged.has(file.path) ? file : { ...file, isUnmerged: true };
    }
  }
}

async function* listBelow(
  host: Host,
  path: string,
  isExcluded: (path: string) => boolean,
): AsyncGenerator<Wanted, void> {
  let kind: string | undefined;
  try {
    kind = host.files.stat(path)?.kind;
  } catch (error) {
    const described = describeIoError("read", path, error);
    if (!(described instanceof UserError)) throw error;
    yield { path, error: described };
    return;
  }
  if (kind === "directory") yield* listFolder(host, path, isExcluded);
  else if (kind !== undefined) {
    if (!isExcluded(path)) yield { path, kind: kindOfName(host, path) };
  } else {
    const error = new UserError("not-found", `cannot read "${path}": no such file`, {
      hints: ["check the path for a typing mistake"],
      location: { path },
    });
    yield { path, error };
  }
}

/** The configs of a folder come before what is in it. */
async function* listFolder(
  host: Host,
  root: string,
  isExcluded: (path: string) => boolean,
): AsyncGenerator<Wanted, void> {
  const ignored = await listIgnored(host, root);
  const isLeftOut = (path: string): boolean => ignored.has(path) || isExcluded(path);
  const pending: Wanted[] = [];
  const addConfigs = (folder: string, entries: readonly DirectoryEntry[]): void => {
    for (const name of CONFIG_NAMES) {
      if (!entries.some((entry) => entry.name === name && entry.kind === "file")) continue;
      const path = host.paths.join(folder, name);
      if (!isLeftOut(path)) pending.push({ path, kind: kindOfName(host, path) });
    }
  };
  const progress = new Progress(host, "checking, folders");
  try {
    addConfigs(root, noteFailure({ path: root, relativePath: "" }, {}, () => Array.from(host.files.list(root))) ?? []);
    const files = walkRepository(host, root, {
      progress,
      enters(path, entries) {
        if (isLeftOut(path)) return false;
        addConfigs(path, entries);
        return true;
      },
      onNote({ reason, relativePath, message }) {
        if (reason === "nested-repository") return;
        pending.push({ path: host.paths.join(root, relativePath), error: new UserError("denied", message) });
      },
    });
    for (const { path } of files) {
      yield* pending.splice(0);
      if (!isLeftOut(path)) yield { path, kind: "file" };
    }
    yield* pending;
  } finally {
    progress.end();
  }
}

/** The names that SOPS reads, and that people use by mistake. */
const CONFIG_NAMES = [SOPS_CONFIG_NAME, IGNORED_CONFIG_NAME] as const;

/** @returns undefined for a file that went away meanwhile; a large one only where it is encrypted */
function readFile(host: Host, { path, kind }: Exclude<Wanted, Unseen>): FoundFile | Unseen | undefined {
  try {
    const head = host.files.read(path, MAX_PIECE_BYTES);
    if (head === undefined) return unseenIfLost(path);
    const bytes = head.length > MAX_PIECE_BYTES ? readLargeFile(host, path, head) : head;
    return bytes === undefined || bytes === "too-large" ? tooLarge(path) : { path, kind, bytes };
  } catch (error) {
    const described = describeIoError("read", path, error);
    if (!(described instanceof UserError)) throw error;
    return { path, error: described };
  }
}

/** @returns undefined for what has just vanished */
function unseenIfLost(path: string): Unseen | undefined {
  const error = describeLost(path);
  return error && { path, error };
}

/** @returns that a file is not looked at */
export function tooLarge(path: string): Unseen {
  return { path, error: new UserError("unsupported", `cannot check "${path}": larger than 16 MiB`) };
}
