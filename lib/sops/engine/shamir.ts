/**
 * Shamir's secret sharing over GF(2^8), as SOPS shares a data key among key groups.
 *
 * Arithmetic without tables: no step depends on a secret. Pure; randomness is handed in. Spec: sops-engine §3.6.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";

/** x^8 + x^4 + x^3 + x + 1, without its highest term. */
const POLYNOMIAL = 0x1b;

/** How many parts a secret can have: x is a byte other than 0. */
const MAX_PARTS = 255;

/** How a secret is shared. */
export interface ShamirOptions {
  /** How many parts there are. */
  readonly partCount: number;
  /** How many of them it takes. */
  readonly threshold: number;
  /** @returns so many random bytes */
  readonly random: (byteCount: number) => Uint8Array;
}

/**
 * @returns one part for each x from 1 on: the y of every byte of the secret, then x
 * @throws {UserError} `usage` when the numbers make no sense
 */
export function splitSecret(secret: Uint8Array, { partCount, threshold, random }: ShamirOptions): Uint8Array[] {
  if (threshold < 2 || threshold > partCount || partCount > MAX_PARTS) {
    throw new UserError(
      "usage",
      `cannot share the data key: the threshold is ${threshold} of ${partCount} key groups`,
      {
        hints: ["set shamir_threshold to a number from 2 to that of the key groups"],
      },
    );
  }
  const coefficients = random(secret.length * (threshold - 1));
  return Array.from({ length: partCount }, (_, i) => {
    const part = new Uint8Array(secret.length + 1);
    part[secret.length] = i + 1;
    secret.forEach((byte, place) => {
      let y = 0; // by Horner's rule, from the highest term down
      for (let term = threshold - 2; term >= 0; term--) {
        y = multiply(y ^ coefficients[place * (threshold - 1) + term]!, i + 1);
      }
      part[place] = y ^ byte;
    });
    return part;
  });
}

/**
 * @param parts all that there are: more than the threshold does no harm
 * @returns undefined when the parts do not belong together: of different lengths, or twice the same x
 */
export function combineParts(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const length = parts[0]?.length ?? 0;
  const xs = parts.map((part) => part[length - 1] ?? 0);
  if (parts.length < 2 || length < 2 || parts.some((part) => part.length !== length)) return undefined;
  if (new Set(xs).size !== xs.length || xs.includes(0)) return undefined;
  const secret = new Uint8Array(length - 1);
  parts.forEach((part, i) => {
    let basis = 1; // the Lagrange polynomial of this part, at 0
    xs.forEach((x, j) => {
      if (j !== i) basis = multiply(basis, multiply(x, invert(x ^ xs[i]!)));
    });
    secret.forEach((_, place) => secret[place]! ^= multiply(part[place]!, basis));
  });
  return secret;
}

function multiply(one: number, other: number): number {
  let product = 0;
  let shifted = one;
  for (let bit = 0; bit < 8; bit++) {
    product ^= -((other >> bit) & 1) & shifted;
    shifted = ((shifted << 1) ^ (-(shifted >> 7) & (0x100 | POLYNOMIAL))) & 0xff;
  }
  return product;
}

/** The 254th power: the field has 255 elements other than 0. */
function invert(value: number): number {
  if (value === 0) throw new InternalError("0 has no inverse");
  let result = 1;
  let square = value;
  for (let i = 0; i < 7; i++) {
    square = multiply(square, square);
    result = multiply(result, square);
  }
  return result;
}
