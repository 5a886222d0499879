/**
 * What can stand at the cursor of a command line that is being typed: subcommands, flags, or a value of some kind.
 *
 * Reads the command table as the parser does, but never refuses: of a line that makes no sense nothing is wanted. Pure.
 *
 * @module
 */
import { COMMON_FLAGS, findFlag, type FlagTable, isPrefix, parseCommand, type ParsedCommand } from "../shared/argv.ts";
import { type CommandSpec, formatFlagName, type ValueKind } from "../shared/command.ts";

/** The commands, and what their groups are for. */
export interface CommandTree {
  readonly commands: readonly CommandSpec[];
  /** Brief by the words of a group: `nix key`. */
  readonly groups: Readonly<Record<string, string>>;
}

/** One word that a shell offers. */
export interface Candidate {
  readonly text: string;
  /** One line; empty when there is nothing to say. */
  readonly description: string;
}

/** What a value is: known to the program alone, a file or folder, or anything. */
export type WantedValue = ValueKind | "files" | "folders" | "nothing";

/** Values of the flags given so far by their name in the table, in the order of typing; a switch has none. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

/** What stands at the cursor. */
export type Wanted =
  /** One of these words. */
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | {
    readonly kind: "value";
    readonly value: WantedValue;
    /** What has been typed of the value. */
    readonly typed: string;
    /** What stands before the value in the same word: `--config=`, else nothing. */
    readonly prefix: string;
    readonly flags: GivenFlags;
    /** The folders of `-C`, each relative to the one before. */
    readonly directories: readonly string[];
  };

const HELP_FLAG: Candidate = { text: "--help", description: "show help" };

const NOTHING: Wanted = { kind: "words", candidates: [] };

/**
 * @param words what stands after the program's name, without shell quotes; the last one is being typed, and may be empty
 */
export function findWanted(words: readonly string[], { commands, groups }: CommandTree): Wanted {
  const current = words.at(-1) ?? "";
  const command = parseCommand(words.slice(0, -1), commands);
  const { spec, path, argv, args } = command;
  if (spec !== undefined || argv.openFlag !== undefined) return wantedOfCommand(command, current);
  if (args.length > 0) return NOTHING;
  if (current.startsWith("-")) return { kind: "words", candidates: path.length > 0 ? [HELP_FLAG] : programFlags() };
  return { kind: "words", candidates: subcommands(path, commands, groups) };
}

/** The words that can follow a path of the tree, each once. */
function subcommands(
  path: readonly string[],
  commands: readonly CommandSpec[],
  groups: Readonly<Record<string, string>>,
): Candidate[] {
  const found = new Map<string, string>();
  for (const { words, brief } of commands.filter((spec) => isPrefix(path, spec.words))) {
    const word = words[path.length] ?? "";
    const isLeaf = words.length === path.length + 1;
    if (!found.has(word)) found.set(word, isLeaf ? brief : groups[[...path, word].join(" ")] ?? "");
  }
  return Array.from(found, ([text, description]) => ({ text, description }));
}

function programFlags(): Candidate[] {
  return [
    { text: "--directory", description: COMMON_FLAGS.directory.brief },
    HELP_FLAG,
    { text: "--version", description: "show the version" },
  ];
}

function wantedOfCommand({ spec, argv, args }: ParsedCommand, current: string): Wanted {
  const { flags, openFlag, hasEnded } = argv;
  const table: FlagTable = { ...spec?.flags, directory: COMMON_FLAGS.directory };
  const directories = flags.get("directory") ?? [];
  const value = (name: string, completes: ValueKind | undefined, typed: string, prefix = ""): Wanted => {
    return { kind: "value", value: completes ?? valueOfPlaceholder(name), typed, prefix, flags, directories };
  };
  const open = table[openFlag ?? ""];
  if (open?.value !== undefined) return value(open.value, open.completes, current);
  if (current.startsWith("-") && !hasEnded) {
    const [, prefix = "", name = "", typed = ""] = /^(--([^=]+)=)(.*)$/s.exec(current) ?? [];
    if (prefix === "") return { kind: "words", candidates: flagsLeft(table, flags) };
    const flag = table[findFlag(name, table) ?? ""];
    return flag?.value === undefined ? NOTHING : value(flag.value, flag.completes, typed, prefix);
  }
  const expected = spec?.arguments ?? [];
  const lastArgument = expected.at(-1);
  const argument = expected[args.length] ?? (lastArgument?.isRepeated ? lastArgument : undefined);
  if (argument !== undefined) return value(argument.name, argument.completes, current);
  return hasEnded ? NOTHING : { kind: "words", candidates: flagsLeft(table, flags) };
}

/** The flags that can still be given. */
function flagsLeft(table: FlagTable, given: GivenFlags): Candidate[] {
  const left = Object.entries(table).filter(([name, flag]) => flag.isRepeated || !given.has(name));
  return [...left.map(([name, { brief }]) => ({ text: `--${formatFlagName(name)}`, description: brief })), HELP_FLAG];
}

/** What a value is whose kind the table does not say: the word that stands for it in help tells files and folders. */
function valueOfPlaceholder(name: string): WantedValue {
  if (/FILE|PATH/.test(name)) return "files";
  return name.includes("DIR") ? "folders" : "nothing";
}
