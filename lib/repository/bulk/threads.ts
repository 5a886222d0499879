/**
 * Work for many files, shared with threads that run the same program where there are so many that it pays.
 *
 * Other threads ask nobody anything: they use the identities that are free, and what takes a passphrase, a command or a
 * plugin is done in the first thread, which asks once. I/O through the host. Spec: keys §2.
 *
 * @module
 */
import { prepareNodeCrypto } from "../../base/host/crypto.ts";
import type { Host } from "../../base/host/host.ts";
import { type FinishOptions, type SharedWork, type Tasks, Threads, type Work } from "../../base/host/workers.ts";
import type { KeyOpener } from "../../sops/mod.ts";
import { createSurroundings, type EngineSurroundings } from "../file/keys.ts";

/** From how many files on another thread pays for being started. */
const MIN_FILES = 250;

/** From how many files on the faster cryptography pays for being loaded: 20 ms, against 0.5 ms that it saves for each. */
const MANY_FILES = 50;

/** How many files a thread takes at a time. */
const CHUNK_FILES = 32;

/** How many files are handed out at a time: what is handed out is copied for each thread. */
const WAVE_FILES = 10_000;

/** What a thread works with. */
export interface BulkEngine {
  readonly host: Host;
  readonly surroundings: EngineSurroundings;
  /** Those that help. */
  readonly threads: Threads;
}

/** @param surroundings of this thread, which may ask a person @returns an engine; its threads are to be ended */
export function createBulkEngine(host: Host, surroundings: EngineSurroundings): BulkEngine {
  return { host, surroundings, threads: new Threads(host.otherThreads) };
}

/** What another thread has to know to make a {@link BulkEngine} of its own; can be cloned. */
export interface ThreadPlace {
  readonly cwd: string;
}

/** Nobody helps. */
const ALONE = new Threads(0);

/** @returns the engine of another thread */
export async function createThreadEngine({ cwd }: ThreadPlace): Promise<BulkEngine> {
  const { createDenoHost } = await import("../../base/host/deno_host.ts");
  const host = (await createDenoHost()).in(cwd);
  await prepareNodeCrypto();
  return freeOnly({ host, surroundings: createSurroundings(host), threads: ALONE });
}

/** @returns an engine that asks nobody anything */
export function freeOnly({ surroundings, ...engine }: BulkEngine): BulkEngine {
  const open: KeyOpener = async (recipient, encrypted, effort) =>
    effort === "free" ? await surroundings.open(recipient, encrypted, effort) : { attempts: [] };
  return { ...engine, surroundings: { ...surroundings, open } };
}

/** Work for files. */
export interface FileWork<Item, Result> {
  /** The name that other threads know it by. */
  readonly task: keyof Tasks;
  /** What other threads need for every item, besides their {@link ThreadPlace}; can be cloned. */
  readonly shared: Readonly<Record<string, unknown>>;
  /** Does it in this thread. */
  readonly work: Work<Item, Result>;
  /** Of how many files an item is, at most. */
  readonly filesPerItem: number;
  /** Everything is done in this thread. */
  readonly isAlone?: boolean;
}

/** Files that are worked on while more of them are found: others begin as soon as there are enough for them. */
export class FilesInWork<Item, Result> {
  readonly #engine: BulkEngine;
  readonly #work: FileWork<Item, Result>;
  /** Those that nobody has been given yet. */
  readonly #items: Item[] = [];
  #shared: SharedWork<Item, Result> | undefined;

  constructor(engine: BulkEngine, work: FileWork<Item, Result>) {
    this.#engine = engine;
    this.#work = work;
  }

  /** @param item can be cloned */
  add(item: Item): void {
    if (this.#shared !== undefined) return this.#shared.add(item);
    const fileCount = this.#items.push(item) * this.#work.filesPerItem;
    if (fileCount >= MIN_FILES && !this.#work.isAlone) this.#begin(this.#engine.threads);
  }

  /** @returns the results in the order of the items */
  async finish(options: FinishOptions<Result>): Promise<readonly (Result | undefined)[]> {
    if (this.#items.length * this.#work.filesPerItem >= MANY_FILES) await prepareNodeCrypto();
    return await (this.#shared ?? this.#begin(ALONE)).finish(options);
  }

  #begin(threads: Threads): SharedWork<Item, Result> {
    const { task, shared, work, filesPerItem } = this.#work;
    const here: Tasks = { [task]: () => Promise.resolve(work) };
    const place: ThreadPlace = { cwd: this.#engine.host.cwd };
    const chunk = Math.max(1, Math.floor(CHUNK_FILES / filesPerItem));
    const begun = threads.begin<Item, Result>(here, { task, shared: { ...shared, ...place }, chunk });
    for (const item of this.#items) begun.add(item);
    return this.#shared = begun;
  }
}

/** @returns the results in the order of the items, which are made when it is their turn */
export async function workOnFiles<Item, Result>(
  engine: BulkEngine,
  work: FileWork<Item, Result>,
  { items, ...options }: { readonly items: Iterable<Item> } & FinishOptions<Result>,
): Promise<(Result | undefined)[]> {
  const results: (Result | undefined)[] = [];
  const itemsPerWave = Math.ceil(WAVE_FILES / work.filesPerItem);
  let wave = new FilesInWork(engine, work);
  let count = 0;
  for (const item of items) {
    wave.add(item);
    if (++count % itemsPerWave > 0) continue;
    results.push(...await wave.finish(options));
    engine.threads.end(); // new ones take up what these have left for the collector
    wave = new FilesInWork(engine, work);
  }
  results.push(...await wave.finish(options));
  return results;
}
