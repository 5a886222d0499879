/**
 * The one reader of what was typed: which command it is, its flags and its arguments. Flags may stand before, between and
 * behind the command's words.
 *
 * Never refuses: the first mistake is part of the answer, for `lib/commands/command_line.ts` to tell; completion reads on. Pure.
 *
 * @module
 */
import { suggest } from "../../base/show/suggest.ts";
import { type CommandSpec, type FlagSpec, formatFlagName } from "./command.ts";

/** The flags of a command by name. */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

/** Flags that every command takes. */
export const COMMON_FLAGS = {
  directory: { brief: "run as if started in DIR", letter: "C", value: "DIR", isRepeated: true },
  help: { brief: "show this help", letter: "h" },
} as const satisfies FlagTable;

/** What was typed, read as one command. */
export interface ParsedCommand {
  /** Undefined: the words name no command. */
  readonly spec: CommandSpec | undefined;
  /** The words that name the command, or else a group, or else none. */
  readonly path: readonly string[];
  readonly argv: Argv;
  /** The arguments behind the words of the path. */
  readonly args: readonly string[];
}

/**
 * Finds the command: the one whose words come first when its own flags and their values are left out.
 *
 * @param words what stands behind the program's name
 */
export function parseCommand(words: readonly string[], commands: readonly CommandSpec[]): ParsedCommand {
  const names = commands.flatMap((spec) => namesOf(spec).map((path) => ({ spec, path })));
  const candidates = names.filter(({ path }) => path.every((word) => words.includes(word))).map(({ spec, path }) => {
    const argv = new Argv(withoutIgnored(words, spec).map((word) => spec.spellings?.[word] ?? word), {
      ...refusedFlags(spec),
      ...spec.flags,
      ...COMMON_FLAGS,
    });
    return { spec, path, argv, args: argv.args.slice(path.length) };
  }).filter(({ path, argv }) => isPrefix(path, argv.args));
  const found = candidates.find(({ argv }) => argv.problem === undefined) ?? candidates[0];
  if (found !== undefined) return found;
  const argv = new Argv(words, COMMON_FLAGS);
  let length = 0;
  while (length < argv.args.length && commands.some((spec) => isPrefix(argv.args.slice(0, length + 1), spec.words))) {
    length++;
  }
  return { spec: undefined, path: argv.args.slice(0, length), argv, args: argv.args.slice(length) };
}

/** @returns the words without flags that have no effect, up to a `--` */
function withoutIgnored(words: readonly string[], { ignored }: CommandSpec): readonly string[] {
  if (ignored === undefined) return words;
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...kept, ...words.slice(i)];
    const count = Object.hasOwn(ignored, word) ? ignored[word] : undefined;
    if (count === undefined) kept.push(word);
    else i += count;
  }
  return kept;
}

/** @returns the words of a command, and those with an alias for the last one */
function namesOf({ words, aliases = [] }: CommandSpec): (readonly string[])[] {
  return [words, ...aliases.map((alias) => [...words.slice(0, -1), alias])];
}

/** The flags that are refused take a value where one follows: they end the reading either way. */
function refusedFlags({ refused = {} }: CommandSpec): FlagTable {
  return Object.fromEntries(Object.entries(refused).map(([name, refusal]) => [name, { brief: "", refusal }]));
}

/** @returns whether words stand at the start of others */
export function isPrefix(start: readonly string[], words: readonly string[]): boolean {
  return start.every((word, index) => words[index] === word);
}

/** `--name` and `--name=value`. */
const LONG = /^--([A-Za-z][^=]*)(?:=(.*))?$/s;

/** `-f`, `-fo` and `-o=value`; what else begins with one dash is no flag: `-`, `-5`, `-oOption`. */
const LETTERS = /^-(?:([A-Za-z]+)|([A-Za-z])=(.*))$/s;

/** Words taken apart, as far as they make sense. */
export class Argv {
  /** Values of the flags by their name in the table, in the order of typing; a switch has none. */
  readonly flags = new Map<string, readonly string[]>();
  readonly args: string[] = [];
  /** The name of the flag whose value comes next. */
  openFlag: string | undefined;
  /** A `--` has ended the flags. */
  hasEnded = false;
  readonly #table: FlagTable;
  #problem: string | undefined;

  constructor(words: readonly string[], table: FlagTable) {
    this.#table = table;
    for (const word of words) this.#take(word);
  }

  /** The first mistake, for people. */
  get problem(): string | undefined {
    return this.#problem ?? (this.openFlag === undefined ? undefined : `${typedFlag(this.openFlag)} needs a value`);
  }

  #take(word: string): void {
    const long = this.hasEnded ? null : LONG.exec(word);
    const short = this.hasEnded ? null : LETTERS.exec(word);
    const isEnd = !this.hasEnded && word === "--";
    const { openFlag } = this;
    if (long !== null || short !== null || isEnd) this.#problem = this.problem;
    this.openFlag = undefined;
    if (long !== null) this.#giveLong(long[1] ?? "", long[2]);
    else if (short !== null) this.#giveLetters(short[1] ?? short[2] ?? "", short[3]);
    else if (isEnd) this.hasEnded = true;
    else if (openFlag !== undefined) this.#give(openFlag, word);
    else this.args.push(word);
  }

  #giveLong(typed: string, value: string | undefined): void {
    const name = findFlag(typed, this.#table);
    if (name !== undefined) return this.#give(name, value);
    const known = Object.keys(this.#table).filter((key) => this.#table[key]?.refusal === undefined);
    const near = suggest(typed, known.map(formatFlagName));
    this.#problem ??= `no flag "--${typed}"${near === undefined ? "" : `; did you mean "--${near}"?`}`;
  }

  /** Of several letters in one word only the last one can take a value. */
  #giveLetters(letters: string, value: string | undefined): void {
    for (const [index, letter] of [...letters].entries()) {
      const name = Object.keys(this.#table).find((key) => this.#table[key]?.letter === letter);
      this.#problem = this.problem;
      if (name === undefined) this.#problem ??= `no flag "-${letter}"`;
      else this.#give(name, index === letters.length - 1 ? value : undefined);
    }
  }

  #give(name: string, value: string | undefined): void {
    const [flag, earlier] = [this.#table[name], this.flags.get(name) ?? []];
    if (flag?.refusal !== undefined) this.#problem ??= `${typedFlag(name)} is not supported: ${flag.refusal}`;
    if (flag?.value === undefined) {
      if (value !== undefined && !SWITCHED.includes(value)) {
        this.#problem ??= `${typedFlag(name)} takes no value, found "${value}"`;
      }
      if (value !== "false") this.flags.set(name, []);
    } else if (value === undefined) {
      this.openFlag = name;
    } else {
      if (earlier[0] !== undefined && !flag.isRepeated) {
        this.#problem ??= `${typedFlag(name)} is given twice: "${earlier[0]}" and "${value}"`;
      }
      this.flags.set(name, [...earlier, value]);
    }
  }
}

/** What a switch may be set to. */
const SWITCHED = ["true", "false"];

/** @returns the name in the table of a flag typed long, with dashes or as the table has it */
export function findFlag(typed: string, table: FlagTable): string | undefined {
  return Object.keys(table).find((name) => name === typed || formatFlagName(name) === typed);
}

function typedFlag(name: string): string {
  return `--${formatFlagName(name)}`;
}
