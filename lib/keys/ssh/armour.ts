/**
 * From the bytes of an ssh key file to text. Pure.
 *
 * @module
 */
import { findUtf16 } from "../../base/utf16.ts";

/** @returns the text, also of what PowerShell's `>` makes of a file; what is no text becomes replacement characters */
export function decodeSshText(bytes: Uint8Array): string {
  return new TextDecoder(findUtf16(bytes)).decode(bytes);
}

/** @returns whether a file begins, below blank lines and comments, with a private key between `BEGIN` and `END` lines */
export function looksLikePrivateKeyFile(bytes: Uint8Array): boolean {
  const first = decodeSshText(bytes).split(/[\r\n]/).find((line) => !/^\s*(?:#|$)/.test(line));
  return first !== undefined && /^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(first);
}
