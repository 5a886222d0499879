/**
 * A counting line for work that takes long: on a terminal only, and only after half a second.
 *
 * Writes to stderr and wipes its line at the end. I/O through the host.
 *
 * @module
 */
import type { Host } from "../host/host.ts";

/** How long nothing is shown, in milliseconds. */
const QUIET_MS = 500;

/** The shortest time between two paintings, in milliseconds. */
const REPAINT_MS = 100;

/** Wipes the line that the cursor is on. */
const WIPE_LINE = "\r\x1b[2K";

/** One piece of work in progress. */
export class Progress {
  readonly #host: Host;
  readonly #label: string;
  #nextPaintMs: number;
  #count = 0;
  #isShown = false;

  /** @param label what is done, to stand before the count: `looking for encrypted files, folders` */
  constructor(host: Host, label: string) {
    this.#host = host;
    this.#label = label;
    this.#nextPaintMs = host.stderr.isTerminal ? host.now().getTime() + QUIET_MS : Infinity;
  }

  /** Counts one more. */
  step(): void {
    this.#count++;
    if (this.#nextPaintMs === Infinity) return;
    const nowMs = this.#host.now().getTime();
    if (nowMs < this.#nextPaintMs) return;
    this.#nextPaintMs = nowMs + REPAINT_MS;
    this.#isShown = true;
    this.#host.stderr.write(`${WIPE_LINE}${this.#label}: ${this.#count}`);
  }

  /** Wipes the line, so that messages start on an empty one. */
  end(): void {
    if (this.#isShown) this.#host.stderr.write(WIPE_LINE);
    this.#isShown = false;
  }
}
