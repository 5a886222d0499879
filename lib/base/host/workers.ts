/**
 * Work shared between this thread and worker threads that run the same program.
 *
 * A worker is started with the file that this program was started with; `main.ts` finds out that it is one
 * ({@link isWorker}; `import.meta.main` says nothing, it is true there too) and serves the work that it is sent
 * ({@link serveWork}). Items may still come while workers do the first ones. They are sent in chunks, in turn to each
 * worker; whoever wants to do a chunk claims it in memory that all share, and this thread, when it has nothing else to do,
 * claims from the last one on what nobody has come to: a slow thread does less and nobody waits for it. What is sent is
 * copied: of a {@link Secret} nothing is left then, of a `UserError` only its message.
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
 * The parameter is what {@link Threads.begin} was given as `shared`, and so are the items: the same program wrote both.
 */
// deno-lint-ignore no-explicit-any
export type Tasks = Readonly<Record<string, (shared: any) => Promise<Work<any, any>>>>;

/** What is to be done with every item. */
export interface Job {
  /** Name of one of the tasks. */
  readonly task: string;
  /** What the task needs for every item; can be cloned. */
  readonly shared: unknown;
  /** How many items a thread takes at a time. */
  readonly chunk: number;
}

/** How work is brought to its end, and what is heard of it. */
export interface FinishOptions<Result> {
  /** Called in this thread with the results that have come since. */
  readonly onDone?: ((results: readonly Result[]) => void) | undefined;
  /** Ends the work early: chunks that were taken are done, the results of all others stay undefined. */
  readonly signal?: AbortSignal | undefined;
}

/** Items that one thread takes at a time. */
interface Chunk {
  /** Number of the first item. */
  readonly start: number;
  readonly items: readonly unknown[];
  /** One number: that of the thread that has taken the chunk, {@link NOBODY} before. */
  readonly claim: Int32Array;
}

const NOBODY = 0;
const FIRST_THREAD = -1;

/** What a worker is to do. */
interface Assignment extends Job {
  /** Its own number, from 1. */
  readonly worker: number;
}

/** A message to a worker: what is to be done, then the items. */
type Request = Assignment | Chunk;

/** A message from a worker: a chunk that it has done, or what went wrong. */
type Answer = { readonly start: number; readonly results: readonly unknown[] } | { readonly error: unknown };

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
    onmessage: (event: MessageEvent<Request>) => void;
    postMessage(answer: Answer): void;
  };
  let number = NOBODY;
  let work: Work<unknown, unknown> | undefined;
  const serve = async (request: Request): Promise<void> => {
    if ("task" in request) {
      number = request.worker;
      work = await makeWork(await loadTasks(), request);
    } else if (take(request, number)) {
      worker.postMessage({ start: request.start, results: await doItems(request, work!) });
    }
  };
  let before = Promise.resolve();
  worker.onmessage = ({ data }) => {
    before = before.then(() => serve(data)).catch((error) => worker.postMessage({ error }));
  };
}

/** This thread and others that help it, for one piece of work after the other. */
export class Threads {
  readonly #count: number;
  readonly #answered = new Set<Worker>();
  #workers: readonly Worker[] | undefined;

  /** @param others how many workers help this thread; 0: it does everything itself */
  constructor(others: number) {
    this.#count = others;
  }

