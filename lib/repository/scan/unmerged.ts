/**
 * Files whose merge git has not finished: the versions that its index keeps. Asks git; reads only.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { runGit } from "./work_tree.ts";

/** The versions of an unmerged file, each by the name of its blob; one that a side has not is undefined. */
export interface UnmergedFile {
  readonly base: string | undefined;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** @param path absolute @returns undefined for a file that is merged, outside of a work tree, and without git */
export async function findUnmerged(host: Host, path: string): Promise<UnmergedFile | undefined> {
  const root = findGitRoot(host, host.paths.dirname(path));
  if (root === undefined) return undefined;
  const stages = new Map(
    (await listStages(host, root, [host.paths.relative(root, path)])).map((one) => [one.stage, one]),
  );
  if (stages.size === 0) return undefined;
  const [base, ours, theirs] = ["1", "2", "3"].map((stage) => stages.get(stage)?.blob);
  return { base, ours, theirs };
}

/** The unmerged files of any work trees; git is asked once for each. */
export class UnmergedFiles {
  readonly #host: Host;
  /** By place, so that the root of the work tree is looked for once in each folder. */
  readonly #ofPlaces = new Map<string, Promise<ReadonlySet<string>>>();
  readonly #ofRoots = new Map<string | undefined, Promise<ReadonlySet<string>>>([[
    undefined,
    Promise.resolve(new Set()),
  ]]);

  constructor(host: Host) {
    this.#host = host;
  }

  /** @param place absolute path of a file or folder @returns absolute paths of all unmerged files of its work tree */
  listAround(place: string): Promise<ReadonlySet<string>> {
    return this.#ofPlaces.getOrInsertComputed(place, () => {
      const root = findGitRoot(this.#host, place);
      return this.#ofRoots.getOrInsertComputed(root, () => this.#list(root!));
    });
  }

  async #list(root: string): Promise<ReadonlySet<string>> {
    const stages = await listStages(this.#host, root, []);
    return new Set(stages.map(({ name }) => this.#host.paths.join(root, name)));
  }
}

/** One version of an unmerged file, as the index has it. */
interface Stage {
  readonly blob: string;
  readonly stage: string;
  /** From the root of the work tree. */
  readonly name: string;
}

/** @param names from the root; none: all files */
async function listStages(host: Host, root: string, names: readonly string[]): Promise<Stage[]> {
  const result = await runGit(host, root, ["--literal-pathspecs", "ls-files", "-u", "-z", "--", ...names]);
  if (result?.code !== 0) return [];
  return new TextDecoder().decode(result.stdout).split("\0").flatMap((line) => {
    const [, blob, stage, name] = /^\d+ ([0-9a-f]+) ([123])\t([^]*)$/.exec(line) ?? [];
    return blob === undefined || stage === undefined || name === undefined ? [] : [{ blob, stage, name }];
  });
}

/** @returns the content of a blob; undefined when git has it not */
export async function readBlob(host: Host, folder: string, blob: string): Promise<Uint8Array | undefined> {
  const result = await runGit(host, folder, ["cat-file", "blob", blob]);
  return result?.code === 0 ? result.stdout : undefined;
}

/** The markers that git writes around two versions of a line. */
const GIT_MARKERS = /^<{7,} [^\n]*$[\s\S]*^={7,}\r?$[\s\S]*^>{7,} /m;

/**
 * @param path absolute
 * @returns whether nobody has touched an unmerged file: it is our version, or has the markers that git writes
 */
export async function isUntouched(
  host: Host,
  path: string,
  { unmerged, content }: { readonly unmerged: UnmergedFile; readonly content: Uint8Array },
): Promise<boolean> {
  if (GIT_MARKERS.test(new TextDecoder().decode(content))) return true;
  const root = findGitRoot(host, host.paths.dirname(path));
  if (root === undefined) return false;
  // Hashed as git would store it: line breaks may be others in the work tree.
  const name = host.paths.relative(root, path);
  const result = await runGit(host, root, ["hash-object", `--path=${name}`, "--stdin"], { stdin: content });
  return result?.code === 0 && new TextDecoder().decode(result.stdout).trim() === unmerged.ours;
}
