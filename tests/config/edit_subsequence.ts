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

/** @returns whether every line of `before` stands in `after`, byte for byte and in order; a last line may gain a break */
export function keepsLines(before: string, after: string): boolean {
  const lines = after.split("\n");
  let at = 0;
  for (const line of before.split("\n")) {
    const found = lines.findIndex((other, index) => index >= at && (other === line || other === `${line}\r`));
    if (found === -1) return false;
    at = found + 1;
  }
  return true;
}
