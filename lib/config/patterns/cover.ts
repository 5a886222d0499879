/**
 * Does one pattern match everything that another one does? Decided exactly, by running both as automata side by side.
 *
 * Searches, as SOPS does: a pattern without `^` matches anywhere. Paths with control characters are not considered: no
 * repository has them. Gives up, and says so, when the automata grow too large. Pure.
 *
 * @module
 */
import { pleasantOf } from "./samples.ts";
import type { PatternTree, PointRange } from "./tree.ts";

/** What {@link compareCover} found. */
export type Cover =
  /** Every path that the pattern matches is matched by the others. */
  | { readonly kind: "covered" }
  /** A path that the pattern matches and none of the others does; one of the shortest. */
  | { readonly kind: "free"; readonly path: string }
  /** The question is too large. */
  | { readonly kind: "unknown" };

/** What a comparison may leave out. */
export interface CoverOptions {
  /** Characters that no path in question holds. */
  readonly without?: string;
}

/** The most pairs of states that are visited. */
const MAX_PAIRS = 5000;

/** The most states of one automaton. */
const MAX_STATES = 2000;

/** First code point of a path that is considered, and the one that is left out behind the ASCII characters. */
const FIRST_POINT = 0x20;
const DELETE = 0x7f;
const LAST_POINT = 0x10ffff;

/**
 * Asks whether a pattern is covered.
 *
 * @param pattern the one in question
 * @param others those that may cover it, together; none covers nothing
 */
