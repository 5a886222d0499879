/**
 * Base64 as age writes it: without padding, and in one spelling only. Pure. Reference: RFC 4648 §4.
 *
 * @module
 */

/** @returns the bytes; undefined for padding, blanks, other letters, and for spare bits that are not zero */
export function decodeBareBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(text);
    return encodeBareBase64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined; // a length that no bytes have
  }
}

/** @returns the text, without padding */
export function encodeBareBase64(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}
