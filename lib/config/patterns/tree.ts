/**
 * The one reader of RE2 patterns: the part of the syntax that people write, as a tree.
 *
 * Reads characters, classes, groups, alternatives, repeats, `^` and `$`. Everything else (flags, word boundaries, Unicode
 * classes, long counted repeats) and everything that Go refuses is left alone: {@link parsePatternTree} then returns
 * undefined, RE2 itself does the matching, and nobody reasons about the pattern. What is read means the same in every
 * dialect. Pure. Reference: the syntax page of RE2. Why: `docs/decisions/016-patterns-one-automaton.md`.
 *
 * @module
 */

/** Code points from the first to the second, both included. */
export type PointRange = readonly [first: number, last: number];

/** A pattern, or a part of one. */
export type PatternTree =
  /** One character out of these; the ranges ascend and do not touch. */
  | { readonly kind: "take"; readonly ranges: readonly PointRange[] }
  | { readonly kind: "sequence"; readonly parts: readonly PatternTree[] }
  | { readonly kind: "either"; readonly parts: readonly PatternTree[] }
  /** `most` may be infinite. */
  | { readonly kind: "repeat"; readonly part: PatternTree; readonly least: number; readonly most: number }
  /** The start or the end of the text. */
  | { readonly kind: "edge"; readonly edge: "start" | "end" };

const LAST_POINT = 0x10ffff;

/** The most copies that a counted repeat may stand for; a longer one is left alone. */
const MAX_COPIES = 64;

/** The deepest nesting of groups that is followed. */
const MAX_DEPTH = 50;

/** The most that a counted repeat comes to with all its copies; Go refuses what repeats one part more often than this. */
const MAX_REPEATED = 1000;

/** The largest tree that is followed, repeats counted out. */
const MAX_SIZE = 2000;

/** `\d` and the like, as ranges. */
const ESCAPED_CLASSES: Readonly<Record<string, readonly PointRange[]>> = {
  d: [[0x30, 0x39]],
  w: [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]],
  s: [[0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20]],
};

const LINE_FEED = 0x0a;

