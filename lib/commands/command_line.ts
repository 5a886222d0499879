/**
 * The command line: runs the command that was typed, or answers `--help`, `--version` and mistakes. Pure but for the run
 * of the command, which the caller does.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { VERSION } from "../base/version.ts";
import type { ReportPart } from "../base/show/table.ts";
import { formatList } from "../base/show/word_list.ts";
import { Argv, COMMON_FLAGS, type FlagTable, isPrefix, parseCommand } from "./shared/argv.ts";
import {
  type ArgumentSpec,
  type CommandSpec,
  type FlagSpec,
  type FlagValues,
  formatFlagName,
} from "./shared/command.ts";
import { COMMANDS, GROUPS, HELP_SECTIONS, PROGRAM_BRIEF } from "./command_table.ts";
import { findMeant } from "./meant.ts";
import { EXIT_CODES_TOPIC, formatCommandHelp, formatExitCodes, formatGroupHelp, formatProgramHelp } from "./help.ts";

/** Commands of SOPS that there are none of here, and why. */
const REFUSED_COMMANDS: Readonly<Record<string, string>> = {
  publish: "it sends files to services, and this program uses no network; sops publish does it",
  keyservice: "it serves keys over a socket; sops keyservice does it",
  groups: "change the key_groups of the rule in .sops.yaml, and run: sopsmith updatekeys FILE",
};

/** Flags that stand where no command does. */
const PROGRAM_FLAGS: FlagTable = { version: { brief: "show the version", letter: "v" } };

/** What the reader has to know of the world. */
export interface Surroundings {
  /** Prints help. */
  readonly show: (help: readonly ReportPart[]) => void;
  /** @returns whether there is a file of that name */
  readonly exists: (path: string) => boolean;
}

/** A command that was found, with what was typed for it. */
export interface TypedCommand {
  readonly spec: CommandSpec;
  /** Values of `-C`, each relative to the one before. */
  readonly folders: readonly string[];
  readonly flags: FlagValues;
  readonly args: readonly string[];
}

/**
 * Reads what was typed, and writes the help that was asked for.
 *
 * @param words what stands behind the program's name
 * @returns the command to run; undefined when help was the answer
 * @throws {UserError} `usage` for what no command takes
 */
export async function parseCommandLine(
  words: readonly string[],
  { show, exists }: Surroundings,
): Promise<TypedCommand | undefined> {
  let line = words;
  let read = parseCommand(line, COMMANDS);
  if (read.spec === undefined && read.args[0] === "help") {
    line = [...read.path, ...read.args.slice(1), "--help"];
    read = parseCommand(line, COMMANDS);
  }
  if (read.spec === undefined && read.path.length === 0) {
    const { rewriteLegacyForm } = await import("./file/legacy.ts");
    const rewritten = rewriteLegacyForm(words, {
      valueFlags: valueFlagsOf(COMMANDS.filter(({ words }) => words.length === 1)),
      exists,
    });
    if (rewritten !== undefined) read = parseCommand(rewritten, COMMANDS);
  }
  const { spec, path, argv, args } = read;
  const meant = spec === undefined ? COMMANDS.find(({ words }) => path.length > 0 && isPrefix(path, words)) : spec;
  if (line.some((word) => meant?.versionWords?.includes(word))) {
    show([VERSION]);
    return undefined;
  }
  if (spec === undefined || argv.flags.has("help")) {
    show(spec === undefined ? answerGroup(line, path, args) : formatCommandHelp(spec));
    return undefined;
  }
  const problem = argv.problem ?? findArgumentProblem(args, spec.arguments ?? []);
  if (problem !== undefined) {
    throw new UserError("usage", problem, { hints: ["run the command with --help to see what it takes"] });
  }
  const { directory = [], ...given } = Object.fromEntries(argv.flags);
  const flags = Object.entries(given).map(([name, values]) => {
    const { value, isRepeated } = spec.flags[name] ?? {};
    return [name, value === undefined ? true : isRepeated ? values : values[0]];
  });
  return { spec, folders: directory, flags: Object.fromEntries(flags), args };
}

/** @returns the flags of some commands that take the next word as their value, as they are typed */
function valueFlagsOf(commands: readonly CommandSpec[]): ReadonlySet<string> {
  const flags = commands.flatMap((spec) => Object.entries<FlagSpec>({ ...spec.flags, ...COMMON_FLAGS }));
  return new Set(
    flags.flatMap(([name, { value, letter }]) =>
      value === undefined ? [] : [`--${formatFlagName(name)}`, ...(letter === undefined ? [] : [`-${letter}`])]
    ),
  );
}

/** @throws {UserError} `usage` where more was typed than the words of a group, its help, and the folder to be in */
function answerGroup(
  words: readonly string[],
  path: readonly string[],
  [input]: readonly string[],
): ReportPart[] {
  const argv = new Argv(words, { ...(path.length === 0 ? PROGRAM_FLAGS : {}), ...COMMON_FLAGS });
  const group = path.map((word) => `${word} `).join("");
  if (argv.openFlag !== undefined && input === undefined) throw new UserError("usage", "-C needs a folder");
  const members = COMMANDS.filter((spec) => isPrefix(path, spec.words));
  if (path.length === 0 && input === EXIT_CODES_TOPIC && argv.flags.has("help")) return formatExitCodes();
  if (path.length === 0 && input === "version" || argv.flags.has("version")) return [VERSION];
  if (input !== undefined || argv.problem !== undefined) {
    const refusal = path.length === 0 ? REFUSED_COMMANDS[input ?? ""] : undefined;
    if (refusal !== undefined) throw new UserError("unsupported", `there is no command "${input}": ${refusal}`);
    const list = `sopsmith ${group}--help lists the commands`;
    if (input === undefined) throw new UserError("usage", `${argv.problem} before a command`, { hints: [list] });
    const [best, ...others] = findMeant(input, { group: path, members });
    const meant = best === undefined ? "" : `; did you mean "${best}"?`;
    const hints = others.length === 0 ? [list] : [`it may also be ${formatList(others, "or")}`, list];
    throw new UserError("usage", `no command "${group}${input}"${meant}`, { hints });
  }
  if (path.length > 0) return formatGroupHelp(path, GROUPS[path.join(" ")] ?? "", members);
  const known = new Set(COMMANDS.map(({ words: [first = ""] }) => first));
  const sections = HELP_SECTIONS.map(({ title, rows }) => ({
    title,
    rows: rows.map(({ words, brief }) => ({ words: words.filter((word) => known.has(word)), brief }))
      .filter(({ words }) => words.length > 0),
  }));
  return formatProgramHelp(PROGRAM_BRIEF, sections);
}

function findArgumentProblem(args: readonly string[], expected: readonly ArgumentSpec[]): string | undefined {
  const missing = expected.filter(({ isRequired }) => isRequired).slice(args.length).map(({ name }) => name);
  if (missing.length === 1) return `the argument ${missing[0]} is missing`;
  if (missing.length > 0) return `the arguments ${formatList(missing)} are missing`;
  if (args.length <= expected.length || expected.at(-1)?.isRepeated) return undefined;
  return `unexpected argument "${args[expected.length]}": the command takes ` +
    (expected.length === 0 ? "none" : `only ${expected.length}`);
}
