/**
 * Rows of text with their cells below each other. Pure.
 *
 * @module
 */

/** Widest column of patterns or names that others are aligned to; longer ones push what follows them. */
const MAX_ALIGNED_WIDTH = 56;

/** @returns the rows with their cells padded to columns; the last cell of a row may be as wide as it is */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, i) =>
      widths[i] = Math.max(widths[i] ?? 0, Math.min(cell.length, MAX_ALIGNED_WIDTH))
    );
  }
  return rows.map((row) => row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)).join("  "));
}
