/**
 * JSON as SOPS reads it: in order, with keys that stand twice, whole numbers apart from floats, and a place for everything.
 *
 * Stricter than SOPS where it would lose something: a file that breaks off, and text behind the first object, which SOPS
 * does not read and would leave in clear. Errors hold no content. Pure. Spec: sops-engine §4.1.
 *
 * @module
 */
import type { UserError } from "../../../base/error.ts";
import { findLineStarts, lineNumberAt } from "../../../yaml/position.ts";
import type { Entry, Leaf, List, Mapping, Node } from "../../tree/tree.ts";
import { errorAt } from "../place_error.ts";
import type { StoreWarning } from "../store.ts";

/** Deepest nesting that is read. */
const MAX_DEPTH = 1000;

/** Whole numbers up to here need no BigInt arithmetic to be told from floats. */
const MAX_SAFE_DIGITS = 15;

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;

/** A string without escapes, from its opening quote. */
// deno-lint-ignore no-control-regex -- what a string cannot hold as it is
const SIMPLE_STRING = /"[^"\\\x00-\x1f]*"/y;

const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** A JSON file. */
export interface JsonText {
  readonly root: Mapping;
  /** Found when they are asked for. */
  readonly warnings: () => readonly StoreWarning[];
}

/**
 * Reads a JSON file whose top is an object.
 *
 * @param path for messages
 * @throws {UserError} `malformed` with line and column; `unsupported` for text behind the object
 */
export function parseJson(source: string, path: string): JsonText {
  return new JsonReader(source, path).read();
}

class JsonReader {
  readonly #source: string;
  readonly #path: string;
  readonly #warnings: { offset: number; problem: string }[] = [];
  #at = 0;

  constructor(source: string, path: string) {
    this.#source = source;
    this.#path = path;
  }

