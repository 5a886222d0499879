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
import { command, type CommandSpec, type FlagSpec, type FlagValues, formatFlagName } from "./lib/commands/command.ts";
import { formatCommandHelp, formatGroupHelp, formatProgramHelp } from "./lib/commands/help.ts";
import type { IdentityPublicFlags } from "./lib/commands/identity_public.ts";
import type { KeygenFlags } from "./lib/commands/keygen.ts";
import type { RulesExplainFlags } from "./lib/commands/rules_explain.ts";
import type { RulesListFlags } from "./lib/commands/rules_list.ts";
import type { VaultListFlags } from "./lib/commands/vault_list.ts";
import type { VaultShowFlags } from "./lib/commands/vault_show.ts";

const PROGRAM_BRIEF = "One program for every key behind SOPS-encrypted secrets";

const JSON_FLAG: FlagSpec = { brief: "result as JSON on stdout" };

const VAULT_CONFIG_FLAGS = {
  config: {
    brief: "read vaults from FILE instead of searching (repeatable; later files win)",
    value: "FILE",
    isRepeated: true,
  },
  configPath: {
    brief: "read vaults from the configuration in DIR instead of searching (repeatable)",
    value: "DIR",
    isRepeated: true,
  },
} as const;

const RULES_CONFIG_FLAG: FlagSpec = { brief: "use this .sops.yaml instead of searching", value: "FILE" };

/** What the groups of commands are for. */
export const GROUPS: Readonly<Record<string, string>> = {
  identity: "Private keys on this machine",
  rules: "The creation rules of .sops.yaml",
  secret: "Secrets by vault and name",
  vault: "Vaults: what is configured, and where each half of a key lives",
};

const KEYGEN: Omit<CommandSpec, "words"> = command<KeygenFlags>({
  words: [],
  brief: "Make an age key pair for a vault",
  description: [
    "The private half is appended to the keys file that SOPS reads; the public half becomes a rule in .sops.yaml.",
    'Safe to run twice: a vault that has its key keeps it. Without any configuration there is one vault, "default",',
    "for the files below secrets/. The recipient (the public half) is printed on stdout.",
  ],
  argument: { name: "VAULT" },
  flags: {
    force: { brief: "make another key even if the vault has one", letter: "f" },
    postQuantum: { brief: "ML-KEM-768 + X25519 (needs SOPS 3.12 and age 1.3 everywhere; rage has none)" },
    name: { brief: "what the key is called in .sops.yaml (default: the vault's name)", value: "NAME" },
    withRecipients: { brief: "a new rule keeps the recipients of the rule that won until now" },
    onlyMe: { brief: "a new rule takes encrypted files over although others lose them" },
    allowInRepo: { brief: "write a keys file inside a git work tree even if git does not ignore it" },
    newConfig: { brief: "make a .sops.yaml here although SOPS finds one above the git root" },
    dryRun: { brief: "show the change of .sops.yaml, make no key, write nothing" },
    json: JSON_FLAG,
    ...VAULT_CONFIG_FLAGS,
  },
  examples: [
    { line: "sopsmith keygen", purpose: "key for the only vault, or for this repository" },
    { line: "sopsmith keygen prod-sops", purpose: "key for a named vault" },
    { line: "sopsmith keygen --force", purpose: "one more key for a vault that has one" },
  ],
  load: async () => (await import("./lib/commands/keygen.ts")).keygen,
});

