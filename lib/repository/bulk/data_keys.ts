/**
 * The data keys of many files, opened before anything is written: what cannot be opened is known then, and everything that
 * a person is asked for is asked once. I/O through the host. Spec: keys §2, sops-engine §2.2.
 *
 * @module
 */
import { type PackedError, packError, unpackError, UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import { openDataKey } from "../../sops/mod.ts";
import { MetadataReader } from "../../sops/metadata/shape.ts";
import type { FinishOptions, Work } from "../../base/host/workers.ts";
import { type BulkEngine, FilesInWork, freeOnly } from "./threads.ts";
import { MAX_FILE_BYTES } from "../file/limits.ts";

/** A data key, or why there is none. */
export type DataKeyResult = { readonly dataKey: Uint8Array } | { readonly error: PackedError };

/** @returns the work for one file, by its path */
export function createOpening({ host, surroundings }: BulkEngine): Work<string, DataKeyResult> {
  const reader = new MetadataReader();
  return async (path) => {
    try {
      const bytes = readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
      const metadata = bytes && reader.find(bytes, path)?.readBlock();
      if (metadata !== undefined) return { dataKey: await openDataKey(metadata, surroundings.open, path) };
      throw new UserError("not-found", `cannot open "${path}": it has gone, or is not encrypted any more`);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
      return { error: packError(error) };
    }
  };
}

/** The data keys of files that are found one after the other. */
export class DataKeys {
  readonly #engine: BulkEngine;
  readonly #paths: string[] = [];
  /** What needs nobody is opened at once. */
  readonly #free: FilesInWork<string, DataKeyResult>;

  constructor(engine: BulkEngine) {
    this.#engine = engine;
    const work = createOpening(freeOnly(engine));
    this.#free = new FilesInWork(engine, { task: "open-data-keys", shared: {}, work, filesPerItem: 1 });
  }

  /** @param path absolute */
  add(path: string): void {
    this.#paths.push(path);
    this.#free.add(path);
  }

  /**
   * Opens what is left, asking the person where that is needed.
   *
   * @returns the data key of each file, in the order in which they were added, or why it cannot be opened; undefined for
   * what was not come to
   * @throws {UserError} `cancelled` when the person gives up at a question
   */
  async open(options: FinishOptions<DataKeyResult>): Promise<(Uint8Array | UserError | undefined)[]> {
    const results = await this.#free.finish(options);
    const openWithAll = createOpening(this.#engine);
    const opened: (Uint8Array | UserError | undefined)[] = [];
    for (const [index, path] of this.#paths.entries()) {
      const free = results[index];
      const isLeft = free !== undefined && "error" in free && free.error.kind === "no-identity";
      const result = isLeft && !options.signal?.aborted ? await openWithAll(path) : free;
      opened.push(result && ("error" in result ? unpackError(result.error) : result.dataKey));
    }
    return opened;
  }
}
