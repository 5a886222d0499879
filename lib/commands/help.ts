/**
 * Help texts, made from the command table. Pure.
 *
 * @module
 */
import { EXIT_CODES } from "../base/exit_code.ts";
import { styled } from "../base/show/style.ts";
import { type ReportPart, tableOf } from "../base/show/table.ts";
import { COMMON_FLAGS } from "./shared/argv.ts";
import { type CommandSpec, type Example, type FlagSpec, formatFlagName } from "./shared/command.ts";

/** Commands that help lists together. */
export interface HelpSection {
  readonly title: string;
  /** Commands and groups by their first word; those of one row do with one sentence. */
  readonly rows: readonly { readonly words: readonly string[]; readonly brief: string }[];
}

/** Help is arranged for this many columns; what is wider is wrapped further. */
const HELP_COLUMNS = 80;

/** A left part that is wider has its right part below it. */
const MAX_LEFT_WIDTH = 34;

/** @returns the help of one command */
export function formatCommandHelp(spec: CommandSpec): ReportPart[] {
  const flags = Object.entries<FlagSpec>({ ...spec.flags, ...COMMON_FLAGS }).map(([name, flag]) => flagRow(name, flag));
  return [
    styled(spec.brief, "name"),
    "",
    `Usage: ${formatUsage(spec)}`,
    "",
    ...joinSentences(spec.description).map(paragraphOf),
    "",
    styled("Examples:", "name"),
    ...formatExamples(spec.examples),
    "",
    styled("Flags:", "name"),
    ...formatRows(flags),
  ];
}

/** @returns the help of a group of commands (`sopsmith vault`) */
export function formatGroupHelp(
  words: readonly string[],
  brief: string,
  commands: readonly CommandSpec[],
): ReportPart[] {
  return [
    styled(brief, "name"),
    "",
    `Usage: ${["sopsmith", ...words].join(" ")} COMMAND [flags]`,
    "",
    styled("Commands:", "name"),
    ...formatRows(commands.map((spec) => [spec.words.slice(words.length).join(" "), spec.brief] as const)),
    "",
    paragraphOf(`${["sopsmith help", ...words].join(" ")} COMMAND tells all about one of them.`),
  ];
}

/** @returns the help of the whole program, on one screen */
export function formatProgramHelp(brief: string, sections: readonly HelpSection[]): ReportPart[] {
  const rows = sections.flatMap((section) => section.rows);
  const width = Math.max(...rows.map(({ words }) => words.join(", ").length));
  return [
    styled(brief, "name"),
    "",
    "Usage: sopsmith COMMAND [flags]",
    "",
    ...sections.flatMap(({ title, rows }) => [
      styled(`${title}:`, "name"),
      tableOf(rows.map(({ words, brief }) => [words.join(", ").padEnd(width), brief]), { indent: "  " }),
      "",
    ]),
    "sopsmith help COMMAND tells all about one of them; -C DIR lets it run in DIR.",
    `sopsmith help ${EXIT_CODES_TOPIC} lists the exit codes, sopsmith --version the version.`,
  ];
}

/** What follows `help` for the table of exit codes. */
export const EXIT_CODES_TOPIC = "exit-codes";

/** @returns the table of exit codes */
export function formatExitCodes(): ReportPart[] {
  return [
    styled("What the exit code of a command says", "name"),
    "",
    ...formatRows(EXIT_CODES.map(({ code, meaning }) => [String(code), meaning] as const)),
  ];
}

/** @returns the usage line of a command: `sopsmith keygen [VAULT] [flags]` */
export function formatUsage(spec: CommandSpec): string {
  const words = (spec.arguments ?? []).map(({ name, isRequired, isRepeated }) => {
    const shown = isRepeated ? `${name}...` : name;
    return isRequired ? shown : `[${shown}]`;
  });
  return ["sopsmith", ...spec.words, ...words, "[flags]"].join(" ");
}

/** @returns the lines with those put together that only the width of the source keeps apart: one ends a sentence */
function joinSentences(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (!last || line === "" || /[.:)]$/.test(last)) joined.push(line);
    else joined[joined.length - 1] = `${last} ${line}`;
  }
  return joined;
}

/** @returns the text as a part that goes on below its first word where it is broken */
function paragraphOf(text: string): ReportPart {
  return tableOf([[text]]);
}

function flagRow(name: string, flag: FlagSpec): readonly [string, string] {
  const letter = flag.letter === undefined ? "    " : `-${flag.letter}, `;
  const value = flag.value === undefined ? "" : ` ${flag.value}`;
  return [`${letter}--${formatFlagName(name)}${value}`, flag.brief];
}

/** @returns the examples, all with their purpose beside them, or all with it below */
function formatExamples(examples: readonly Example[]): ReportPart[] {
  const lineWidth = Math.max(...examples.map(({ line }) => line.length));
  const width = Math.max(...examples.map(({ purpose }) => 2 + lineWidth + 2 + purpose.length));
  if (width <= HELP_COLUMNS) {
    return [tableOf(examples.map(({ line, purpose }) => [line, purpose]), { indent: "  ", styles: ["name"] })];
  }
  return examples.flatMap(({ line, purpose }) => [`  ${styled(line, "name")}`, `      ${purpose}`]);
}

/** @returns the rows with their right parts below each other; behind a left part that is too wide, on a line of its own */
function formatRows(rows: readonly (readonly [left: string, right: string])[]): ReportPart[] {
  const width = Math.max(...rows.map(([left]) => left.length).filter((width) => width <= MAX_LEFT_WIDTH));
  const split = rows.flatMap(([left, right]) =>
    left.length <= MAX_LEFT_WIDTH ? [[left.padEnd(width), right]] : [[left], ["".padEnd(width), right]]
  );
  return [tableOf(split, { indent: "  ", styles: ["name"] })];
}
