/**
 * From a public key for signatures to one for encryption: points of edwards25519 as u-coordinates of curve25519.
 *
 * Public data only: the arithmetic takes as long as the numbers make it. Pure. Reference: RFC 7748 §4.1, RFC 8032 §5.1.3.
 *
 * @module
 */

/** The prime of the field. */
const P = (1n << 255n) - 19n;

/** The constant d of the Edwards curve: -121665/121666. */
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;

/** The u-coordinates of the points of small order, with which nothing can be encrypted (RFC 7748 §6.1). */
const SMALL_ORDER_U: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
]);

const POINT_BYTES = 32;

/**
 * Finds the u-coordinate of a compressed point.
 *
 * @param point 32 bytes, little-endian y with the sign of x in the highest bit
 * @returns 32 bytes, little-endian; undefined when the bytes are no point of the curve, or one of small order
 */
export function findMontgomeryU(point: Uint8Array): Uint8Array | undefined {
  if (point.length !== POINT_BYTES) return undefined;
  const y = modulo(decodeNumber(point) & ((1n << 255n) - 1n));
  if (!isOnCurve(y)) return undefined;
  const u = modulo((1n + y) * invert(modulo(1n - y)));
  return SMALL_ORDER_U.has(u) ? undefined : encodeNumber(u);
}

/** x² = (y² - 1) / (dy² + 1) has to be a square; a quotient is one when the product is. */
function isOnCurve(y: bigint): boolean {
  const product = modulo((y * y - 1n) * (D * y * y + 1n));
  return product === 0n || power(product, (P - 1n) / 2n) === 1n;
}

/** The inverse of 0 is 0, as RFC 7748 needs it. */
function invert(value: bigint): bigint {
  return power(value, P - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; square = (square * square) % P, rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
  }
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function decodeNumber(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${littleEndian.toReversed().toHex()}`);
}

function encodeNumber(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(2 * POINT_BYTES, "0")).reverse();
}
