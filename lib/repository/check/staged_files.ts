/**
 * The files that the next commit will have, as git holds them: content of the index, whatever lies in the work tree.
 *
 * Contents are read many at a time, of bounded size together. Reads only.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type FileInfo, type Host, hostWith } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { Unseen } from "../bulk/selection.ts";
import { isInShard } from "../bulk/shard.ts";
import { MAX_PIECE_BYTES } from "../scan/large_file.ts";
import type { FoundFile } from "./check.ts";
import { GitIndex, type IndexEntry } from "./git_index.ts";
import { type CheckSelection, createExclusion, kindOfName, tooLarge } from "./work_tree_files.ts";

/** What is read at a time, in bytes of content; a single file may be larger. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** The most files that are read at a time. */
const MAX_BATCH_FILES = 1000;

/** Modes of what is no file with content: symlinks and submodules. */
const NO_FILE = /^(?:120000|160000)$/;

/** The index, as far as it is known without any content. */
export interface StagedFiles {
  /** Whose files are those of the index: what decides which rule counts for a file. */
  readonly host: Host;
  /** Whether a rule of the next commit is another one than that of the last. */
  readonly changesRules: boolean;
  /** Reads the files: those that were named, else all that differ from the last commit. */
  read(): AsyncGenerator<FoundFile | Unseen, void>;
}

/**
 * Finds what is staged.
 *
 * @throws {UserError} `not-found` outside of a work tree, `unsupported` without git, `io` when git fails
 */
export async function findStagedFiles(host: Host, selection: CheckSelection): Promise<StagedFiles> {
  const root = findGitRoot(host, host.cwd);
  if (root === undefined) {
    throw new UserError("not-found", `cannot check what is staged: "${host.cwd}" is in no work tree of git`, {
      hints: ["leave --staged out to check the files as they are"],
    });
  }
  const index = new GitIndex(host, root);
  const changes = await index.listChanges();
  const isExcluded = createExclusion(host, selection.excluded);
  const named = selection.paths.map((path) => host.paths.resolve(host.cwd, path));
  const config = selection.config ?? host.env("SOPS_CONFIG");
  const namedConfig = config ? host.paths.resolve(host.cwd, config) : undefined;
  const unknown = new Set(named);
  const wanted = new Set(named);
  const [chosen, configs]: [IndexEntry[], IndexEntry[]] = [[], []];
  for (const entry of await index.listEntries()) {
    const path = index.pathOf(entry.path);
    const folder = findIn(host, wanted, path);
    if (folder !== undefined) unknown.delete(folder);
    if (NO_FILE.test(entry.mode)) continue;
    if (kindOfName(host, path) !== "file" || path === namedConfig) configs.push(entry);
    if (wanted.size === 0 ? !changes.has(entry.path) : folder === undefined) continue;
    if (isExcluded(path) || selection.shard !== undefined && !isInShard(selection.shard, entry.path)) continue;
    chosen.push(entry);
  }
  const contents = await index.readObjects(configs.map(({ object }) => object));
  return {
    host: hostOfIndex(
      host,
      root,
      new Map(configs.map(({ path, object }) => [index.pathOf(path), contents.get(object)])),
    ),
    changesRules: configs.some(({ path }) => changes.has(path)),
    async *read() {
      for (const path of unknown) yield notStaged(path);
      yield* readChosen(host, index, chosen, changes);
    },
  };
}

/** @returns the path, or the nearest folder above it, that is one of some; a person may name very many */
function findIn({ paths }: Host, wanted: ReadonlySet<string>, path: string): string | undefined {
  if (wanted.size === 0) return undefined;
  for (let at = path;;) {
    if (wanted.has(at)) return at;
    const above = paths.dirname(at);
    if (above === at) return undefined;
    at = above;
  }
}

function notStaged(path: string): Unseen {
  return {
    path,
    error: new UserError("not-found", `cannot check "${path}": it is not in the index of git`, {
      hints: ["add it with git add, or leave --staged out"],
      location: { path },
    }),
  };
}

async function* readChosen(
  host: Host,
  index: GitIndex,
  chosen: readonly IndexEntry[],
  changes: ReadonlyMap<string, string>,
): AsyncGenerator<FoundFile | Unseen, void> {
  for (let start = 0; start < chosen.length;) {
    const rest = chosen.slice(start, start + MAX_BATCH_FILES);
    const objects = rest.flatMap(({ path, object }) => [object, changes.get(path) ?? ""]).filter((name) => name !== "");
    const sizes = await index.measure(objects);
    const batch = takeBatch(
      rest,
      ({ path, object }) => (sizes.get(object) ?? 0) + (sizes.get(changes.get(path) ?? "") ?? 0),
    );
    const wanted = new Set(batch.flatMap(({ path, object }) => [object, changes.get(path) ?? ""]));
    const readable = [...wanted].filter((object) => (sizes.get(object) ?? Infinity) <= MAX_PIECE_BYTES);
    const contents = await index.readObjects(readable);
    for (const { path, object, isUnmerged } of batch) {
      const absolute = index.pathOf(path);
      const bytes = contents.get(object);
      if (bytes === undefined) {
        yield tooLarge(absolute);
        continue;
      }
      const committed = contents.get(changes.get(path) ?? "");
      yield { path: absolute, kind: kindOfName(host, absolute), bytes, isUnmerged, committed };
    }
    start += batch.length;
  }
}

/** @returns the first files that are read together, at least one */
function takeBatch<File>(files: readonly File[], sizeOf: (file: File) => number): readonly File[] {
  let bytes = 0;
  const end = files.findIndex((file, index) => (bytes += sizeOf(file)) > MAX_BATCH_BYTES && index > 0);
  return end === -1 ? files : files.slice(0, end);
}

/**
 * @param configs content of the `.sops.yaml` and `.sops.yml` of the index by absolute path
 * @returns the host, in whose work tree only these files are seen; outside of it everything is as it is
 */
function hostOfIndex(host: Host, root: string, configs: ReadonlyMap<string, Uint8Array | undefined>): Host {
  const { paths, files } = host;
  const isInIndex = (path: string): boolean => paths.contains(root, path) && path !== paths.join(root, ".git");
  const infoOf = (path: string): FileInfo | undefined => {
    if (!isInIndex(path) || path === root) return files.stat(path);
    const bytes = configs.get(path);
    return bytes === undefined ? undefined : { kind: "file", size: bytes.length };
  };
  return hostWith(host, {
    files: {
      ...files,
      stat: infoOf,
      lstat: infoOf,
      read: (path, maxBytes) => isInIndex(path) ? configs.get(path) : files.read(path, maxBytes),
    },
  });
}
