/**
 * The hidden call `sopsmith __complete SHELL WORD…` behind the scripts that `completion` prints: what can stand at the
 * cursor, for a shell to read.
 *
 * The first line says what to do, the others are what is offered, in the form of the shell: `words`; `partial` (no blank
 * after a word: it is a folder); `files` or `folders` (the shell lists them itself). Never prints an error, never asks, and
 * ends with code 0: a person has pressed Tab, not run a command.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { type Shell, SHELLS } from "./shell.ts";
import { listFiles, readValues } from "./values.ts";
import { type Candidate, type CommandTree, findWanted, type Wanted } from "./wanted.ts";
import { type BashWord, formatBashWord, parseBashWord } from "./bash_words.ts";

/** What a shell is told. */
interface Answer {
  readonly action: "words" | "partial" | "files" | "folders";
  readonly candidates: readonly Candidate[];
}

const NO_ANSWER: Answer = { action: "words", candidates: [] };

/** Text that would end a line or a field of the answer. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f]/g;

/**
 * Answers a shell.
 *
 * @param args the shell's name, then the words after `sopsmith` up to the cursor, the last of them being typed: raw from
 * bash, with a dot before each from PowerShell, without quotes from the others
 * @returns always 0
 */
export async function answerCompletion(args: readonly string[], tree: CommandTree, host: Host): Promise<number> {
  const [shellName, ...raw] = args;
  const shell = SHELLS.find((name) => name === shellName);
  if (shell === undefined) return EXIT.done;
  try {
    const words = raw.map((word) => parseWord(word, shell));
    const current = words.at(-1) ?? { text: "", openQuote: undefined };
    const wanted = findWanted(words.map(({ text }) => text), tree);
    const { action, candidates } = await answer(wanted, current.text, shell, host);
    const lines = candidates.filter(({ text }) => text.search(CONTROLS) < 0)
      .map((candidate) => formatCandidate(candidate, shell, current));
    host.stdout.write([action, ...lines, ""].join("\n"));
  } catch {
    // A file that cannot be read offers nothing; the command itself will say why.
  }
  return EXIT.done;
}

function parseWord(word: string, shell: Shell): BashWord {
  switch (shell) {
    case "bash":
      return parseBashWord(word);
    case "powershell":
      return { text: word.slice(1).replace(/^["']/, ""), openQuote: undefined };
    case "zsh":
    case "fish":
      return { text: word, openQuote: undefined };
  }
}

async function answer(wanted: Wanted, current: string, shell: Shell, host: Host): Promise<Answer> {
  if (wanted.kind === "words") return offer(wanted.candidates, current, shell);
  const { value, typed, prefix, flags } = wanted;
  const inner = wanted.directories.reduce((at, folder) => at.in(expandHome(folder, host)), host);
  switch (value) {
    case "nothing":
      return NO_ANSWER;
    case "files":
    case "folders":
      return await offerFiles(value, wanted, shell, inner);
    case "rule-file": {
      const found = (await readValues(value, flags, inner)).filter(({ text }) => text.startsWith(typed));
      if (found.length === 0) return await offerFiles("files", wanted, shell, inner);
      return { action: "words", candidates: withPrefix(found, prefix) };
    }
    default:
      return offer(withPrefix(await readValues(value, flags, inner), prefix), current, shell);
  }
}

/** zsh and fish choose by rules of their own, so they get all. */
function offer(candidates: readonly Candidate[], current: string, shell: Shell): Answer {
  const doesShellChoose = shell === "zsh" || shell === "fish";
  return { action: "words", candidates: candidates.filter(({ text }) => doesShellChoose || text.startsWith(current)) };
}

/** A shell lists files better than we do, but only from its own folder, and fish only for a word of their own. */
async function offerFiles(
  files: "files" | "folders",
  { typed, prefix, directories }: Extract<Wanted, { kind: "value" }>,
  shell: Shell,
  inner: Host,
): Promise<Answer> {
  const isElsewhere = directories.length > 0 && !typed.startsWith("~") && !inner.paths.isAbsolute(typed);
  const isPartOfWord = prefix !== "" && (shell === "fish" || shell === "powershell");
  if (!isElsewhere && !isPartOfWord) return { action: files, candidates: [] };
  const found = await listFiles(typed, files === "folders" ? "only" : "too", inner);
  const hasFolder = found.some(({ text }) => text.endsWith("/"));
  return { action: hasFolder ? "partial" : "words", candidates: withPrefix(found, prefix) };
}

function withPrefix(candidates: readonly Candidate[], prefix: string): readonly Candidate[] {
  return prefix === "" ? candidates : candidates.map(({ text, ...rest }) => ({ ...rest, text: prefix + text }));
}

function formatCandidate({ text, description }: Candidate, shell: Shell, current: BashWord): string {
  const shown = description.replace(CONTROLS, " ");
  switch (shell) {
    case "bash":
      return formatBashWord(text, current.openQuote);
    case "zsh": {
      const value = text.replace(/[\\:]/g, "\\$&");
      return shown === "" ? value : `${value}:${shown}`;
    }
    case "fish":
    case "powershell":
      return `${text}\t${shown}`;
  }
}

/** A shell hands a leading `~` over as typed. */
function expandHome(folder: string, host: Host): string {
  const home = findHome(host);
  return home === undefined || !/^~(?:$|[/\\])/.test(folder) ? folder : host.paths.join(home, folder.slice(1));
}