  read(): JsonText {
    if (this.#source.startsWith("\ufeff")) {
      throw this.#error(0, "a byte order mark, which SOPS does not read in JSON", [
        "save the file as UTF-8 without BOM",
      ]);
    }
    const first = this.#skipSpace();
    if (first !== 0x7b /* { */) {
      const found = first === 0x5b /* [ */
        ? "a list at the top"
        : Number.isNaN(first)
        ? "nothing"
        : "no object at the top";
      throw this.#error(this.#at, `${found}, expected an object`, [
        'put the content under a key: {"data": …}, or keep the file as binary: --input-type binary',
      ]);
    }
    const root = this.#readObject(0);
    if (!Number.isNaN(this.#skipSpace())) this.#judgeRest(root);
    return { root, warnings: () => this.#placedWarnings(root) };
  }

  /** SOPS never reads what stands behind the object: whoever encrypts the file would leave it in clear. */
  #judgeRest(root: Mapping): void {
    const problem = "text behind the end of the first object, which SOPS does not read";
    if (root.items.some((item) => item.kind === "entry" && item.key === "sops")) {
      this.#warnings.push({ offset: this.#at, problem });
      return;
    }
    throw errorAt({ path: this.#path, source: this.#source }, this.#at, `${problem} and would leave in clear`, {
      kind: "unsupported",
      hints: ["remove it, or put it into a file of its own"],
    });
  }

  #placedWarnings(root: Mapping): StoreWarning[] {
    const found = [...this.#warnings, ...findRepeatedKeys(root)].sort((a, b) => a.offset - b.offset);
    if (found.length === 0) return [];
    const text = { path: this.#path, source: this.#source, lineStarts: findLineStarts(this.#source) };
    return found.map(({ offset, problem }) => ({ lineNumber: lineNumberAt(text, offset), problem }));
  }

  #readValue(depth: number): Node {
    const start = this.#at;
    switch (this.#source.charCodeAt(start)) {
      case 0x22: /* " */ {
        const value = this.#readString();
        return { kind: "leaf", value, range: { start, end: this.#at } };
      }
      case 0x7b: /* { */
        return this.#readObject(depth);
      case 0x5b: /* [ */
        return this.#readArray(depth);
      case 0x74: /* t */
        return this.#readWord("true", true);
      case 0x66: /* f */
        return this.#readWord("false", false);
      case 0x6e: /* n */
        return this.#readWord("null", null);
      default:
        return this.#readNumber();
    }
  }

  #readObject(depth: number): Mapping {
    const start = this.#at++;
    if (depth >= MAX_DEPTH) throw this.#error(start, "too many levels inside each other");
    const items: Entry[] = [];
    let next = this.#skipSpace();
    while (next !== 0x7d /* } */) {
      if (next !== 0x22 /* " */) throw this.#expected("a key in double quotes", next);
      const keyStart = this.#at;
      const key = this.#readString();
      const keyRange = { start: keyStart, end: this.#at };
      next = this.#skipSpace();
      if (next !== 0x3a /* : */) throw this.#expected("a `:`", next);
      this.#at++;
      this.#skipSpace();
      items.push({ kind: "entry", key, value: this.#readValue(depth + 1), keyRange });
      next = this.#skipSpace();
      if (next === 0x2c /* , */) {
        this.#at++;
        next = this.#skipSpace();
        if (next === 0x7d /* } */) throw this.#error(this.#at, "a comma with nothing behind it");
      } else if (next !== 0x7d /* } */) {
        throw this.#expected("a comma or the end of the object", next);
      }
    }
    this.#at++;
    return { kind: "mapping", items, range: { start, end: this.#at } };
  }

  #readArray(depth: number): List {
    const start = this.#at++;
    if (depth >= MAX_DEPTH) throw this.#error(start, "too many levels inside each other");
    const items: Node[] = [];
    let next = this.#skipSpace();
    while (next !== 0x5d /* ] */) {
      if (Number.isNaN(next)) throw this.#expected("a value", next);
      items.push(this.#readValue(depth + 1));
      next = this.#skipSpace();
      if (next === 0x2c /* , */) {
        this.#at++;
        next = this.#skipSpace();
        if (next === 0x5d /* ] */) throw this.#error(this.#at, "a comma with nothing behind it");
      } else if (next !== 0x5d /* ] */) {
        throw this.#expected("a comma or the end of the list", next);
      }
    }
    this.#at++;
    return { kind: "list", items, range: { start, end: this.#at } };
  }

  #readWord(word: string, value: boolean | null): Leaf {
    const start = this.#at;
    if (!this.#source.startsWith(word, start)) throw this.#error(start, "a word without quotes");
    this.#at += word.length;
    return { kind: "leaf", value, range: { start, end: this.#at } };
  }

  #readNumber(): Leaf {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.#source);
    if (match === null) throw this.#expected("a value", this.#source.charCodeAt(start));
    const [digits, fraction, exponent] = match;
    this.#at = start + digits.length;
    const range = { start, end: this.#at };
    if (fraction === undefined && exponent === undefined) {
      const value = digits.length <= MAX_SAFE_DIGITS ? BigInt(Number(digits)) : BigInt(digits);
      if (value >= MIN_INT && value <= MAX_INT) return { kind: "leaf", value, range };
      this.#warnings.push({
        offset: start,
        problem: "a whole number of more than 64 bits, of which SOPS loses digits",
      });
    }
    const value = Number(digits);
    if (!Number.isFinite(value)) throw this.#error(start, "a number too large for SOPS", ["put it in quotes"]);
    return { kind: "leaf", value, range };
  }

  #readString(): string {
    const start = this.#at + 1;
    SIMPLE_STRING.lastIndex = this.#at;
    if (SIMPLE_STRING.test(this.#source)) {
      this.#at = SIMPLE_STRING.lastIndex;
      return this.#source.slice(start, this.#at - 1);
    }
    let end = this.#source.indexOf('"', start);
    if (end === -1) throw this.#error(this.#at, "a quote that is not closed");
    for (let slash = this.#source.indexOf("\\", start); slash !== -1 && slash < end;) {
      if (slash + 1 === end) {
        end = this.#source.indexOf('"', end + 1);
        if (end === -1) throw this.#error(this.#at, "a quote that is not closed");
      }
      slash = this.#source.indexOf("\\", slash + 2);
    }
    this.#at = end + 1;
    return this.#unescape(start, end);
  }

  #unescape(start: number, end: number): string {
    const parts: string[] = [];
    let done = start;
    for (let at = start; at < end; at++) {
      const code = this.#source.charCodeAt(at);
      if (code < 0x20) throw this.#error(at, "a line break or another control character inside quotes");
      if (code !== 0x5c /* \ */) continue;
      parts.push(this.#source.slice(done, at));
      const letter = this.#source[at + 1] ?? "";
      if (letter === "u") {
        const digits = this.#source.slice(at + 2, Math.min(at + 6, end));
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#error(at, "an unknown escape sequence");
        parts.push(String.fromCharCode(parseInt(digits, 16)));
        at += 5;
      } else {
        const character = ESCAPED[letter];
        if (character === undefined) throw this.#error(at, "an unknown escape sequence");
        parts.push(character);
        at += 1;
      }
      done = at + 1;
    }
    parts.push(this.#source.slice(done, end));
    return parts.join("").toWellFormed();
  }

  /** @returns the character that follows, NaN at the end of the text */
  #skipSpace(): number {
    for (;;) {
      const code = this.#source.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }

  #expected(wanted: string, found: number): UserError {
    return this.#error(this.#at, Number.isNaN(found) ? "the file breaks off here" : `something else than ${wanted}`);
  }

  #error(offset: number, problem: string, hints: readonly string[] = []): UserError {
    return errorAt({ path: this.#path, source: this.#source }, offset, problem, { hints });
  }
}

function findRepeatedKeys(root: Mapping): { offset: number; problem: string }[] {
  const found: { offset: number; problem: string }[] = [];
  const visit = (node: Node): void => {
    if (node.kind === "leaf") return;
    const names = new Set<string>();
    for (const item of node.items) {
      if (item.kind !== "entry") {
        if (item.kind !== "comment") visit(item);
        continue;
      }
      if (names.has(item.key)) {
        found.push({
          offset: item.keyRange!.start,
          problem: "a key that stands here a second time; SOPS keeps both",
        });
      }
      names.add(item.key);
      visit(item.value);
    }
  };
  visit(root);
  return found;
}
