/**
 * The cheap answer for the many files that are not encrypted: a search for bytes that every encrypted file holds. Pure.
 *
 * @module
 */

/** What every encrypted file holds, the rarer one first: its MAC is always encrypted, and `sops` names its metadata. */
const MARKERS = ["ENC[AES256_GCM,", "sops"].map(createSearch);

/** @returns false when the bytes cannot be an encrypted file; true says nothing */
export function hasMarkers(bytes: Uint8Array): boolean {
  return MARKERS.every((isIn) => isIn(bytes));
}

/** Prepares a search by the method of Horspool, which looks at about one byte in as many as the text is long. */
function createSearch(asciiText: string): (bytes: Uint8Array) => boolean {
  const wanted = new TextEncoder().encode(asciiText);
  const last = wanted.length - 1;
  const shifts = new Uint8Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) shifts[wanted[i]!] = last - i;
  return (bytes) => {
    for (let end = last; end < bytes.length; end += shifts[bytes[end]!]!) {
      let i = 0;
      while (i <= last && bytes[end - i] === wanted[last - i]) i++;
      if (i > last) return true;
    }
    return false;
  };
}
