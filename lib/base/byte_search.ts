/**
 * A search for a short ASCII text in many bytes. Pure.
 *
 * @module
 */

/**
 * Prepares a search by the method of Horspool, which looks at about one byte in as many as the text is long.
 *
 * @param asciiText at least one character
 * @returns what tells where the text stands first from an offset on; -1 where it does not
 */
export function createSearch(asciiText: string): (bytes: Uint8Array, from?: number) => number {
  const wanted = new TextEncoder().encode(asciiText);
  const last = wanted.length - 1;
  const shifts = new Uint8Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) shifts[wanted[i]!] = last - i;
  return (bytes, from = 0) => {
    for (let end = from + last; end < bytes.length; end += shifts[bytes[end]!]!) {
      let i = 0;
      while (i <= last && bytes[end - i] === wanted[last - i]) i++;
      if (i > last) return end - last;
    }
    return -1;
  };
}
