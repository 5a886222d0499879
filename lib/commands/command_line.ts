/**
 * The command line: finds the command and its flags in what was typed, and answers `--help`.
 *
 * The only file that knows the argv library. Pure but for the run of the command, which the caller does.
 *
 * @module
 */
import {
  AliasNotFoundError,
  type ApplicationText,
  ArgumentParseError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  FlagNotFoundError,
  type RouteMap,
  run as runApplication,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { UserError } from "../base/error.ts";
import { EXIT } from "../base/exit_code.ts";
import type { OutputStream } from "../base/host/host.ts";
import { suggest } from "../base/show/suggest.ts";
import { formatList } from "../base/show/word_list.ts";
import { type CommandSpec, type FlagSpec, type FlagValues, formatFlagName } from "./shared/command.ts";
import { COMMANDS, GROUPS, PROGRAM_BRIEF } from "./command_table.ts";
import { formatCommandHelp, formatGroupHelp, formatProgramHelp } from "./help.ts";

/** Runs a command that was found; gives its exit code. */
export type Execute = (spec: CommandSpec, flags: FlagValues, args: readonly string[]) => Promise<number>;

/** What the argv library hands to a command. */
interface Context extends CommandContext {
  run(spec: CommandSpec, flags: FlagValues, args: readonly string[]): Promise<void>;
}

/**
 * Runs the command that was typed, or writes the help that was asked for.
 *
 * @param args the words after the program's name
 * @param stdout where help goes
 * @returns the exit code
 * @throws {UserError} `usage` for what no command takes, and what `execute` throws
 */
export async function runCommandLine(args: readonly string[], stdout: OutputStream, execute: Execute): Promise<number> {
  let exitCode: number = EXIT.done;
  let failure: { readonly error: unknown } | undefined;
  let help = "";
  const failAs = (error: UserError): string => {
    failure ??= { error };
    return "";
  };
  const context: Context = {
    process: { stdout: { write: (text) => void (help += text) }, stderr: { write: () => {} } },
    async run(spec, flags, commandArgs) {
      try {
        exitCode = await execute(spec, flags, commandArgs);
      } catch (error) {
        failure = { error };
      }
    },
  };
  await runApplication(buildProgram(args, failAs), withUsualSpellings(args), context);
  if (failure !== undefined) throw failure.error;
  if (help !== "") stdout.write(help); // the library says nothing of what it cannot write
  return exitCode;
}

/** Replaces what only the command that is typed spells so. */
function withUsualSpellings(args: readonly string[]): readonly string[] {
  const spec = COMMANDS.find(({ words, spellings }) => spellings && words.every((word, i) => args[i] === word));
  return spec === undefined ? args : args.map((word) => spec.spellings?.[word] ?? word);
}

function buildProgram(
  args: readonly string[],
  failAs: (error: UserError) => string,
): ReturnType<typeof buildApplication<Context>> {
  const text: ApplicationText = {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections }) => failAs(unknownCommand(input, corrections, args)),
    exceptionWhileParsingArguments: (error) => failAs(usageError(error)),
  };
  const root = buildBranch([], COMMANDS, PROGRAM_BRIEF, () => formatProgramHelp(PROGRAM_BRIEF, COMMANDS));
  return buildApplication<Context>(root, {
    name: "sopsmith",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text },
  });
}

/**
 * A node of the tree. What hangs on it is known by name, and built when it is asked for: building all commands takes
 * longer than everything else that a short command does.
 *
 * @param path the words that lead to the node
 */
function buildBranch(
  path: readonly string[],
  specs: readonly CommandSpec[],
  brief: string,
  formatHelp: () => string,
): RouteMap<Context> {
  const unbuilt = buildCommand<Record<never, never>, [], Context>({ docs: { brief }, parameters: {}, func() {} });
  const depth = path.length;
  const routes = Object.fromEntries(specs.map(({ words }) => [words[depth] ?? "", unbuilt]));
  return {
    ...buildRouteMap<string, Context>({ routes, docs: { brief } }),
    formatHelp,
    getRoutingTargetForInput(word) {
      const members = specs.filter(({ words }) => words[depth] === word);
      const [first] = members;
      if (first === undefined || first.words.length === depth + 1) return first && buildLeaf(first);
      const inner = [...path, word];
      const groupBrief = GROUPS[inner.join(" ")] ?? "";
      return buildBranch(inner, members, groupBrief, () => formatGroupHelp(inner, groupBrief, members));
    },
  };
}

