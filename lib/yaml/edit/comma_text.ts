/**
 * Comma-separated texts: one more piece, or one less, in the line layout that the text has. Pure.
 *
 * Knows the five ways YAML writes a text (plain, single and double quotes, folded, literal) on one line or several. Does
 * not read escape sequences, except the one that joins lines.
 *
 * @module
 */
import type { Scalar } from "yaml";
import type { Span } from "../entries.ts";
import { lineNumberAt, type SourceText, YAML_LINE_BREAK } from "../position.ts";
import { scalarText } from "../resolve.ts";
import { endOfLine, isLastOnLine, leadingSpace, lineBreakOf } from "./lines.ts";
import { isPlainInside, type Quoting, quotingOf } from "./quoting.ts";
import type { Splice } from "./splice.ts";

/** A comma-separated text and what stands around it. */
export interface CommaText {
  /** Written in the file, and not null. */
  readonly scalar: Scalar.Parsed;
  /** Column of the mapping key that the text belongs to. */
  readonly keyColumn: number;
  /** It stands inside brackets. */
  readonly flow: boolean;
}

/**
 * Plans the insertion of pieces at the end of a comma-separated text: one piece per line stays one piece per line, a
 * trailing comma stays a trailing comma. A plain text gets quotes where it cannot hold the comma or a piece.
 *
 * @param pieces without commas
 */
