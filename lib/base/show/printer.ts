/**
 * Lines for people on one stream: made harmless, fitted to the terminal, and coloured; their commands are those of the
 * shell that is there.
 *
 * @module
 */
import type { Host, OutputStream } from "../host/host.ts";
import { hideIdentities } from "../secret.ts";
import { paintLines, removeMarks, type Style, styled } from "./style.ts";
import { layOutTable, type ReportPart, type Table } from "./table.ts";
import { escapeControls, isColoured } from "./terminal.ts";
import { columnsOf, displayWidth } from "./width.ts";
import { findWindowsShell, translateCommands } from "./windows_command.ts";
import { type WrapFrame, wrapText } from "./wrap.ts";

/** Words that begin a line of a report, as they begin messages, and how they look. */
const HEADS: Readonly<Record<string, Style>> = {
  cause: "bad",
  error: "bad",
  fix: "step",
  hint: "step",
  next: "step",
  note: "step",
  problem: "bad",
  warning: "loss",
};

const HEAD = new RegExp(`^( *)((${Object.keys(HEADS).join("|")})(?: \\([^)]*\\))?:) `);

/** Names and paths in a sentence, which may go over the end of a line. */
const QUOTED = /"[^"]+"/g;

/** Prints on one stream. */
export class Printer {
  readonly #host: Host;
  readonly #stream: OutputStream;
  readonly #columns: number;
  readonly #isColoured: boolean;
  readonly #breaksCommands: boolean;

  /** @param fits whether lines are fitted where the stream is no terminal, too: to 80 columns, or what `COLUMNS` says */
  constructor(host: Host, stream: OutputStream, fits: "always" | "on a terminal") {
    this.#host = host;
    this.#stream = stream;
    this.#columns = fits === "always" || stream.isTerminal ? columnsOf(host, stream) : Infinity;
    this.#isColoured = isColoured(host, stream);
    this.#breaksCommands = findWindowsShell(host) === undefined;
  }

  /** Prints lines, each perhaps with a head of {@link HEADS}, and tables. */
  print(lines: readonly ReportPart[]): void {
    for (const line of lines) {
      if (typeof line === "string") this.line(line);
      else this.#write(layOutTable(harmlessTable(line), this.#columns));
    }
  }

  /** Prints a line; where it is broken, what follows stands below the start of its text, or two columns to the right. */
  line(text: string): void {
    for (const line of harmless(text).split("\n")) {
      const [, indent = "", head, word = ""] = HEAD.exec(line) ?? [];
      if (head === undefined) this.#write(this.#wrap(this.#typable(line)));
      else this.headed(head, line.slice(indent.length + head.length + 1), { style: HEADS[word] ?? "name", indent });
    }
  }

  /** Prints a sentence behind a head; where it is broken, what follows stands below its start. */
  headed(head: string, text: string, { style, indent = "" }: { style: Style; indent?: string }): void {
    const [first = "", ...rest] = this.#typable(harmless(text)).split("\n");
    const start = `${indent}${head} `;
    const lines = this.#wrap(first, { start, indent: " ".repeat(displayWidth(start)) });
    if (this.#isColoured) this.#write(colourSentence(lines, { style, headLength: indent.length + head.length }));
    else this.#write(lines);
    for (const line of rest) this.line(line);
  }

  #wrap(text: string, frame: Pick<WrapFrame, "start" | "indent"> = {}): string[] {
    return wrapText(text, { ...frame, columns: this.#columns, breaksCommands: this.#breaksCommands });
  }

  #typable(text: string): string {
    return translateCommands(this.#host, text);
  }

  #write(lines: readonly string[]): void {
    const shown = this.#isColoured ? paintLines(lines) : lines.map(removeMarks);
    this.#stream.write(shown.map((line) => `${line}\n`).join(""));
  }
}

function harmless(text: string): string {
  return hideIdentities(escapeControls(text));
}

function harmlessTable(table: Table): Table {
  return { ...table, rows: table.rows.map((row) => row.map((cell) => harmless(cell).replaceAll("\n", " "))) };
}

/** @returns the lines with their head in its style, and what stands in quotes as names */
function colourSentence(
  lines: readonly string[],
  { style, headLength }: { style: Style; headLength: number },
): string[] {
  const text = lines.join("\n");
  const rest = text.slice(headLength).replace(QUOTED, (quoted) => styled(quoted, "name"));
  return (styled(text.slice(0, headLength), style) + rest).split("\n");
}
