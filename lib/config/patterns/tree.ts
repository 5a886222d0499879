/**
 * A `path_regex` as a tree, for reasoning about what it matches: which other pattern covers it, which path it could be
 * meant for.
 *
 * Reads the part of RE2's syntax that people write in `.sops.yaml`: characters, classes, groups, alternatives, repeats,
 * `^` and `$`. Everything else (flags, word boundaries, Unicode classes, long counted repeats) is left alone:
 * {@link parsePatternTree} then returns undefined, and nobody reasons about the pattern. Never decides what SOPS matches:
 * that is `matcher.ts`. Pure. Reference: the syntax page of RE2.
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

/** `\d` and the like, as ranges. */
const ESCAPED_CLASSES: Readonly<Record<string, readonly PointRange[]>> = {
  d: [[0x30, 0x39]],
  w: [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]],
  s: [[0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20]],
};

const LINE_FEED = 0x0a;

/** Every character but a line feed, as a dot takes them. */
const DOT: readonly PointRange[] = invert([[LINE_FEED, LINE_FEED]]);

/** @returns the pattern as a tree; undefined when it holds something that is not followed here, or does not compile */
export function parsePatternTree(pattern: string): PatternTree | undefined {
  return new TreeReader(pattern).read();
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
    if (this.#take(".")) return { kind: "take", ranges: DOT };
    if (this.#take("[")) return this.#readClass();
    if (this.#take("\\")) return this.#readEscape();
    if ("*+?{".includes(this.#next())) return undefined;
    const point = this.#takePoint();
    return { kind: "take", ranges: [[point, point]] };
  }

  #readGroup(): PatternTree | undefined {
    const start = this.#match(/\?(?::|P?<\w+>)/y);
    if (start === undefined && this.#next() === "?") return undefined;
    if (++this.#depth > MAX_DEPTH) return undefined;
    const tree = this.#readAlternatives();
    this.#depth--;
    return this.#take(")") ? tree : undefined;
  }

  #readRepeats(atom: PatternTree): PatternTree | undefined {
    const [least, most] = this.#readQuantifier();
    if (least === undefined || most === undefined) return atom;
    // A repeat of a repeat is refused by RE2 unless it stands in a group.
    if (/[*+?]/.test(this.#next()) || this.#match(/\{\d+(?:,\d*)?\}/y) !== undefined) return undefined;
    const copies = most === Infinity ? least : most;
    return copies > MAX_COPIES || least > most ? undefined : { kind: "repeat", part: atom, least, most };
  }

  /** Lazy or not makes no difference for what a pattern matches. */
  #readQuantifier(): readonly [least?: number, most?: number] {
    const mark = this.#match(/[*+?]\??/y);
    if (mark !== undefined) return [mark.startsWith("+") ? 1 : 0, mark.startsWith("?") ? 1 : Infinity];
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}\??$/.exec(this.#match(/\{\d{1,4}(?:,\d{0,4})?\}\??/y) ?? "");
    if (counted === null) return [];
    const least = Number(counted[1]);
    return [least, counted[2] === undefined ? least : counted[3] ? Number(counted[3]) : Infinity];
  }

  #readEscape(): PatternTree | undefined {
    if (this.#take("A")) return { kind: "edge", edge: "start" };
    if (this.#take("z")) return { kind: "edge", edge: "end" };
    const ranges = this.#readEscaped();
    return ranges && { kind: "take", ranges };
  }

  /** What stands behind a backslash, in a class too. */
  #readEscaped(): readonly PointRange[] | undefined {
    const name = this.#match(/[dwsDWS]/y);
    if (name !== undefined) {
      const ranges = ESCAPED_CLASSES[name.toLowerCase()] ?? [];
      return name === name.toLowerCase() ? ranges : invert(ranges);
    }
    const mark = this.#match(/[!-\/:-@[-`{-~]/y);
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
    if (this.#at >= this.#pattern.length || this.#match(/\[:/y) !== undefined) return undefined;
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
