/**
 * Reads block YAML with one scalar a line, from its bytes and without a tree: what nearly all of a large file of SOPS is.
 *
 * It reads nothing that could mean something else to go-yaml: at any doubt (a comment, brackets, an anchor, an escape, a
 * text of several lines, a byte beyond ASCII, a key that is no plain word) it gives up, and the reader of `lib/yaml/scan`
 * takes the whole file. What it does read, both read the same: a property test holds them together. Pure.
 * Spec: sops-engine §3.2, §3.3, §4.2; decision 019.
 *
 * @module
 */
import { ByteQueue } from "../engine/bytes.ts";
import type { Selector } from "../engine/selectors.ts";
import { KeyTable } from "./key_table.ts";

/** How a scalar is written. `encoded`: a plain text that starts as an encrypted value and was not looked at any further. */
export type LineStyle = "plain" | "single" | "double" | "encoded";

/** What {@link LineScanner.next} found. */
export type Step = "scalar" | "end" | "unclear";

/** Which lines are read, and what they are asked. */
export interface LineScannerOptions {
  /** Where the lines start, at the start of one. */
  readonly start: number;
  /** Where they end, behind the line break of the last one. */
  readonly end: number;
  /** One that looks at keys. */
  readonly selector: Selector;
}

/** A mapping or list that is being read. */
interface Frame {
  readonly column: number;
  readonly isList: boolean;
  /** Whether it is a list, or stands in one. */
  readonly isInList: boolean;
  /** Length of the path to it. */
  readonly pathLength: number;
  /** Whether the selector has matched on the way to it. */
  readonly isMatched: boolean;
  /** Tells its keys from those of other mappings. */
  readonly id: number;
}

/** Deepest nesting that is read. */
const MAX_DEPTH = 100;

const CODE = {
  lineFeed: 0x0a,
  space: 0x20,
  doubleQuote: 0x22,
  hash: 0x23,
  quote: 0x27,
  colon: 0x3a,
  dash: 0x2d,
  e: 0x45,
  bracket: 0x5d,
} as const;
const BACKSLASH = 0x5c;

/** What a byte can be: bits of the following. */
const KEY_START = 1;
const KEY_PART = 2;
const PLAIN_START = 4;
const PRINTABLE = 8;
const CLASSES = makeClasses();

/** Moves from scalar to scalar. The fields describe the present one. */
export class LineScanner {
  /** The keys that lead to the scalar, each with a colon behind; as SOPS authenticates them. */
  readonly path = new ByteQueue();
  /** Where its text starts, quotes included. */
  start = 0;
  /** Where its text ends, quotes included. */
  end = 0;
  style: LineStyle = "plain";
  /** Whether it is to be encrypted. */
  isSelected = false;
  /** Column of the mapping or list that it stands in. */
  indent = 0;
  /** Whether a list is among the containers around it. */
  isInList = false;
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  readonly #selector: Selector;
  readonly #keys: KeyTable;
  readonly #frames: Frame[] = [];
  /** Whether the last key has no value on its line. */
  #isOpen = false;
  /** Whether the selector has matched for the value of the last key. */
  #isMatched = false;
  #at: number;
  #containers = 0;

  constructor(bytes: Uint8Array, { start, end, selector }: LineScannerOptions) {
    this.#bytes = bytes;
    this.#at = start;
    this.#limit = end;
    this.#selector = selector;
    this.#keys = new KeyTable(bytes, selector);
  }

  /** Moves on to the next scalar; a key without a value is none. */
  next(): Step {
    const bytes = this.#bytes;
    while (this.#at < this.#limit) {
      const lineStart = this.#at;
      let at = lineStart;
      while (bytes[at] === CODE.space) at++;
      if (bytes[at] === CODE.lineFeed) {
        this.#at = at + 1;
        continue;
      }
      const isItem = bytes[at] === CODE.dash && bytes[at + 1] === CODE.space;
      if (!this.#place(at - lineStart, isItem)) return "unclear";
      const step = isItem ? this.#readItem(at + 2, lineStart) : this.#readEntry(at);
      if (step !== undefined) return step;
    }
    return this.#frames.length > 0 && this.#at === this.#limit ? "end" : "unclear";
  }

  get #top(): Frame {
    return this.#frames[this.#frames.length - 1]!;
  }

