/**
 * How far work has come that takes long: a counting line or a bar on a terminal, after half a second; where there is no
 * terminal, a line now and then for work whose end is known.
 *
 * Writes to stderr and wipes its line at the end. I/O through the host.
 *
 * @module
 */
import type { Host } from "../host/host.ts";
import { isUtf8Locale } from "./terminal.ts";

/** How long nothing is shown, in milliseconds. */
const QUIET_MS = 500;

/** The shortest time between two paintings, in milliseconds. */
const REPAINT_MS = 100;

/** The time between two lines where there is no terminal, in milliseconds: a log is read afterwards. */
const LINE_MS = 10_000;

/** Wipes the line that the cursor is on. */
const WIPE_LINE = "\r\x1b[2K";

/** Columns of a bar. */
const BAR_WIDTH = 20;

/** One piece of work in progress. */
export class Progress {
  readonly #host: Host;
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #startMs: number;
  #nextPaintMs: number;
  #count = 0;
  #isShown = false;

  /**
   * @param label what is done, to stand before the count: `looking for encrypted files, folders`
   * @param total of how much work; absent where nobody knows
   */
  constructor(host: Host, label: string, total?: number) {
    this.#host = host;
    this.#label = label;
    this.#total = total;
    this.#startMs = host.now().getTime();
    const isTerminal = host.stderr.isTerminal;
    this.#nextPaintMs = isTerminal
      ? this.#startMs + QUIET_MS
      : total === undefined
      ? Infinity
      : this.#startMs + LINE_MS;
  }

  /** Counts more work that is done. */
  step(count = 1): void {
    this.#count += count;
    if (this.#nextPaintMs === Infinity) return;
    const { stderr } = this.#host;
    const nowMs = this.#host.now().getTime();
    if (nowMs < this.#nextPaintMs) return;
    if (!stderr.isTerminal) {
      this.#nextPaintMs = nowMs + LINE_MS;
      stderr.write(`${this.#label}: ${this.#count} of ${this.#total}\n`);
      return;
    }
    this.#nextPaintMs = nowMs + REPAINT_MS;
    this.#isShown = true;
    stderr.write(`${WIPE_LINE}${this.#describe(nowMs)}`);
  }

  /** Wipes the line, so that messages start on an empty one. */
  end(): void {
    if (this.#isShown) this.#host.stderr.write(WIPE_LINE);
    this.#isShown = false;
  }

  #describe(nowMs: number): string {
    if (this.#total === undefined) return `${this.#label}: ${this.#count}`;
    const [full, empty] = isUtf8Locale(this.#host) ? ["█", "░"] : ["#", "."];
    const filled = Math.floor(BAR_WIDTH * this.#count / this.#total);
    const bar = full.repeat(filled) + empty.repeat(BAR_WIDTH - filled);
    const seconds = ((nowMs - this.#startMs) / 1000).toFixed(1);
    return `${this.#label} ${bar} ${this.#count}/${this.#total}  ${seconds} s`;
  }
}
