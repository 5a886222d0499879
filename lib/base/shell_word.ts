/**
 * Words of a command line that is printed for people to type. Pure.
 *
 * @module
 */

/** Words that every shell takes as they are; a `\` only in the paths of Windows, which begin with a drive. */
const PLAIN_WORD = /^(?:[\w@%+=:,./-]+|[A-Za-z]:\\[\w@+=:,.\\-]+)$/;

/**
 * Characters that a terminal does not show, or that it obeys: controls, line and paragraph ends, what turns the direction of
 * text. A name may hold them; a line that is printed must not.
 */
// deno-lint-ignore no-control-regex
export const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Backslashes that fish alone takes for more than themselves in single quotes; not those of a path of Windows. */
const ESCAPE_OF_FISH = /^(?![A-Za-z]:\\|\\\\).*\\(?:[\\']|$)/s;

/**
 * @returns the word, in single quotes where a shell would take it apart; what cannot stand there, in the words of `printf`,
 * which every shell has
 */
export function quoteForShell(word: string): string {
  if (PLAIN_WORD.test(word)) return word;
  if (word.search(UNPRINTABLE) === -1 && !ESCAPE_OF_FISH.test(word)) return inSingleQuotes(word);
  const format = word.replaceAll(/["\\]/g, encodeOctal).replaceAll(UNPRINTABLE, encodeOctal).replaceAll("%", "%%");
  return `"$(printf ${inSingleQuotes(format)})"`;
}

function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function encodeOctal(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** @returns a path, for a shell; the `~` of a home folder stands outside of quotes, and no path is taken for a flag */
export function quotePathForShell(path: string): string {
  if (path.startsWith("~/")) return `~/${quoteForShell(path.slice(2))}`;
  return quoteForShell(path.startsWith("-") ? `./${path}` : path);
}