export function appendPieces(text: SourceText, place: CommaText, pieces: readonly string[]): Splice[] {
  const { scalar, flow } = place;
  const [start, end] = scalar.range;
  if (scalar.type === "BLOCK_FOLDED" || scalar.type === "BLOCK_LITERAL") return appendToBlock(text, place, pieces);
  const written = quotingOf(scalar);
  const needsQuotes = written === "plain" && (flow || pieces.some((piece) => !isPlainInside(piece, true)));
  const quoting = needsQuotes ? "single" : written;
  const quote = written === "plain" ? 0 : 1;
  const inner = text.source.slice(start + quote, end - quote);
  const content = inner.trimEnd();
  const at = start + quote + content.length;
  const added = pieces.map((piece) => escapeInside(piece, quoting));
  if (content === "") return [insertion(start + quote, added.join(","))];

  const layout = layoutOf(content);
  const ownLine = layout.ownLine && !inner.includes("\\") && (quote === 1 || isLastOnLine(text, at));
  const gap = ownLine ? lineBreakOf(text, at) + leadingSpace(text, lineNumberAt(text, at)) : layout.gap;
  const joined = joinBehind(added, gap, layout);
  if (quoting === written) return [insertion(at, joined)];
  const doubled = [...inner.matchAll(/'/g)].map((match) => insertion(start + match.index, "'"));
  return [insertion(start, "'"), ...doubled, insertion(at, `${joined}'`)];
}

function appendToBlock(text: SourceText, { scalar, keyColumn }: CommaText, pieces: readonly string[]): Splice[] {
  const [start, end] = scalar.range;
  const written = text.source.slice(start, end).trimEnd();
  const headerEnd = endOfLine(text, start);
  const at = start + written.length;
  const lineBreak = lineBreakOf(text, at);
  if (at <= headerEnd) {
    const indent = lineBreak + " ".repeat(keyColumn + 2);
    return [insertion(headerEnd, pieces.map((piece) => indent + piece).join(","))];
  }
  const layout = layoutOf(text.source.slice(headerEnd, at).trimStart());
  const onlyOne = !written.slice(0, -1).includes(",");
  if (!layout.ownLine && !onlyOne) return [insertion(at, joinBehind(pieces, layout.gap, layout))];
  const lead = lineBreak + leadingSpace(text, lineNumberAt(text, at));
  const lines = pieces.map((piece) => lead + piece).join(",");
  return layout.trailingComma
    ? [insertion(endOfLine(text, at), `${lines},`)]
    : [insertion(at, ","), insertion(endOfLine(text, at), lines)];
}

/** @returns the pieces as they follow what is written */
function joinBehind(pieces: readonly string[], gap: string, { trailingComma }: Layout): string {
  return trailingComma
    ? pieces.map((piece) => `${gap}${piece},`).join("")
    : pieces.map((piece) => `,${gap}${piece}`).join("");
}

/** How the pieces of a comma-separated text stand. */
interface Layout {
  readonly trailingComma: boolean;
  /** Whether the last of several lines holds one piece. */
  readonly ownLine: boolean;
  /** White space behind the commas of the last line. */
  readonly gap: string;
}

function layoutOf(written: string): Layout {
  const trailingComma = written.endsWith(",");
  const lines = (trailingComma ? written.slice(0, -1) : written).split(YAML_LINE_BREAK);
  const last = lines.at(-1)!;
  const gap = /,([ \t]*)[^,]*$/.exec(last);
  return { trailingComma, ownLine: lines.length > 1 && gap === null, gap: gap?.[1] ?? "" };
}

function escapeInside(piece: string, quoting: Quoting): string {
  if (quoting === "double") return JSON.stringify(piece).slice(1, -1);
  return quoting === "single" ? piece.replaceAll("'", "''") : piece;
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

/** @returns how many pieces a text holds */
export function countPieces(scalar: Scalar.Parsed): number {
  return scalarText(scalar).split(",").filter((piece) => piece.trim() !== "").length;
}

/**
 * Plans that a piece goes from a text that holds others too.
 *
 * @returns undefined when the piece is not written there letter by letter
 */
export function cutPiece(text: SourceText, scalar: Scalar.Parsed, wanted: string): Splice[] | undefined {
  const pieces = writtenPieces(text, scalar);
  const written = ({ start, end }: Span): string => text.source.slice(start, end);
  const index = pieces.findIndex((piece) => withoutSpaces(written(piece)) === withoutSpaces(wanted));
  const piece = pieces[index];
  if (piece === undefined) return undefined;
  const next = pieces[index + 1];
  if (next === undefined) {
    const end = piece.end - /\s*$/.exec(written(piece))![0].length;
    return index === 0 ? undefined : [{ start: piece.start - 1, end, text: "" }];
  }
  const lead = leadOf(written(piece));
  const nextLead = leadOf(written(next));
  // What starts a line goes with its line break, unless the next piece stands on the same line.
  const isNextBeside = !YAML_LINE_BREAK.test(nextLead) && written(next).trim() !== "";
  const takesPlace = YAML_LINE_BREAK.test(lead) ? isNextBeside : index === 0;
  return takesPlace
    ? [{ start: piece.start + lead.length, end: next.start + nextLead.length, text: "" }]
    : [{ start: piece.start, end: next.start, text: "" }];
}

/** @returns the pieces as they are written between the commas, white space included */
function writtenPieces(text: SourceText, scalar: Scalar.Parsed): Span[] {
  const [start, end] = contentRange(text, scalar);
  let at = start;
  return text.source.slice(start, end).split(",").map((piece) => {
    const span = { start: at, end: at + piece.length };
    at = span.end + 1;
    return span;
  });
}

/** @returns the piece of the file that holds the text, without quotes and without the mark of a folded or literal one */
function contentRange(text: SourceText, scalar: Scalar.Parsed): readonly [start: number, end: number] {
  const [start, end] = scalar.range;
  if (scalar.type?.startsWith("BLOCK_")) return [endOfLine(text, start), end];
  const quote = quotingOf(scalar) === "plain" ? 0 : 1;
  return [start + quote, end - quote];
}

/** @returns the white space before a piece, escaped line breaks included */
function leadOf(piece: string): string {
  return /^(?:\s|\\\r?\n|\\\r)*/.exec(piece)![0];
}

function withoutSpaces(text: string): string {
  return text.replace(/\\\r?\n|\\\r|\s/g, "");
}
