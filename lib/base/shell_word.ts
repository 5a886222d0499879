/**
 * Words of a command line that is printed for people to type. Pure.
 *
 * @module
 */

/** Words that every shell takes as they are; a `\` only in the paths of Windows, which begin with a drive. */
const PLAIN_WORD = /^(?:[\w@%+=:,./-]+|[A-Za-z]:\\[\w@+=:,.\\-]+)$/;

/** @returns the word, in single quotes where a shell would take it apart */
export function quoteForShell(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** @returns a path as people see it, for a shell; the `~` of a home folder stands outside of quotes */
export function quotePathForShell(shown: string): string {
  return shown.startsWith("~/") ? `~/${quoteForShell(shown.slice(2))}` : quoteForShell(shown);
}
