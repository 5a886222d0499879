/**
 * From the path template of a vault to the `path_regex` of its rule, and the question whether two such patterns are
 * the same rule. Pure. Spec: vaults §4.
 *
 * Does not evaluate templates: every `{{ … }}` may become anything.
 *
 * @module
 */
import type { Os } from "../../base/host/host.ts";
import { listPatternTokens } from "./tree.ts";

/** How a pattern is written. */
export interface PathRegexOptions {
  /** On `windows` a `/` also matches the backslash, because SOPS hands over paths with backslashes there. */
  readonly os: Os;
  /** Whether the pattern starts with `^`; only right for files below the folder of the `.sops.yaml`. */
  readonly anchored: boolean;
}

/** What a separator becomes on Windows. */
const EITHER_SEPARATOR = "[/\\\\]";

/**
 * A template expression with the white space that its trim marks remove; one that is never closed is literal text.
 * A `}}` inside a quoted string does not close it.
 */
const EXPRESSION =
  /(?:[ \t\r\n]*\{\{-(?=\s)|\{\{)(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?(?:\s-\}\}[ \t\r\n]*|\}\})/g;

/** Stands for any text in a path; no path holds this character. */
export const WILDCARD = "\0";

/** @returns a template with {@link WILDCARD} in place of every expression, fit for path arithmetic */
export function formatWildcards(template: string): string {
  return template.replace(EXPRESSION, WILDCARD);
}

/**
 * Writes the regular expression, in RE2 syntax, that matches every path a template can become.
 *
 * `secrets/{{ .atmos_stack }}.enc.yaml` becomes `secrets/.*\.enc\.yaml$`.
 *
 * @param template path of the files with `/` as separator, with expressions or {@link WILDCARD}s; relative to the
 * folder of the `.sops.yaml` when anchored; a leading `./` is dropped
 */
export function formatPathRegex(template: string, options: PathRegexOptions): string {
  const literals = formatWildcards(template).replace(/^(?:\.\/+)+/, "").split(WILDCARD).map(quoteMeta);
  const pattern = literals.join(".*");
  const written = options.os === "windows" ? pattern.replaceAll("/", EITHER_SEPARATOR) : pattern;
  return `${options.anchored ? "^" : ""}${written}$`;
}

/**
 * Writes a pattern so that its separators match on Windows too; what it matches elsewhere stays the same but for paths
 * with a backslash.
 *
 * @returns the pattern itself when it holds no separator outside of classes; undefined where that cannot be told
 */
export function formatEitherSeparator(pattern: string): string | undefined {
  if (pattern.includes("\\Q")) return undefined;
  let isBare = false;
  const written = listPatternTokens(pattern).map(({ text }) => {
    if (text === "/" || text === "\\/") {
      isBare = true;
      return EITHER_SEPARATOR;
    }
    const isClassOfSlash = text.startsWith("[") && text.includes("/") && !text.includes("\\") && !/-\/|\/-/.test(text);
    return isClassOfSlash ? text.replace("/", "/\\\\") : text;
  });
  return isBare ? written.join("") : pattern;
}

/** @returns `text` so that RE2 reads it literally; escapes exactly what Go's `regexp.QuoteMeta` escapes */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/**
 * Whether two patterns are two spellings of one rule: `^` or `./` at the start and the way separators are written do
 * not matter. A rule that atmos wrote is so recognised as ours.
 */
export function isSamePathRegex(a: string, b: string): boolean {
  return canonicalPathRegex(a) === canonicalPathRegex(b);
}

function canonicalPathRegex(pattern: string): string {
  return pattern.replaceAll(EITHER_SEPARATOR, "/").replace(/^(?:\^|\.\/)/, "");
}