  /**
   * Begins with a piece of work, when the last one is finished. Workers take a while to start, and this thread can do
   * something else meanwhile.
   *
   * @param tasks what this thread does under the names that `main.ts` gives to {@link serveWork}
   */
  begin<Item, Result>(tasks: Tasks, job: Job): SharedWork<Item, Result> {
    this.#workers ??= Array.from({ length: this.#count }, () => new Worker(Deno.mainModule, { type: "module" }));
    const onAnswer = (worker: Worker): void => void this.#answered.add(worker);
    return new SharedWork(tasks, job, { workers: this.#workers, onAnswer, onFailure: () => this.end() });
  }

  /** How many workers have done something. */
  get helperCount(): number {
    return this.#answered.size;
  }

  /** Ends the workers. */
  end(): void {
    for (const worker of this.#workers ?? []) worker.terminate();
    this.#workers = undefined;
  }
}

/** Who helps. */
interface Helpers {
  readonly workers: readonly Worker[];
  readonly onAnswer: (worker: Worker) => void;
  /** Ends them: none of them may go on. */
  readonly onFailure: () => void;
}

/** A piece of work whose items come one after the other. */
export class SharedWork<Item, Result> {
  readonly #tasks: Tasks;
  readonly #job: Job;
  readonly #helpers: Helpers;
  readonly #results: (Result | undefined)[] = [];
  /** What is not done yet. */
  readonly #open = new Set<Chunk>();
  readonly #end = Promise.withResolvers<void>();
  /** Items that do not fill a chunk yet. */
  #waiting: Item[] = [];
  #chunkCount = 0;
  /** Undefined as long as more items may come. */
  #options: FinishOptions<Result> | undefined;

  /** See {@link Threads.begin}. */
  constructor(tasks: Tasks, job: Job, helpers: Helpers) {
    this.#tasks = tasks;
    this.#job = job;
    this.#helpers = helpers;
    this.#end.promise.catch(() => {}); // who finishes the work hears of it
    helpers.workers.forEach((worker, index) => this.#assign(worker, index + 1));
  }

  /** @param item can be cloned */
  add(item: Item): void {
    if (this.#waiting.push(item) === this.#job.chunk) this.#send();
  }

  /**
   * Does what is left, when all items are known.
   *
   * @returns the results in the order of the items
   * @throws what the work throws in any thread; the others stop then
   */
  async finish(options: FinishOptions<Result> = {}): Promise<readonly (Result | undefined)[]> {
    this.#send();
    this.#options = options;
    const early = this.#results.filter((result) => result !== undefined);
    if (early.length > 0) options.onDone?.(early);
    const drop = (): void => this.#dropAll();
    options.signal?.addEventListener("abort", drop);
    if (options.signal?.aborted) drop();
    try {
      await this.#help();
      if (this.#open.size > 0) await this.#end.promise;
    } catch (error) {
      this.#dropAll();
      this.#helpers.onFailure();
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", drop);
    }
    return this.#results;
  }

  #assign(worker: Worker, number: number): void {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.#helpers.onAnswer(worker);
      if ("error" in data) this.#fail(data.error);
      else this.#keepOf(data.start, data.results);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const isMissed = this.#open.values().some(({ claim }) => Atomics.load(claim, 0) === number);
      if (isMissed) this.#fail(event.error ?? new Error(event.message)); // else the others do its work
    };
    worker.postMessage({ ...this.#job, worker: number } satisfies Assignment);
  }

  #send(): void {
    const items = this.#waiting;
    if (items.length === 0) return;
    this.#waiting = [];
    const claim = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const chunk: Chunk = { start: this.#results.length, items, claim };
    for (let i = 0; i < items.length; i++) this.#results.push(undefined);
    this.#open.add(chunk);
    const { workers } = this.#helpers;
    workers[this.#chunkCount++ % workers.length]?.postMessage(chunk);
  }

  /** Takes what nobody has come to, from the last one on: workers begin with the first ones. */
  async #help(): Promise<void> {
    const work = await makeWork(this.#tasks, this.#job);
    for (const chunk of [...this.#open].reverse()) {
      if (take(chunk, FIRST_THREAD)) this.#keep(chunk, await doItems(chunk, work));
    }
  }

  #keepOf(start: number, results: readonly unknown[]): void {
    const chunk = this.#open.values().find((open) => open.start === start);
    if (chunk !== undefined) this.#keep(chunk, results);
  }

  #keep(chunk: Chunk, results: readonly unknown[]): void {
    results.forEach((result, i) => this.#results[chunk.start + i] = result as Result);
    this.#options?.onDone?.(results as readonly Result[]);
    this.#close(chunk);
  }

  #fail(error: unknown): void {
    this.#end.reject(error);
    this.#dropAll();
  }

  #dropAll(): void {
    for (const chunk of this.#open) if (take(chunk, FIRST_THREAD)) this.#close(chunk);
  }

  #close(chunk: Chunk): void {
    this.#open.delete(chunk);
    if (this.#open.size === 0 && this.#options !== undefined) this.#end.resolve();
  }
}

async function makeWork(tasks: Tasks, { task, shared }: Job): Promise<Work<unknown, unknown>> {
  const make = tasks[task];
  if (make === undefined) throw new Error(`there is no task "${task}"`);
  return await make(shared);
}

/** @returns whether the chunk is for this thread */
function take({ claim }: Chunk, thread: number): boolean {
  return Atomics.compareExchange(claim, 0, NOBODY, thread) === NOBODY;
}

async function doItems({ items }: Chunk, work: Work<unknown, unknown>): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
