/**
 * Takes one key out of a comma-separated text, in the layout that the text has. Pure.
 *
 * Knows the five ways YAML writes a text, on one line or several. Does not read escape sequences, except the one that
 * joins lines. Spec: sops-config §1 (dialect 1), §3.
 *
 * @module
 */
import type { Scalar } from "yaml";
import { scalarText } from "../resolve.ts";
import type { SourceText } from "../position.ts";
import type { Splice } from "./splice.ts";
import { quotingOf } from "./scalars.ts";
import { endOfLine } from "./places.ts";

/** @returns how many keys a text holds */
export function countPieces(scalar: Scalar.Parsed): number {
  return scalarText(scalar).split(",").filter((piece) => piece.trim() !== "").length;
}

/**
 * Plans that a key goes from a text that holds others too.
 *
 * @param key as `RuleKey.text`
 * @returns undefined when the key is not written there letter by letter
 */
export function cutFromText(text: SourceText, scalar: Scalar.Parsed, key: string): Splice[] | undefined {
  const [from, to] = contentRange(text, scalar);
  const pieces: { readonly start: number; readonly end: number }[] = [];
  let start = from;
  for (const piece of text.source.slice(from, to).split(",")) {
    pieces.push({ start, end: start + piece.length });
    start += piece.length + 1;
  }
  const written = (piece: { readonly start: number; readonly end: number }): string =>
    text.source.slice(piece.start, piece.end);
  const index = pieces.findIndex((piece) => withoutSpaces(written(piece)) === withoutSpaces(key));
  const piece = pieces[index];
  if (piece === undefined) return undefined;
  const next = pieces[index + 1];
  if (next === undefined) {
    const end = piece.end - /\s*$/.exec(written(piece))![0].length;
    return index === 0 ? undefined : [{ start: piece.start - 1, end, text: "" }];
  }
  const lead = leadOf(written(piece));
  const nextLead = leadOf(written(next));
  // What starts a line goes with its line break, unless the next key stands on the same line.
  const isNextBeside = !nextLead.includes("\n") && written(next).trim() !== "";
  const takesPlace = lead.includes("\n") ? isNextBeside : index === 0;
  return takesPlace
    ? [{ start: piece.start + lead.length, end: next.start + nextLead.length, text: "" }]
    : [{ start: piece.start, end: next.start, text: "" }];
}

/** @returns the piece of the file that holds the text, without quotes and without the mark of a folded or literal one */
function contentRange(text: SourceText, scalar: Scalar.Parsed): readonly [start: number, end: number] {
  const [start, end] = scalar.range;
  if (scalar.type?.startsWith("BLOCK_")) return [endOfLine(text, start), end];
  const quote = quotingOf(scalar) === "plain" ? 0 : 1;
  return [start + quote, end - quote];
}

/** @returns the white space before a key, escaped line breaks included */
function leadOf(piece: string): string {
  return /^(?:\s|\\\r?\n)*/.exec(piece)![0];
}

function withoutSpaces(text: string): string {
  return text.replace(/\\\r?\n|\s/g, "");
}
