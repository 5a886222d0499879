/**
 * Finds what a person would type in what the program has shown: every `next:` and `hint:`, and every command line in the
 * middle of a report. Pure.
 *
 * A step is a whole shell line behind `next:`; in a sentence it stands behind a colon, in parentheses, or at the start
 * (`sopsmith identity list shows them`). What follows a command in prose begins with a comma, a semicolon, or one of
 * {@link PROSE}.
 *
 * @module
 */
import { parseCommand } from "../../lib/commands/shared/argv.ts";
import { COMMANDS } from "../../lib/commands/command_table.ts";

/** What was printed, and what a person would type for it. */
export interface PrintedStep {
  /** The whole line as printed. */
  readonly line: string;
  /** Shell lines, with their placeholders; none for a sentence without a command. */
  readonly commands: readonly string[];
  /** Flags that the sentence names outside of a command: they have to be flags of the command that was typed. */
  readonly flags: readonly string[];
}

/** What a printed command line begins with. */
const COMMAND_START = [
  `sopsmith(?= (?:-|${[...new Set(COMMANDS.map(({ words }) => words[0]))].join("|")})\\b)`,
  "sops(?= (?:-|decrypt|edit|encrypt|rotate|updatekeys)\\b)",
  "git(?= (?:-|add|checkout|config|diff|log|merge|restore|rm|show|status|update-index)\\b)",
  "nix(?= (?:-|copy|key|profile|run|shell|store)\\b)",
  "age(?= -)",
  "(?:age-keygen|chmod|cp|export|jq|mkdir|mv|rm|ssh-add|ssh-keygen|sudo|unset)(?= \\S)",
].join("|");

/** Words that tell what a command does, right behind it. */
const PROSE = /\s(?:shows|prints|makes|lists|adds|tells|says|gives|puts|takes)\s.*$/;

/** The heads of lines that advise, and of lines that may name a command. */
const ADVICE = /^(?:│ )?\s*(?:(?:error|warning|note|hint|next|fix|cause): )?(.*)$/;

const WHOLE_LINE = new RegExp(`^(?:${COMMAND_START})`);
const BEHIND_COLON = new RegExp(`: ((?:${COMMAND_START}).*)$`);
const IN_PARENTHESES = new RegExp(`\\(((?:${COMMAND_START})[^()]*)\\)`, "g");
const IN_SENTENCE = new RegExp(`(?<=[;,] )(?:${COMMAND_START}).*$`);

/** @returns the steps of a line that was shown; undefined where it advises nothing */
export function findStep(line: string): PrintedStep | undefined {
  const text = line.trimStart();
  if (/^(?:error|problem): /.test(text)) return undefined;
  const isHint = /^(?:hint|next): /.test(text);
  const [, sentence = ""] = ADVICE.exec(text) ?? [];
  const commands = commandsIn(sentence, text.startsWith("next: "));
  if (!isHint && commands.length === 0) return undefined;
  const rest = commands.reduce((left, command) => left.replace(command, ""), sentence);
  const flags = isHint ? Array.from(rest.matchAll(/(?<![\w-])--[a-z][a-z-]+/g), ([flag]) => flag) : [];
  return { line: text, commands, flags: [...new Set(flags)] };
}

/** @returns the shell lines of a sentence */
function commandsIn(sentence: string, isNext: boolean): string[] {
  const inside = Array.from(sentence.matchAll(IN_PARENTHESES), ([, command = ""]) => command);
  const outside = sentence.replaceAll(IN_PARENTHESES, "()");
  const found = WHOLE_LINE.test(outside) && isNext
    ? outside
    : BEHIND_COLON.exec(outside)?.[1] ?? (WHOLE_LINE.test(outside) ? outside : IN_SENTENCE.exec(outside)?.[0]);
  const isSentence = !isNext && found !== undefined && BEHIND_COLON.exec(outside) === null;
  return [
    ...inside.map(cutSentence),
    ...(found === undefined ? [] : isSentence ? cutSentences(found) : [cutProse(found)]),
  ];
}

/** A line of commands ends where a sentence goes on. */
function cutProse(line: string): string {
  const parts = line.replace(/\s+#\s.*$/, "").split(/;\s+/);
  const end = parts.findIndex((part, index) => index > 0 && !WHOLE_LINE.test(part));
  const shell = (end < 0 ? parts : parts.slice(0, end)).join("; ");
  return shell.replace(/^((?:'[^']*'|"[^"]*"|[^'",]|,(?!\s))*),\s.*$/, "$1").replace(PROSE, "").trim();
}

/** `sopsmith a shows x; sopsmith b makes y` */
function cutSentences(text: string): string[] {
  return text.split(/;\s+/).filter((part) => WHOLE_LINE.test(part)).map(cutSentence);
}

/** A command at the start of a sentence: its words, and what follows them as long as it looks typed. */
function cutSentence(text: string): string {
  const [program = "", ...words] = cutProse(text).split(" ");
  if (program !== "sopsmith") return [program, ...words].join(" ");
  const { path } = parseCommand(words, COMMANDS);
  let length = Math.max(path.length, words[0]?.startsWith("-") ? 1 : 0);
  while (/^(?:-|['"~]|[A-Z_]+$|\S*[./=])/.test(words[length] ?? "")) length++;
  return ["sopsmith", ...words.slice(0, length)].join(" ");
}

/** @returns the lines, each with those that it was wrapped to */
export function joinWrapped(shown: string): string[] {
  const lines: string[] = [];
  let indent: string | undefined;
  // deno-lint-ignore no-control-regex
  for (const line of shown.replace(/\x1b\[[\d;]*m/g, "").split("\n")) {
    const [, head] = /^( *(?:error|warning|note|hint|next|cause|fix): )/.exec(line) ?? [];
    if (indent !== undefined && line.startsWith(indent) && line[indent.length] !== " ") {
      lines[lines.length - 1] = `${lines.at(-1)?.replace(/ \\$/, "")} ${line.trim()}`; // a command that goes on
      continue;
    }
    indent = head === undefined ? undefined : " ".repeat(head.length);
    lines.push(line);
  }
  return lines;
}
