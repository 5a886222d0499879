/**
 * What a command is, as data: the table in `main.ts` is made of these, and feeds the parser, `--help`, the README's
 * command table and the tests that walk all commands. Pure.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";

/** What the value of a flag or argument is, where a shell can complete it; files are completed without. */
export type ValueKind = "vault" | "recipient-name" | "rule" | "rule-file" | "lint-code" | "severity" | "shell";

/** A flag of a command; its long name is the key in the command's `flags`, written with dashes. */
export interface FlagSpec {
  /** One line, lower case, no period. */
  readonly brief: string;
  /** Short name. */
  readonly letter?: "a" | "c" | "f" | "i" | "o" | "r" | "s" | "y" | "C" | "h" | "v";
  /** What stands for the value in help (`FILE`); absent for a switch. */
  readonly value?: string;
  /** What a shell can offer for the value. */
  readonly completes?: ValueKind;
  /** May be given more than once; the value is a list then. */
  readonly isRepeated?: boolean;
  /** A flag that another program has and this one has not: why, and what to do instead. It is not in help. */
  readonly refusal?: string;
}

/** A positional argument. */
export interface ArgumentSpec {
  /** What stands for it in help: `VAULT`. */
  readonly name: string;
  /** What a shell can offer for it. */
  readonly completes?: ValueKind;
  readonly isRequired?: boolean;
  /** Takes all that follow. */
  readonly isRepeated?: boolean;
}

/** A command line that runs, and what it is good for. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
}

/** Flags that were given, by their name in the table. Values: switch, text, or list of texts. */
export type FlagValues = Readonly<Record<string, boolean | string | readonly string[] | undefined>>;

/**
 * A command's body: reads, plans, shows, writes.
 *
 * @returns the exit code
 * @throws {UserError} for everything that a person can repair
 */
export type CommandBody<Flags> = (
  flags: Flags,
  args: readonly string[],
  session: Session,
) => number | Promise<number>;

/** One command. */
export interface CommandSpec {
  /** As typed after `sopsmith`. */
  readonly words: readonly string[];
  /** Other names for the last word, that people type. */
  readonly aliases?: readonly string[];
  /** One line, capitalised, no period. */
  readonly brief: string;
  /** What a person should know before running it; lines of at most 110 columns. */
  readonly description: readonly string[];
  /** In order: the required ones first; only the last may be repeated. */
  readonly arguments?: readonly ArgumentSpec[];
  readonly flags: Readonly<Record<string, FlagSpec>>;
  readonly examples: readonly Example[];
  /** Words that another program spells differently, to what they are here: `-private-key` to `--private-key`. */
  readonly spellings?: Readonly<Record<string, string>>;
  /**
   * Flags of the program whose name the command has that cannot matter here, as they are typed, with the number of words
   * that follow each: taken anywhere, without effect, and not in help.
   */
  readonly ignored?: Readonly<Record<string, number>>;
  /** What else than `--version` asks for the version, anywhere among the words; absent: nothing does. */
  readonly versionWords?: readonly string[];
  /** Flags that another program has and this one has not, each with the reason and what to do instead. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Loads the body, and with it whatever the body needs. */
  readonly load: () => Promise<CommandBody<FlagValues>>;
}

/** A command as the table writes it, its flags checked against what its body takes. */
export type CommandEntry<Flags> = Omit<CommandSpec, "flags" | "load"> & {
  readonly flags: { readonly [Name in keyof Flags]-?: FlagSpec };
  readonly load: () => Promise<CommandBody<Flags>>;
};

/** @returns the entry as a {@link CommandSpec}; exists to check the flags of one entry against its body */
export function command<Flags>(entry: CommandEntry<Flags>): CommandSpec {
  return entry as unknown as CommandSpec;
}

/** @returns a flag's long name as typed: `withRecipients` → `with-recipients` */
export function formatFlagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
