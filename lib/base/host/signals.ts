/**
 * What happens at Ctrl-C, at `kill` and when the terminal goes away, while something lies on the disk that must not stay
 * there or a child is at work: the first is cleaned up, the second is waited for.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Child, Host, Signal } from "./host.ts";

/** The signals that a program may answer to before it ends. */
const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Children that are waited for: signals are theirs, and end the program by ending them. */
const waitedFor = new Set<Child>();

/**
 * Runs a body, and the clean-up behind it in any case: when it ends, when it fails, and when a signal comes. A signal
 * gives up the body at once, unless it waits in {@link waitForChild}.
 *
 * @param cleanup is called exactly once
 * @throws {UserError} `cancelled` after a signal
 */
export async function withCleanup<Result>(
  host: Host,
  cleanup: () => void,
  body: () => Promise<Result>,
): Promise<Result> {
  const interruption = Promise.withResolvers<never>();
  let isCleanedUp = false;
  const cleanUpOnce = (): void => {
    if (isCleanedUp) return;
    isCleanedUp = true;
    cleanup();
  };
  const end = onSignals(host, () => {
    if (waitedFor.size > 0) return;
    try {
      cleanUpOnce(); // now, because the program may end before a promise comes round to it
      interruption.reject(new UserError("cancelled", "interrupted"));
    } catch (error) {
      interruption.reject(error);
    }
  });
  try {
    return await Promise.race([body(), interruption.promise]);
  } finally {
    try {
      cleanUpOnce();
    } finally {
      end();
    }
  }
}

/**
 * Waits until a child ends. Signals that come meanwhile are passed on to it, and the program goes on with what it was
 * doing when the child has ended, whatever ended it.
 *
 * @returns the child's exit status
 */
export async function waitForChild(host: Host, child: Child): Promise<number> {
  const isFromTerminal = host.stdin.isTerminal || host.stdout.isTerminal || host.stderr.isTerminal;
  const end = onSignals(host, (signal) => {
    if (signal === "SIGINT" && isFromTerminal) return; // a terminal sends it to the child as well
    child.kill(signal);
  });
  waitedFor.add(child);
  try {
    return await child.status;
  } finally {
    waitedFor.delete(child);
    end();
  }
}

/**
 * Runs a body that can be ended early: the first signal says so, a second one ends the program as if nobody listened.
 *
 * @param body looks at the signal when it can stop
 */
export async function withInterrupt<Result>(
  host: Host,
  body: (interrupted: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interruption = new AbortController();
  const end = onSignals(host, () => {
    interruption.abort();
    end();
  });
  try {
    return await body(interruption.signal);
  } finally {
    end();
  }
}

/** @returns what ends it */
function onSignals(host: Host, handler: (signal: Signal) => void): () => void {
  const ends = SIGNALS.map((signal) => host.onSignal(signal, () => handler(signal)));
  return () => ends.forEach((end) => end());
}
