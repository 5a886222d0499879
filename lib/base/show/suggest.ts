/**
 * "Did you mean …?": the known word nearest to a mistyped one. Pure.
 *
 * @module
 */

/** A word of this many letters or fewer allows one edit only. */
const SHORT_WORD_LENGTH = 4;

/** Words longer than this are compared by their beginning only, so that a huge word costs nothing. */
const MAX_COMPARED_LENGTH = 64;

/**
 * The candidate that a person most likely meant: equal but for case, or a few letters away (one for short words,
 * else a third of the length). Equally near candidates: the first.
 *
 * @returns undefined when no candidate is near enough
 *
 * @example
 * ```ts
 * import { suggest } from "./suggest.ts";
 *
 * console.assert(suggest("prod-sop", ["dev-sops", "prod-sops"]) === "prod-sops");
 * ```
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word);
  const limit = wanted.length <= SHORT_WORD_LENGTH ? 1 : Math.floor(wanted.length / 3);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function fold(word: string): string {
  return word.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
}

/** How many insertions, deletions, substitutions and swaps of neighbours lead from one word to the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let distance = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        distance = Math.min(distance, at(beforePrevious, j - 2) + 1);
      }
      current.push(distance);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
