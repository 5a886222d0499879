/**
 * The keys of all mappings of a file: tells a key that stands twice in one, and asks the selector once for equal keys.
 *
 * Keys are places in the bytes of the file; no text is made of them. Pure.
 *
 * @module
 */
import type { Selector } from "../engine/selectors.ts";

/** Numbers that are kept for a key: its start, its end, its mapping. */
const FIELDS = 3;

/** How many answers of a selector are remembered. */
const ANSWERS = 256;

/** Steps for each key that a table of half-empty places needs at most, unless somebody chose the keys to be slow. */
const MAX_STEPS_A_KEY = 16;

/** Plain words that go-yaml takes for something else than text. */
const TYPED_WORDS: ReadonlySet<string> = new Set(["null", "true", "false", "yes", "no", "on", "off", "y", "n"]);

/** Length of the longest of {@link TYPED_WORDS}. */
const MAX_TYPED_LENGTH = 5;

/** The bytes that {@link TYPED_WORDS} start with. */
const TYPED_STARTS = new Uint8Array(256);
for (const [letter] of TYPED_WORDS) {
  for (const form of [letter!, letter!.toUpperCase()]) TYPED_STARTS[form.charCodeAt(0)] = 1;
}

/** Factor of FNV-1a. */
const FNV_PRIME = 0x01000193;

/** 2^32 divided by the golden ratio: spreads neighbours (Knuth, The Art of Computer Programming, 6.4). */
const GOLDEN_RATIO = 0x9e3779b1;

/** Keys with their places; calls take plain numbers, because there are many of them. */
export class KeyTable {
  readonly #bytes: Uint8Array;
  readonly #selector: Selector;
  #keys = new Int32Array(FIELDS * 512);
  #count = 0;
  /** 1 + the number of a key, 0 where there is none. */
  #table = new Int32Array(1024);
  #steps = 0;
  /** Start, end, and 1 or 0 for the answer of the selector. */
  readonly #answers = new Int32Array(FIELDS * ANSWERS);

  /** @param bytes in which keys have their places */
  constructor(bytes: Uint8Array, selector: Selector) {
    this.#bytes = bytes;
    this.#selector = selector;
  }

  /**
   * Adds a key of a mapping.
   *
   * @param container number of the mapping
   * @returns what the selector says of it; undefined for a key that its mapping has already, that may be no text, or where
   * somebody has chosen the keys to make the search slow
   */
  add(start: number, end: number, container: number): boolean | undefined {
    if (this.#isTyped(start, end)) return undefined;
    if (this.#count * 2 >= this.#table.length) this.#grow();
    const place = this.#find(start, end, container);
    if (this.#table[place] !== 0 || this.#steps > MAX_STEPS_A_KEY * this.#table.length) return undefined;
    const at = FIELDS * this.#count;
    this.#keys[at] = start;
    this.#keys[at + 1] = end;
    this.#keys[at + 2] = container;
    this.#table[place] = ++this.#count;
    return this.#ask(start, end);
  }

  /** @returns the place of an equal key, or the free one for it */
  #find(start: number, end: number, container: number): number {
    const table = this.#table;
    const keys = this.#keys;
    const mask = table.length - 1;
    const hash = this.#hashOf(start, end);
    const mixed = Math.imul(hash ^ Math.imul(container + 1, GOLDEN_RATIO), GOLDEN_RATIO);
    let place = (mixed ^ (mixed >>> 15)) & mask;
    for (; table[place] !== 0; place = (place + 1) & mask) {
      const at = FIELDS * (table[place]! - 1);
      if (keys[at + 2] === container && this.#areEqual(keys, at, start, end)) return place;
      this.#steps++;
    }
    return place;
  }

  #ask(start: number, end: number): boolean {
    const answers = this.#answers;
    const hash = this.#hashOf(start, end);
    const at = FIELDS * ((hash ^ (hash >>> 15)) & (ANSWERS - 1));
    if (!this.#areEqual(answers, at, start, end)) {
      answers[at] = start;
      answers[at + 1] = end;
      answers[at + 2] = this.#selector.matches(this.#textOf(start, end)) ? 1 : 0;
    }
    return answers[at + 2] === 1;
  }

  #isTyped(start: number, end: number): boolean {
    if (end - start > MAX_TYPED_LENGTH || TYPED_STARTS[this.#bytes[start]!] === 0) return false;
    return TYPED_WORDS.has(this.#textOf(start, end).toLowerCase());
  }

  /** @param at where numbers hold the start and the end of the other key */
  #areEqual(numbers: Int32Array, at: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const otherStart = numbers[at]!;
    if (end - start !== numbers[at + 1]! - otherStart) return false;
    for (let i = end - start - 1; i >= 0; i--) if (bytes[start + i] !== bytes[otherStart + i]) return false;
    return true;
  }

  #hashOf(start: number, end: number): number {
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ this.#bytes[i]!, FNV_PRIME);
    return hash;
  }

  #textOf(start: number, end: number): string {
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(this.#bytes[i]!);
    return text;
  }

  #grow(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#table = new Int32Array(this.#table.length * 2);
    for (let number = 0; number < this.#count; number++) {
      const at = FIELDS * number;
      this.#table[this.#find(keys[at]!, keys[at + 1]!, keys[at + 2]!)] = number + 1;
    }
  }
}
