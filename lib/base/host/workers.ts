/**
 * Work shared between this thread and worker threads that run the same program.
 *
 * A worker is started with the file that this program was started with; `main.ts` finds out that it is one
 * ({@link isWorker}; `import.meta.main` says nothing, it is true there too) and serves the work that it is sent
 * ({@link serveWork}). Each side takes the next chunk of items by an atomic counter, so a slow thread does less and nobody
 * waits for it. What is sent is copied: of a {@link Secret} nothing is left then, of a `UserError` only its message.
 *
 * A worker costs about 20 ms and 20 MB: worth it from some hundred files on.
 *
 * @module
 */

/** Does the work for one item; what fails for one item is a part of its result. */
export type Work<Item, Result> = (item: Item) => Promise<Result>;

/**
 * Kinds of work by name. Each makes the {@link Work} of a thread from what all items share.
 *
 * The parameter is what {@link shareWork} was given as `shared`, and so are the items: the same program wrote both.
 */
// deno-lint-ignore no-explicit-any
export type Tasks = Readonly<Record<string, (shared: any) => Promise<Work<any, any>>>>;

/** What is to be done. */
export interface SharedWork<Item> {
  /** Name of one of the tasks. */
  readonly task: string;
  /** What the task needs for every item; can be cloned. */
  readonly shared: unknown;
  /** Can be cloned. */
  readonly items: readonly Item[];
}

/** How work is handed out, and what is heard of it. */
export interface WorkOptions<Result> {
  /** How many items a thread takes at a time. */
  readonly chunk: number;
  /** Called in this thread with the results that have come since. */
  readonly onDone?: ((results: readonly Result[]) => void) | undefined;
  /** Ends the work early: chunks that were taken are done, the results of all others stay undefined. */
  readonly signal?: AbortSignal | undefined;
}

/** The first message to a worker: everything. */
interface Assignment extends SharedWork<unknown> {
  /** Number of items that have been taken. */
  readonly counter: Int32Array;
  readonly chunk: number;
}

/** A message from a worker: a chunk that it has done, or the end of its work. */
type Answer = { readonly start: number; readonly results: readonly unknown[] } | { readonly error?: unknown };

/** @returns whether this code runs in a worker thread */
export function isWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}

/**
 * In a worker: waits for the work that this program sends, and does it.
 *
 * @param loadTasks called when there is some, so that the program's first thread loads nothing of it
 */
export function serveWork(loadTasks: () => Promise<Tasks>): void {
  const worker = globalThis as unknown as {
    onmessage: (event: MessageEvent<Assignment>) => void;
    postMessage(answer: Answer): void;
  };
  worker.onmessage = async ({ data }) => {
    try {
      await takeChunks(await loadTasks(), data, (start, results) => worker.postMessage({ start, results }));
      worker.postMessage({});
    } catch (error) {
      worker.postMessage({ error });
    }
  };
}

/** This thread and others that help it, for one piece of work after the other. */
export class Threads {
  readonly #count: number;
  #workers: readonly Worker[] | undefined;

  /** @param others how many workers help this thread; 0: it does everything itself */
  constructor(others: number) {
    this.#count = others;
  }

  /** Starts the workers, which takes them a while: this thread can do something else meanwhile. */
  start(): readonly Worker[] {
    return this.#workers ??= Array.from(
      { length: this.#count },
      () => new Worker(Deno.mainModule, { type: "module" }),
    );
  }

  /** Ends the workers. */
  end(): void {
    for (const worker of this.#workers ?? []) worker.terminate();
    this.#workers = undefined;
  }

  /**
   * Does the work for every item.
   *
   * @param tasks what this thread does under the names that `main.ts` gives to {@link serveWork}
   * @returns the results in the order of the items
   * @throws what the work throws in any thread; the others stop then
   */
  async share<Item, Result>(
    tasks: Tasks,
    work: SharedWork<Item>,
    { chunk, onDone, signal }: WorkOptions<Result>,
  ): Promise<(Result | undefined)[]> {
    const results = new Array<Result | undefined>(work.items.length).fill(undefined);
    const counter = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const assignment: Assignment = { ...work, counter, chunk };
    const take = (start: number, done: readonly unknown[]): void => {
      done.forEach((result, i) => results[start + i] = result as Result);
      onDone?.(done as readonly Result[]);
    };
    const takeNoMore = (): void => void Atomics.store(counter, 0, work.items.length);
    if (signal?.aborted) takeNoMore();
    signal?.addEventListener("abort", takeNoMore);
    try {
      const others = this.start().map((worker) => assign(worker, assignment, take));
      await Promise.all([takeChunks(tasks, assignment, take), ...others]);
    } catch (error) {
      takeNoMore();
      this.end(); // none of them may go on
      throw error;
    } finally {
      signal?.removeEventListener("abort", takeNoMore);
    }
    return results;
  }
}

/** @returns when the worker has found nothing more to do */
async function assign(
  worker: Worker,
  assignment: Assignment,
  take: (start: number, results: readonly unknown[]) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("results" in data) take(data.start, data.results);
      else if ("error" in data) reject(data.error);
      else resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(event.error ?? new Error(event.message));
    };
    worker.postMessage(assignment);
  });
}

async function takeChunks(
  tasks: Tasks,
  { task, shared, items, counter, chunk }: Assignment,
  take: (start: number, results: readonly unknown[]) => void,
): Promise<void> {
  const make = tasks[task];
  if (make === undefined) throw new Error(`there is no task "${task}"`);
  const work = await make(shared);
  while (true) {
    const start = Atomics.add(counter, 0, chunk);
    if (start >= items.length) return;
    const results: unknown[] = [];
    for (const item of items.slice(start, start + chunk)) results.push(await work(item));
    take(start, results);
  }
}
