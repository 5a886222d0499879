/**
 * Who can read what as a table: places below each other, people side by side; below each place where there is no room.
 *
 * @module
 */
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { styled } from "../../base/show/style.ts";
import { type ReportPart, type Table, tableOf } from "../../base/show/table.ts";
import { symbolsFor } from "../../base/show/terminal.ts";
import { columnsOf, displayWidth } from "../../base/show/width.ts";
import type { Reader, Reading } from "../../repository/access/readers.ts";
import type { AccessView } from "./access.ts";
import { formatPlace, formatReader } from "./text.ts";

/** How a place stands to a person. */
type Marks = Readonly<Record<Reading | "no", string>>;

const UNICODE_MARKS: Marks = { alone: "●", together: "◐", no: "·" };
const ASCII_MARKS: Marks = { alone: "x", together: "+", no: "." };

/** Columns of a terminal that a place takes at least; with less for it, people stand below. */
const MIN_PLACE_WIDTH = 28;

/** Columns between two cells. */
const GAP_WIDTH = 2;

/** Prints the table. */
export function showTable({ host, report }: Session, view: AccessView): void {
  if (view.rows.length === 0) return;
  const marks = symbolsFor(host, host.stdout).done === "✓" ? UNICODE_MARKS : ASCII_MARKS;
  const columns = host.stdout.isTerminal ? columnsOf(host, host.stdout) : Infinity;
  const isTable = view.readers.length > 1 && widthOfTable(view) <= columns;
  report.answer(isTable ? [formatTable(view, marks)] : formatList(view, marks));
  if (view.rows.some(({ access }) => [...access.readers.values()].includes("together"))) {
    report.note(`${marks.together} reads only together with somebody who has a key of another group`);
  }
}

/** @returns the columns that the table needs at least */
function widthOfTable({ rows, readers }: AccessView): number {
  const place = Math.max(...rows.map((row) => displayWidth(formatPlace(row))));
  const counts = Math.max(...rows.map(({ files }) => formatCount(files.length, "file").length));
  const names = readers.reduce((sum, reader) => sum + GAP_WIDTH + displayWidth(formatReader(reader)), 0);
  return Math.min(place, MIN_PLACE_WIDTH) + names + GAP_WIDTH + counts;
}

function formatTable({ rows, readers }: AccessView, marks: Marks): Table {
  const names = readers.map(formatReader);
  return tableOf([
    ["", ...names.map((name, column) => readers[column]!.isYou ? styled(name, "name") : name), ""],
    ...rows.map((row) => [
      formatPlace(row),
      ...readers.map(({ name }, column) =>
        centre(markOf(row.access.readers.get(name), marks), displayWidth(names[column]!))
      ),
      formatCount(row.files.length, "file"),
    ]),
  ], { yields: [0] });
}

function markOf(reading: Reading | undefined, marks: Marks): string {
  return marks[reading ?? "no"];
}

function centre(mark: string, width: number): string {
  return " ".repeat(Math.max(0, Math.floor((width - 1) / 2))) + mark;
}

/** Each place with its readers below; one person alone needs no name. */
function formatList({ rows, readers }: AccessView, marks: Marks): ReportPart[] {
  const [only, ...others] = readers;
  if (only !== undefined && others.length === 0) {
    return [tableOf(
      rows.map((row) => {
        const isTogether = row.access.readers.get(only.name) === "together";
        return [formatPlace(row), formatCount(row.files.length, "file") + (isTogether ? ` ${marks.together}` : "")];
      }),
      { yields: [0] },
    )];
  }
  return rows.flatMap((row) => [
    `${styled(formatPlace(row), "name")}  ${formatCount(row.files.length, "file")}`,
    `    ${formatNames(readers, row.access.readers, marks)}`,
  ]);
}

function formatNames(readers: readonly Reader[], reading: ReadonlyMap<string, Reading>, marks: Marks): string {
  return readers.filter(({ name }) => reading.has(name)).map((reader) =>
    formatReader(reader) + (reading.get(reader.name) === "together" ? ` ${marks.together}` : "")
  ).join(", ");
}
