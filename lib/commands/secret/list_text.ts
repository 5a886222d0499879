/**
 * A list of secrets as text: the columns and forms of atmos. Pure.
 *
 * @module
 */
import { styled } from "../../base/show/style.ts";
import { type Table, tableOf } from "../../base/show/table.ts";

/** The forms of a list. */
export const LIST_FORMATS = ["table", "json", "yaml", "csv", "tsv"] as const;

/** One of {@link LIST_FORMATS}. */
export type ListFormat = typeof LIST_FORMATS[number];

/** One secret of a list. */
export interface SecretRow {
  /** `*`: of every stack. */
  readonly stack: string;
  /** `*`: of every component. */
  readonly component: string;
  readonly secret: string;
  readonly scope: string;
  /** `sops:VAULT` or `store:STORE`. */
  readonly provider: string;
  readonly status: "initialized" | "missing" | "unknown" | "error";
  readonly description: string;
  readonly required: boolean;
}

const COLUMNS = {
  Stack: "stack",
  Component: "component",
  Secret: "secret",
  Scope: "scope",
  Provider: "provider",
  Status: "status",
} as const;

/** What is shown of a list. */
export interface ListOptions {
  /** Whether descriptions are shown. */
  readonly verbose: boolean;
}

/** @returns the list for people, sorted by stack, then by secret */
export function tableOfSecrets(rows: readonly SecretRow[], options: ListOptions): Table {
  const { titles, cells } = cellsOf(rows, options);
  return tableOf([titles.map((title) => styled(title, "dim")), ...cells], { yields: [4, 3, 1] });
}

/** @returns the list for programs, sorted by stack, then by secret; without a line break at the end */
export function formatRows(
  rows: readonly SecretRow[],
  format: Exclude<ListFormat, "table"> | "rows",
  options: ListOptions,
): string {
  const { titles, cells } = cellsOf(rows, options);
  switch (format) {
    case "json":
      return JSON.stringify(
        cells.map((row) => Object.fromEntries(row.map((cell, index) => [titles[index], cell]))),
        undefined,
        2,
      );
    case "yaml":
      return cells.map((row) =>
        row.map((cell, index) => `${index === 0 ? "- " : "  "}${titles[index]}: ${JSON.stringify(cell)}`).join("\n")
      ).join("\n");
    case "csv":
      return [titles, ...cells].map((row) => row.map((cell) => quoteCell(cell, ",")).join(",")).join("\n");
    case "rows": // what atmos prints for a pipe
      return cells.map((row) => row.map((cell) => quoteCell(cell, "\t")).join("\t")).join("\n");
    case "tsv":
      return [titles, ...cells].map((row) => row.map((cell) => quoteCell(cell, "\t")).join("\t")).join("\n");
  }
}

function cellsOf(rows: readonly SecretRow[], { verbose }: ListOptions): { titles: string[]; cells: string[][] } {
  const columns: [title: string, key: keyof SecretRow][] = Object.entries(COLUMNS);
  if (verbose) columns.push(["Description", "description"]);
  const sorted = [...rows].sort((a, b) => compare(a.stack, b.stack) || compare(a.secret, b.secret));
  return {
    titles: columns.map(([title]) => title),
    cells: sorted.map((row) => columns.map(([, key]) => String(row[key]))),
  };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** As RFC 4180 has it. */
function quoteCell(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
