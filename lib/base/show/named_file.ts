/**
 * A file named in a hint. Pure.
 *
 * @module
 */

/**
 * @returns the hint with the path in double quotes in place of the word `FILE`, for the report to shorten and quote; as it
 * is for what is no absolute path, or holds a quote or line break
 */
export function nameFile(hint: string, path: string): string {
  return /^(?:\/|[A-Za-z]:\\)[^"\n]*$/.test(path) ? hint.replace(/\bFILE\b/g, () => `"${path}"`) : hint;
}
