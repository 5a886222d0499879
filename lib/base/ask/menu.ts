/**
 * Choices by arrow keys or by number, below each other: one, which Enter takes, or several, which are marked first.
 *
 * Paints on stderr with the four sequences that every terminal knows (up, to the start of the line, erase below, colours);
 * loaded only when there is something to choose. I/O through the host.
 *
 * @module
 */
import type { Host } from "../host/host.ts";
import { escapeControls, isColoured, symbolsFor } from "../show/terminal.ts";
import { paintLines, removeMarks, styled } from "../show/style.ts";
import { columnsOf, cutMiddle } from "../show/width.ts";
import { givenUp, type Question } from "./prompts.ts";

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

/** The question above the choices. */
type MenuQuestion = Pick<Question, "text" | "givenUp">;

/**
 * @param choices one line each, at least one, at most {@link MAX_MENU_LENGTH}
 * @returns the index of the choice
 * @throws {UserError} `cancelled` by Ctrl-C, Ctrl-D, Escape and the end of the input
 */
export async function chooseInMenu(host: Host, question: MenuQuestion, choices: readonly string[]): Promise<number> {
  const menu = new Menu(host, question, { choices, help: "arrow keys or a number, Enter" });
  await menu.run((number) => menu.moveTo(number - 1) && choices.length < 10 ? "end" : "go on");
  menu.end(choices[menu.index]!);
  return menu.index;
}

/**
 * Lets the person mark several; all are marked at first.
 *
 * @param choices as for {@link chooseInMenu}
 * @returns the indexes of those that are marked, ascending
 * @throws {UserError} as {@link chooseInMenu}
 */
export async function chooseSeveralInMenu(
  host: Host,
  question: MenuQuestion,
  choices: readonly string[],
): Promise<readonly number[]> {
  const marked = new Set(choices.keys());
  const toggle = (index: number): void => void (marked.delete(index) || marked.add(index));
  const menu = new Menu(host, question, { choices, marked, help: "space or a number marks, a marks all, Enter takes" });
  await menu.run((number) => {
    if (menu.moveTo(number - 1)) toggle(number - 1);
    return "go on";
  }, (key) => {
    if (key === " ") toggle(menu.index);
    else if (key !== "a") return false;
    else if (marked.size === choices.length) marked.clear();
    else for (const index of choices.keys()) marked.add(index);
    return true;
  });
  const chosen = [...marked].sort((a, b) => a - b);
  menu.end(chosen.length === choices.length ? "all" : chosen.map((index) => index + 1).join(", ") || "none");
  return chosen;
}

/** What stands in a menu. */
interface MenuContent {
  readonly choices: readonly string[];
  /** Of which several may be marked. */
  readonly marked?: ReadonlySet<number>;
  /** Which keys do what. */
  readonly help: string;
}

/** What stands on the screen. */
class Menu {
  readonly #host: Host;
  readonly #question: MenuQuestion;
  readonly #content: MenuContent;
  #index = 0;
  /** Why the last key did nothing. */
  #problem: string | undefined;
  #paintedLines = 0;

  constructor(host: Host, question: MenuQuestion, content: MenuContent) {
    this.#host = host;
    this.#question = question;
    this.#content = content;
  }

  get index(): number {
    return this.#index;
  }

  /**
   * Does what the keys say, up to Enter.
   *
   * @param take does what a number means, and tells whether that was all
   * @param press does what another key means; false where it means nothing
   */
  async run(take: (number: number) => "end" | "go on", press: (key: string) => boolean = () => false): Promise<void> {
    this.paint();
    let typed = "";
    for await (const key of this.#host.stdin.readKeys()) {
      this.#problem = undefined;
      if (/^[0-9]$/.test(key)) {
        typed = this.#completes(typed, key);
        if (take(Number(typed)) === "end") return;
      } else {
        typed = "";
        if (KEYS[key] === "enter") return;
        if (KEYS[key] === "cancel") return this.#giveUp("interrupted");
        if (!this.#move(key) && !press(key)) this.#problem = `that key does nothing here: ${this.#content.help}`;
      }
      this.paint();
    }
    this.#giveUp("no answer");
  }

  /** @returns the number with one more digit where there is such a choice, else the digit alone */
  #completes(typed: string, digit: string): string {
    return typed !== "" && Number(typed + digit) <= this.#content.choices.length ? typed + digit : digit;
  }

  #move(key: string): boolean {
    const last = this.#content.choices.length - 1;
    switch (KEYS[key]) {
      case "up":
        return this.moveTo(this.#index === 0 ? last : this.#index - 1);
      case "down":
        return this.moveTo(this.#index === last ? 0 : this.#index + 1);
      case "first":
        return this.moveTo(0);
      case "last":
        return this.moveTo(last);
    }
    return false;
  }

  /** @returns whether there is such a choice, which is the current one then */
  moveTo(index: number): boolean {
    const { length } = this.#content.choices;
    if (index >= 0 && index < length) {
      this.#index = index;
      return true;
    }
    this.#problem = `there is no ${index + 1}: a number from 1 to ${length}`;
    return false;
  }

  paint(): void {
    const { choices, marked, help } = this.#content;
    const pointer = symbolsFor(this.#host, this.#host.stderr).done === "✓" ? "❯" : ">";
    const rows = choices.map((choice, i) => {
      const mark = marked === undefined ? "" : marked.has(i) ? "[x] " : "[ ] ";
      const shown = this.#fit(`${mark}${String(i + 1).padStart(2)}  ${escapeControls(choice)}`, 2);
      return i === this.#index ? styled(`${pointer} ${shown}`, "step") : `  ${shown}`;
    });
    const escape = this.#question.givenUp === undefined ? "Ctrl-C changes nothing" : "Ctrl-C gives up";
    const below = this.#problem === undefined
      ? styled(this.#fit(`(${help}; ${escape})`), "dim")
      : styled(this.#fit(this.#problem), "loss");
    this.#write([`${styled(this.#fit(`${escapeControls(this.#question.text)}?`), "name")}`, below, ...rows]);
  }

  #giveUp(how: string): never {
    this.#write([]);
    throw givenUp(this.#question, how);
  }

  /** Leaves one line: the question with its answer. */
  end(answer: string): void {
    this.#write([this.#fit(`${escapeControls(this.#question.text)}: ${escapeControls(answer)}`)]);
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
