/**
 * Reads a line as PowerShell does, by Microsoft's about_Parsing, about_Quoting_Rules, about_Redirection and
 * about_Special_Characters; stricter where its versions differ. Knows nothing of how the program writes its lines. Pure.
 *
 * @module
 */

/** A command of a line, and what it is run under. */
export interface PowerShellCommand {
  /** Variables of the environment that are set before it, in this line; undefined for one that is taken away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name and the arguments as the program gets them; `$env:NAME` where a variable is meant. */
  readonly words: readonly string[];
  /** Whether it runs only where the command before it has succeeded. */
  readonly isConditional: boolean;
}

/** What PowerShell takes for a single quote, wherever it stands. */
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";

/** What it takes for a double one. */
const DOUBLE_QUOTES = '"\u201c\u201d\u201e';

/** What ends a bare word, begins something else in it, or is read differently at its start. */
const SPECIAL = new RegExp(`[\`$(){};|&<>,${SINGLE_QUOTES}${DOUBLE_QUOTES}]|^[@#]|[\u2013-\u2015]`);

/**
 * @throws Error for what PowerShell refuses, or what some of its versions read in another way
 * @returns the commands in order
 */
export function readPowerShell(line: string): PowerShellCommand[] {
  const commands: PowerShellCommand[] = [];
  let env: Record<string, string | undefined> = {};
  for (const { text, isConditional } of splitStatements(line)) {
    const [, name, value] = /^\$env:(\w+) = (.*)$/s.exec(text) ?? [];
    const [, removed] = /^Remove-Item env:(\w+)$/.exec(text) ?? [];
    if (name !== undefined && value !== undefined) {
      const [word, ...rest] = readWords(value);
      if (word === undefined || rest.length > 0 || /^\w/.test(value)) {
        throw new Error(`no value of a variable: ${text}`);
      }
      env = { ...env, [name]: word };
    } else if (removed !== undefined) {
      env = { ...env, [removed]: undefined };
    } else {
      const words = readWords(text);
      if (/^['"]/.test(text)) throw new Error(`a name in quotes is a string, not a command: ${text}`);
      commands.push({ env, words, isConditional });
    }
  }
  return commands.length === 0 ? [{ env, words: [], isConditional: false }] : commands;
}

interface Statement {
  readonly text: string;
  readonly isConditional: boolean;
}

/** @returns the statements between `;`, those in the block of `if ($?) { … }` too */
function splitStatements(line: string): Statement[] {
  const [, block] = /^if \(\$\?\) \{ (.*) \}$/s.exec(line) ?? [];
  if (block !== undefined) {
    return splitStatements(block).map((one, i) => i === 0 ? { ...one, isConditional: true } : one);
  }
  for (const [index, character] of outsideOfQuotes(line)) {
    if (character === ";") {
      const first = line.slice(0, index).trim();
      return [{ text: first, isConditional: false }, ...splitStatements(line.slice(index + 1).trim())];
    }
    if (character === "#" && /\s/.test(line[index - 1] ?? " ")) return splitStatements(line.slice(0, index).trim());
  }
  return [{ text: line, isConditional: false }];
}

function* outsideOfQuotes(line: string): Iterable<readonly [index: number, character: string]> {
  let quotes = "";
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? "";
    if (quotes !== "") {
      if (quotes.includes(character)) quotes = ""; // a doubled one opens again at once
    } else if (SINGLE_QUOTES.includes(character)) quotes = SINGLE_QUOTES;
    else if (DOUBLE_QUOTES.includes(character)) quotes = DOUBLE_QUOTES;
    else yield [i, character];
  }
  if (quotes !== "") throw new Error(`a quote that is not closed: ${line}`);
}

function readWords(text: string): string[] {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const [typed = "", word] = readQuoted(rest) ?? readBare(rest);
    if (words.length > 0) refuseAsArgument(word, text);
    words.push(word);
    rest = rest.slice(typed.length);
    if (rest !== "" && !/^\s/.test(rest)) throw new Error(`two words without a blank: ${text}`);
    rest = rest.trimStart();
  }
  return words;
}

function readQuoted(text: string): readonly [typed: string, word: string] | undefined {
  const [typed, inner = ""] =
    new RegExp(`^[${SINGLE_QUOTES}]((?:[^${SINGLE_QUOTES}]|[${SINGLE_QUOTES}]{2})*)[${SINGLE_QUOTES}]`)
      .exec(text) ?? [];
  if (typed === undefined) return undefined;
  return [typed, inner.replace(new RegExp(`([${SINGLE_QUOTES}])[${SINGLE_QUOTES}]`, "g"), "$1")];
}

function readBare(text: string): readonly [typed: string, word: string] {
  const [typed = ""] = /^\S+/.exec(text) ?? [];
  if (/^(?:\$env:\w+|\$null|>)$/.test(typed)) return [typed, typed];
  const [special] = SPECIAL.exec(typed) ?? [];
  if (special !== undefined) throw new Error(`${JSON.stringify(special)} in the bare word ${typed}`);
  if (/^-[A-Za-z][^.:]*[.:]/.test(typed)) throw new Error(`a parameter that is taken for two: ${typed}`);
  return [typed, typed];
}

/** What the PowerShell of Windows, 5.1, hands to a program in another way than it is written. */
function refuseAsArgument(word: string, text: string): void {
  if (word === "") throw new Error(`an empty argument is dropped: ${text}`);
  if (word.includes('"')) throw new Error(`a double quote in an argument is lost: ${text}`);
  if (/\s.*\\$/.test(word)) throw new Error(`a backslash at the end of an argument in quotes: ${text}`);
}
