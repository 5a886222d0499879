/**
 * The patterns that nearly every `.sops.yaml` holds, matched without a regular expression engine.
 *
 * A simple pattern is one row, or several as alternatives: single characters, dots and character classes, each possibly
 * with `*`, `+` or `?`, between an optional `^` and an optional `$`, in ASCII. A group of alternatives, possibly with `?`,
 * may stand in a row; it is multiplied out. All this means the same in every dialect. Everything else, such as nested and
 * repeated groups, counted repeats and flags, is left to RE2: {@link parseSimplePattern} then returns undefined.
 * Why: see `docs/decisions/008-regex-engine-on-demand.md`. Pure.
 *
 * @module
 */

/** A compiled simple pattern. */
export interface SimplePattern {
  /** Searches any text; takes time linear in the text and in the pattern, groups multiplied out. */
  test(path: string): boolean;
}

/** One element of a row. */
interface Element {
  /** The code point that it takes; undefined for a dot and for a class. */
  readonly point: number | undefined;
  /** The code points of a class; undefined for a dot and for a single character. */
  readonly points: ReadonlySet<number> | undefined;
  /** It takes the points that are *not* in `points`. */
  readonly negated: boolean;
  /** `*` or `?`. */
  readonly optional: boolean;
  /** `*` or `+`. */
  readonly repeated: boolean;
}

/** One way through a pattern. */
interface Row {
  readonly elements: readonly Element[];
  /** It starts with `^`. */
  readonly isAnchored: boolean;
  /** It ends with `$`. */
  readonly endsAtEnd: boolean;
}

/** The most rows that the groups of one pattern multiply out to. */
const MAX_ROWS = 64;

const EMPTY_ROW: Row = { elements: [], isAnchored: false, endsAtEnd: false };
const START_ROW: Row = { ...EMPTY_ROW, isAnchored: true };
const END_ROW: Row = { ...EMPTY_ROW, endsAtEnd: true };

