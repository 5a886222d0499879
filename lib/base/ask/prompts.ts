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
  /** What is about to happen, on the line before the question. */
  readonly heading: string;
  /** What giving up means, where something was changed before: `.sops.yaml stays changed`. Absent: `nothing was changed`. */
  readonly givenUp?: string | undefined;
}

/** A question for a secret; that of a passphrase says all that there is to say. */
export type SecretQuestion = Omit<Question, "heading"> & { readonly heading?: Question["heading"] | undefined };

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
  if (choices.length <= MAX_MENU_LENGTH && canPaint(host)) return await chooseInMenu(host, question, choices);
  listChoices(host, choices);
  return await askLine(host, question, `${question.text} [1]:`, (answer) => {
    const number = answer === "" ? 1 : Number(answer);
    if (Number.isInteger(number) && number >= 1 && number <= choices.length) return { value: number - 1 };
    return { problem: `that is none of them: a number from 1 to ${choices.length}` };
  });
}

/**
 * Asks for any number of several choices; all are proposed.
 *
 * @param choices what each is called, at least one
 * @returns the indexes of the choices, ascending; none where the person wants none
 * @throws {UserError} `usage` without a terminal; `cancelled` by Ctrl-C and at the end of the input
 */
export async function chooseSeveral(
  host: Host,
  question: Question,
  choices: readonly string[],
): Promise<readonly number[]> {
  requireTerminal(host, question);
  showHeading(host, question);
  const { chooseSeveralInMenu, MAX_MENU_LENGTH } = await import("./menu.ts");
  const count = choices.length;
  if (count <= MAX_MENU_LENGTH && canPaint(host)) return await chooseSeveralInMenu(host, question, choices);
  listChoices(host, choices);
  return await askLine(host, question, `${question.text} (numbers, all, none) [all]:`, (answer) => {
    const chosen = parseNumbers(answer || "all", count);
    if (chosen !== undefined) return { value: chosen.map((number) => number - 1) };
    return { problem: `that is none of them: numbers from 1 to ${count} (1, 3-4), all, or none` };
  });
}

function listChoices(host: Host, choices: readonly string[]): void {
  const width = String(choices.length).length;
  const rows = choices.map((choice, i) => `  ${String(i + 1).padStart(width)}  ${escapeControls(choice)}`);
  const frame = { columns: columnsOf(host, host.stderr), indent: " ".repeat(width + 4) };
  host.stderr.write(rows.flatMap((row) => wrapText(row, frame)).map((line) => `${line}\n`).join(""));
}

/** @returns numbers from 1 to `count`, ascending; undefined for what is no answer */
function parseNumbers(answer: string, count: number): readonly number[] | undefined {
  if (/^none$/i.test(answer)) return [];
  const all = Array.from({ length: count }, (_, index) => index + 1);
  if (/^all$/i.test(answer)) return all;
  const wanted = new Set<number>();
  for (const word of answer.split(/[\s,]+/).filter((word) => word !== "")) {
    const [, first = "", last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(word) ?? [];
    const [from, to] = [Number(first || Number.NaN), Number(last || Number.NaN)];
    if (!(from >= 1 && to >= from && to <= count)) return undefined;
    for (let number = from; number <= to; number++) wanted.add(number);
  }
  return wanted.size === 0 ? undefined : all.filter((number) => wanted.has(number));
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
export async function askSecret(host: Host, question: SecretQuestion): Promise<Secret> {
  requireTerminal(host, question, `ask for the ${question.text}`);
  showHeading(host, question);
  host.stderr.write(`${escapeControls(question.text)}: `);
  try {
    const answer = await host.stdin.readLine("hidden");
    if (answer === undefined) throw givenUp(question, "no answer");
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
  return await askLine(host, question, shown, read);
}

async function askLine<Value>(
  host: Host,
  question: Question,
  shown: string,
  read: (answer: string) => Answer<Value>,
): Promise<Value> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    host.stderr.write(`${fitQuestion(host, shown)} `);
    const line = await untilInterrupted(host, question, host.stdin.readLine("open"));
    if (line === undefined) {
      host.stderr.write("\n");
      throw givenUp(question, "no answer");
    }
    const answer = read(line.trim());
    if ("value" in answer) return answer.value;
    host.stderr.write(`${escapeControls(answer.problem)}\n`);
  }
  throw givenUp(question, `no answer that fits after ${MAX_TRIES} tries`);
}

/** @returns the error for a question that was not answered; to be thrown by the caller */
export function givenUp({ givenUp: left = "nothing was changed" }: Pick<Question, "givenUp">, how: string): UserError {
  return new UserError("cancelled", `${how}; ${left}`);
}

/** @throws {UserError} `cancelled` when Ctrl-C is pressed first */
async function untilInterrupted<Value>(host: Host, question: Question, promise: Promise<Value>): Promise<Value> {
  const interruption = Promise.withResolvers<never>();
  const end = host.onSignal("SIGINT", () => {
    host.stderr.write("\n"); // the terminal has shown ^C
    interruption.reject(givenUp(question, "interrupted"));
  });
  try {
    return await Promise.race([promise, interruption.promise]);
  } finally {
    end();
  }
}

function showHeading(host: Host, { heading }: SecretQuestion): void {
  if (heading !== undefined) new Printer(host, host.stderr, "always").line(styled(heading, "name"));
}

/** @returns the question in lines that leave room for the blank and an answer of one letter */
function fitQuestion(host: Host, shown: string): string {
  return wrapText(escapeControls(shown), { columns: columnsOf(host, host.stderr) - 2 }).join("\n");
}

function requireTerminal(host: Host, { text, instead }: SecretQuestion, action: string = `ask "${text}"`): void {
  if (canAsk(host)) return;
  throw new UserError("usage", `cannot ${action}: standard input and standard error are no terminal`, {
    hints: [instead],
  });
}
