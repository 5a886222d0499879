/**
 * Paths that a `path_regex` matches, made from the pattern itself and pleasant to read: `secrets/x.enc.yaml`. Pure.
 *
 * @module
 */
import type { PatternTree, PointRange } from "./tree.ts";

/** The most paths that are made of one pattern. */
const MAX_SAMPLES = 32;

/** Characters in the order in which a reader likes to meet them in a path. */
const PLEASANT = "xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_./ ";

/**
 * Makes paths of a pattern: one for each way through its alternatives, with one character where any number may stand.
 *
 * @returns candidates, best first, at most 32: around `^` and `$` in odd places they may fail to match, so the caller
 * asks the matcher
 */
export function samplePaths(tree: PatternTree): readonly string[] {
  return [...new Set(samplesOf(tree))].filter((path) => path !== "");
}

function samplesOf(tree: PatternTree): readonly string[] {
  switch (tree.kind) {
    case "edge":
      return [""];
    case "take":
      return [pleasantOf(tree.ranges)];
    case "either":
      return tree.parts.flatMap(samplesOf).slice(0, MAX_SAMPLES);
    case "repeat": {
      const { part, least, most } = tree;
      const count = Math.max(least, most > 0 && part.kind === "take" ? 1 : 0);
      const samples = samplesOf(part).map((sample) => sample.repeat(count));
      if (least > 0 || part.kind === "take") return most === 1 && least === 0 ? [...samples, ""] : samples;
      return ["", ...samplesOf(part)].slice(0, MAX_SAMPLES);
    }
    case "sequence":
      return tree.parts.reduce<readonly string[]>((paths, part) => {
        const endings = samplesOf(part);
        return paths.flatMap((path) => endings.map((ending) => path + ending)).slice(0, MAX_SAMPLES);
      }, [""]);
  }
}

/** @returns one of the characters */
export function pleasantOf(ranges: readonly PointRange[]): string {
  for (const character of PLEASANT) {
    const point = character.charCodeAt(0);
    if (ranges.some(([first, last]) => first <= point && point <= last)) return character;
  }
  const [first] = ranges[0] ?? [];
  return first === undefined ? "" : String.fromCodePoint(first);
}
