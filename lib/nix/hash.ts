/**
 * Hashes as Nix writes them: `sha256:` with base 16, Nix's own base 32 or Base64 after it, or `sha256-` with Base64 (SRI).
 *
 * Reads all of these for the algorithms that a store path can be made of, and writes base 32, which is what is signed,
 * and base 16, which is what store paths are made of. Pure. Spec: keys §4; format: Nix manual, "Hashes".
 *
 * @module
 */

/** Length of a hash in bytes, by algorithm. */
const HASH_BYTES = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const;

/** An algorithm that Nix makes store paths with. */
export type HashAlgorithm = keyof typeof HASH_BYTES;

/** A hash and how it was made. */
export interface NixHash {
  readonly algorithm: HashAlgorithm;
  readonly bytes: Uint8Array;
}

/** Digits of Nix's base 32: no e, o, t and u. */
const BASE32_DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";

/** @returns the hash of `ALGORITHM:DIGITS` or `ALGORITHM-BASE64`; undefined for anything else */
export function findHash(text: string): NixHash | undefined {
  const [, algorithm = "", separator, digits = ""] = /^(md5|sha1|sha256|sha512)([:-])(.*)$/.exec(text) ?? [];
  if (!isHashAlgorithm(algorithm)) return undefined;
  const bytes = separator === "-"
    ? findBase64(digits, HASH_BYTES[algorithm])
    : findDigits(digits, HASH_BYTES[algorithm]);
  return bytes === undefined ? undefined : { algorithm, bytes };
}

/** @returns `ALGORITHM:` and the hash in base 16 */
export function formatHashBase16({ algorithm, bytes }: NixHash): string {
  return `${algorithm}:${bytes.toHex()}`;
}

/** @returns `ALGORITHM:` and the hash in Nix's base 32 */
export function formatHashBase32({ algorithm, bytes }: NixHash): string {
  return `${algorithm}:${encodeNixBase32(bytes)}`;
}

/** @returns the bytes in Nix's base 32: the last digits of the number come first, and nothing is padded */
export function encodeNixBase32(bytes: Uint8Array): string {
  const length = base32Length(bytes.length);
  let text = "";
  for (let n = length - 1; n >= 0; n--) {
    const [index, shift] = [n * 5 >> 3, n * 5 & 7];
    const pair = (bytes[index] ?? 0) | (bytes[index + 1] ?? 0) << 8;
    text += BASE32_DIGITS[pair >> shift & 31];
  }
  return text;
}

/** @returns the SHA-256 hash of a text */
export async function hashSha256(text: string): Promise<NixHash> {
  return {
    algorithm: "sha256",
    bytes: new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  };
}

function isHashAlgorithm(text: string): text is HashAlgorithm {
  return Object.hasOwn(HASH_BYTES, text);
}

/** The length of the text tells the base. */
function findDigits(text: string, length: number): Uint8Array | undefined {
  switch (text.length) {
    case length * 2:
      return /^[0-9a-f]*$/i.test(text) ? Uint8Array.fromHex(text) : undefined;
    case base32Length(length):
      return findNixBase32(text, length);
    default:
      return findBase64(text, length);
  }
}

function findNixBase32(text: string, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  for (const [position, character] of [...text].entries()) {
    const digit = BASE32_DIGITS.indexOf(character);
    if (digit < 0) return undefined;
    const offset = (text.length - 1 - position) * 5;
    const [index, pair] = [offset >> 3, digit << (offset & 7)];
    bytes[index] = (bytes[index] ?? 0) | pair & 0xff;
    if (index + 1 < length) bytes[index + 1] = (bytes[index + 1] ?? 0) | pair >> 8;
  }
  return encodeNixBase32(bytes) === text ? bytes : undefined; // else the first digit is too large
}

function findBase64(text: string, length: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function base32Length(byteLength: number): number {
  return Math.ceil(byteLength * 8 / 5);
}
