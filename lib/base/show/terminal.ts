/**
 * What a terminal can show: symbols, colour, and text that cannot control it. Pure.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host, OutputStream } from "../host/host.ts";
import { UNPRINTABLE } from "../shell_word.ts";
import { styled } from "./style.ts";

/** Symbols of messages. Text in their place where the terminal is not known to show UTF-8. */
export interface Symbols {
  readonly done: string;
  readonly failed: string;
  readonly arrow: string;
}

const UNICODE_SYMBOLS: Symbols = { done: "✓", failed: "✗", arrow: "→" };
const ASCII_SYMBOLS: Symbols = { done: "ok", failed: "error", arrow: "->" };

/** @returns the symbols for a stream: Unicode only on a terminal whose locale is UTF-8 */
export function symbolsFor(host: Host, stream: OutputStream): Symbols {
  return stream.isTerminal && isUtf8Locale(host) ? UNICODE_SYMBOLS : ASCII_SYMBOLS;
}

/** @returns what a report says of a part, coloured; with `✓` or `✗` before it where the terminal shows them */
export function formatVerdict(host: Host, text: string, style: "good" | "bad" | "dim"): string {
  const symbols = symbolsFor(host, host.stdout);
  const symbol = style === "good" ? symbols.done : symbols.failed;
  return styled(symbols === UNICODE_SYMBOLS ? `${symbol} ${text}` : text, style);
}

/** @returns a variable that says how text is shown; undefined where it may not be read: help needs no permission */
export function displayVariable(host: Host, name: string): string | undefined {
  try {
    return host.env(name);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** @returns whether a terminal of this locale shows UTF-8 */
export function isUtf8Locale(host: Host): boolean {
  if (host.os === "windows") return displayVariable(host, "WT_SESSION") !== undefined;
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => displayVariable(host, name)).find((value) => value) ?? "";
  return /utf-?8/i.test(locale) || (host.os === "darwin" && locale === "");
}

/** @returns whether a stream is to be coloured: `NO_COLOR` forbids, `CLICOLOR_FORCE` demands, else only a terminal */
export function isColoured(host: Host, stream: OutputStream): boolean {
  if (displayVariable(host, "NO_COLOR")) return false;
  const forced = displayVariable(host, "CLICOLOR_FORCE");
  if (forced !== undefined && forced !== "" && forced !== "0") return true;
  return stream.isTerminal && displayVariable(host, "TERM") !== "dumb";
}

/**
 * Makes control characters visible, so that a file name or a line of a file cannot move the cursor or rewrite what
 * stands on the screen. Line feeds are kept.
 */
export function escapeControls(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => character === "\n" ? character : character === "\t" ? "  " : `\\u{${codeOf(character)}}`,
  );
}

/** The same for a name that stands in a line: line feeds and tabs as well. */
export function escapeName(name: string): string {
  return escapeControls(name.replace(/[\n\t]/g, (character) => `\\u{${codeOf(character)}}`));
}

/** The same for JSON text, where `JSON.stringify` leaves some of them as they are; the value stays the same. */
export function escapeJsonControls(json: string): string {
  return json.replace(
    UNPRINTABLE,
    (character) => character === "\n" ? character : `\\u${codeOf(character).padStart(4, "0")}`,
  );
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16);
}
