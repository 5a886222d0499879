/**
 * Waiting that people are told about, and that has an end. Without `setTimeout`, which takes 9 ms to load, where nothing
 * else is waited for.
 *
 * @module
 */
import type { Host } from "./host.ts";

/** How long something may take before the person is told that it is waited for, in milliseconds. */
export const QUIET_MS = 2_000;

/** Waits so many milliseconds, while nothing else keeps the program alive; who waits can wait for `setTimeout`, too. */
export async function pause(timeoutMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, timeoutMs));
}

/** @returns whether the promise is settled within so many milliseconds; throws what the promise throws */
export async function isSettledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const timer = Atomics.waitAsync(cell, 0, 0, timeoutMs);
  try {
    return await Promise.race([promise.then(() => true), Promise.resolve(timer.value).then(() => false)]);
  } finally {
    Atomics.notify(cell, 0);
  }
}

/** @returns what is said of a program that was given up; stands after its name */
export function formatSilence(timeoutMs: number): string {
  return `gave no answer for ${timeoutMs / 1_000} s, and was ended`;
}

/** Waits for what another program does; says `text` once when it takes long. */
export async function awaitProgram<Result>(
  host: Pick<Host, "sayWaiting">,
  text: string,
  promise: Promise<Result>,
): Promise<Result> {
  if (!await isSettledWithin(promise, QUIET_MS)) host.sayWaiting(text);
  return await promise;
}
