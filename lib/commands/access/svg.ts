/**
 * Who can read what as a picture: a grid of places and people. It follows the light or dark of the page that it stands in,
 * says nothing by colour alone, and tells its content to screen readers. Pure. Reference: SVG 2; WAI-ARIA Graphics.
 *
 * @module
 */
import { formatCount } from "../../base/show/counts.ts";
import { cutMiddle, displayWidth } from "../../base/show/width.ts";
import type { AccessRow } from "../../repository/access/folders.ts";
import type { Reader, Reading } from "../../repository/access/readers.ts";
import type { AccessView } from "./access.ts";
import { formatLabel, formatMore, formatPlace, formatReader } from "./text.ts";

/** Sizes in user units, which are pixels at the picture's own size. */
const MARGIN = 28;
const ROW_HEIGHT = 30;
const MIN_COLUMN = 46;
const TITLE_HEIGHT = 66;
const GAP = 20;
const DOT = 6.5;
/** Average width of a character of the names (13px), and width of one of the places (12.5px, all alike). */
const NAME_CHARACTER = 7.6;
const PLACE_CHARACTER = 7.55;
/** Longer names stand slanted above their column. */
const MAX_FLAT_NAME = 76;
/** Half of a right angle: how names are slanted. */
const SLANT = Math.SQRT1_2;
/** Longest place that is shown in full, in characters. */
const MAX_PLACE = 54;
/** Longest name that is shown in full, in characters. */
const MAX_NAME = 28;

const STYLE = `
  .page { fill: #ffffff; stroke: #d1d9e0 }
  text, .last { fill: #1f2328 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
  .title { font-size: 18px; font-weight: 600 }
  .dim, .place { fill: #59636e }
  .place { font: 12.5px ui-monospace, SFMono-Regular, "DejaVu Sans Mono", Menlo, Consolas, monospace }
  .you { font-weight: 700 }
  .band { fill: #ddf4ff }
  .line { stroke: #d1d9e0; stroke-width: 1 }
  .yes { fill: #0969da; stroke: #0969da; stroke-width: 1.5 }
  .half { fill: none; stroke: #0969da; stroke-width: 1.5 }
  .no { fill: #9aa4ae }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d }
    text, .last { fill: #f0f6fc }
    .dim, .place { fill: #9198a1 }
    .band { fill: #152a45 }
    .line { stroke: #3d444d }
    .yes { fill: #58a6ff; stroke: #58a6ff }
    .half { stroke: #58a6ff }
    .no { fill: #59636e }
  }`;

/** Where the parts of the picture are. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** Where the names of people end and the rows begin. */
  readonly top: number;
  /** Where the numbers of files end. */
  readonly counts: number;
  /** Centre of the first column. */
  readonly firstColumn: number;
  readonly columnWidth: number;
  readonly isSlanted: boolean;
}