function buildLeaf(spec: CommandSpec): Command<Context> {
  const flags = Object.entries({ ...spec.flags, directory: { brief: "", value: "DIR" } });
  const letters = flags.flatMap(([name, flag]) => "letter" in flag && flag.letter ? [[flag.letter, name]] : []);
  const expected = spec.arguments ?? [];
  const required = expected.filter(({ isRequired }) => isRequired);
  const parameter = { brief: "", parse: String, placeholder: required.map(({ name }) => name).join(" ") };
  const limits = {
    minimum: required.length,
    maximum: expected.some(({ isRepeated }) => isRepeated) ? Infinity : expected.length,
  };
  // The library types flags and arguments by the body's signature, which a table of commands does not have.
  const build = buildCommand as unknown as (definition: unknown) => Command<Context>;
  const leaf = build({
    docs: { brief: spec.brief },
    parameters: {
      flags: Object.fromEntries(flags.map(([name, flag]) => [name, parserFlag(flag)])),
      aliases: { ...Object.fromEntries(letters), C: "directory" },
      positional: { kind: "array", parameter, ...limits },
    },
    func(this: Context, given: FlagValues, ...args: string[]) {
      return this.run(spec, given, args);
    },
  });
  return { ...leaf, formatHelp: () => formatCommandHelp(spec) };
}

function parserFlag(flag: FlagSpec): Record<string, unknown> {
  if (flag.value === undefined) return { kind: "boolean", brief: flag.brief, optional: true, withNegated: false };
  const isRepeated = flag.isRepeated ? { variadic: true } : {};
  return { kind: "parsed", parse: String, brief: flag.brief, optional: true, ...isRepeated };
}

/** @param args what was typed, to name the group of an unknown command */
function unknownCommand(input: string, corrections: readonly string[], args: readonly string[]): UserError {
  const path = args.slice(0, args.indexOf(input)).join(" ");
  const group = Object.hasOwn(GROUPS, path) ? `${path} ` : "";
  const suggestion = corrections[0]?.replaceAll("`", "");
  const meant = suggestion === undefined ? "" : `; did you mean "${group}${suggestion}"?`;
  const found = input.startsWith("-") ? `no flag "${input}" before a command` : `no command "${group}${input}"${meant}`;
  return new UserError("usage", found, { hints: [`sopsmith ${group}--help lists the commands`] });
}

function usageError(error: unknown): UserError {
  return new UserError("usage", describeScannerError(error), {
    hints: ["run the command with --help to see what it takes"],
  });
}

/** Asks for classes, not for their names, which the bundle shortens. */
function describeScannerError(error: unknown): string {
  if (error instanceof FlagNotFoundError) {
    const near = suggest(error.input, error.corrections);
    return `no flag "--${error.input}"${near === undefined ? "" : `; did you mean "${typedFlag(near)}"?`}`;
  }
  if (error instanceof AliasNotFoundError) return `no flag "-${error.input}"`;
  if (error instanceof UnsatisfiedFlagError) return `${typedFlag(error.externalFlagName)} needs a value`;
  if (error instanceof UnexpectedFlagError) {
    return `${typedFlag(error.externalFlagName)} is given twice: "${error.previousInput}" and "${error.input}"`;
  }
  if (error instanceof ArgumentParseError) { // only switches have values that cannot be parsed
    return `${typedFlag(error.externalFlagNameOrPlaceholder)} takes no value, found "${error.input}"`;
  }
  if (error instanceof UnsatisfiedPositionalError) {
    const missing = error.placeholder.split(" ").slice(error.limit?.[1]);
    return missing.length === 1
      ? `the argument ${missing[0]} is missing`
      : `the arguments ${formatList(missing)} are missing`;
  }
  if (error instanceof UnexpectedPositionalError) {
    const expected = error.expectedCount === 0 ? "none" : `only ${error.expectedCount}`;
    return `unexpected argument "${error.input}": the command takes ${expected}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function typedFlag(name: string): string {
  return `--${formatFlagName(name)}`;
}
