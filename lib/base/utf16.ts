/**
 * UTF-16, as PowerShell's `>` and some editors write text: recognised, so that it can be read or refused by name. Pure.
 *
 * @module
 */

/** The byte orders, as `TextDecoder` calls them. */
export type Utf16 = "utf-16le" | "utf-16be";

/**
 * Recognises UTF-16 by its byte order mark, or by the zero byte of a first ASCII character.
 *
 * @param bytes the start of the text, at least two bytes of it
 * @returns the byte order; undefined for anything else
 */
export function findUtf16([first, second]: Uint8Array): Utf16 | undefined {
  if (first === undefined || second === undefined) return undefined;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "utf-16be" : undefined;
}