const GROUP_START = /\?(?::|P?<\w+>)/y;
const QUANTIFIER = /(?:[*+?]|\{(?:0|[1-9]\d{0,3})(?:,(?:0|[1-9]\d{0,3})?)?\})\??/y;
const CLASS_LETTER = /[dwsDWS]/y;
const MARK = /[!-\/:-@[-`{-~]/y;

/** What a quantifier begins with; the end of the pattern is none of them. */
const QUANTIFIERS: readonly string[] = ["*", "+", "?", "{"];

/** Every character but a line feed. */
const DOT: PatternTree = { kind: "take", ranges: invert([[LINE_FEED, LINE_FEED]]) };

/** @returns the pattern as a tree; undefined when it holds something that is not followed here, or does not compile */
export function parsePatternTree(pattern: string): PatternTree | undefined {
  const tree = new TreeReader(pattern).read();
  return tree !== undefined && sizeOf(tree) <= MAX_SIZE ? tree : undefined;
}

/** @returns how many states an automaton needs for a pattern, roughly */
export function sizeOf(tree: PatternTree): number {
  switch (tree.kind) {
    case "take":
    case "edge":
      return 1;
    case "repeat":
      return sizeOf(tree.part) * (tree.most === Infinity ? tree.least + 1 : Math.max(tree.most, 1));
    default:
      return tree.parts.reduce((size, part) => size + sizeOf(part), 1);
  }
}

/** @returns the ranges of characters that a pattern tells apart */
export function listRanges(tree: PatternTree): readonly PointRange[] {
  switch (tree.kind) {
    case "take":
      return tree.ranges;
    case "edge":
      return [];
    case "repeat":
      return listRanges(tree.part);
    default:
      return tree.parts.flatMap(listRanges);
  }
}

/** A class, an escaped character or a plain one. */
const TOKEN = /\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\.|./gsu;

/** @returns the pieces of any pattern, be it one that is left alone: what repeats, groups and flags are made of are pieces too */
export function listPatternTokens(pattern: string): readonly { readonly index: number; readonly text: string }[] {
  return [...pattern.matchAll(TOKEN)].map(({ index, 0: text }) => ({ index, text }));
}

/** Trees of single ASCII characters, which all patterns share. */
const SINGLES: readonly PatternTree[] = Array.from({ length: 128 }, (_, point) => ({
  kind: "take",
  ranges: [[point, point]],
}));

function takeOf(point: number): PatternTree {
  return SINGLES[point] ?? { kind: "take", ranges: [[point, point]] };
}

/** One reading of one pattern. Every method returns undefined for what is not followed. */
class TreeReader {
  readonly #pattern: string;
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  read(): PatternTree | undefined {
    const tree = this.#readAlternatives();
    return this.#at === this.#pattern.length ? tree : undefined;
  }

  #readAlternatives(): PatternTree | undefined {
    const parts: PatternTree[] = [];
    do {
      const part = this.#readSequence();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.#take("|"));
    return parts.length === 1 ? parts[0] : { kind: "either", parts };
  }

  #readSequence(): PatternTree | undefined {
    const parts: PatternTree[] = [];
    while (this.#at < this.#pattern.length && !"|)".includes(this.#next())) {
      const atom = this.#readAtom();
      const part = atom && this.#readRepeats(atom);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { kind: "sequence", parts };
  }

  #readAtom(): PatternTree | undefined {
    if (this.#take("(")) return this.#readGroup();
    if (this.#take("^")) return { kind: "edge", edge: "start" };
    if (this.#take("$")) return { kind: "edge", edge: "end" };
    if (this.#take(".")) return DOT;
    if (this.#take("[")) return this.#readClass();
    if (this.#take("\\")) return this.#readEscape();
    if (QUANTIFIERS.includes(this.#next())) return undefined;
    return takeOf(this.#takePoint());
  }

  #readGroup(): PatternTree | undefined {
    if (this.#next() === "?" && this.#match(GROUP_START) === undefined) return undefined;
    if (++this.#depth > MAX_DEPTH) return undefined;
    const tree = this.#readAlternatives();
    this.#depth--;
    return this.#take(")") ? tree : undefined;
  }

  /** Lazy or not makes no difference for what a pattern matches. */
  #readRepeats(atom: PatternTree): PatternTree | undefined {
    if (!QUANTIFIERS.includes(this.#next())) return atom;
    const text = this.#match(QUANTIFIER);
    // A repeat of a repeat is refused by RE2 unless it stands in a group; a brace that repeats nothing is left alone.
    if (text === undefined || QUANTIFIERS.includes(this.#next())) return undefined;
    const [least, most] = boundsOf(text);
    const copies = most === Infinity ? least : most;
    if (copies > MAX_COPIES || least > most || (copies > 1 && copies * sizeOf(atom) > MAX_REPEATED)) return undefined;
    return { kind: "repeat", part: atom, least, most };
  }

  #readEscape(): PatternTree | undefined {
    if (this.#take("A")) return { kind: "edge", edge: "start" };
    if (this.#take("z")) return { kind: "edge", edge: "end" };
    const ranges = this.#readEscaped();
    return ranges && { kind: "take", ranges };
  }

  /** What stands behind a backslash, in a class too. */
  #readEscaped(): readonly PointRange[] | undefined {
    const name = this.#match(CLASS_LETTER);
    if (name !== undefined) {
      const ranges = ESCAPED_CLASSES[name.toLowerCase()] ?? [];
      return name === name.toLowerCase() ? ranges : invert(ranges);
    }
    const mark = this.#match(MARK);
    return mark === undefined ? undefined : [[mark.charCodeAt(0), mark.charCodeAt(0)]];
  }

  #readClass(): PatternTree | undefined {
    const isNegated = this.#take("^");
    const ranges: PointRange[] = [];
    for (let isFirst = true; isFirst || this.#next() !== "]"; isFirst = false) {
      const part = this.#readClassPart();
      if (part === undefined) return undefined;
      ranges.push(...part);
    }
    this.#at++;
    const merged = mergeRanges(ranges);
    return { kind: "take", ranges: isNegated ? invert(merged) : merged };
  }

  #readClassPart(): readonly PointRange[] | undefined {
    if (this.#at >= this.#pattern.length || this.#pattern.startsWith("[:", this.#at)) return undefined;
    const from = this.#readClassPoint();
    if (from === undefined || this.#next() !== "-" || "]".includes(this.#pattern[this.#at + 1] ?? "]")) return from;
    this.#at++;
    const to = this.#readClassPoint();
    const [first, last] = [singlePoint(from), to && singlePoint(to)];
    return first === undefined || last === undefined || first > last ? undefined : [[first, last]];
  }

  #readClassPoint(): readonly PointRange[] | undefined {
    if (this.#take("\\")) return this.#readEscaped();
    const point = this.#takePoint();
    return [[point, point]];
  }

  #next(): string {
    return this.#pattern[this.#at] ?? "";
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  #takePoint(): number {
    const point = this.#pattern.codePointAt(this.#at) ?? 0;
    this.#at += point > 0xffff ? 2 : 1;
    return point;
  }

  #match(regex: RegExp): string | undefined {
    regex.lastIndex = this.#at;
    const found = regex.exec(this.#pattern)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** @returns how often the part before a quantifier stands at least and at most */
function boundsOf(quantifier: string): readonly [least: number, most: number] {
  const [mark] = quantifier;
  if (mark !== "{") return [mark === "+" ? 1 : 0, mark === "?" ? 1 : Infinity];
  const [least = "", most = least] = quantifier.slice(1, quantifier.lastIndexOf("}")).split(",");
  return [Number(least), most === "" ? Infinity : Number(most)];
}

function singlePoint([range, ...others]: readonly PointRange[]): number | undefined {
  return range !== undefined && others.length === 0 && range[0] === range[1] ? range[0] : undefined;
}

function mergeRanges(ranges: readonly PointRange[]): PointRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** @param ranges ascending */
function invert(ranges: readonly PointRange[]): PointRange[] {
  const inverted: PointRange[] = [];
  let from = 0;
  for (const [first, last] of ranges) {
    if (first > from) inverted.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= LAST_POINT) inverted.push([from, LAST_POINT]);
  return inverted;
}
