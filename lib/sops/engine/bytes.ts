/**
 * Bytes that grow, and base64 into and out of them: thousands of values laid end to end in one piece of memory.
 *
 * Pure.
 *
 * @module
 */

/** Bytes laid end to end. */
export class ByteQueue {
  /** The memory; only the first `length` bytes count. It is another one after something was added. */
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  /** @param capacityBytes how much is expected */
  constructor(capacityBytes = 256) {
    this.bytes = new Uint8Array(Math.max(capacityBytes, 16));
  }

  /** Makes room for more bytes behind the present ones. */
  reserve(byteCount: number): void {
    if (this.length + byteCount <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + byteCount));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Adds a part of other bytes. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start > 64) {
      this.bytes.set(bytes.subarray(start, end), this.length);
      this.length += end - start;
      return;
    }
    const own = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) own[at++] = bytes[i]!; // a call to `set` costs more than this
    this.length = at;
  }

  /** Adds text in UTF-8. */
  addText(text: string): void {
    this.reserve(text.length * 3);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.length += ENCODER.encodeInto(text, bytes.subarray(this.length)).written;
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  /**
   * Adds what a piece of text in bytes means in base64 (the standard alphabet, padded).
   *
   * @returns false, with nothing added, when it is no base64
   */
  addBase64(text: Uint8Array, start: number, end: number): boolean {
    if ((end - start) % 4 !== 0) return false;
    let padding = 0;
    if (end > start && text[end - 1] === PAD) padding = text[end - 2] === PAD ? 2 : 1;
    this.reserve((end - start) / 4 * 3);
    const { bytes } = this;
    let at = this.length;
    let wrong = 0; // bits above those that a value has
    for (let i = start; i < end; i += 4) {
      const isPadded = padding > 0 && i + 4 === end;
      const first = VALUES[text[i]!]!;
      const second = VALUES[text[i + 1]!]!;
      const third = VALUES[isPadded && padding === 2 ? ZERO : text[i + 2]!]!;
      const fourth = VALUES[isPadded ? ZERO : text[i + 3]!]!;
      wrong |= first | second | third | fourth;
      bytes[at++] = (first << 2) | (second >>> 4);
      bytes[at++] = (second << 4) | (third >>> 2);
      bytes[at++] = (third << 6) | fourth;
    }
    if (wrong > 63) return false;
    this.length = at - padding;
    return true;
  }

  /** Adds bytes as the text of their base64. */
  addAsBase64(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(Math.ceil((end - start) / 3) * 4);
    const text = this.bytes;
    let at = this.length;
    let i = start;
    for (; i + 3 <= end; i += 3) {
      const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
      text[at++] = ALPHABET[group >>> 18]!;
      text[at++] = ALPHABET[(group >>> 12) & 63]!;
      text[at++] = ALPHABET[(group >>> 6) & 63]!;
      text[at++] = ALPHABET[group & 63]!;
    }
    if (i < end) {
      const group = (bytes[i]! << 16) | ((i + 1 < end ? bytes[i + 1]! : 0) << 8);
      text[at++] = ALPHABET[group >>> 18]!;
      text[at++] = ALPHABET[(group >>> 12) & 63]!;
      text[at++] = i + 1 < end ? ALPHABET[(group >>> 6) & 63]! : PAD;
      text[at++] = PAD;
    }
    this.length = at;
  }

  /** @returns what was added, not a copy */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

const ENCODER = new TextEncoder();

/** The code of `=`. */
const PAD = 0x3d;

const ALPHABET: Uint8Array = ENCODER.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/** The code of the character that stands for zero. */
const ZERO = 0x41;

/** The value of each byte, 64 where it has none. */
const VALUES: Uint8Array = makeValues();

function makeValues(): Uint8Array {
  const values = new Uint8Array(256).fill(64);
  ALPHABET.forEach((code, value) => values[code] = value);
  return values;
}
