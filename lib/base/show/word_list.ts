/**
 * Words one after another in a sentence. Pure.
 *
 * @module
 */

/** @returns `a`, `a and b`, `a, b and c`; each once */
export function formatList(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  const distinct = [...new Set(words)];
  const last = distinct.pop() ?? "";
  return distinct.length === 0 ? last : `${distinct.join(", ")} ${conjunction} ${last}`;
}
