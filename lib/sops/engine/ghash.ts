/**
 * GHASH, the polynomial hash of AES-GCM: for nonces that are not 12 bytes long, and for tags, where the key stays the same
 * over many values.
 *
 * One table of 4 KiB for a key (Shoup's method, a byte at a time). Neither the number of steps nor a branch depends on
 * what is hashed; the places in the table that are read do, as in every table-driven form. Pure.
 * Spec: NIST SP 800-38D §6.3, §6.4. Why it is ours: decision 013.
 *
 * @module
 */

/** Bytes of a block. */
export const BLOCK_LENGTH = 16;

/** The polynomial of the field, x^128 + x^7 + x^2 + x + 1, in GHASH's order of bits: the top byte after a shift by one. */
const POLYNOMIAL = 0xe1000000;

/** What falls out at the low end when an element is multiplied by x^8, folded back into its top word. */
const FOLDS: Int32Array = makeFolds();

/** GHASH under one key. It holds the state of one message at a time. */
export class Ghash {
  /** Entry v, four words: the byte v times the key. */
  readonly #products: Int32Array;
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param key the hash subkey H: 16 bytes */
  constructor(key: Uint8Array) {
    this.#products = makeProducts(key);
  }

  /** Begins another message. */
  start(): void {
    this.#a =
      this.#b =
      this.#c =
      this.#d =
        0;
  }

  /** Absorbs bytes, filled up with zeros to whole blocks. */
  absorb(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    for (; at + BLOCK_LENGTH <= end; at += BLOCK_LENGTH) {
      this.#multiply(
        this.#a ^ wordAt(bytes, at),
        this.#b ^ wordAt(bytes, at + 4),
        this.#c ^ wordAt(bytes, at + 8),
        this.#d ^ wordAt(bytes, at + 12),
      );
    }
    if (at < end) {
      this.#multiply(
        this.#a ^ wordUpTo(bytes, at, end),
        this.#b ^ wordUpTo(bytes, at + 4, end),
        this.#c ^ wordUpTo(bytes, at + 8, end),
        this.#d ^ wordUpTo(bytes, at + 12, end),
      );
    }
  }

  /** Absorbs the closing block: two lengths in bytes. */
  absorbLengths(first: number, second: number): void {
    this.#multiply(
      this.#a ^ Math.floor(first / 0x20000000),
      this.#b ^ (first << 3),
      this.#c ^ Math.floor(second / 0x20000000),
      this.#d ^ (second << 3),
    );
  }

  /** Writes the 16 bytes of the hash, each combined with what stands there (exclusive or). */
  foldInto(bytes: Uint8Array, at: number): void {
    foldWord(bytes, at, this.#a);
    foldWord(bytes, at + 4, this.#b);
    foldWord(bytes, at + 8, this.#c);
    foldWord(bytes, at + 12, this.#d);
  }

  /** The state becomes the given element times the key: bytes from the last to the first, as in Horner's rule. */
  #multiply(a: number, b: number, c: number, d: number): void {
    const products = this.#products;
    let za = 0;
    let zb = 0;
    let zc = 0;
    let zd = 0;
    let word = d;
    for (let i = 0; i < 16; i++) {
      const fold = FOLDS[zd & 0xff]!;
      const entry = (word & 0xff) << 2;
      zd = ((zd >>> 8) | (zc << 24)) ^ products[entry + 3]!;
      zc = ((zc >>> 8) | (zb << 24)) ^ products[entry + 2]!;
      zb = ((zb >>> 8) | (za << 24)) ^ products[entry + 1]!;
      za = (za >>> 8) ^ fold ^ products[entry]!;
      word = i === 3 ? c : i === 7 ? b : i === 11 ? a : word >>> 8;
    }
    this.#a = za;
    this.#b = zb;
    this.#c = zc;
    this.#d = zd;
  }
}

function makeProducts(key: Uint8Array): Int32Array {
  const products = new Int32Array(256 * 4);
  let [a, b, c, d] = [wordAt(key, 0), wordAt(key, 4), wordAt(key, 8), wordAt(key, 12)];
  for (let byte = 0x80; byte > 0; byte >>= 1) {
    products.set([a, b, c, d], byte << 2);
    const fold = -(d & 1) & POLYNOMIAL;
    d = (d >>> 1) | (c << 31);
    c = (c >>> 1) | (b << 31);
    b = (b >>> 1) | (a << 31);
    a = (a >>> 1) ^ fold;
  }
  for (let byte = 3; byte < 256; byte++) {
    const lowest = byte & -byte;
    if (lowest === byte) continue;
    const [one, other] = [lowest << 2, (byte ^ lowest) << 2];
    for (let word = 0; word < 4; word++) {
      products[(byte << 2) + word] = products[one + word]! ^ products[other + word]!;
    }
  }
  return products;
}

function makeFolds(): Int32Array {
  const folds = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let fold = 0;
    for (let bit = 0; bit < 8; bit++) fold = (fold >>> 1) ^ (-((byte >>> bit) & 1) & POLYNOMIAL);
    folds[byte] = fold;
  }
  return folds;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** The word at a place of which only the bytes before `end` count. */
function wordUpTo(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (at + i < end ? bytes[at + i]! : 0);
  return word;
}

function foldWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at]! ^= word >>> 24;
  bytes[at + 1]! ^= word >>> 16;
  bytes[at + 2]! ^= word >>> 8;
  bytes[at + 3]! ^= word;
}
