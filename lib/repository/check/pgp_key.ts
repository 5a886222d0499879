/**
 * Whether an armoured PGP private key has a passphrase, as far as its first packet tells. Reads no key material. Pure.
 * Reference: RFC 9580 sections 4.2, 5.5 and 6.2; GnuPG doc/DETAILS (S2K 101).
 *
 * @module
 */

/** Tag of a secret key packet. */
const SECRET_KEY = 5;

/** The versions of key packets whose first bytes are laid out alike. */
const VERSIONS: ReadonlySet<number | undefined> = new Set([4, 6]);

/** Numbers of big integers in the public part, by algorithm: RSA three times, Elgamal, DSA. */
const INTEGERS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4 };

/** Algorithms whose public part is a curve and a point: ECDH has a field more, ECDSA, EdDSA. */
const ECDH = 18;
const CURVES: ReadonlySet<number> = new Set([ECDH, 19, 22]);

/** Algorithms of RFC 9580 with a public part of fixed length, in bytes: X25519, X448, Ed25519, Ed448. */
const FIXED: Readonly<Record<number, number>> = { 25: 32, 26: 56, 27: 32, 28: 57 };

/**
 * @param lines between the armour's first and last line, headers and checksum included
 * @returns undefined for what is no secret key
 */
export function isProtectedPgpKey(lines: readonly string[]): boolean | undefined {
  const packet = findFirstPacket(decodeArmour(lines));
  const version = packet?.[0];
  const algorithm = packet?.[5];
  if (packet === undefined || !VERSIONS.has(version) || algorithm === undefined) return undefined;
  const usage = packet[findEndOfPublicPart(packet, version === 6 ? 10 : 6, algorithm) ?? packet.length];
  return usage === undefined ? undefined : usage !== 0;
}

/** @param start of the public part of the algorithm @returns the offset behind it; undefined for an unknown algorithm */
function findEndOfPublicPart(packet: Uint8Array, start: number, algorithm: number): number | undefined {
  const fixed = FIXED[algorithm];
  if (fixed !== undefined) return start + fixed;
  if (CURVES.has(algorithm)) {
    const point = skipInteger(packet, start + 1 + (packet[start] ?? 0));
    return algorithm === ECDH ? point + 1 + (packet[point] ?? 0) : point;
  }
  const count = INTEGERS[algorithm];
  if (count === undefined) return undefined;
  let at = start;
  for (let i = 0; i < count; i++) at = skipInteger(packet, at);
  return at;
}

/** A big integer: its length in bits, then its bytes. */
function skipInteger(packet: Uint8Array, at: number): number {
  const bits = ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
  return at + 2 + Math.ceil(bits / 8);
}

function decodeArmour(lines: readonly string[]): Uint8Array {
  const blank = lines.findIndex((line, index) => line === "" && index > 0);
  const hasHeaders = lines.some((line) => line.includes(": "));
  const body = (hasHeaders && blank > 0 ? lines.slice(blank) : lines).filter((line) => !line.startsWith("="));
  try {
    return Uint8Array.fromBase64(body.join(""));
  } catch {
    return new Uint8Array(); // no armour: what stands between the lines stands for a key
  }
}

/** @returns the content of the first packet where that is a secret key */
function findFirstPacket(bytes: Uint8Array): Uint8Array | undefined {
  const [header = 0, first = 0] = bytes;
  if ((header & 0x80) === 0) return undefined;
  const isNew = (header & 0x40) !== 0;
  const tag = isNew ? header & 0x3f : (header >> 2) & 0x0f;
  if (tag !== SECRET_KEY) return undefined;
  const lengthBytes = isNew ? first < 192 ? 1 : first < 224 ? 2 : 5 : [1, 2, 4, 0][header & 3]!;
  return bytes.subarray(1 + lengthBytes);
}
