/**
 * The patterns that nearly every `.sops.yaml` holds, matched without a regular expression engine.
 *
 * A simple pattern is a row of single characters, dots and character classes, each possibly with `*`, `+` or `?`, between
 * an optional `^` and an optional `$`, in ASCII. It means the same in every dialect. Everything else, such as groups,
 * alternatives, counted repeats and flags, is left to RE2: {@link parseSimplePattern} then returns undefined.
 * Why: compiling a pattern takes RE2JS 0.4 ms and 34 kB, which is 4 s and 340 MB for a file of 10,000 rules. Pure.
 *
 * @module
 */

/** A compiled simple pattern. */
export interface SimplePattern {
  /**
   * Searches a path; takes time linear in path and pattern.
   *
   * @param path any text that {@link isSimplePath}
   */
  test(path: string): boolean;
}

/** One element of the row. */
interface Element {
  /** The code unit that it takes; undefined for a dot and for a class. */
  readonly unit: number | undefined;
  /** The code units of a class; undefined for a dot and for a single character. */
  readonly units: ReadonlySet<number> | undefined;
  /** It takes the units that are *not* in `units`. */
  readonly negated: boolean;
  /** `*` or `?`. */
  readonly optional: boolean;
  /** `*` or `+`. */
  readonly repeated: boolean;
}

/** A class of marks, letters, digits and ranges; an escaped mark; a plain character; a dot. */
const ELEMENT =
  /\[\^?(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z]|\\[!-\/:-@[-`{-~]|[^\]\\[^-])+\]|\\[!-\/:-@[-`{-~]|[^\\.+*?()|[\]{}^$]|\./y;
const QUANTIFIER = /[*+?]/y;
const CLASS_PART = /\\(.)|(.)-(.)|(.)/g;
const ASCII = /^[ -~]*$/;

/** @returns whether a path has no line break and no character outside the BMP, where dialects differ */
export function isSimplePath(path: string): boolean {
  return !/[\n\ud800-\udfff]/.test(path);
}

/** @returns the compiled pattern; undefined when the pattern is not simple */
export function parseSimplePattern(pattern: string): SimplePattern | undefined {
  if (!ASCII.test(pattern)) return undefined;
  const row: Element[] = [];
  const isAnchored = pattern.startsWith("^");
  let at = isAnchored ? 1 : 0;
  while (at < pattern.length) {
    if (pattern[at] === "$" && at === pattern.length - 1) return new RowPattern(row, isAnchored, true);
    const atom = matchAt(ELEMENT, pattern, at);
    if (atom === undefined) return undefined;
    const quantifier = matchAt(QUANTIFIER, pattern, at + atom.length) ?? "";
    at += atom.length + quantifier.length;
    const element = parseElement(atom, quantifier);
    if (element === undefined) return undefined;
    row.push(element);
  }
  return new RowPattern(row, isAnchored, false);
}

function matchAt(regex: RegExp, text: string, at: number): string | undefined {
  regex.lastIndex = at;
  return regex.exec(text)?.[0];
}

/** Elements of one character, which all patterns share: at most the printable ASCII characters with each quantifier. */
const SINGLE_ELEMENTS = new Map<string, Element>();

/** @returns undefined for a range that runs backwards, which RE2 refuses */
function parseElement(atom: string, quantifier: string): Element | undefined {
  const quantified = {
    optional: quantifier === "*" || quantifier === "?",
    repeated: quantifier === "*" || quantifier === "+",
  };
  if (!atom.startsWith("[")) {
    const known = SINGLE_ELEMENTS.get(atom + quantifier);
    if (known !== undefined) return known;
    const unit = atom === "." ? undefined : atom.charCodeAt(atom.length - 1);
    const element = { unit, units: undefined, negated: false, ...quantified };
    SINGLE_ELEMENTS.set(atom + quantifier, element);
    return element;
  }
  const negated = atom.startsWith("[^");
  const units = new Set<number>();
  for (const [, escaped, from, to, plain] of atom.slice(negated ? 2 : 1, -1).matchAll(CLASS_PART)) {
    const single = escaped ?? plain ?? "";
    const first = (from ?? single).charCodeAt(0);
    const last = (to ?? single).charCodeAt(0);
    if (first > last) return undefined;
    for (let unit = first; unit <= last; unit++) units.add(unit);
  }
  return { unit: undefined, units, negated, ...quantified };
}

/** Runs every way through the row at once. A state is the number of elements that are done. */
class RowPattern implements SimplePattern {
  readonly #row: readonly Element[];
  readonly #isAnchored: boolean;
  readonly #endsAtEnd: boolean;

  constructor(row: readonly Element[], isAnchored: boolean, endsAtEnd: boolean) {
    this.#row = row;
    this.#isAnchored = isAnchored;
    this.#endsAtEnd = endsAtEnd;
  }

  test(path: string): boolean {
    const done = this.#row.length;
    // At which character a state was last reached, so that none is entered twice.
    const reached = new Int32Array(done + 1).fill(-1);
    let states: number[] = [];
    this.#enter(0, 0, states, reached);
    for (let at = 0; at < path.length; at++) {
      if (!this.#endsAtEnd && reached[done] === at) return true;
      const next: number[] = [];
      const unit = path.charCodeAt(at);
      if (!this.#isAnchored) this.#enter(0, at + 1, next, reached);
      for (const state of states) {
        const element = this.#row[state];
        if (element === undefined || !takes(element, unit)) continue;
        this.#enter(element.repeated ? state : state + 1, at + 1, next, reached);
        if (element.repeated) this.#enter(state + 1, at + 1, next, reached);
      }
      if (next.length === 0) return false;
      states = next;
    }
    return reached[done] === path.length;
  }

  /** Adds a state and those that follow it without taking a character. */
  #enter(state: number, at: number, states: number[], reached: Int32Array): void {
    for (let entered = state; reached[entered] !== at; entered++) {
      reached[entered] = at;
      states.push(entered);
      if (this.#row[entered]?.optional !== true) return;
    }
  }
}

function takes(element: Element, unit: number): boolean {
  if (element.units !== undefined) return element.units.has(unit) !== element.negated;
  return element.unit === undefined || element.unit === unit;
}
