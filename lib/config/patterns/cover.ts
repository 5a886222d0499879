/**
 * Does one pattern match everything that another one does, or anything? Decided exactly, by running both as automata side
 * by side.
 *
 * Searches, as SOPS does: a pattern without `^` matches anywhere. Paths with control characters are not considered: no
 * repository has them. Gives up, and says so, when the automata grow too large. Pure.
 *
 * @module
 */
import { Automaton, type Place } from "./automaton.ts";
import { pleasantOf } from "./samples.ts";
import { listRanges, type PatternTree, type PointRange, sizeOf } from "./tree.ts";

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

/** The largest patterns that are compared, together. */
const MAX_SIZE = 2000;

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
  const covering: PatternTree = { kind: "either", parts: others };
  if (sizeOf(pattern) + sizeOf(covering) > MAX_SIZE) return { kind: "unknown" };
  const [own, other] = [new Automaton(pattern), new Automaton(covering)];
  const letters = findLetters([...listRanges(pattern), ...listRanges(covering)], options.without ?? "");
  const queue: { readonly own: Place; readonly other: Place; readonly path: string }[] = [
    { own: own.start, other: other.start, path: "" },
  ];
  const seen = new Set<string>();
  for (const pair of queue) {
    if (pair.other.isMatched) continue;
    // no path is empty
    if (pair.path !== "" && pair.own.isMatchedAtEnd && !pair.other.isMatchedAtEnd) {
      return { kind: "free", path: pair.path };
    }
    if (queue.length > MAX_PAIRS) return { kind: "unknown" };
    for (const { point, text } of letters) {
      const next = { own: own.step(pair.own, point), other: other.step(pair.other, point), path: pair.path + text };
      const id = `${next.own.id}|${next.other.id}`;
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push(next);
    }
  }
  return { kind: "covered" };
}

/**
 * Asks whether there is a path that both patterns match.
 *
 * @returns one of the shortest; undefined when there is none, or the question is too large
 */
export function findCommonPath(one: PatternTree, other: PatternTree): string | undefined {
  if (sizeOf(one) + sizeOf(other) > MAX_SIZE) return undefined;
  const [first, second] = [new Automaton(one), new Automaton(other)];
  const letters = findLetters([...listRanges(one), ...listRanges(other)], "");
  const queue = [{ first: first.start, second: second.start, path: "" }];
  const seen = new Set<string>();
  for (const pair of queue) {
    if (pair.path !== "" && pair.first.isMatchedAtEnd && pair.second.isMatchedAtEnd) return pair.path;
    if (queue.length > MAX_PAIRS) return undefined;
    for (const { point, text } of letters) {
      const next = {
        first: first.step(pair.first, point),
        second: second.step(pair.second, point),
        path: pair.path + text,
      };
      const id = `${next.first.id}|${next.second.id}`;
      if (next.first.id === "" || next.second.id === "" || seen.has(id)) continue; // one of them cannot match any more
      seen.add(id);
      queue.push(next);
    }
  }
  return undefined;
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
