/**
 * Command lines as SOPS had them before it had commands, and as people still type them: `sopsmith -d FILE`,
 * `sopsmith --set '["a"] 1' FILE`, `sopsmith FILE`. Words in, words out. Pure. Spec: sops-engine §5.1, §10.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";

/** The old flags that name what is to be done, and the commands that do it. */
const ACTIONS: Readonly<Record<string, string>> = {
  "-d": "decrypt",
  "--decrypt": "decrypt",
  "-e": "encrypt",
  "--encrypt": "encrypt",
  "-r": "rotate",
  "--rotate": "rotate",
};

/** What has to be known besides the words. */
export interface LegacySurroundings {
  /** Flags that take the next word as their value, as typed: `--age`, `-a`. */
  readonly valueFlags: ReadonlySet<string>;
  /** @returns whether there is a file of that name */
  readonly exists: (path: string) => boolean;
}

/**
 * Rewrites a command line without a command.
 *
 * @param args the words after the program's name; the first is no command
 * @returns the words with a command; undefined when they are no old form either
 * @throws {UserError} `usage` for two actions at once, and for a `--set` without path or value
 */
export function rewriteLegacyForm(
  args: readonly string[],
  { valueFlags, exists }: LegacySurroundings,
): string[] | undefined {
  const { action, setting, rest, flags, files } = sortWords(args, valueFlags);
  if (action === undefined && setting === undefined) {
    const [file] = files;
    const isFile = file !== undefined && (exists(file) || /[./\\]/.test(file));
    return isFile ? ["edit", ...rest] : undefined;
  }
  if (setting === undefined) return [action ?? "", ...rest];
  if (action !== undefined) throw new UserError("usage", `--set and the command ${action} contradict each other`);
  const [path, value] = splitSetting(setting);
  const [file, ...others] = files;
  if (file === undefined) throw new UserError("usage", "the argument FILE is missing");
  return ["set", ...flags, file, path, value, ...others];
}

interface SortedWords {
  readonly action: string | undefined;
  /** The value of `--set`. */
  readonly setting: string | undefined;
  /** Everything else, in order, files included. */
  readonly rest: readonly string[];
  /** Of the rest, those that begin with a dash, and their values. */
  readonly flags: readonly string[];
  readonly files: readonly string[];
}

function sortWords(args: readonly string[], valueFlags: ReadonlySet<string>): SortedWords {
  const rest: string[] = [];
  const flags: string[] = [];
  const files: string[] = [];
  let action: string | undefined;
  let setting: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    const named = ACTIONS[word];
    if (named !== undefined) {
      if (action !== undefined && action !== named) {
        throw new UserError("usage", `the commands ${action} and ${named} contradict each other`, {
          hints: ["run one of them"],
        });
      }
      action = named;
    } else if (word === "--set") {
      setting = args[++i] ?? "";
    } else if (word.startsWith("--set=")) {
      setting = word.slice("--set=".length);
    } else if (word === "--") {
      rest.push(...args.slice(i));
      files.push(...args.slice(i + 1));
      break;
    } else if (word.startsWith("-") && word !== "-") {
      const words = valueFlags.has(word) ? args.slice(i, i + 2) : [word];
      i += words.length - 1;
      rest.push(...words);
      flags.push(...words);
    } else {
      rest.push(word);
      files.push(word);
    }
  }
  return { action, setting, rest, flags, files };
}

/** @returns path and value of `--set '["a"][0] VALUE'` */
function splitSetting(setting: string): readonly [path: string, value: string] {
  const match = /^(\s*(?:\[[^\]]*\]\s*)+?)\s+(\S[\s\S]*)$/.exec(setting) ??
    /^((?:\[[^\]]*\])+)\s*([\s\S]+)$/.exec(setting);
  if (match === null) {
    throw new UserError("usage", "--set takes a path and a value in one word", {
      hints: [`write --set '["key"] "value"'`],
    });
  }
  return [match[1]?.trim() ?? "", match[2] ?? ""];
}
