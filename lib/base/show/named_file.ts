/**
 * The path of a file in the command that a hint proposes. Pure.
 *
 * @module
 */

/** Paths that every shell takes as one word, as they are; a `\` only in those of Windows, which begin with a drive. */
const PLAIN_PATH = /^(?:[\w@%+=:,./-]+|[A-Za-z]:\\[\w@+=:,.\\-]+)$/;

/** @returns the hint with the path in place of the word `FILE`; as it is for a path that would have to be quoted */
export function nameFile(hint: string, path: string): string {
  return PLAIN_PATH.test(path) ? hint.replace(/\bFILE\b/g, () => path) : hint;
}
