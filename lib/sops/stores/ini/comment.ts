/**
 * Comments of INI, which SOPS takes together: all lines above a key or a header and what stands behind it are one text.
 *
 * An encrypted comment must be one too, or SOPS would keep only its first line. So that the author's lines come back as
 * they were, what SOPS's text does not tell is written into the text, behind {@link LAYOUT_MARK}: an empty line, a line
 * with indentation, a comment behind a value. SOPS shows such a line as a comment line. Pure. Spec: sops-engine §4.6.
 *
 * @module
 */

/** One line of a comment, or one comment behind a value or header. */
export interface Piece {
  /** Start of its line; of itself where it stands behind something. */
  readonly lineStart: number;
  /** At its marker. */
  readonly start: number;
  /** Without white space behind it. */
  readonly end: number;
  readonly isInline: boolean;
}

/** Starts a line of a comment's text that tells how a line of the file was laid out: a comment that nobody writes. */
const LAYOUT_MARK = ";\t";

/** Follows the mark where a comment stood behind a value or header. */
const INLINE_MARK = "=";

/** @returns a comment without its first marker and the spaces behind it, as SOPS takes it */
export function withoutMarker(text: string): string {
  return text.replace(/^(?:;[; ]*|#[# ]*)/, "");
}

/** @returns the marker of a comment and the spaces behind it */
export function markerOf(text: string): string {
  return /^(?:;[; ]*|#[# ]*)/.exec(text)?.[0] ?? "; ";
}

/** @returns the text of a comment of several pieces, or of one that stands behind something and may have to move */
export function joinPieces(source: string, pieces: readonly Piece[]): string {
  const lines: string[] = [];
  let done = pieces[0]!.start;
  for (const { start, end, isInline } of pieces) {
    if (isInline) {
      lines.push(LAYOUT_MARK + INLINE_MARK + source.slice(...rangeWithBlanks(source, { start, end })));
      continue;
    }
    if (lines.length === 0) {
      const line = source.slice(start, end);
      lines.push(withoutMarker(line) === "" ? LAYOUT_MARK + line : withoutMarker(line)); // SOPS fails on an empty one
      done = end;
      continue;
    }
    const [rest, ...between] = source.slice(done, start).split("\n");
    lines[lines.length - 1] += (rest ?? "").replace(/\r$/, "");
    const indentation = between.pop() ?? "";
    for (const blank of between) lines.push(LAYOUT_MARK + blank.replace(/\r$/, ""));
    const line = source.slice(start, end);
    lines.push(indentation === "" ? line : LAYOUT_MARK + indentation + line);
    done = end;
  }
  return lines.join("\n");
}

/** @returns the range of a piece with the blanks on both sides of it */
export function rangeWithBlanks(source: string, piece: { start: number; end: number }): [start: number, end: number] {
  let { start, end } = piece;
  while (source[start - 1] === " " || source[start - 1] === "\t") start--;
  while (source[end] === " " || source[end] === "\t") end++;
  return [start, end];
}

/** A comment's text, taken apart. */
export interface CommentParts {
  /** The lines as they stood. None where all of it stood behind something. */
  readonly lines: readonly string[];
  /** Whether the first of them lacks its marker. */
  readonly lacksMarker: boolean;
  /** What stood behind the value or header, with the spaces before it. */
  readonly inline: string | undefined;
}

/** @returns what {@link joinPieces} has put together */
export function splitComment(text: string): CommentParts {
  const lines: string[] = [];
  let inline: string | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith(LAYOUT_MARK + INLINE_MARK)) inline = line.slice(LAYOUT_MARK.length + INLINE_MARK.length);
    else lines.push(line.startsWith(LAYOUT_MARK) ? line.slice(LAYOUT_MARK.length) : line);
  }
  return { lines, inline, lacksMarker: !text.startsWith(LAYOUT_MARK) };
}

/** @returns the lines of a comment as SOPS writes them above a key or a header */
export function formatCommentLines(text: string, { isTrimmed }: { isTrimmed: boolean }): string[] {
  if (text === "") return [];
  const { lines, inline, lacksMarker } = splitComment(text);
  const all = inline === undefined ? lines : [...lines, inline.trimStart()];
  return all.flatMap((line, i) => {
    const content = i === 0 && lacksMarker ? line : line.trimStart();
    if (content.trim() === "") return i === 0 ? ["; "] : [];
    if (/^[#;]/.test(content)) return [`${content[0]} ${content.slice(1).trim()}`];
    return [`; ${isTrimmed ? content.trim() : content}`];
  });
}
