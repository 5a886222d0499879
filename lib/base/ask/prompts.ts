/**
 * Questions to the person at the terminal: asked on stderr, answered on standard input. Lines are typed in the terminal's
 * own way; a choice is made by arrow keys or number, and line by line where the terminal or the person does without them
 * (`TERM=dumb`, `ACCESSIBLE=1`), so that every screen reader can follow.
 *
 * Nothing is ever asked without a terminal: the command then ends at once and names the flag to pass. An answer that does
 * not fit is told why; Ctrl-C ends the command, which says that nothing was changed. Why no library:
 * `docs/decisions/029-questions.md`. I/O through the host.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { Secret } from "../secret.ts";
import { Printer } from "../show/printer.ts";
import { styled } from "../show/style.ts";
import { columnsOf } from "../show/width.ts";
import { wrapText } from "../show/wrap.ts";
import { escapeControls } from "../show/terminal.ts";

/** How often an answer that does not fit is asked for again. */
const MAX_TRIES = 3;

/** A question that a person can answer. */
export interface Question {
  /** Without a question mark or colon at the end: `update 17 files`. */
  readonly text: string;
  /** What to do where nobody can be asked: `pass --yes`. */
  readonly instead: string;
  /** What is about to happen, one line before the question. */
  readonly heading?: string | undefined;
}

/** A question that is answered by a text. */
export interface TextQuestion extends Question {
  /** @returns why the text is no answer, for the person; undefined when it is one */
  readonly findProblem?: (answer: string) => string | undefined;
}

/** @returns whether somebody can be asked: both standard input and standard error are a terminal */
export function canAsk(host: Host): boolean {
  return host.stdin.isTerminal && host.stderr.isTerminal;
}

/** What an answer is, or why it is none. */
type Answer<Value> = { readonly value: Value } | { readonly problem: string };

/**
 * Asks yes or no.
 *
 * @param proposal the answer to an empty line
 * @throws {UserError} `usage` without a terminal; `cancelled` by Ctrl-C and at the end of the input
 */
export async function confirm(host: Host, question: Question, proposal: "yes" | "no" = "no"): Promise<boolean> {
  return await ask(host, question, `${question.text}? ${proposal === "yes" ? "[Y/n]" : "[y/N]"}`, (answer) => {
    if (answer === "") return { value: proposal === "yes" };
    if (/^(?:y|yes)$/i.test(answer)) return { value: true };
    return /^(?:n|no)$/i.test(answer) ? { value: false } : { problem: "that is neither y (yes) nor n (no)" };
  });
}

/**
 * Asks for one of several choices; the first is proposed.
 *
 * @param choices what each is called, at least one
 * @returns the index of the choice
 * @throws {UserError} `usage` without a terminal; `cancelled` by Ctrl-C and at the end of the input
 */
export async function choose(host: Host, question: Question, choices: readonly string[]): Promise<number> {
  requireTerminal(host, question);
  showHeading(host, question);
  const { chooseInMenu, MAX_MENU_LENGTH } = await import("./menu.ts");
  if (choices.length <= MAX_MENU_LENGTH && canPaint(host)) return await chooseInMenu(host, question.text, choices);
  const width = String(choices.length).length;
  const rows = choices.map((choice, i) => `  ${String(i + 1).padStart(width)}  ${escapeControls(choice)}`);
  const frame = { columns: columnsOf(host, host.stderr), indent: " ".repeat(width + 4) };
  host.stderr.write(rows.flatMap((row) => wrapText(row, frame)).map((line) => `${line}\n`).join(""));
  return await ask(host, { ...question, heading: undefined }, `${question.text} [1]:`, (answer) => {
    const number = answer === "" ? 1 : Number(answer);
    if (Number.isInteger(number) && number >= 1 && number <= choices.length) return { value: number - 1 };
    return { problem: `that is none of them: a number from 1 to ${choices.length}` };
  });
}

/** Whether what stands on the screen can be painted over, and the person wants that. */
function canPaint(host: Host): boolean {
  if (host.env("ACCESSIBLE")) return false;
  const kind = host.env("TERM");
  return kind === undefined ? host.os === "windows" : kind !== "dumb";
}

/**
 * Asks for a line of text; an empty line takes the proposal.
 *
 * @param proposal shown in brackets; absent: an empty line is asked again
 * @throws {UserError} `usage` without a terminal; `cancelled` by Ctrl-C and at the end of the input
 */
export async function askText(host: Host, question: TextQuestion, proposal?: string): Promise<string> {
  const shown = proposal === undefined ? "" : ` [${proposal}]`;
  return await ask(host, question, `${question.text}${shown}:`, (answer) => {
    const value = answer || proposal;
    const problem = value === undefined ? "an answer is needed" : question.findProblem?.(value);
    return problem === undefined ? { value: value! } : { problem };
  });
}

/**
 * Asks for a text that is not shown while it is typed.
 *
 * @param question its text names what is typed, without an article: `passphrase of "~/.ssh/id_ed25519"`
 * @throws {UserError} `usage` without a terminal, `cancelled` at the end of the input or by Ctrl-C
 */
export async function askSecret(host: Host, question: Question): Promise<Secret> {
  requireTerminal(host, question, `ask for the ${question.text}`);
  host.stderr.write(`${escapeControls(question.text)}: `);
  try {
    const answer = await host.stdin.readLine("hidden");
    if (answer === undefined) throw new UserError("cancelled", "no answer; nothing was changed");
    return new Secret(answer);
  } finally {
    host.stderr.write("\n"); // the line break that was typed is not shown
  }
}

async function ask<Value>(
  host: Host,
  question: Question,
  shown: string,
  read: (answer: string) => Answer<Value>,
): Promise<Value> {
  requireTerminal(host, question);
  showHeading(host, question);
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    host.stderr.write(`${fitQuestion(host, shown)} `);
    const line = await untilInterrupted(host, host.stdin.readLine("open"));
    if (line === undefined) {
      host.stderr.write("\n");
      throw new UserError("cancelled", "no answer; nothing was changed");
    }
    const answer = read(line.trim());
    if ("value" in answer) return answer.value;
    host.stderr.write(`${escapeControls(answer.problem)}\n`);
  }
  throw new UserError("cancelled", `no answer that fits after ${MAX_TRIES} tries; nothing was changed`);
}

/** @throws {UserError} `cancelled` when Ctrl-C is pressed first */
async function untilInterrupted<Value>(host: Host, promise: Promise<Value>): Promise<Value> {
  const interruption = Promise.withResolvers<never>();
  const end = host.onSignal("SIGINT", () => {
    host.stderr.write("\n"); // the terminal has shown ^C
    interruption.reject(new UserError("cancelled", "interrupted; nothing was changed"));
  });
  try {
    return await Promise.race([promise, interruption.promise]);
  } finally {
    end();
  }
}

function showHeading(host: Host, { heading }: Question): void {
  if (heading !== undefined) new Printer(host, host.stderr, "always").line(styled(heading, "name"));
}

/** @returns the question in lines that leave room for the blank and an answer of one letter */
function fitQuestion(host: Host, shown: string): string {
  return wrapText(escapeControls(shown), { columns: columnsOf(host, host.stderr) - 2 }).join("\n");
}

function requireTerminal(host: Host, { text, instead }: Question, action: string = `ask "${text}"`): void {
  if (canAsk(host)) return;
  throw new UserError("usage", `cannot ${action}: standard input and standard error are no terminal`, {
    hints: [instead],
  });
}
