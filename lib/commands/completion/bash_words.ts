/**
 * Words as bash has them on its line: quotes taken off what is typed, and put around what is offered.
 *
 * The other shells do both themselves. Variables and commands in a word stay as they are: nothing is ever run.
 * Pure. Source: bash(1), QUOTING.
 *
 * @module
 */

/** A word as typed. */
export interface BashWord {
  /** Without quotes and backslashes. */
  readonly text: string;
  /** The quote that is still open at its end. */
  readonly openQuote: "'" | '"' | undefined;
}

/** Characters that bash would not take for themselves outside of quotes; `=` and `:` are safe within a word. */
const SPECIAL = /[\s"'\\$`&|;<>()*?[\]{}!#~^]/g;

/** The same between double quotes. */
const SPECIAL_IN_DOUBLE_QUOTES = /["\\$`]/g;

/** @returns the word without its quotes; `$NAME` and `$(…)` are left as typed */
export function parseBashWord(raw: string): BashWord {
  let text = "";
  let openQuote: BashWord["openQuote"];
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i] ?? "";
    const next = raw[i + 1];
    if (openQuote === undefined && (character === "'" || character === '"')) openQuote = character;
    else if (character === openQuote) openQuote = undefined;
    else if (character === "\\" && next !== undefined && isEscape(next, openQuote)) {
      text += next;
      i++;
    } else if (character !== "\\" || openQuote !== undefined || next !== undefined) text += character;
  }
  return { text, openQuote };
}

/** @returns the text as it can stand in a bash line, or continue a word whose quote is open */
export function formatBashWord(text: string, openQuote: BashWord["openQuote"]): string {
  switch (openQuote) {
    case "'":
      return text.replaceAll("'", `'\\''`);
    case '"':
      return text.replace(SPECIAL_IN_DOUBLE_QUOTES, "\\$&");
    case undefined:
      return text.replace(SPECIAL, "\\$&");
  }
}

function isEscape(next: string, openQuote: BashWord["openQuote"]): boolean {
  if (openQuote === undefined) return true;
  return openQuote === '"' && /["\\$`]/.test(next);
}
