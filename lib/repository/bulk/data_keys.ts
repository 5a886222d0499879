/**
 * The data keys of many files, opened before anything is written: what cannot be opened is known then, and everything that
 * a person is asked for is asked once. I/O through the host. Spec: keys §2, sops-engine §2.2.
 *
 * @module
 */
import { type PackedError, packError, unpackError, UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import { openDataKey } from "../../sops/mod.ts";
import { findBlockMetadata } from "../../sops/metadata/metadata.ts";
import type { Work } from "../../base/host/workers.ts";
import { type BulkEngine, freeOnly, workOnFiles, type WorkProgress } from "./threads.ts";
import { MAX_FILE_BYTES } from "../file/limits.ts";

/** A data key, or why there is none. */
export type DataKeyResult = { readonly dataKey: Uint8Array } | { readonly error: PackedError };

/** @returns the work for one file, by its path */
export function createOpening({ host, surroundings }: BulkEngine): Work<string, DataKeyResult> {
  return async (path) => {
    try {
      const bytes = readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
      const metadata = bytes && findBlockMetadata(bytes, path);
      if (metadata !== undefined) return { dataKey: await openDataKey(metadata, surroundings.open, path) };
      throw new UserError("not-found", `cannot open "${path}": it has gone, or is not encrypted any more`);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
      return { error: packError(error) };
    }
  };
}

/**
 * @param paths absolute
 * @returns the data key of each file, or why it cannot be opened; undefined for what was not come to
 * @throws {UserError} `cancelled` when the person gives up at a question
 */
export async function openDataKeys(
  engine: BulkEngine,
  paths: readonly string[],
  progress: WorkProgress<DataKeyResult>,
): Promise<(Uint8Array | UserError | undefined)[]> {
  const results = await workOnFiles<string, DataKeyResult>(engine, {
    task: "open-data-keys",
    shared: {},
    work: createOpening(freeOnly(engine)),
    items: paths,
    filesPerItem: 1,
  }, progress);
  const openWithAll = createOpening(engine);
  const opened: (Uint8Array | UserError | undefined)[] = [];
  for (const [index, path] of paths.entries()) {
    const free = results[index];
    const isLeft = free !== undefined && "error" in free && free.error.kind === "no-identity";
    const result = isLeft && !progress.signal?.aborted ? await openWithAll(path) : free;
    opened.push(result && ("error" in result ? unpackError(result.error) : result.dataKey));
  }
  return opened;
}
