/**
 * A choice by arrow keys or by number: the choices below each other, the one that Enter takes marked.
 *
 * Paints on stderr with the four sequences that every terminal knows (up, to the start of the line, erase below, colours);
 * loaded only when there is something to choose. I/O through the host.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { escapeControls, isColoured, symbolsFor } from "../show/terminal.ts";
import { paintLines, removeMarks, styled } from "../show/style.ts";
import { columnsOf, cutMiddle } from "../show/width.ts";

/** What the keys send. Application mode of the arrow keys has an `O` for the `[`. */
const KEYS: Readonly<Record<string, "up" | "down" | "first" | "last" | "enter" | "cancel">> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x10": "up", // Ctrl-P
  k: "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x0e": "down", // Ctrl-N
  "\t": "down",
  j: "down",
  "\x1b[H": "first",
  "\x1b[F": "last",
  "\r": "enter",
  "\n": "enter",
  "\x03": "cancel", // Ctrl-C
  "\x04": "cancel", // Ctrl-D
  "\x1b": "cancel",
};

/** More choices than this are asked for by number: they may not fit the screen. */
export const MAX_MENU_LENGTH = 15;

/**
 * @param text the question, without a sign at its end
 * @param choices one line each, at least one, at most {@link MAX_MENU_LENGTH}
 * @returns the index of the choice
 * @throws {UserError} `cancelled` by Ctrl-C, Ctrl-D, Escape and the end of the input
 */
export async function chooseInMenu(host: Host, text: string, choices: readonly string[]): Promise<number> {
  const menu = new Menu(host, text, choices);
  menu.paint();
  for await (const key of host.stdin.readKeys()) {
    const number = /^[1-9]$/.test(key) ? Number(key) : undefined;
    if (number !== undefined) {
      menu.moveTo(number - 1);
      if (choices.length < 10) return menu.end();
    }
    switch (KEYS[key]) {
      case "up":
        menu.moveTo(menu.index - 1);
        break;
      case "down":
        menu.moveTo(menu.index + 1);
        break;
      case "first":
        menu.moveTo(0);
        break;
      case "last":
        menu.moveTo(choices.length - 1);
        break;
      case "enter":
        return menu.end();
      case "cancel":
        menu.erase();
        throw new UserError("cancelled", "interrupted; nothing was changed");
    }
  }
  menu.erase();
  throw new UserError("cancelled", "no answer; nothing was changed");
}

/** What stands on the screen. */
class Menu {
  readonly #host: Host;
  readonly #text: string;
  readonly #choices: readonly string[];
  #index = 0;
  #paintedLines = 0;

  constructor(host: Host, text: string, choices: readonly string[]) {
    this.#host = host;
    this.#text = text;
    this.#choices = choices;
  }

  get index(): number {
    return this.#index;
  }

  /** Marks a choice; past either end, the one at the other. */
  moveTo(index: number): void {
    if (index > this.#choices.length) return; // a number that none has
    this.#index = (index + this.#choices.length) % this.#choices.length;
    this.paint();
  }

  paint(): void {
    const pointer = symbolsFor(this.#host, this.#host.stderr).done === "✓" ? "❯" : ">";
    const rows = this.#choices.map((choice, i) => {
      const shown = this.#fit(`${String(i + 1).padStart(2)}  ${escapeControls(choice)}`, 2);
      return i === this.#index ? styled(`${pointer} ${shown}`, "step") : `  ${shown}`;
    });
    const help = styled("(arrow keys or a number, Enter; Ctrl-C changes nothing)", "dim");
    this.#write([`${styled(this.#fit(`${escapeControls(this.#text)}?`), "name")}`, this.#fit(help), ...rows]);
  }

  erase(): void {
    this.#write([]);
  }

  /** @returns the index of the choice, which alone is left to stand with the question */
  end(): number {
    const choice = escapeControls(this.#choices[this.#index] ?? "");
    this.#write([this.#fit(`${escapeControls(this.#text)}: ${choice}`)]);
    return this.#index;
  }

  /** One line on the screen each, because they are painted over. */
  #fit(line: string, taken = 0): string {
    return cutMiddle(line, columnsOf(this.#host, this.#host.stderr) - 1 - taken);
  }

  #write(lines: readonly string[]): void {
    const back = this.#paintedLines === 0 ? "" : `\x1b[${this.#paintedLines}A\r\x1b[J`;
    const shown = isColoured(this.#host, this.#host.stderr) ? paintLines(lines) : lines.map(removeMarks);
    this.#host.stderr.write(back + shown.map((line) => `${line}\n`).join(""));
    this.#paintedLines = lines.length;
  }
}
