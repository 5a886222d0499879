/**
 * Questions to the person at the terminal: asked on stderr, answered on standard input, line by line, so that they work
 * in every terminal and with every screen reader.
 *
 * Nothing is ever asked without a terminal: the command then ends at once and names the flag to pass. Why no library:
 * `docs/decisions/010-prompts.md`. I/O through the host.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { Secret } from "../secret.ts";
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
}

/** @returns whether somebody can be asked: both standard input and standard error are a terminal */
export function canAsk(host: Host): boolean {
  return host.stdin.isTerminal && host.stderr.isTerminal;
}

/**
 * Asks yes or no.
 *
 * @param proposal the answer to an empty line
 * @throws {UserError} `usage` without a terminal, `cancelled` at the end of the input
 */
export async function confirm(host: Host, question: Question, proposal: "yes" | "no" = "no"): Promise<boolean> {
  return await ask(host, question, `${question.text}? ${proposal === "yes" ? "[Y/n]" : "[y/N]"}`, (answer) => {
    if (answer === "") return proposal === "yes";
    if (/^(?:y|yes)$/i.test(answer)) return true;
    return /^(?:n|no)$/i.test(answer) ? false : undefined;
  });
}

/**
 * Asks for one of several choices, shown with numbers; an empty line takes the first.
 *
 * @param choices what each is called, at least one
 * @returns the index of the choice
 * @throws {UserError} `usage` without a terminal, `cancelled` at the end of the input
 */
export async function choose(host: Host, question: Question, choices: readonly string[]): Promise<number> {
  requireTerminal(host, question);
  host.stderr.write(choices.map((choice, i) => `  ${i + 1}  ${escapeControls(choice)}\n`).join(""));
  return await ask(host, question, `${question.text} [1]:`, (answer) => {
    const number = answer === "" ? 1 : Number(answer);
    return Number.isInteger(number) && number >= 1 && number <= choices.length ? number - 1 : undefined;
  });
}

/**
 * Asks for a line of text; an empty line takes the proposal.
 *
 * @param proposal shown in brackets; absent: an empty line is asked again
 * @throws {UserError} `usage` without a terminal, `cancelled` at the end of the input
 */
export async function askText(host: Host, question: Question, proposal?: string): Promise<string> {
  const shown = proposal === undefined ? "" : ` [${proposal}]`;
  return await ask(host, question, `${question.text}${shown}:`, (answer) => answer || proposal);
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
    if (answer === undefined) throw new UserError("cancelled", "no answer");
    return new Secret(answer);
  } finally {
    host.stderr.write("\n"); // the line break that was typed is not shown
  }
}

async function ask<Answer>(
  host: Host,
  question: Question,
  shown: string,
  read: (answer: string) => Answer | undefined,
): Promise<Answer> {
  requireTerminal(host, question);
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    host.stderr.write(`${fitQuestion(host, shown)} `);
    const line = await host.stdin.readLine("open");
    if (line === undefined) {
      host.stderr.write("\n");
      throw new UserError("cancelled", "no answer");
    }
    const answer = read(line.trim());
    if (answer !== undefined) return answer;
  }
  throw new UserError("cancelled", `no answer that fits after ${MAX_TRIES} tries`);
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