/** Every command that works, in the order of help. */
export const COMMANDS: readonly CommandSpec[] = [
  { ...KEYGEN, words: ["keygen"] },
  command<VaultListFlags>({
    words: ["vault", "list"],
    brief: "List the vaults and where each half of their keys lives",
    description: ['Vaults come from atmos.yaml or sopsmith.yaml; without any there is the built-in vault "default".'],
    flags: { json: JSON_FLAG, ...VAULT_CONFIG_FLAGS },
    examples: [{ line: "sopsmith vault list", purpose: "all vaults of this repository" }],
    load: async () => (await import("./lib/commands/vault_list.ts")).vaultList,
  }),
  command<VaultShowFlags>({
    words: ["vault", "show"],
    brief: "Show one vault: its files, its rule, its keys file",
    description: ["Never shows key material."],
    argument: { name: "VAULT" },
    flags: { json: JSON_FLAG, ...VAULT_CONFIG_FLAGS },
    examples: [
      { line: "sopsmith vault show", purpose: "the only vault" },
      { line: "sopsmith vault show prod-sops", purpose: "a named vault" },
    ],
    load: async () => (await import("./lib/commands/vault_show.ts")).vaultShow,
  }),
  command<RulesListFlags>({
    words: ["rules", "list"],
    brief: "List the creation rules of .sops.yaml with their recipients",
    description: ["Rules are tried from the top; the first one that matches a file wins, and rules never add up."],
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith rules list", purpose: "the rules that apply here" }],
    load: async () => (await import("./lib/commands/rules_list.ts")).rulesList,
  }),
  command<RulesExplainFlags>({
    words: ["rules", "explain"],
    brief: "Explain which rule wins for a file, and why",
    description: [
      "Shows the .sops.yaml used, the path that its rules are compared with, every rule up to the winner, and for an",
      "encrypted file how it differs from its rule. The file need not exist yet.",
    ],
    argument: { name: "FILE", isRequired: true, isRepeated: true },
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith rules explain secrets/db.yaml", purpose: "who will be able to read that file" }],
    load: async () => (await import("./lib/commands/rules_explain.ts")).rulesExplain,
  }),
  command<IdentityPublicFlags>({
    words: ["identity", "public"],
    brief: "Print the recipients (public halves) of a keys file",
    description: [
      'Reads FILE, or standard input for "-", or without an argument the keys file that SOPS reads; prints one recipient',
      "for each identity, as age-keygen -y does.",
    ],
    argument: { name: "FILE" },
    flags: { json: JSON_FLAG },
    examples: [
      { line: "sopsmith identity public", purpose: "the recipients that this machine can decrypt for" },
      { line: "sopsmith identity public keys.txt", purpose: "those of a file" },
    ],
    load: async () => (await import("./lib/commands/identity_public.ts")).identityPublic,
  }),
  { ...KEYGEN, words: ["secret", "keygen"] },
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
  await runApplication(buildProgram(rest, failAs), rest, context);
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
  const root = buildBranch(0, COMMANDS, PROGRAM_BRIEF, () => formatProgramHelp(PROGRAM_BRIEF, COMMANDS));
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
 * @param depth which word of the specs names what hangs on the node
 */
function buildBranch(
  depth: number,
  specs: readonly CommandSpec[],
  brief: string,
  formatHelp: () => string,
): RouteMap<Context> {
  const unbuilt = buildCommand<Record<never, never>, [], Context>({ docs: { brief }, parameters: {}, func() {} });
  const routes = Object.fromEntries(specs.map(({ words }) => [words[depth] ?? "", unbuilt]));
  return {
    ...buildRouteMap<string, Context>({ routes, docs: { brief } }),
    formatHelp,
    getRoutingTargetForInput(word) {
      const members = specs.filter(({ words }) => words[depth] === word);
      const [first] = members;
      if (first === undefined || first.words.length === depth + 1) return first && buildLeaf(first);
      const groupBrief = GROUPS[word] ?? "";
      return buildBranch(depth + 1, members, groupBrief, () => formatGroupHelp([word], groupBrief, members));
    },
  };
}

function buildLeaf(spec: CommandSpec): Command<Context> {
  const flags = Object.entries({ ...spec.flags, directory: { brief: "", value: "DIR" } });
  const letters = flags.flatMap(([name, flag]) => "letter" in flag && flag.letter ? [[flag.letter, name]] : []);
  const parameter = { brief: "", parse: String, placeholder: spec.argument?.name ?? "" };
  const limits = {
    minimum: spec.argument?.isRequired ? 1 : 0,
    maximum: spec.argument === undefined ? 0 : spec.argument.isRepeated ? Infinity : 1,
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
function unknownCommand(input: string, corrections: readonly string[], [first = ""]: readonly string[]): UserError {
  const group = first !== input && Object.hasOwn(GROUPS, first) ? `${first} ` : "";
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
