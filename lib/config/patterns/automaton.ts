/**
 * A pattern as an automaton that searches a text, as SOPS does: a pattern without `^` matches anywhere.
 *
 * It is in several states at once, so the time is linear in the text, whatever the pattern. Where a character leads is
 * remembered, up to a limit: many texts cost one look-up a character. Pure.
 * Why: `docs/decisions/016-patterns-one-automaton.md`.
 *
 * @module
 */
import { parsePatternTree, type PatternTree, type PointRange } from "./tree.ts";

/** The most steps that one automaton remembers; it then forgets all of them. */
const MAX_STEPS = 4000;

/** A state: takes a character, waits for an edge of the text, or leads on at once, perhaps to two others. */
interface State {
  readonly id: number;
  readonly ranges: readonly PointRange[] | undefined;
  readonly edge: "start" | "end" | undefined;
  readonly next: State | undefined;
  other: State | undefined;
}

const MATCH: State = { id: 0, ranges: undefined, edge: undefined, next: undefined, other: undefined };

/** Takes no character: what an alternative of none comes to. */
const NOTHING: State = { id: -1, ranges: [], edge: undefined, next: undefined, other: undefined };

/** Where a text has led. */
export interface Place {
  /** Equal for places from which everything goes on equally, but for the first of all. */
  readonly id: string;
  /** The pattern has matched, whatever follows. */
  readonly isMatched: boolean;
  /** The pattern matches if the text ends here. */
  readonly isMatchedAtEnd: boolean;
  /** The states that are open for more; none where it is settled whether the pattern matches. */
  readonly states: readonly State[];
  /** By code point. */
  readonly steps: Map<number, Place>;
}

/** No text that goes on from here matches. */
const FAILED: Place = { id: "", isMatched: false, isMatchedAtEnd: false, states: [], steps: new Map() };

const MATCHED: Place = { id: "matched", isMatched: true, isMatchedAtEnd: true, states: [], steps: new Map() };

/** @returns the search for one pattern in texts; undefined for a pattern that is left to RE2 */
export function compileAutomaton(pattern: string): ((text: string) => boolean) | undefined {
  const tree = parsePatternTree(pattern);
  if (tree === undefined) return undefined;
  const automaton = new Automaton(tree);
  return (text) => automaton.test(text);
}

/** One pattern, ready to be run. */
export class Automaton {
  readonly #first: State;
  #stateCount = 1;
  #start: Place | undefined;
  #places = new Map<string, Place>();
  #stepCount = 0;

  constructor(tree: PatternTree) {
    this.#first = this.#add(tree, MATCH);
  }

  /** The place before the first character. */
  get start(): Place {
    return this.#start ??= this.#placeOf([], "start");
  }

  /** @returns whether the pattern matches anywhere in a text */
  test(text: string): boolean {
    let place = this.start;
    for (let at = 0; at < text.length && place.states.length > 0; at++) {
      const point = text.codePointAt(at)!;
      if (point > 0xffff) at++;
      place = place.steps.get(point) ?? this.step(place, point);
    }
    return place.isMatchedAtEnd;
  }

  /** @returns the place behind one more character; once matched, it stays so */
  step(place: Place, point: number): Place {
    const known = place.states.length === 0 ? place : place.steps.get(point);
    if (known !== undefined) return known;
    if (++this.#stepCount > MAX_STEPS) [this.#start, this.#places, this.#stepCount] = [undefined, new Map(), 0];
    const next = this.#placeOf(place.states.filter((state) => takes(state, point)).map((state) => state.next!));
    place.steps.set(point, next);
    return next;
  }

  /** @param edge given before the first character */
  #placeOf(open: readonly State[], edge?: "start"): Place {
    const reached = this.#reach(open, edge);
    if (reached.has(MATCH)) return MATCHED;
    const states = [...reached].filter((state) => state.ranges !== undefined || state.edge === "end");
    if (states.length === 0) return FAILED;
    const id = states.map((state) => state.id).sort((a, b) => a - b).join();
    const known = edge === undefined ? this.#places.get(id) : undefined;
    if (known !== undefined) return known;
    const isMatchedAtEnd = states.some((state) => state.edge === "end") && this.#reach(states, edge, "end").has(MATCH);
    const place = { id, isMatched: false, isMatchedAtEnd, states, steps: new Map<number, Place>() };
    if (edge === undefined) this.#places.set(id, place);
    return place;
  }

  /** Follows everything that takes no character; a match may begin at every character. */
  #reach(states: readonly State[], ...edges: readonly State["edge"][]): ReadonlySet<State> {
    const reached = new Set<State>();
    const open: (State | undefined)[] = [...states, this.#first];
    while (open.length > 0) {
      const state = open.pop();
      if (state === undefined || reached.has(state)) continue;
      reached.add(state);
      const leadsOn = state.ranges === undefined && (state.edge === undefined || edges.includes(state.edge));
      if (leadsOn) open.push(state.next, state.other);
    }
    return reached;
  }

  /** @returns the state at which a part begins that goes on at `next` */
  #add(tree: PatternTree, next: State): State {
    switch (tree.kind) {
      case "take":
        return this.#push({ ranges: tree.ranges, next });
      case "edge":
        return this.#push({ edge: tree.edge, next });
      case "sequence":
        return tree.parts.reduceRight((following, part) => this.#add(part, following), next);
      case "either":
        return tree.parts.reduce<State>((other, part) => this.#push({ next: this.#add(part, next), other }), NOTHING);
      case "repeat": {
        let start = tree.most === Infinity ? this.#push({ next }) : next;
        if (tree.most === Infinity) start.other = this.#add(tree.part, start);
        else {
          for (let count = tree.least; count < tree.most; count++) {
            start = this.#push({ next, other: this.#add(tree.part, start) });
          }
        }
        for (let count = 0; count < tree.least; count++) start = this.#add(tree.part, start);
        return start;
      }
    }
  }

  #push({ ranges, edge, next, other }: Partial<State>): State {
    return { id: this.#stateCount++, ranges, edge, next, other };
  }
}

function takes({ ranges }: State, point: number): boolean {
  return ranges !== undefined && ranges.some(([first, last]) => first <= point && point <= last);
}
