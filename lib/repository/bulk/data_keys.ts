/**
 * The data keys of many files, opened before anything is written: what cannot be opened is known then, and everything that
 * a person is asked for is asked once. I/O through the host. Spec: keys §2, sops-engine §2.2.
 *
 * @module
 */
import { type PackedError, packError, unpackError, UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import { DATA_KEY_LENGTH, openDataKey } from "../../sops/mod.ts";
import { MetadataReader } from "../../sops/metadata/shape.ts";
import type { Work } from "../../base/host/workers.ts";
import { type BulkEngine, FilesInWork, freeOnly } from "./threads.ts";
import { MAX_FILE_BYTES } from "../file/limits.ts";

/** How many files a thread opens at a time. */
const BATCH_FILES = 32;

/** The data keys of some files, end to end: an array for each would take more memory than all else that is known of it. */
interface OpenedBatch {
  /** Zeros where there is none. */
  readonly dataKeys: Uint8Array;
  /** Why there is none, by the number of the file. */
  readonly errors: ReadonlyMap<number, PackedError>;
}

/** @returns the work for some files, by their paths */
export function createOpening(engine: BulkEngine): Work<readonly string[], OpenedBatch> {
  const openFile = createFileOpening(engine);
  return async (paths) => {
    const dataKeys = new Uint8Array(paths.length * DATA_KEY_LENGTH);
    const errors = new Map<number, PackedError>();
    for (const [index, path] of paths.entries()) {
      const opened = await openFile(path);
      if (opened instanceof UserError) errors.set(index, packError(opened));
      else dataKeys.set(opened, index * DATA_KEY_LENGTH);
    }
    return { dataKeys, errors };
  };
}

function createFileOpening({ host, surroundings }: BulkEngine): (path: string) => Promise<Uint8Array | UserError> {
  const reader = new MetadataReader();
  return async (path) => {
    try {
      const bytes = readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
      const metadata = bytes && reader.find(bytes, path)?.readBlock();
      if (metadata !== undefined) return await openDataKey(metadata, surroundings.open, path);
      throw new UserError("not-found", `cannot open "${path}": it has gone, or is not encrypted any more`);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
      return error;
    }
  };
}

/** The data keys of files that are found one after the other. */
export class DataKeys {
  readonly #engine: BulkEngine;
  /** What needs nobody is opened at once. */
  readonly #free: FilesInWork<readonly string[], OpenedBatch>;
  readonly #batches: string[][] = [];
  #opened: readonly (OpenedBatch | undefined)[] = [];
  /** Keys that a person was asked for, and why others cannot be opened. */
  readonly #asked = new Map<number, Uint8Array | UserError>();

  constructor(engine: BulkEngine) {
    this.#engine = engine;
    const work = createOpening(freeOnly(engine));
    this.#free = new FilesInWork(engine, { task: "open-data-keys", shared: {}, work, filesPerItem: BATCH_FILES });
  }

  /** @param path absolute; files are numbered in the order in which they are added, from 0 */
  add(path: string): void {
    const last = this.#batches.at(-1);
    if (last === undefined || last.length === BATCH_FILES) this.#batches.push([path]);
    else if (last.push(path) === BATCH_FILES) this.#free.add(last);
  }

  /**
   * Opens what is left, asking the person where that is needed.
   *
   * @param onDone told how many files more have been tried
   * @throws {UserError} `cancelled` when the person gives up at a question
   */
  async open(onDone: (fileCount: number) => void, signal: AbortSignal): Promise<void> {
    const last = this.#batches.at(-1);
    if (last !== undefined && last.length < BATCH_FILES) this.#free.add(last);
    const countFiles = ({ dataKeys }: OpenedBatch): number => dataKeys.length / DATA_KEY_LENGTH;
    this.#opened = await this.#free.finish({
      onDone: (batches) => onDone(batches.reduce((sum, batch) => sum + countFiles(batch), 0)),
      signal,
    });
    const openWithAll = createFileOpening(this.#engine);
    for (const [number, paths] of this.#batches.entries()) {
      for (const [index, error] of this.#opened[number]?.errors ?? []) {
        const isLeft = error.kind === "no-identity" && !signal.aborted;
        const result = isLeft ? await openWithAll(paths[index]!) : unpackError(error);
        this.#asked.set(number * BATCH_FILES + index, result);
      }
    }
  }

  /** @returns the data key of a file, or why it cannot be opened; undefined when it was not come to */
  get(fileNumber: number): Uint8Array | UserError | undefined {
    const asked = this.#asked.get(fileNumber);
    if (asked !== undefined) return asked;
    const start = fileNumber % BATCH_FILES * DATA_KEY_LENGTH;
    return this.#opened[Math.floor(fileNumber / BATCH_FILES)]?.dataKeys.subarray(start, start + DATA_KEY_LENGTH);
  }
}