  /** Finds the container of a line by its column. @returns false where there is none */
  #place(column: number, isItem: boolean): boolean {
    const frames = this.#frames;
    if (frames.length === 0) return column === 0 && !isItem && this.#open(column, false);
    let top = this.#top;
    if (this.#isOpen) {
      this.#isOpen = false;
      if (column > top.column || (isItem && !top.isList && column === top.column)) return this.#open(column, isItem);
    } else if (column > top.column) {
      return false; // the line goes on with the scalar above
    }
    while (top.column > column || (top.column === column && top.isList && !isItem)) {
      frames.pop();
      if (frames.length === 0) return false;
      top = this.#top;
    }
    return top.column === column && top.isList === isItem;
  }

  #open(column: number, isList: boolean): boolean {
    if (this.#frames.length === MAX_DEPTH) return false;
    const isInList = isList || (this.#frames.length > 0 && this.#top.isInList);
    const [pathLength, isMatched] = [this.path.length, this.#isMatched];
    this.#frames.push({ column, isList, isInList, pathLength, isMatched, id: this.#containers++ });
    return true;
  }

  /** Reads what stands behind a dash. @returns undefined where that is no scalar */
  #readItem(from: number, lineStart: number): Step | undefined {
    const bytes = this.#bytes;
    const { pathLength, isMatched } = this.#top;
    this.path.length = pathLength;
    this.#isMatched = isMatched;
    let at = from;
    while (bytes[at] === CODE.space) at++;
    if (this.#endOfKey(at) === -1) return this.#readScalar(at);
    if (!this.#open(at - lineStart, false)) return "unclear";
    return this.#readEntry(at);
  }

  /** Reads a key and what stands behind it. @returns undefined where that is nothing */
  #readEntry(at: number): Step | undefined {
    const bytes = this.#bytes;
    const keyEnd = this.#endOfKey(at);
    const { pathLength, isMatched, id } = this.#top;
    if (keyEnd === -1 || (this.#frames.length === 1 && this.#isMetadataKey(at, keyEnd))) return "unclear";
    const matches = this.#keys.add(at, keyEnd, id);
    if (matches === undefined) return "unclear";
    const { path } = this;
    path.length = pathLength;
    path.addBytes(bytes, at, keyEnd + 1); // with its colon
    this.#isMatched = isMatched || matches;
    let valueStart = keyEnd + 1;
    while (bytes[valueStart] === CODE.space) valueStart++;
    if (bytes[valueStart] !== CODE.lineFeed) return this.#readScalar(valueStart);
    this.#isOpen = true;
    this.#at = valueStart + 1;
    return undefined;
  }

  /** @returns where the colon of a key stands; -1 where there is no key, or one that may mean something else */
  #endOfKey(start: number): number {
    const bytes = this.#bytes;
    if ((CLASSES[bytes[start]!]! & KEY_START) === 0) return -1;
    let at = start + 1;
    while ((CLASSES[bytes[at]!]! & KEY_PART) !== 0) at++;
    const isKey = bytes[at] === CODE.colon && (bytes[at + 1] === CODE.space || bytes[at + 1] === CODE.lineFeed);
    return isKey ? at : -1;
  }

  /** Whether a key is the one that the metadata stands under. */
  #isMetadataKey(start: number, end: number): boolean {
    return end - start === 4 && String.fromCharCode(...this.#bytes.subarray(start, end)) === "sops";
  }

  #readScalar(start: number): "scalar" | "unclear" {
    const end = this.#endOfScalar(start);
    if (end === -1) return "unclear";
    const { column, isInList } = this.#top;
    this.start = start;
    this.end = end;
    this.indent = column;
    this.isInList = isInList;
    this.isSelected = this.#isMatched === this.#selector.encryptsMatches;
    this.#at = end + 1;
    return "scalar";
  }

  /** @returns where the scalar ends, at a line break; -1 for all that is no plain or quoted text of one line */
  #endOfScalar(start: number): number {
    const bytes = this.#bytes;
    const first = bytes[start]!;
    if (first === CODE.doubleQuote || first === CODE.quote) return this.#endOfQuoted(start, first);
    if (first === CODE.e && this.#startsEncoded(start)) return this.#endOfEncoded(start);
    this.style = "plain";
    const isNumber = first === CODE.dash && (CLASSES[bytes[start + 1]!]! & KEY_START) === 0 &&
      (CLASSES[bytes[start + 1]!]! & PLAIN_START) !== 0;
    if ((CLASSES[first]! & PLAIN_START) === 0 && !isNumber) return -1;
    let at = start + 1;
    while ((CLASSES[bytes[at]!]! & PRINTABLE) !== 0) {
      const code = bytes[at]!;
      if (code === CODE.hash && bytes[at - 1] === CODE.space) return -1;
      if (code === CODE.colon && (bytes[at + 1] === CODE.space || bytes[at + 1] === CODE.lineFeed)) return -1;
      at++;
    }
    return bytes[at] === CODE.lineFeed && bytes[at - 1] !== CODE.space && at < this.#limit ? at : -1;
  }

  #startsEncoded(start: number): boolean {
    const bytes = this.#bytes;
    return bytes[start + 1] === 0x4e && bytes[start + 2] === 0x43 && bytes[start + 3] === 0x5b; // NC[
  }

  /** It has to be an encrypted value up to the end of the line, which whoever decodes it finds out. */
  #endOfEncoded(start: number): number {
    const bytes = this.#bytes;
    this.style = "encoded";
    const end = bytes.indexOf(CODE.lineFeed, start);
    return end !== -1 && end < this.#limit && bytes[end - 1] === CODE.bracket ? end : -1;
  }

  #endOfQuoted(start: number, quote: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    while ((CLASSES[bytes[at]!]! & PRINTABLE) !== 0 && bytes[at] !== quote && bytes[at] !== BACKSLASH) at++;
    if (bytes[at] !== quote || bytes[at + 1] !== CODE.lineFeed || at + 1 >= this.#limit) return -1;
    this.style = quote === CODE.quote ? "single" : "double";
    return at + 1;
  }
}

function makeClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const set = (characters: RegExp, bit: number): void => {
    for (let code = 0x20; code < 0x7f; code++) {
      if (characters.test(String.fromCharCode(code))) classes[code]! |= bit;
    }
  };
  set(/[A-Za-z_]/, KEY_START);
  set(/[A-Za-z0-9_./-]/, KEY_PART);
  set(/[A-Za-z0-9_./$(+]/, PLAIN_START);
  set(/[ -~]/, PRINTABLE);
  return classes;
}
