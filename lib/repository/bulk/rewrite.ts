/**
 * Many files with other keys: each re-keyed or rotated in memory, proved, and put in the place of the old one, so that it
 * is old or new and never half. A file that fails does not stop the others. I/O through the host.
 *
 * @module
 */
import { concatBytes } from "../../base/bytes.ts";
import { type PackedError, packError, UserError } from "../../base/error.ts";
import { type FilePlan, replaceMany } from "../../base/files/replace_many.ts";
import type { FinishOptions, Work } from "../../base/host/workers.ts";
import { classifyRecipient } from "../../keys/age/recipient.ts";
import { DATA_KEY_LENGTH, rekeyFile, RekeyMemory, rotateFile } from "../../sops/mod.ts";
import { findMetadata, type MetadataGroup, type StoreFormat } from "../../sops/metadata/metadata.ts";
import { targetOf } from "../file/limits.ts";
import { type BulkEngine, workOnFiles } from "./threads.ts";

/** How many files are written in one go. */
const BATCH_FILES = 32;

/** Whom files are for, as far as writing goes. */
export interface WantedKeys {
  readonly wanted: readonly MetadataGroup[];
  readonly neededGroups: number;
  /** Whom they are for now; a file that is for others when it is written fails. Absent: that does not matter. */
  readonly present?: readonly MetadataGroup[];
}

/** What is done to all files of a run; can be cloned. */
export interface RewriteJob {
  /** `rekey`: only the lists of keys change; `rotate`: every value is encrypted anew under another data key. */
  readonly action: "rekey" | "rotate";
  /** Of `rekey`: the data key is encrypted anew also for those who stay. */
  readonly rewraps: boolean;
  /** Of `rekey`: the keys stand in the order that is wanted. */
  readonly reorders: boolean;
  /** Of `rotate`: a file that somebody without the key has changed is taken as it is. */
  readonly ignoresMac: boolean;
  /** What the new contents are, in the words shown when one cannot be written. */
  readonly reason: string;
  /** Everything that files are changed to; each names its own by the index. */
  readonly changes: readonly WantedKeys[];
}

/** A file that is to be written; can be cloned. */
export interface RewriteFile {
  /** Absolute. */
  readonly path: string;
  readonly format: StoreFormat;
  /** Index of what it is changed to. */
  readonly change: number;
}

/** Files that are written in one go; can be cloned. */
interface RewriteBatch {
  readonly files: readonly RewriteFile[];
  /** As they were opened before, end to end. */
  readonly dataKeys: Uint8Array;
}

/** What became of one file. */
export type RewriteResult =
  | { readonly state: "written" | "unchanged"; readonly lostCommentCount: number }
  | { readonly state: "failed"; readonly error: PackedError };

/** @returns the work for one batch of files */
export function createRewriting(
  { host, surroundings }: BulkEngine,
  job: RewriteJob,
): Work<RewriteBatch, readonly RewriteResult[]> {
  const memory = new RekeyMemory();
  return async ({ files, dataKeys }) => {
    const dataKeyOf = (index: number): Uint8Array =>
      dataKeys.subarray(index * DATA_KEY_LENGTH, (index + 1) * DATA_KEY_LENGTH);
    const byPath = new Map(files.map((file, index) => [file.path, { ...file, dataKey: dataKeyOf(index) }]));
    const results = await replaceMany<number>(host, files.map(({ path }) => targetOf(path)), {
      reason: job.reason,
      plan: async ({ target, content }) => {
        if (content === undefined) {
          throw new UserError("not-found", `cannot change "${target.path}": it is not there any more`);
        }
        return await rewriteFile(content, byPath.get(target.path)!, { surroundings, job, memory });
      },
    });
    return results.map((result): RewriteResult =>
      result.state === "failed"
        ? { state: "failed", error: packError(result.error) }
        : { state: result.state, lostCommentCount: result.outcome }
    );
  };
}

/** What is the same for all files that a thread writes. */
interface RewriteContext {
  readonly surroundings: BulkEngine["surroundings"];
  readonly job: RewriteJob;
  readonly memory: RekeyMemory;
}

async function rewriteFile(
  content: Uint8Array,
  { path, format, change, dataKey }: RewriteFile & { readonly dataKey: Uint8Array },
  { surroundings, job, memory }: RewriteContext,
): Promise<FilePlan<number>> {
  const { wanted, neededGroups: threshold, present } = job.changes[change]!;
  if (present !== undefined) requireKeys(content, path, present);
  const options = { ...surroundings, path, format, dataKey, threshold };
  if (job.action === "rekey") {
    return { after: await rekeyFile(content, wanted, { ...options, ...job, memory }), outcome: 0 };
  }
  const { bytes, lostCommentCount } = await rotateFile(content, { ...options, wanted, ignoresMac: job.ignoresMac });
  return { after: bytes, outcome: lostCommentCount };
}

/** A key that came meanwhile must not get the new data key unseen, and one that is missing from the plan must not lose it. */
function requireKeys(content: Uint8Array, path: string, present: readonly MetadataGroup[]): void {
  const metadata = findMetadata(content, path);
  const describe = (groups: readonly MetadataGroup[] = []): string =>
    JSON.stringify(groups.map(({ keys }) => keys.map(({ type, text }) => [type, text])));
  if (describe(metadata?.groups) === describe(present)) return;
  throw new UserError("refused", `cannot change "${path}": its recipients are not those that were shown any more`, {
    hints: ["run the same command again, and look at who is in it"],
    location: { path },
  });
}

/** Files that are to be written. */
export interface Rewriting {
  readonly files: readonly RewriteFile[];
  /** @returns the data key of a file, as it was opened before */
  readonly dataKeyOf: (index: number) => Uint8Array;
  readonly job: RewriteJob;
}

/** @returns what became of each file; undefined for what was not come to */
export async function rewriteFiles(
  engine: BulkEngine,
  rewriting: Rewriting,
  options: FinishOptions<readonly RewriteResult[]>,
): Promise<(RewriteResult | undefined)[]> {
  const { files, job } = rewriting;
  const results = await workOnFiles<RewriteBatch, readonly RewriteResult[]>(engine, {
    task: "rewrite",
    shared: { ...job },
    work: createRewriting(engine, job),
    filesPerItem: BATCH_FILES,
    isAlone: job.changes.some(needsPlugin),
  }, { ...options, items: batchesOf(rewriting) });
  return files.map((_, index) => results[Math.floor(index / BATCH_FILES)]?.[index % BATCH_FILES]);
}

function* batchesOf({ files, dataKeyOf }: Rewriting): Generator<RewriteBatch, void> {
  for (let start = 0; start < files.length; start += BATCH_FILES) {
    const batch = files.slice(start, start + BATCH_FILES);
    yield { files: batch, dataKeys: concatBytes(...batch.map((_, index) => dataKeyOf(start + index))) };
  }
}

/** A plugin may want something of the person, so only the thread that asks talks with one. */
function needsPlugin({ wanted }: WantedKeys): boolean {
  return wanted.some(({ keys }) => keys.some(({ text }) => classifyRecipient(text) === "plugin"));
}
