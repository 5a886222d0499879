/**
 * Pieces of the Nix language: strings, names and paths, quoted where they must be. Pure.
 *
 * @module
 */

/** @returns a string literal in double quotes */
export function formatNixString(text: string): string {
  const escaped = text.replace(/["\\]|\$(?=\{)/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/** Words that cannot stand as a name. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "assert",
  "else",
  "if",
  "in",
  "inherit",
  "let",
  "or",
  "rec",
  "then",
  "with",
]);

/** @returns a name in an attribute set, quoted unless it is an identifier */
export function formatNixName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) && !KEYWORDS.has(name) ? name : formatNixString(name);
}

/**
 * @param path relative to the file that holds the text, with `/` between folders
 * @returns a path literal
 */
export function formatNixPath(path: string): string {
  return /^[\w.+-]+(?:\/[\w.+-]+)*$/.test(path) ? `./${path}` : `(./. + ${formatNixString(`/${path}`)})`;
}