export function compareCover(
  pattern: PatternTree,
  others: readonly PatternTree[],
  options: CoverOptions = {},
): Cover {
  const asked = Automaton.build(pattern);
  const covering = Automaton.build({ kind: "either", parts: others });
  if (asked === undefined || covering === undefined) return { kind: "unknown" };
  const letters = findLetters([...asked.ranges(), ...covering.ranges()], options.without ?? "");

  interface Pair {
    readonly asked: readonly number[];
    readonly covering: readonly number[];
    readonly path: string;
  }
  const queue: Pair[] = [{ asked: [], covering: [], path: "" }];
  const seen = new Set<string>();
  for (let at = 0; at < queue.length; at++) {
    const { asked: states, covering: others, path } = queue[at]!;
    const isStart = path === "";
    if (covering.isMatched(others, isStart, false)) continue;
    // no path is empty
    if (!isStart && asked.isMatched(states, isStart, true) && !covering.isMatched(others, isStart, true)) {
      return { kind: "free", path };
    }
    if (queue.length > MAX_PAIRS) return { kind: "unknown" };
    for (const { point, text } of letters) {
      const next = {
        asked: asked.step(states, isStart, point),
        covering: covering.step(others, isStart, point),
        path: path + text,
      };
      const key = `${next.asked}|${next.covering}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return { kind: "covered" };
}

/** A character that stands for all that no range of the patterns tells apart. */
interface Letter {
  readonly point: number;
  readonly text: string;
}

/** Cuts the code points where a range of a pattern begins or ends, and takes one character of each kind. */
function findLetters(ranges: readonly PointRange[], without: string): readonly Letter[] {
  const starts = new Set([FIRST_POINT, DELETE, DELETE + 1]);
  const excluded = [...without].map((character) => character.codePointAt(0) ?? 0);
  for (const [first, last] of [...ranges, ...excluded.map((point) => [point, point] as const)]) {
    starts.add(Math.max(first, FIRST_POINT)).add(Math.max(last + 1, FIRST_POINT));
  }
  const sorted = [...starts].filter((point) => point <= LAST_POINT).sort((a, b) => a - b);
  const kinds = new Map<string, PointRange[]>();
  sorted.forEach((first, index) => {
    if (first === DELETE || excluded.includes(first)) return;
    const takenBy = ranges.map(([from, to]) => (from <= first && first <= to ? "1" : "0")).join("");
    const range: PointRange = [first, (sorted[index + 1] ?? LAST_POINT + 1) - 1];
    kinds.set(takenBy, [...(kinds.get(takenBy) ?? []), range]);
  });
  return [...kinds.values()].map((kind) => {
    const text = pleasantOf(kind);
    return { point: text.codePointAt(0) ?? 0, text };
  }).sort((a, b) => pleasantRank(a.text) - pleasantRank(b.text));
}

/** Letters before other characters, so that a path that is found reads like one. */
function pleasantRank(text: string): number {
  return /[a-z0-9]/.test(text) ? 0 : /[A-Z/._-]/.test(text) ? 1 : 2;
}

/** A state: takes a character, or leads on without one. */
type State =
  | { readonly kind: "take"; readonly ranges: readonly PointRange[]; next: number }
  | { readonly kind: "jump"; readonly next: number[] }
  | { readonly kind: "edge"; readonly edge: "start" | "end"; next: number }
  | { readonly kind: "match" };

/** A pattern as a machine that is in several states at once. A set of states is a sorted list of their numbers. */
class Automaton {
  readonly #states: State[] = [{ kind: "match" }];
  #start = 0;
  #isTooLarge = false;

  /** @returns undefined for a pattern with too many states */
  static build(tree: PatternTree): Automaton | undefined {
    const automaton = new Automaton();
    automaton.#start = automaton.#add(tree, 0);
    return automaton.#isTooLarge ? undefined : automaton;
  }

  /** @returns the ranges of characters that its states tell apart */
  ranges(): readonly PointRange[] {
    return this.#states.flatMap((state) => state.kind === "take" ? state.ranges : []);
  }

  /** @returns whether the pattern has matched by now, or does if the text ends here */
  isMatched(states: readonly number[], isStart: boolean, isEnd: boolean): boolean {
    return this.#reach(states, isStart, isEnd).has(0);
  }

  /** @returns the states behind one more character; once matched, it stays so */
  step(states: readonly number[], isStart: boolean, point: number): readonly number[] {
    const reached = this.#reach(states, isStart, false);
    if (reached.has(0)) return [0];
    const next = new Set<number>();
    for (const number of reached) {
      const state = this.#states[number]!;
      if (state.kind !== "take") continue;
      if (state.ranges.some(([first, last]) => first <= point && point <= last)) next.add(state.next);
    }
    return [...next].sort((a, b) => a - b);
  }

  /** Follows everything that takes no character; a match may begin at every character. */
  #reach(states: readonly number[], isStart: boolean, isEnd: boolean): Set<number> {
    const reached = new Set<number>();
    const open = [...states, this.#start];
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (reached.has(number)) continue;
      reached.add(number);
      const state = this.#states[number]!;
      if (state.kind === "jump") open.push(...state.next);
      if (state.kind === "edge" && (state.edge === "start" ? isStart : isEnd)) open.push(state.next);
    }
    return reached;
  }

  /** @returns the state at which a part begins that goes on at `next` */
  #add(tree: PatternTree, next: number): number {
    if (this.#states.length > MAX_STATES) this.#isTooLarge = true;
    if (this.#isTooLarge) return next;
    switch (tree.kind) {
      case "take":
        return this.#push({ kind: "take", ranges: tree.ranges, next });
      case "edge":
        return this.#push({ kind: "edge", edge: tree.edge, next });
      case "sequence":
        return tree.parts.reduceRight((following, part) => this.#add(part, following), next);
      case "either":
        return this.#push({ kind: "jump", next: tree.parts.map((part) => this.#add(part, next)) });
      case "repeat":
        return this.#addRepeat(tree.part, tree.least, tree.most, next);
    }
  }

  #addRepeat(part: PatternTree, least: number, most: number, next: number): number {
    let start = next;
    if (most === Infinity) {
      const loop: State = { kind: "jump", next: [next] };
      start = this.#push(loop);
      loop.next.push(this.#add(part, start));
    } else {
      for (let count = least; count < most; count++) {
        start = this.#push({ kind: "jump", next: [next, this.#add(part, start)] });
      }
    }
    for (let count = 0; count < least; count++) start = this.#add(part, start);
    return start;
  }

  #push(state: State): number {
    this.#states.push(state);
    return this.#states.length - 1;
  }
}
