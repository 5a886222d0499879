/**
 * The same asynchronous operation for each of many items, a few at the same time. Unlike with a limiter, an item that has
 * to wait costs nothing, so that there may be a hundred thousand of them. Pure.
 *
 * @module
 */

/**
 * Runs an operation for every item. After a failure nothing new is begun, and what runs is waited for.
 *
 * @param limit how many operations may run at the same time, at least 1
 * @returns the results in the order of the items
 * @throws what the first operation that failed has thrown
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  operation: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await operation(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
