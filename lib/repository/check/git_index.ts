/**
 * The index of git and the objects in it, asked for with lists of arguments: nothing that the repository's configuration
 * names is run, and no object is fetched from a server. Where git runs a hook, the index of that very commit is read
 * (`GIT_INDEX_FILE`). Reads only. Format: git-diff, git-ls-files, git-cat-file.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { runGit } from "../scan/work_tree.ts";

/** The object that git names where there is no file. */
const NO_OBJECT = /^0+$/;

/** A file of the index. */
export interface IndexEntry {
  readonly path: string;
  /** What it is, as git writes it. */
  readonly mode: string;
  /** Name of the object with its content; of a file with several versions, the own one. */
  readonly object: string;
  readonly isUnmerged: boolean;
}

/** The questions to git about one work tree. */
export class GitIndex {
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

  /** @returns every file of the index, once, in the order of git; one at a time, for there may be very many */
  async listEntries(): Promise<Iterable<IndexEntry>> {
    return readEntries(await this.#list(["ls-files", "--stage", "--full-name", "-z"]));
  }

  /** @returns the files that differ from the last commit, each with the object that it has there, if any */
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
    let info: string | undefined;
    for (const field of await this.#list(args)) {
      if (info === undefined) {
        info = field;
        continue;
      }
      const [, , old = "", , status = ""] = info.split(" ");
      if (status !== "D") changes.set(field, NO_OBJECT.test(old) ? "" : old);
      info = undefined;
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

  /** @returns the contents of those objects that are here; the caller sees to it that they fit into memory */
  async readObjects(objects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    if (objects.length === 0) return found;
    const answer = await this.#ask(["cat-file", "--batch"], objects);
    for (let at = 0; at < answer.length;) {
      const lineEnd = answer.indexOf(LINE_FEED, at);
      if (lineEnd === -1) throw new InternalError("git cat-file answered something else than its format");
      const [object = "", type, size] = new TextDecoder().decode(answer.subarray(at, lineEnd)).split(" ");
      at = lineEnd + 1;
      if (type === "missing") continue;
      if (type === "blob") found.set(object, answer.subarray(at, at + Number(size)));
      at += Number(size) + 1;
    }
    return found;
  }

  async #ask(args: readonly string[], objects: readonly string[]): Promise<Uint8Array> {
    return await this.#run(args, new TextEncoder().encode(objects.map((object) => `${object}\n`).join("")));
  }

  async #list(args: readonly string[]): Promise<Iterable<string>> {
    return splitAtNul(new TextDecoder().decode(await this.#run(args)));
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

function* splitAtNul(text: string): Generator<string, void> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\0", start);
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** Of a file with several versions, which stand behind each other, the own one counts, else the first. */
function* readEntries(lines: Iterable<string>): Generator<IndexEntry, void> {
  let last: IndexEntry | undefined;
  for (const line of lines) {
    const [, mode = "", object = "", stage = "", path = ""] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
    const entry = { path, mode, object, isUnmerged: stage !== MERGED_STAGE };
    if (last !== undefined && last.path !== path) yield last;
    if (last?.path !== path || stage === OWN_STAGE) last = entry;
  }
  if (last !== undefined) yield last;
}

const LINE_FEED = 0x0a;
const MERGED_STAGE = "0";
/** Of the versions that a merge has left, the one of the own branch. */
const OWN_STAGE = "2";
