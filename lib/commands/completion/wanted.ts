/**
 * What can stand at the cursor of a command line that is being typed: subcommands, flags, or a value of some kind.
 *
 * Reads the command table as the parser does, but never refuses: of a line that makes no sense nothing is wanted. Pure.
 *
 * @module
 */
import {
  type ArgumentSpec,
  type CommandSpec,
  type FlagSpec,
  formatFlagName,
  type ValueKind,
} from "../shared/command.ts";

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

/** The flag that every command takes, and the program too. */
const DIRECTORY_FLAG: FlagSpec = { brief: "run as if started in DIR", value: "DIR" };
const HELP_FLAG: Candidate = { text: "--help", description: "show help" };

const NOTHING: Wanted = { kind: "words", candidates: [] };

/**
 * @param words what stands after the program's name, without shell quotes; the last one is being typed, and may be empty
 */
export function findWanted(words: readonly string[], { commands, groups }: CommandTree): Wanted {
  const current = words.at(-1) ?? "";
  const last = words.length - 1;
  const directories: string[] = [];
  let start = 0;
  while (start < last && (words[start] === "-C" || words[start] === "--directory")) {
    if (start + 1 === last) return folderAfter(directories, current);
    directories.push(words[start + 1] ?? "");
    start += 2;
  }
  let members = commands;
  for (let depth = 0; start + depth < last; depth++) {
    members = members.filter((spec) => spec.words[depth] === words[start + depth]);
    const leaf = members.find((spec) => spec.words.length === depth + 1);
    if (leaf !== undefined) return wantedOfCommand(leaf, words.slice(start + depth + 1), directories);
  }
  if (members.length === 0) return NOTHING;
  const path = words.slice(start, last);
  if (!current.startsWith("-")) return { kind: "words", candidates: subcommands(path, members, groups) };
  return { kind: "words", candidates: path.length > 0 ? [HELP_FLAG] : programFlags() };
}

/** The words that can follow a path of the tree, each once. */
function subcommands(
  path: readonly string[],
  members: readonly CommandSpec[],
  groups: Readonly<Record<string, string>>,
): Candidate[] {
  const found = new Map<string, string>();
  for (const { words, brief } of members) {
    const word = words[path.length] ?? "";
    const isLeaf = words.length === path.length + 1;
    if (!found.has(word)) found.set(word, isLeaf ? brief : groups[[...path, word].join(" ")] ?? "");
  }
  return Array.from(found, ([text, description]) => ({ text, description }));
}

function programFlags(): Candidate[] {
  return [
    { text: "--directory", description: DIRECTORY_FLAG.brief },
    HELP_FLAG,
    { text: "--version", description: "show the version" },
  ];
}

function folderAfter(directories: readonly string[], typed: string): Wanted {
  return { kind: "value", value: "folders", typed, prefix: "", flags: new Map(), directories };
}

/** @param words what follows the command's own words */
function wantedOfCommand(spec: CommandSpec, words: readonly string[], before: readonly string[]): Wanted {
  const table: Readonly<Record<string, FlagSpec>> = { ...spec.flags, directory: DIRECTORY_FLAG };
  const line = readLine(words.slice(0, -1), table);
  const current = words.at(-1) ?? "";
  const flags: GivenFlags = line.flags;
  const directories = [...before, ...line.flags.get("directory") ?? []];
  const value = (name: string, { completes }: FlagSpec | ArgumentSpec, typed: string, prefix = ""): Wanted => {
    return { kind: "value", value: completes ?? valueOfPlaceholder(name), typed, prefix, flags, directories };
  };
  if (line.openFlag !== undefined) return value(line.openFlag.value ?? "", line.openFlag, current);
  if (current.startsWith("-") && !line.hasEnded) {
    const [, prefix = "", name = "", typed = ""] = /^(--([^=]+)=)(.*)$/s.exec(current) ?? [];
    if (prefix === "") return { kind: "words", candidates: flagsLeft(table, line.flags) };
    const flag = table[findFlagName(name, table) ?? ""];
    return flag?.value === undefined ? NOTHING : value(flag.value, flag, typed, prefix);
  }
  const expected = spec.arguments ?? [];
  const lastArgument = expected.at(-1);
  const argument = expected[line.argumentCount] ?? (lastArgument?.isRepeated ? lastArgument : undefined);
  if (argument !== undefined) return value(argument.name, argument, current);
  return line.hasEnded ? NOTHING : { kind: "words", candidates: flagsLeft(table, line.flags) };
}

/** A command's words before the cursor, taken apart. */
interface Line {
  readonly flags: Map<string, string[]>;
  readonly argumentCount: number;
  /** The flag whose value comes next. */
  readonly openFlag: FlagSpec | undefined;
  /** A `--` has ended the flags. */
  readonly hasEnded: boolean;
}

function readLine(words: readonly string[], table: Readonly<Record<string, FlagSpec>>): Line {
  const flags = new Map<string, string[]>();
  let argumentCount = 0;
  let openName: string | undefined;
  let hasEnded = false;
  const give = (name: string, value?: string): void => {
    flags.set(name, [...flags.get(name) ?? [], ...(value === undefined ? [] : [value])]);
  };
  for (const word of words) {
    if (openName !== undefined) {
      give(openName, word);
      openName = undefined;
    } else if (hasEnded || word === "-" || !word.startsWith("-")) {
      argumentCount++;
    } else if (word === "--") {
      hasEnded = true;
    } else {
      const [, typedName = "", value] = /^-{1,2}([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const name = word.startsWith("--") ? findFlagName(typedName, table) : findFlagByLetter(typedName, table);
      if (name === undefined) continue;
      give(name, value);
      if (value === undefined && table[name]?.value !== undefined) openName = name;
    }
  }
  return { flags, argumentCount, openFlag: openName === undefined ? undefined : table[openName], hasEnded };
}

/** @returns the name in the table of a flag typed long, in either spelling that the parser takes */
function findFlagName(typed: string, table: Readonly<Record<string, FlagSpec>>): string | undefined {
  return Object.keys(table).find((name) => name === typed || formatFlagName(name) === typed);
}

function findFlagByLetter(letters: string, table: Readonly<Record<string, FlagSpec>>): string | undefined {
  const letter = letters.at(-1); // of several letters in one word only the last one can take a value
  if (letter === "C") return "directory";
  return Object.keys(table).find((name) => table[name]?.letter === letter);
}

/** The flags that can still be given. */
function flagsLeft(table: Readonly<Record<string, FlagSpec>>, given: GivenFlags): Candidate[] {
  const left = Object.entries(table).filter(([name, flag]) => flag.isRepeated || !given.has(name));
  return [...left.map(([name, { brief }]) => ({ text: `--${formatFlagName(name)}`, description: brief })), HELP_FLAG];
}

/** What a value is whose kind the table does not say: the word that stands for it in help tells files and folders. */
function valueOfPlaceholder(name: string): WantedValue {
  if (/FILE|PATH/.test(name)) return "files";
  return name.includes("DIR") ? "folders" : "nothing";
}
