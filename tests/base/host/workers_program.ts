/**
 * A process of its own for tests: shares the squares of 0 to 199 between its threads, and says how it went. The first
 * argument is the number of workers, the second the number that cannot be squared, the third how many milliseconds the
 * last items are waited for. `WORKERS=fail` makes workers fail to start.
 *
 * @module
 */
import { isWorker, serveWork, type Tasks, Threads } from "../../../lib/base/host/workers.ts";

const COUNT = 200;

interface Shared {
  readonly bad: number;
  readonly barrier: Int32Array;
}

interface Square {
  readonly square: number;
  readonly isInWorker: boolean;
}

/** Waits for the first item of every thread, so that each has one. */
const TASKS: Tasks = {
  square({ bad, barrier }: Shared) {
    let isFirst = true;
    return Promise.resolve((item: number) => {
      if (item === bad) throw new Error(`cannot square ${item}`);
      if (isFirst) {
        isFirst = false;
        Atomics.sub(barrier, 0, 1);
        Atomics.notify(barrier, 0);
        for (let left = Atomics.load(barrier, 0); left > 0; left = Atomics.load(barrier, 0)) {
          Atomics.wait(barrier, 0, left);
        }
      }
      return Promise.resolve({ square: item * item, isInWorker: isWorker() });
    });
  },
};

async function main([workers = "0", bad = "-1", wait]: readonly string[]): Promise<string> {
  const barrier = new Int32Array(new SharedArrayBuffer(4));
  barrier[0] = Deno.env.has("WORKERS") || wait !== undefined ? 0 : Number(workers) + 1;
  const items = Array.from({ length: COUNT }, (_, i) => i);
  const shared: Shared = { bad: Number(bad), barrier };
  let done = 0;
  const threads = new Threads(Number(workers));
  try {
    const work = threads.begin<number, Square>(TASKS, { task: "square", shared, chunk: 3 });
    for (const item of items) {
      if (wait !== undefined && item === COUNT - 1) await new Promise((resolve) => setTimeout(resolve, Number(wait)));
      work.add(item);
    }
    const results = await work.finish({ onDone: (results) => done += results.length });
    const right = results.filter((result, i) => result?.square === i * i).length;
    return `${right} right, ${done} done, ${results.some((result) => result?.isInWorker) ? "with" : "without"} workers`;
  } catch (error) {
    return error instanceof Error ? error.message : "no error";
  } finally {
    threads.end();
  }
}

if (!isWorker()) Deno.stdout.writeSync(new TextEncoder().encode(await main(Deno.args)));
else if (Deno.env.get("WORKERS") === "fail") throw new Error("a worker that cannot start");
else serveWork(() => Promise.resolve(TASKS));
