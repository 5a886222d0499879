/**
 * Help texts, made from the command table. Pure.
 *
 * @module
 */
import { EXIT_CODES } from "../base/exit_code.ts";
import { COMMON_FLAGS } from "./shared/argv.ts";
import { type CommandSpec, type FlagSpec, formatFlagName } from "./shared/command.ts";

/** @returns the help of one command, with a final newline */
export function formatCommandHelp(spec: CommandSpec): string {
  const flags = Object.entries<FlagSpec>({ ...spec.flags, ...COMMON_FLAGS }).map(([name, flag]) => flagRow(name, flag));
  return [
    spec.brief,
    "",
    `Usage: ${formatUsage(spec)}`,
    "",
    ...spec.description,
    "",
    "Examples:",
    ...formatRows(spec.examples.map(({ line, purpose }) => [line, purpose] as const)),
    "",
    "Flags:",
    ...formatRows(flags),
    "",
  ].join("\n");
}

/** @returns the help of a group of commands (`sopsmith vault`), with a final newline */
export function formatGroupHelp(words: readonly string[], brief: string, commands: readonly CommandSpec[]): string {
  return [
    brief,
    "",
    `Usage: ${["sopsmith", ...words].join(" ")} COMMAND`,
    "",
    "Commands:",
    ...formatRows(commands.map((spec) => [spec.words.slice(words.length).join(" "), spec.brief] as const)),
    "",
  ].join("\n");
}

/** @returns the help of the whole program, with a final newline */
export function formatProgramHelp(brief: string, commands: readonly CommandSpec[]): string {
  return [
    brief,
    "",
    "Usage: sopsmith COMMAND [flags]",
    "",
    "Commands:",
    ...formatRows(commands.map((spec) => [spec.words.join(" "), spec.brief] as const)),
    "",
    "Flags:",
    ...formatRows([
      ["-C, --directory DIR", "run as if started in DIR (before or after the command)"],
      ["-h, --help", "show this help, or with a command its own"],
      ["-v, --version", "show the version"],
    ]),
    "",
    "Exit codes:",
    ...formatRows(EXIT_CODES.map(({ code, meaning }) => [String(code), meaning] as const)),
    "",
  ].join("\n");
}

/** @returns the usage line of a command: `sopsmith keygen [VAULT] [flags]` */
export function formatUsage(spec: CommandSpec): string {
  const words = (spec.arguments ?? []).map(({ name, isRequired, isRepeated }) => {
    const shown = isRepeated ? `${name}...` : name;
    return isRequired ? shown : `[${shown}]`;
  });
  return ["sopsmith", ...spec.words, ...words, "[flags]"].join(" ");
}

function flagRow(name: string, flag: FlagSpec): readonly [string, string] {
  const letter = flag.letter === undefined ? "    " : `-${flag.letter}, `;
  const value = flag.value === undefined ? "" : ` ${flag.value}`;
  return [`${letter}--${formatFlagName(name)}${value}`, flag.brief];
}

function formatRows(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
