/**
 * Whether an edit only added text. Pure.
 *
 * @module
 */

/** @returns whether `before` is what remains of `after` when pieces of it are taken out */
export function isSplicedFrom(before: string, after: string): boolean {
  let at = 0;
  for (const unit of after) {
    if (before.startsWith(unit, at)) at += unit.length;
  }
  return at === before.length;
}

/** @returns the lines of a text, each with its line break */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g) ?? [];
}

/** @returns whether every line of `before` stands in `after`, byte for byte and in order; a last line may gain a break */
export function keepsLines(before: string, after: string): boolean {
  const lines = linesOf(after);
  let at = 0;
  for (const line of linesOf(before)) {
    const found = lines.findIndex((other, index) =>
      index >= at && (other === line || /^[\r\n]+$/.test(other.replace(line, "")))
    );
    if (found === -1) return false;
    at = found + 1;
  }
  return true;
}

/** @returns the comments of a file, each as it stands on its line */
export function commentsOf(source: string): ReadonlySet<string> {
  return new Set(source.split(/[\r\n]+/).flatMap((line) => /(?:^|\s)#.*/.exec(line)?.[0].trim() ?? []));
}

/** @returns the lines of a file that hold a comment alone, without indentation */
export function commentLinesOf(source: string): ReadonlySet<string> {
  return new Set(source.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line.startsWith("#")));
}
