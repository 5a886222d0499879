/**
 * Rows of text with their cells below each other, which give way where there is no room for them. Pure.
 *
 * @module
 */
import { type Style, styled } from "./style.ts";
import { cutMiddle, displayWidth, padToWidth } from "./width.ts";
import { wrapText } from "./wrap.ts";

/** Widest column of patterns or names that others are aligned to; longer ones push what follows them. */
const MAX_ALIGNED_WIDTH = 56;

/** A column is cut down to this many columns of the terminal before the next one gives way. */
const MIN_CUT_WIDTH = 12;

/** The last column is not wrapped into less than this; it goes below its row instead. */
const MIN_WRAPPED_WIDTH = 20;

/** Blanks between two cells. */
const GAP = "  ";

/** How a table is shown. */
export interface TableShape {
  /** Blanks before each row; absent: none. */
  readonly indent?: string;
  /** The columns, by number from 0, that are cut where there is no room: the least important first. The last is wrapped. */
  readonly yields?: readonly number[];
  /** How the cells of a column look, by its number; absent: as their text says. */
  readonly styles?: readonly (Style | undefined)[];
}

/** A table. */
export interface Table extends TableShape {
  readonly rows: readonly (readonly string[])[];
}

/** A part of a report: a line, or a table. */
export type ReportPart = string | Table;

/** @returns the rows as a table */
export function tableOf(rows: readonly (readonly string[])[], shape: TableShape = {}): Table {
  return { rows, ...shape };
}

/**
 * @param columns how wide a line may be; Infinity: as wide as the cells are
 * @returns the lines of the table: one for each row, more where its last cell is wrapped
 */
export function layOutTable({ rows, indent = "", yields = [], styles = [] }: Table, columns: number): string[] {
  const widths = alignedWidths(rows);
  const lastWidth = Math.max(0, ...rows.map((row) => displayWidth(row.at(-1) ?? "")));
  const isWhole = Math.max(0, ...rows.map((row) => widthOfRow(row, widths))) <= columns - indent.length;
  if (!isWhole) narrow(widths, yields, columns - indent.length - Math.min(lastWidth, MIN_WRAPPED_WIDTH));
  const style = (cell: string, index: number): string => {
    const own = styles[index];
    return own === undefined ? cell : styled(cell, own);
  };
  return rows.flatMap((row) => {
    const head = row.slice(0, -1).map((cell, i) => {
      const width = widths[i] ?? 0;
      return style(padToWidth(isWhole ? cell : cutMiddle(cell, Math.max(width, MIN_CUT_WIDTH)), width), i);
    });
    const start = indent + head.map((cell) => cell + GAP).join("");
    return wrapCell(start, style(row.at(-1) ?? "", row.length - 1), { columns, indent });
  });
}

/** @returns the width of each column that another one stands behind */
function alignedWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, i) =>
      widths[i] = Math.max(widths[i] ?? 0, Math.min(displayWidth(cell), MAX_ALIGNED_WIDTH))
    );
  }
  return widths;
}

function widthOfRow(row: readonly string[], widths: readonly number[]): number {
  return row.reduce((sum, cell, i) => {
    const width = displayWidth(cell);
    return sum + (i === row.length - 1 ? width : Math.max(width, widths[i] ?? 0) + GAP.length);
  }, 0);
}

/** Takes from the widths, in the order in which they give way, until their sum with the gaps is no more than `columns`. */
function narrow(widths: number[], yields: readonly number[], columns: number): void {
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, 0) - columns;
  for (const index of yields) {
    const width = widths[index] ?? 0;
    if (excess <= 0 || width <= MIN_CUT_WIDTH) continue;
    const taken = Math.min(excess, width - MIN_CUT_WIDTH);
    widths[index] = width - taken;
    excess -= taken;
  }
}

/** @returns the last cell behind what stands before it, or below it where there is too little room */
function wrapCell(start: string, cell: string, { columns, indent }: { columns: number; indent: string }): string[] {
  const width = displayWidth(start);
  const isBeside = width + displayWidth(cell) <= columns || columns - width >= MIN_WRAPPED_WIDTH;
  if (cell === "") return [start.trimEnd()];
  if (isBeside) return wrapText(cell, { columns, start, indent: " ".repeat(width) });
  const below = `${indent}    `;
  return [start.trimEnd(), ...wrapText(cell, { columns, start: below, indent: below })];
}
