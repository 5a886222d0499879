/**
 * A bound on how many asynchronous operations run at the same time. Pure.
 *
 * @module
 */

/** Runs an operation as soon as fewer than the limit are running; those that wait start in the order of the calls. */
export type Limiter = <T>(operation: () => Promise<T>) => Promise<T>;

/**
 * Makes a limiter.
 *
 * @param limit how many operations may run at the same time, at least 1
 */
export function createLimiter(limit: number): Limiter {
  const waiting: (() => void)[] = [];
  let next = 0;
  let running = 0;
  return async (operation) => {
    if (running >= limit) await new Promise<void>((start) => waiting.push(start));
    else running++;
    try {
      return await operation();
    } finally {
      const start = waiting[next];
      if (start === undefined) {
        running--;
      } else {
        next++; // the place passes to the next one, so that nothing can slip in between
        start();
      }
      if (next === waiting.length) next = waiting.length = 0;
    }
  };
}
