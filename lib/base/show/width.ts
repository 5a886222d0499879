/**
 * How much room a text takes on a terminal. Pure.
 *
 * @module
 */
import type { Host, OutputStream } from "../host/host.ts";
import { displayVariable } from "./terminal.ts";

/** Columns of a terminal that does not tell, as terminals have had since the VT52. */
const USUAL_COLUMNS = 80;

/** Lines of prose that are longer are hard to read. */
const MAX_COLUMNS = 110;

/** In less room than this nothing can be arranged. */
const MIN_COLUMNS = 20;

/** Text that takes a column for every code unit. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Characters without room of their own: combining ones, invisible ones, and the marks of styles. */
const WITHOUT_ROOM = /[\p{Mn}\p{Me}\p{Cf}\ufdd0-\ufdd6]/u;

/** Characters that take two columns (Unicode Standard Annex #11: wide and full width), as blocks. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** @returns how many columns there are for a line: as `COLUMNS` says, else the terminal, else 80; between 20 and 110 */
export function columnsOf(host: Host, stream: OutputStream): number {
  const stated = Number(displayVariable(host, "COLUMNS"));
  const columns = Number.isInteger(stated) && stated > 0 ? stated : stream.columns ?? USUAL_COLUMNS;
  return Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS);
}

/** @returns how many columns the text takes */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** @returns the text with blanks behind it, to take so many columns */
export function padToWidth(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** @returns the text in so many columns: what is too much is cut out of its middle, where `…` then stands */
export function cutMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = [...text];
  const head = takeColumns(characters, Math.ceil((columns - 1) / 2));
  const tail = takeColumns(characters.toReversed(), Math.floor((columns - 1) / 2)).reverse();
  const marks = characters.slice(head.length, characters.length - tail.length).filter((one) =>
    /[\ufdd0-\ufdd6]/.test(one)
  );
  return [...head, "…", ...marks, ...tail].join("");
}

function takeColumns(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let width = 0;
  for (const character of characters) {
    width += widthOf(character);
    if (width > columns) break;
    taken.push(character);
  }
  return taken;
}

function widthOf(character: string): number {
  if (WITHOUT_ROOM.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
