/**
 * What a scalar of one line means. Pure.
 *
 * @module
 */
import { RefusedScalar, resolvePlainScalar } from "../../yaml/plain_scalar.ts";
import type { Scalar } from "../tree/tree.ts";
import type { LineScanner } from "./line_scanner.ts";

/** First bytes of plain scalars that may be something else than text. */
const MAY_BE_TYPED = new Uint8Array(256);
for (const character of "-+.0123456789~nNtTfF") MAY_BE_TYPED[character.charCodeAt(0)] = 1;

/** @returns whether the text of the present scalar, without its quotes, means itself; else it has to be resolved */
export function isText(bytes: Uint8Array, { start, style }: LineScanner): boolean {
  return style === "plain" ? MAY_BE_TYPED[bytes[start]!] === 0 : style !== "encoded";
}

/** @returns how many bytes of quotes stand before the text of a scalar, and behind it */
export function countQuotes({ style }: LineScanner): 0 | 1 {
  return style === "single" || style === "double" ? 1 : 0;
}

/** @returns what go-yaml takes the present scalar for; undefined where SOPS would refuse it, and for encrypted values */
export function resolveScalar(bytes: Uint8Array, scanner: LineScanner): Exclude<Scalar, Uint8Array> | undefined {
  if (scanner.style === "encoded") return undefined;
  const quotes = countQuotes(scanner);
  const text = new TextDecoder().decode(bytes.subarray(scanner.start + quotes, scanner.end - quotes));
  if (quotes > 0) return text;
  const value = resolvePlainScalar(text);
  return value instanceof RefusedScalar ? undefined : value;
}
