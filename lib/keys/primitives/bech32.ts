/**
 * Bech32 as age uses it: the alphabet and checksum of BIP-173, without its length limit of 90.
 *
 * Written out here because every command that meets a key needs it: loading a package for it costs 3 to 5 ms, a quarter
 * of an empty program. Accepts only the canonical spelling: one case, zero padding bits. Pure. Reference: BIP-173.
 *
 * @module
 */

/** A decoded Bech32 text. */
export interface Bech32 {
  /** The human-readable part, in lower case. */
  readonly prefix: string;
  readonly bytes: Uint8Array;
}

/** The letter for each 5-bit word. */
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const SEPARATOR = "1";

/** Length of the checksum in words. */
const CHECKSUM_WORDS = 6;

/** What the checksum function gives for a text with a right checksum. */
const GOOD_CHECKSUM = 1;

/** The generator polynomial, multiplied by each power of two. */
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** BIP-173 allows exactly the printable ASCII characters. */
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/** @returns the parts of a Bech32 text; undefined when it is malformed (a reason could quote secret text) */
export function decodeBech32(text: string): Bech32 | undefined {
  if (!PRINTABLE_ASCII.test(text)) return undefined;
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const end = lower.lastIndexOf(SEPARATOR);
  if (end < 1) return undefined;
  const prefix = lower.slice(0, end);
  const words = Array.from(lower.slice(end + 1), (letter) => ALPHABET.indexOf(letter));
  if (words.length < CHECKSUM_WORDS || words.includes(-1)) return undefined;
  if (checksumOf([...expandPrefix(prefix), ...words]) !== GOOD_CHECKSUM) return undefined;
  const bytes = packWords(words.slice(0, -CHECKSUM_WORDS));
  return bytes === undefined ? undefined : { prefix, bytes };
}

/** @returns the Bech32 text of `bytes`, in lower case; `prefix` is lower-case printable ASCII */
export function encodeBech32({ prefix, bytes }: Bech32): string {
  const words = unpackWords(bytes);
  const empty = new Array<number>(CHECKSUM_WORDS).fill(0);
  const checksum = checksumOf([...expandPrefix(prefix), ...words, ...empty]) ^ GOOD_CHECKSUM;
  for (let shift = 5 * (CHECKSUM_WORDS - 1); shift >= 0; shift -= 5) words.push((checksum >> shift) & 31);
  return `${prefix}${SEPARATOR}${words.map((word) => ALPHABET.charAt(word)).join("")}`;
}

/** The prefix as the checksum sees it: the high bits of each character, a zero, the low bits of each. */
function expandPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** The remainder of the words, read as a polynomial over GF(32), by the generator. 30 bits. */
function checksumOf(words: readonly number[]): number {
  let remainder = 1;
  for (const word of words) {
    const top = remainder >> 25;
    remainder = ((remainder & 0x1ffffff) << 5) ^ word;
    GENERATOR.forEach((multiple, bit) => {
      if ((top >> bit) & 1) remainder ^= multiple;
    });
  }
  return remainder;
}

/** 8-bit bytes to 5-bit words; the last one is filled up with zero bits. */
function unpackWords(bytes: Uint8Array): number[] {
  const words: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) words.push((pending >> (bits - 5)) & 31);
  }
  if (bits > 0) words.push((pending << (5 - bits)) & 31);
  return words;
}

/** 5-bit words to bytes; undefined when the bits left over are a whole word, or not zero. */
function packWords(words: readonly number[]): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((words.length * 5) / 8));
  let length = 0;
  let pending = 0;
  let bits = 0;
  for (const word of words) {
    pending = ((pending << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = pending >> bits;
    }
  }
  const isCanonical = bits < 5 && (pending & ((1 << bits) - 1)) === 0;
  return isCanonical ? bytes : undefined;
}
