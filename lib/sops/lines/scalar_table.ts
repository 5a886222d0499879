/**
 * The encrypted scalars of a file, by their places: a hundred thousand of them take no objects. Pure.
 *
 * @module
 */
import type { ValueType } from "../tree/value.ts";
import type { LineScanner } from "./line_scanner.ts";

/** A type that a value of a line can have. */
export type LineType = Exclude<ValueType, "comment" | "bytes">;

const TYPES: readonly LineType[] = ["str", "int", "float", "bool", "time"];

/** Numbers that are kept for a scalar. */
const FIELDS = { start: 0, end: 1, indent: 2, isInList: 3, type: 4 } as const;
const FIELD_COUNT = 5;

/** Scalars in the order of the file, each by its number from 0. */
export class ScalarTable {
  #numbers = new Int32Array(FIELD_COUNT * 256);
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds the present scalar of a scanner. */
  add({ start, end, indent, isInList }: LineScanner, type: LineType): void {
    const at = FIELD_COUNT * this.#count++;
    if (at === this.#numbers.length) {
      const grown = new Int32Array(this.#numbers.length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[at + FIELDS.start] = start;
    this.#numbers[at + FIELDS.end] = end;
    this.#numbers[at + FIELDS.indent] = indent;
    this.#numbers[at + FIELDS.isInList] = isInList ? 1 : 0;
    this.#numbers[at + FIELDS.type] = TYPES.indexOf(type);
  }

  /** @returns where its text starts, quotes included */
  start(index: number): number {
    return this.#numbers[FIELD_COUNT * index + FIELDS.start]!;
  }

  /** @returns where its text ends, quotes included */
  end(index: number): number {
    return this.#numbers[FIELD_COUNT * index + FIELDS.end]!;
  }

  /** @returns the column of the mapping or list that it stands in */
  indent(index: number): number {
    return this.#numbers[FIELD_COUNT * index + FIELDS.indent]!;
  }

  /** @returns whether a list is among the containers around it */
  isInList(index: number): boolean {
    return this.#numbers[FIELD_COUNT * index + FIELDS.isInList] === 1;
  }

  type(index: number): LineType {
    return TYPES[this.#numbers[FIELD_COUNT * index + FIELDS.type]!]!;
  }
}
