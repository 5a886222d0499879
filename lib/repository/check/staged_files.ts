/**
 * The files that the next commit will have, as git holds them: content of the index, whatever lies in the work tree.
 *
 * Asks `git` with lists of arguments, and runs nothing that the repository's configuration names; contents come from one
 * `git cat-file --batch` at a time, of bounded size. Where git runs a hook, the index of that very commit is read
 * (`GIT_INDEX_FILE`). No object is fetched from a server. Reads only. Format: git-diff, git-ls-files, git-cat-file.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { type FileInfo, type Host, hostWith } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { Unseen } from "../bulk/selection.ts";
import { isInShard } from "../bulk/shard.ts";
import { MAX_ENCRYPTED_FILE_BYTES } from "../scan/encrypted_files.ts";
import { runGit } from "../scan/work_tree.ts";
import type { FoundFile } from "./check.ts";
import { type CheckSelection, createExclusion, kindOfName, tooLarge } from "./work_tree_files.ts";

/** What is read at a time, in bytes of content; a single file may be larger. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** The most files that are read at a time. */
const MAX_BATCH_FILES = 1000;

/** The object that git names where there is no file. */
const NO_OBJECT = /^0+$/;

/** Modes of what is no file with content: symlinks and submodules. */
const NO_FILE = /^(?:120000|160000)$/;

/** A file of the index. */
interface IndexEntry {
  readonly path: string;
  /** What it is, as git writes it. */
  readonly mode: string;
  /** Name of the object with its content; of a file with several versions, the own one. */
  readonly object: string;
  readonly isUnmerged: boolean;
}

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
  const all = await index.listEntries();
  const names = all.map(({ path }) => index.pathOf(path));
  const entries = all.filter(({ mode }) => !NO_FILE.test(mode));
  const changes = await index.listChanges();
  const isExcluded = createExclusion(host, selection.excluded);
  const named = selection.paths.map((path) => host.paths.resolve(host.cwd, path));
  const chosen = entries.filter(({ path }) => {
    const name = index.pathOf(path);
    if (named.length === 0 ? !changes.has(path) : !named.some((folder) => host.paths.contains(folder, name))) {
      return false;
    }
    return !isExcluded(name) && (selection.shard === undefined || isInShard(selection.shard, path));
  });
  const unknown = named.filter((name) => !names.some((path) => host.paths.contains(name, path)));
  const config = selection.config ?? host.env("SOPS_CONFIG");
  const namedConfig = config ? host.paths.resolve(host.cwd, config) : undefined;
  const configs = entries.filter(({ path }) => kindOfName(host, path) !== "file" || index.pathOf(path) === namedConfig);
  const contents = new Map<string, Uint8Array>();
  for await (const batch of index.readObjects(configs.map(({ object }) => object))) {
    for (const [object, bytes] of batch) if (bytes !== undefined) contents.set(object, bytes);
  }
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
    const objects = rest.flatMap(({ path, object }) => [object, changes.get(path) ?? ""]).filter((name) =>
      name !== "" && !NO_OBJECT.test(name)
    );
    const sizes = await index.measure(objects);
    const batch = takeBatch(
      rest,
      ({ path, object }) => (sizes.get(object) ?? 0) + (sizes.get(changes.get(path) ?? "") ?? 0),
    );
    const wanted = new Set(batch.flatMap(({ path, object }) => [object, changes.get(path) ?? ""]));
    const readable = [...wanted].filter((object) => (sizes.get(object) ?? Infinity) <= MAX_ENCRYPTED_FILE_BYTES);
    const contents = new Map<string, Uint8Array>();
    for await (const part of index.readObjects(readable)) {
      for (const [object, bytes] of part) if (bytes !== undefined) contents.set(object, bytes);
    }
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

/** The questions to git about one work tree. */
class GitIndex {
  readonly #host: Host;
  readonly #root: string;

  constructor(host: Host, root: string) {
    this.#host = host;
    this.#root = root;
  }

  /** @returns absolute, of a path as git names it */
  pathOf(path: string): string {
    return this.#host.paths.join(this.#root, path);
  }

  /** @returns every file of the index, once, in the order of git */
  async listEntries(): Promise<IndexEntry[]> {
    const entries = new Map<string, IndexEntry>();
    for (const line of await this.#list(["ls-files", "--stage", "--full-name", "-z"])) {
      const [, mode = "", object = "", stage = "", path = ""] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
      if (entries.get(path) === undefined || stage === OWN_STAGE) {
        entries.set(path, { path, mode, object, isUnmerged: stage !== MERGED_STAGE });
      }
    }
    return [...entries.values()];
  }

  /** @returns the files that differ from the last commit, each with the object that it has there */
  async listChanges(): Promise<ReadonlyMap<string, string>> {
    const args = [
      "diff",
      "--cached",
      "--raw",
      "-z",
      "--no-abbrev",
      "--no-renames",
      "--no-ext-diff",
      "--ignore-submodules",
    ];
    const changes = new Map<string, string>();
    const fields = await this.#list(args);
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const [, , old = "", , status = ""] = (fields[i] ?? "").split(" ");
      if (status !== "D") changes.set(fields[i + 1]!, old);
    }
    return changes;
  }

  /** @returns the sizes of objects, in bytes; those that are not here are missing */
  async measure(objects: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    const answer = new TextDecoder().decode(await this.#ask(["cat-file", "--batch-check"], objects));
    for (const line of answer.split("\n")) {
      const [object = "", type, size] = line.split(" ");
      if (type === "blob") sizes.set(object, Number(size));
    }
    return sizes;
  }

  /** Reads objects; the caller sees to it that they fit into memory. */
  async *readObjects(objects: readonly string[]): AsyncGenerator<ReadonlyMap<string, Uint8Array | undefined>, void> {
    if (objects.length === 0) return;
    const answer = await this.#ask(["cat-file", "--batch"], objects);
    const found = new Map<string, Uint8Array | undefined>();
    for (let at = 0; at < answer.length;) {
      const lineEnd = answer.indexOf(LINE_FEED, at);
      if (lineEnd === -1) throw new InternalError("git cat-file answered something else than its format");
      const [object = "", type, size] = new TextDecoder().decode(answer.subarray(at, lineEnd)).split(" ");
      const length = type === "missing" ? -1 : Number(size);
      if (type === "blob") found.set(object, answer.subarray(lineEnd + 1, lineEnd + 1 + length));
      at = lineEnd + 1 + (length === -1 ? 0 : length + 1);
    }
    yield found;
  }

  async #ask(args: readonly string[], objects: readonly string[]): Promise<Uint8Array> {
    return await this.#run(args, new TextEncoder().encode(objects.map((object) => `${object}\n`).join("")));
  }

  async #list(args: readonly string[]): Promise<string[]> {
    return new TextDecoder().decode(await this.#run(args)).split("\0").filter((field) => field !== "");
  }

  async #run(args: readonly string[], stdin?: Uint8Array): Promise<Uint8Array> {
    const result = await runGit(this.#host, this.#root, ["--no-replace-objects", ...args], {
      env: { GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (result === undefined) {
      throw new UserError("unsupported", "cannot check what is staged: there is no program git", {
        hints: ["install git, or leave --staged out to check the files as they are"],
      });
    }
    if (result.code === 0) return result.stdout;
    const [reason = ""] = new TextDecoder().decode(result.stderr).trim().split("\n");
    throw new UserError("io", `cannot check what is staged: git ${args[0]} failed: ${reason}`);
  }
}

const LINE_FEED = 0x0a;
const MERGED_STAGE = "0";
/** Of the versions that a merge has left, the one of the own branch. */
const OWN_STAGE = "2";

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
