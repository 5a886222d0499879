/**
 * Text in lines that fit: broken between words, and inside of a command line only where it is wider than a line by itself,
 * so that a shell takes it as it stands. Pure. Decision 040.
 *
 * @module
 */
import { findCommands } from "./command_text.ts";
import { displayWidth } from "./width.ts";

/** Blanks and the word behind them. */
interface Piece {
  readonly gap: string;
  readonly word: string;
  /** It is, or begins with, a command line. */
  readonly isCommand?: true;
}

/** Blanks and a word; a `+` or `-` with what comes or goes. */
const WORD = /( *)((?:[\ufdd0-\ufdd6]*[+-] )?[^ ]+)/g;

/** Blanks that set a remark apart: it goes below as a whole where there is no room for it. */
const REMARK_GAP = 3;

/** Where lines begin and end. */
export interface WrapFrame {
  /** How wide a line may be; only a word that is wider by itself makes a line wider. */
  readonly columns: number;
  /** Whether a wide command line may go on behind `&&` and a backslash on the next line: not every shell takes that. */
  readonly breaksCommands?: boolean;
  /** Stands before the first line, with the first word right behind it; absent: nothing. */
  readonly start?: string;
  /** Stands before the others; absent: the blanks at the start of the first, and two more. */
  readonly indent?: string;
}

/** @returns the text, which is one line, in lines: at least one, without blanks at the end where it was broken */
export function wrapText(text: string, { columns, start = "", indent, breaksCommands }: WrapFrame): string[] {
  if (displayWidth(start) + displayWidth(text) <= columns) return [start + text];
  const hanging = indent ?? `${/^ */.exec(start + text)?.[0]}  `;
  const lines: string[] = [];
  const room = columns - displayWidth(hanging);
  const pieces = splitPieces(text).flatMap((piece) =>
    breaksCommands && piece.isCommand && displayWidth(piece.word) > room ? breakCommand(piece, room) : [piece]
  );
  const [first = { gap: "", word: "" }] = pieces;
  let line = start + first.gap + first.word;
  let width = displayWidth(line);
  for (const [index, { gap, word }] of pieces.entries()) {
    if (index === 0) continue;
    const wordWidth = displayWidth(word);
    const wanted = gap.length < REMARK_GAP ? wordWidth : widthOfRemark(pieces.slice(index));
    const left = columns - width - gap.length;
    if (wordWidth > left || wanted > left && wanted <= room) {
      lines.push(line);
      line = hanging + word;
      width = displayWidth(hanging) + wordWidth;
    } else {
      line += gap + word;
      width += gap.length + wordWidth;
    }
  }
  return [...lines, line];
}

/** A word of a command line, with what stands between quotes in it. */
const SHELL_WORD = String.raw`(?:'[^']*'|"[^"]*"|[^ ])+`;

/** What stays together in a command line: a flag and the word behind it, `export` and what is exported, else a word. */
const SHELL_PART = new RegExp(`(?:--?[a-z][\\w-]*|export)(?= )(?: (?!-|&&)${SHELL_WORD})?|${SHELL_WORD}`, "g");

/** @returns each command of a chain, and of one that is wider than a line its parts: the next one stands below in any case */
function breakCommand({ gap, word }: Piece, room: number): Piece[] {
  const lines: string[] = [];
  let line = "";
  for (const next of word.match(SHELL_PART) ?? []) {
    const isNewCommand = line.endsWith(" &&");
    const isFull = line !== "" && displayWidth(line) + displayWidth(next) + " \\".length + 1 > room;
    if (isNewCommand || isFull) lines.push(isNewCommand ? line : `${line} \\`);
    line = line === "" || isNewCommand || isFull ? next : `${line} ${next}`;
  }
  return [...lines, line].map((part, index) => ({ gap: index === 0 ? gap : " ", word: part }));
}

/** @returns the width up to the next remark, or to the end */
function widthOfRemark([first, ...rest]: readonly Piece[]): number {
  const end = rest.findIndex(({ gap }) => gap.length >= REMARK_GAP);
  return rest.slice(0, end < 0 ? rest.length : end)
    .reduce((width, { gap, word }) => width + gap.length + displayWidth(word), displayWidth(first?.word ?? ""));
}

/** @returns the text in words, each command as one word */
function splitPieces(text: string): Piece[] {
  const commands = findCommands(text);
  const pieces: Piece[] = [];
  const addWords = (part: string): void => {
    for (const [, gap = "", word = ""] of part.matchAll(WORD)) addWord(gap, word);
  };
  // What stands without a blank at a command, such as a parenthesis, stays with it.
  const addWord = (gap: string, word: string): void => {
    const last = gap === "" ? pieces.pop() : undefined;
    pieces.push(last === undefined ? { gap, word } : { gap: last.gap, word: last.word + word });
  };
  let at = 0;
  for (const { start, end } of commands) {
    const before = text.slice(at, start);
    const gap = / *$/.exec(before)?.[0] ?? "";
    addWords(before.slice(0, before.length - gap.length));
    addWord(gap, text.slice(start, end));
    const added = pieces.pop();
    if (added !== undefined) pieces.push(text[start] === "#" ? added : { ...added, isCommand: true });
    at = end;
  }
  addWords(text.slice(at));
  return pieces;
}