/** @returns the picture as a file of its own */
export function formatSvg(view: AccessView): string {
  const layout = layOut(view);
  const { width, height } = layout;
  const ids = 'aria-labelledby="sopsmith-access-title sopsmith-access-text"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ${ids}>`,
    `<title id="sopsmith-access-title">Who can read what</title>`,
    `<desc id="sopsmith-access-text">${escape(describe(view))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    `<text class="title" x="${MARGIN}" y="40">Who can read what</text>`,
    `<text class="dim" x="${MARGIN}" y="60">${escape(formatTotals(view))}</text>`,
    ...drawBands(view, layout),
    ...drawNames(view, layout),
    ...view.rows.flatMap((row, index) => drawRow(row, index, view.readers, layout)),
    ...drawSums(view, layout),
    ...drawLegend(view, layout),
    "</svg>",
  ].join("\n");
}

function layOut({ readers, rows }: AccessView): Layout {
  const nameWidth = Math.max(0, ...readers.map((reader) => Math.min(displayWidth(formatReader(reader)), MAX_NAME))) *
    NAME_CHARACTER;
  const isSlanted = nameWidth > MAX_FLAT_NAME;
  const columnWidth = isSlanted ? MIN_COLUMN : Math.max(MIN_COLUMN, nameWidth + GAP);
  const placeWidth = Math.max(0, ...rows.map((row) => Math.min(displayWidth(formatPlace(row)), MAX_PLACE))) *
    PLACE_CHARACTER;
  const countWidth = Math.max(0, ...rows.map(({ files }) => formatCount(files.length, "file").length)) * NAME_CHARACTER;
  const counts = MARGIN + Math.max(placeWidth, 150) + GAP + countWidth;
  const firstColumn = counts + GAP + columnWidth / 2;
  const top = TITLE_HEIGHT + (isSlanted ? nameWidth * SLANT + 26 : 40);
  const overhang = isSlanted ? Math.max(0, nameWidth * SLANT - columnWidth / 2) : 0;
  const width = Math.max(firstColumn + columnWidth * (readers.length - 0.5) + Math.max(MARGIN, overhang + 20), 420);
  const height = top + ROW_HEIGHT * (rows.length + 1) + 64;
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    top: round(top),
    counts: round(counts),
    firstColumn: round(firstColumn),
    columnWidth: round(columnWidth),
    isSlanted,
  };
}

function drawBands({ readers, rows }: AccessView, layout: Layout): string[] {
  const { columnWidth, top } = layout;
  return readers.flatMap(({ isYou }, column) => {
    if (!isYou) return [];
    const x = round(centreOf(column, layout) - columnWidth / 2 + 2);
    const height = ROW_HEIGHT * (rows.length + 1) + 6;
    return [`<rect class="band" x="${x}" y="${top - 4}" width="${columnWidth - 4}" height="${height}" rx="8"/>`];
  });
}

function drawNames({ readers }: AccessView, layout: Layout): string[] {
  const { top, isSlanted } = layout;
  return readers.map((reader, column) => {
    const x = centreOf(column, layout);
    const name = formatReader(reader);
    const place = isSlanted
      ? `x="${x}" y="${top - 12}" transform="rotate(-45 ${x} ${top - 12})"`
      : `x="${x}" y="${top - 14}" text-anchor="middle"`;
    const className = reader.isYou ? ' class="you"' : "";
    return `<text${className} ${place}>${escape(cutMiddle(name, MAX_NAME))}${titleOf(name, MAX_NAME)}</text>`;
  });
}

function drawRow(row: AccessRow, index: number, readers: readonly Reader[], layout: Layout): string[] {
  const { width, top, counts } = layout;
  const y = top + ROW_HEIGHT * index;
  const middle = y + ROW_HEIGHT / 2;
  const place = formatPlace(row);
  return [
    `<line class="line" x1="${MARGIN}" y1="${y}" x2="${width - MARGIN}" y2="${y}"/>`,
    `<text class="place" x="${MARGIN}" y="${middle + 4.5}">${formatPlaceText(row)}${titleOf(place, MAX_PLACE)}</text>`,
    `<text class="dim" x="${counts}" y="${middle + 4.5}" text-anchor="end">${
      formatCount(row.files.length, "file")
    }</text>`,
    ...readers.map((reader, column) =>
      drawDot(row.access.readers.get(reader.name), {
        x: centreOf(column, layout),
        y: middle,
        label: (verb) => `${formatReader(reader)} ${verb} ${place}`,
      })
    ),
  ];
}

/** The last part of a place stands out from its folders, and from how many more there are. */
function formatPlaceText(row: AccessRow): string {
  const more = formatMore(row);
  const label = cutMiddle(formatLabel(row), MAX_PLACE - more.length);
  const [, folders = "", last = label] = /^(.*\/)?([^/]+\/?)$/.exec(label) ?? [];
  return `${escape(folders)}<tspan class="last">${escape(last)}</tspan>${escape(more)}`;
}

/** Where a mark stands, and what it says where a pointer rests on it. */
interface DotPlace {
  readonly x: number;
  readonly y: number;
  readonly label?: (verb: string) => string;
}

function drawDot(reading: Reading | undefined, { x, y, label }: DotPlace): string {
  const title = (verb: string): string => label === undefined ? "" : `<title>${escape(label(verb))}</title>`;
  switch (reading) {
    case undefined:
      return `<circle class="no" cx="${x}" cy="${y}" r="1.6">${title("cannot read")}</circle>`;
    case "alone":
      return `<circle class="yes" cx="${x}" cy="${y}" r="${DOT}">${title("reads")}</circle>`;
    case "together": {
      const half = `M${x} ${y - DOT}A${DOT} ${DOT} 0 0 0 ${x} ${y + DOT}Z`;
      return `<g>${title("reads only with others")}<circle class="half" cx="${x}" cy="${y}" r="${DOT}"/>` +
        `<path class="yes" d="${half}"/></g>`;
    }
  }
}

/** How many files each person reads, below their column. */
function drawSums({ readers, rows }: AccessView, layout: Layout): string[] {
  const { width, top, counts } = layout;
  const y = top + ROW_HEIGHT * rows.length;
  return [
    `<line class="line" x1="${MARGIN}" y1="${y}" x2="${width - MARGIN}" y2="${y}"/>`,
    `<text class="dim" x="${counts}" y="${y + 20}" text-anchor="end">reads</text>`,
    ...readers.map((reader, column) => {
      const className = reader.isYou ? ' class="you"' : "";
      const x = centreOf(column, layout);
      return `<text${className} x="${x}" y="${y + 20}" text-anchor="middle">${countFilesOf(reader, rows)}</text>`;
    }),
  ];
}

function drawLegend({ rows }: AccessView, { height }: Layout): string[] {
  const y = height - 26;
  const parts: (readonly [Reading | undefined, string])[] = [["alone", "can read"], [undefined, "cannot read"]];
  if (hasTogether(rows)) parts.splice(1, 0, ["together", "only with a key of another group"]);
  let x = MARGIN + DOT;
  return parts.flatMap(([reading, text]) => {
    const drawn = [
      drawDot(reading, { x: round(x), y: y - 4.5 }),
      `<text class="dim" x="${round(x + 14)}" y="${y}">${text}</text>`,
    ];
    x += 14 + text.length * NAME_CHARACTER + GAP;
    return drawn;
  });
}

function hasTogether(rows: readonly AccessRow[]): boolean {
  return rows.some(({ access }) => [...access.readers.values()].includes("together"));
}

function countFilesOf({ name }: Reader, rows: readonly AccessRow[]): number {
  return rows.reduce((sum, { access, files }) => access.readers.has(name) ? sum + files.length : sum, 0);
}

function formatTotals({ readers, rows, fileCount }: AccessView): string {
  const shown = rows.reduce((sum, { files }) => sum + files.length, 0);
  const files = shown === fileCount
    ? formatCount(fileCount, "encrypted file")
    : `${shown} of ${fileCount} encrypted files`;
  return `${files} · ${formatCount(readers.length, "reader")}`;
}

/** What a screen reader says in place of the picture. */
function describe(view: AccessView): string {
  const people = view.readers.map((reader) => {
    const places = view.rows.filter(({ access }) => access.readers.has(reader.name)).map(formatPlace);
    return `${formatReader(reader)} reads ${places.join(", ") || "nothing"}.`;
  });
  return [`${formatTotals(view)}.`, ...people].join(" ");
}

function centreOf(column: number, { firstColumn, columnWidth }: Layout): number {
  return round(firstColumn + columnWidth * column);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The whole text of what had to be shortened, where a pointer rests on it. */
function titleOf(text: string, max: number): string {
  return displayWidth(text) > max ? `<title>${escape(text)}</title>` : "";
}

/** The signs of XML as entities; what XML has no sign for as �. */
function escape(text: string): string {
  return text
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}
