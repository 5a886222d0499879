/**
 * From the bytes of an ssh key file to text. Pure.
 *
 * @module
 */

/** @returns the text, also of what PowerShell's `>` makes of a file; what is no text becomes replacement characters */
export function decodeSshText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** @returns whether a file begins, below blank lines and comments, with a private key between `BEGIN` and `END` lines */
export function looksLikePrivateKeyFile(bytes: Uint8Array): boolean {
  const first = decodeSshText(bytes).split(/[\r\n]/).find((line) => !/^\s*(?:#|$)/.test(line));
  return first !== undefined && /^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(first);
}
