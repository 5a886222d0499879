/**
 * The command tree: every command with its flags and examples, bound to its body, which is loaded only when it runs.
 *
 * The only file that knows the argv library and sets the exit status. `run` is what tests call.
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
import { createDenoHost } from "./lib/base/deno_host.ts";
import { UserError } from "./lib/base/error.ts";
import { EXIT, exitCodeOf } from "./lib/base/exit_code.ts";
import type { Host } from "./lib/base/host.ts";
import { Report } from "./lib/base/report.ts";
import { suggest } from "./lib/base/suggest.ts";
import { type CommandSpec, type FlagSpec, type FlagValues, formatFlagName } from "./lib/commands/command.ts";
import { formatCommandHelp, formatGroupHelp, formatProgramHelp } from "./lib/commands/help.ts";
import { IDENTITY_COMMANDS } from "./lib/commands/identity_commands.ts";
import { KEYGEN_COMMANDS, SECRET_COMMANDS } from "./lib/commands/keygen_commands.ts";
import { NIX_COMMANDS } from "./lib/commands/nix_commands.ts";
import { RECIPIENT_COMMANDS } from "./lib/commands/recipient_commands.ts";
import { RULES_COMMANDS } from "./lib/commands/rules_commands.ts";
import { SETUP_COMMANDS } from "./lib/commands/setup_commands.ts";
import { SSH_TO_AGE_COMMANDS } from "./lib/commands/ssh_to_age_commands.ts";
import { VAULT_COMMANDS } from "./lib/commands/vault_commands.ts";

const PROGRAM_BRIEF = "One program for every key behind SOPS-encrypted secrets";

/** What the groups of commands are for. */
export const GROUPS: Readonly<Record<string, string>> = {
  identity: "Private keys on this machine",
  nix: "Signing keys and signatures of Nix binary caches",
  "nix key": "Signing keys of Nix binary caches",
  "nix store": "Signatures of a binary cache folder",
  recipient: "The public keys in .sops.yaml, by name",
  rules: "The creation rules of .sops.yaml",
  secret: "Secrets by vault and name",
  vault: "Vaults: what is configured, and where each half of a key lives",
};

/** Every command that works, in the order of help. */
export const COMMANDS: readonly CommandSpec[] = [
  ...KEYGEN_COMMANDS,
  ...SETUP_COMMANDS,
  ...VAULT_COMMANDS,
  ...IDENTITY_COMMANDS,
  ...RECIPIENT_COMMANDS,
  ...RULES_COMMANDS,
  ...SSH_TO_AGE_COMMANDS,
  ...NIX_COMMANDS,
  ...SECRET_COMMANDS,
];

/** What the argv library hands to a command. */
interface Context extends CommandContext {
  /** Runs a body and remembers its exit code. */
  execute(spec: CommandSpec, flags: FlagValues, args: readonly string[]): Promise<void>;
}

/**
 * Runs the program.
 *
 * @param args the words after the program's name
 * @param host the machine it runs on
 * @returns the exit code, one of `EXIT_CODES`
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  const report = new Report(host, args.includes("--json") ? "json" : "text");
  let exitCode: number = EXIT.done;
  let usageProblem: UserError | undefined;
  const failAs = (error: UserError): string => {
    usageProblem ??= error;
    return "";
  };
  const { directory, rest, problem } = takeDirectory(args);
  if (problem !== undefined) return reportError(problem, host, report);
  if (rest[0] === "--version" || rest[0] === "-v") {
    host.stdout.write(`${(await import("./lib/base/version.ts")).VERSION}\n`);
    return EXIT.done;
  }
  const context: Context = {
    process: { stdout: host.stdout, stderr: { write: () => {} } },
    async execute(spec, { directory: later, ...flags }, commandArgs) {
      const folders = [...directory, ...(typeof later === "string" ? [later] : [])];
      const inner = folders.reduce((at, folder) => at.in(folder), host);
      try {
        await requireFolder(inner, folders);
        const body = await spec.load();
        exitCode = await body(flags, commandArgs, inner, new Report(inner, report.format));
      } catch (error) {
        exitCode = reportError(error, inner, report);
      }
    },
  };
  await runApplication(buildProgram(rest, failAs), withUsualSpellings(rest), context);
  return usageProblem === undefined ? exitCode : reportError(usageProblem, host, report);
}

/** Takes `-C DIR` from the front, where git users write it. */
function takeDirectory(args: readonly string[]): { directory: string[]; rest: string[]; problem?: UserError } {
  const directory: string[] = [];
  const rest = [...args];
  while (rest[0] === "-C" || rest[0] === "--directory") {
    const [flag, folder] = rest.splice(0, 2);
    if (folder === undefined) return { directory, rest, problem: new UserError("usage", `${flag} needs a folder`) };
    directory.push(folder);
  }
  return { directory, rest };
}

/** Replaces what only the command that is typed spells so. */
function withUsualSpellings(args: readonly string[]): readonly string[] {
  const spec = COMMANDS.find(({ words, spellings }) => spellings && words.every((word, i) => args[i] === word));
  return spec === undefined ? args : args.map((word) => spec.spellings?.[word] ?? word);
}

async function requireFolder(host: Host, folders: readonly string[]): Promise<void> {
  if (folders.length === 0) return;
  const kind = (await host.files.stat(host.cwd))?.kind;
  if (kind === "directory") return;
  const found = kind === undefined ? "no such folder" : "it is a file, expected a folder";
  throw new UserError("not-found", `cannot run in "${host.cwd}": ${found}`);
}

function reportError(error: unknown, host: Host, report: Report): number {
  const isDebugging = Boolean(host.env("SOPSMITH_DEBUG"));
  if (error instanceof UserError) {
    report.error(error);
    if (isDebugging && error.cause !== undefined) report.detail(String(error.cause));
    return exitCodeOf(error.kind);
  }
  report.error(
    new UserError("unsupported", "sopsmith stopped at a mistake of its own; nothing more was written", {
      hints: ["run the command again with SOPSMITH_DEBUG=1 and report what it prints (it may name your files)"],
    }),
  );
  if (isDebugging) report.detail(error instanceof Error ? error.stack ?? error.message : String(error));
  return EXIT.internal;
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
      return this.execute(spec, given, args);
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
    return `no flag "--${error.input}"${near === undefined ? "" : `; did you mean "--${near}"?`}`;
  }
  if (error instanceof AliasNotFoundError) return `no flag "-${error.input}"`;
  if (error instanceof UnsatisfiedFlagError) return `${typedFlag(error.externalFlagName)} needs a value`;
  if (error instanceof UnexpectedFlagError) {
    return `${typedFlag(error.externalFlagName)} is given twice: "${error.previousInput}" and "${error.input}"`;
  }
  if (error instanceof ArgumentParseError) { // only switches have values that cannot be parsed
    return `${typedFlag(error.externalFlagNameOrPlaceholder)} takes no value, found "${error.input}"`;
  }
  if (error instanceof UnsatisfiedPositionalError) return `the argument ${error.placeholder} is missing`;
  if (error instanceof UnexpectedPositionalError) {
    const expected = error.expectedCount === 0 ? "none" : `only ${error.expectedCount}`;
    return `unexpected argument "${error.input}": the command takes ${expected}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function typedFlag(name: string): string {
  return `--${formatFlagName(name)}`;
}

if (import.meta.main) Deno.exitCode = await run(Deno.args, await createDenoHost());