/** A class of marks, letters, digits and ranges; an escaped mark; a plain character; a dot. */
const ELEMENT =
  /\[\^?(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z]|\\[!-\/:-@[-`{-~]|[^\]\\[^-])+\]|\\[!-\/:-@[-`{-~]|[^\\.+*?()|[\]{}^$]|\./y;
const QUANTIFIER = /[*+?]/y;
const GROUP_START = /\((?:\?:)?/y;
const CLASS_PART = /\\(.)|(.)-(.)|(.)/g;
const ASCII = /^[ -~]*$/;
const LINE_FEED = 0x0a;

/** @returns the compiled pattern; undefined when the pattern is not simple */
export function parseSimplePattern(pattern: string): SimplePattern | undefined {
  if (!ASCII.test(pattern)) return undefined;
  const rows = new PatternReader(pattern).read();
  return rows && new RowsPattern(rows);
}

/** One reading of one pattern. Every method returns undefined for what is not simple. */
class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  read(): readonly Row[] | undefined {
    const rows = this.#readAlternatives(() => this.#readGroup());
    return this.#at === this.#pattern.length ? rows : undefined;
  }

  /** Rows separated by `|`, up to a `)` or the end. */
  #readAlternatives(readGroup: () => readonly Row[] | undefined): readonly Row[] | undefined {
    const alternatives: Row[] = [];
    do {
      let rows: readonly Row[] = [EMPTY_ROW];
      while (!this.#isAtEndOfRow()) {
        const next = this.#readPart(readGroup);
        const joined = next && joinRows(rows, next);
        if (joined === undefined) return undefined;
        rows = joined;
      }
      alternatives.push(...rows);
      if (alternatives.length > MAX_ROWS) return undefined;
    } while (this.#take("|"));
    return alternatives;
  }

  #readPart(readGroup: () => readonly Row[] | undefined): readonly Row[] | undefined {
    if (this.#pattern[this.#at] === "(") return readGroup();
    if (this.#take("^")) return [START_ROW];
    if (this.#take("$")) return [END_ROW];
    const elements: Element[] = [];
    for (let atom = this.#match(ELEMENT); atom !== undefined; atom = this.#match(ELEMENT)) {
      const element = parseElement(atom, this.#match(QUANTIFIER) ?? "");
      if (element === undefined) return undefined;
      elements.push(element);
    }
    return elements.length === 0 ? undefined : [{ ...EMPTY_ROW, elements }];
  }

  /** `(a|b)` or `(?:a|b)`, without groups inside, possibly with `?`. */
  #readGroup(): readonly Row[] | undefined {
    this.#match(GROUP_START);
    const rows = this.#readAlternatives(() => undefined);
    if (rows === undefined || !this.#take(")")) return undefined;
    return this.#take("?") ? [...rows, EMPTY_ROW] : rows;
  }

  #isAtEndOfRow(): boolean {
    const next = this.#pattern[this.#at];
    return next === undefined || next === "|" || next === ")";
  }

  #take(character: string): boolean {
    if (this.#pattern[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(regex: RegExp): string | undefined {
    regex.lastIndex = this.#at;
    const found = regex.exec(this.#pattern)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** @returns each row of the one followed by each of the other; undefined for too many, and for a `^` or `$` in between */
function joinRows(before: readonly Row[], after: readonly Row[]): readonly Row[] | undefined {
  if (before.length * after.length > MAX_ROWS) return undefined;
  const joined: Row[] = [];
  for (const left of before) {
    for (const right of after) {
      if (left.endsAtEnd || (right.isAnchored && (left.isAnchored || left.elements.length > 0))) return undefined;
      joined.push({
        elements: [...left.elements, ...right.elements],
        isAnchored: left.isAnchored || right.isAnchored,
        endsAtEnd: right.endsAtEnd,
      });
    }
  }
  return joined;
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
    const point = atom === "." ? undefined : atom.charCodeAt(atom.length - 1);
    const element = { point, points: undefined, negated: false, ...quantified };
    SINGLE_ELEMENTS.set(atom + quantifier, element);
    return element;
  }
  const negated = atom.startsWith("[^");
  const points = new Set<number>();
  for (const [, escaped, from, to, plain] of atom.slice(negated ? 2 : 1, -1).matchAll(CLASS_PART)) {
    const single = escaped ?? plain ?? "";
    const first = (from ?? single).charCodeAt(0);
    const last = (to ?? single).charCodeAt(0);
    if (first > last) return undefined;
    for (let point = first; point <= last; point++) points.add(point);
  }
  return { point: undefined, points, negated, ...quantified };
}

/** The rows are alternatives. */
class RowsPattern implements SimplePattern {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  test(path: string): boolean {
    return this.#rows.some((row) => matchesRow(row, path));
  }
}

/** Runs every way through a row at once. A state is the number of elements that are done. */
function matchesRow({ elements, isAnchored, endsAtEnd }: Row, path: string): boolean {
  const done = elements.length;
  // At which character a state was last reached, so that none is entered twice.
  const reached = new Int32Array(done + 1).fill(-1);
  let states: number[] = [];

  /** Adds a state and those that follow it without taking a character. */
  function enter(first: number, at: number, entered: number[]): void {
    for (let state = first; reached[state] !== at; state++) {
      reached[state] = at;
      entered.push(state);
      if (elements[state]?.optional !== true) return;
    }
  }

  enter(0, 0, states);
  let at = 0;
  for (const character of path) {
    const point = character.codePointAt(0) ?? 0;
    if (!endsAtEnd && reached[done] === at) return true;
    const next: number[] = [];
    if (!isAnchored) enter(0, at + 1, next);
    for (const state of states) {
      const element = elements[state];
      if (element === undefined || !takes(element, point)) continue;
      enter(element.repeated ? state : state + 1, at + 1, next);
      if (element.repeated) enter(state + 1, at + 1, next);
    }
    if (next.length === 0) return false;
    states = next;
    at++;
  }
  return reached[done] === at;
}

function takes(element: Element, point: number): boolean {
  if (element.points !== undefined) return element.points.has(point) !== element.negated;
  return element.point === undefined ? point !== LINE_FEED : element.point === point;
}
