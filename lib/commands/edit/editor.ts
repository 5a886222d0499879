/**
 * Which editor a person uses, how it is made to wait until they are done, and to keep no copy of what it shows. Pure.
 * Spec: sops-engine §5.4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Os } from "../../base/host/host.ts";
import { splitCommand } from "../../keys/places/key_command.ts";

/** Variables that name an editor, the first that is set counts. */
const VARIABLES = ["SOPS_EDITOR", "EDITOR"] as const;

/** What is tried where no variable names an editor, as SOPS does. */
const USUAL_EDITORS: Readonly<Record<Os, readonly string[]>> = {
  linux: ["vim", "nano", "vi"],
  darwin: ["vim", "nano", "vi"],
  windows: ["notepad"],
};

/** Editors with windows that return at once unless they are told to wait, with the flag that tells them. */
const WAIT_FLAGS: readonly { readonly program: RegExp; readonly flag: string; readonly same: readonly string[] }[] = [
  {
    program:
      /^(?:code|code-insiders|codium|vscodium|cursor|windsurf|subl|sublime_text|atom|pulsar|zed|zeditor|nova|idea|fleet)$/,
    flag: "--wait",
    same: ["-w"],
  },
  { program: /^(?:mate|bbedit)$/, flag: "-w", same: ["--wait"] },
  { program: /^(?:gvim|mvim|vimx)$/, flag: "-f", same: ["--nofork"] },
  { program: /^gedit$/, flag: "--wait", same: ["-w"] },
  { program: /^kate$/, flag: "--block", same: ["-b"] },
];

/** Vim in its forms, by the name of the program or of its file (`vim.basic` on Debian). */
const VIM = /^(?:[gmn]?vim|vimx)(?:\..*)?$/;

/**
 * Vim writes what was deleted or yanked to `~/.viminfo`, and where the person has set it, undo files and backups: text in
 * clear that would outlive the file. Said twice, because a vimrc may set it again.
 */
const VIM_KEEPS_NOTHING: readonly string[] = [
  "-n",
  "-i",
  "NONE",
  "-c",
  "silent! set noundofile nobackup nowritebackup viminfo=",
];

/** An editor as it is started, with the file as one more argument. */
export interface Editor {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Lists the editors to try, best first.
 *
 * @param env looks a variable up
 * @throws {UserError} `usage` for a variable with a quote that is never closed, or with nothing but spaces
 */
export function listEditors(os: Os, env: (name: string) => string | undefined): readonly Editor[] {
  for (const variable of VARIABLES) {
    const line = env(variable);
    if (!line) continue;
    const [program, ...args] = (os === "windows" ? splitWindowsCommand(line) : splitCommand(line)) ?? [];
    if (program === undefined) {
      throw new UserError("usage", `cannot use ${variable}: it holds no command, or a quote that is never closed`, {
        hints: [`set ${variable} to the name of an editor`],
      });
    }
    return [withWaitFlag({ program, args })];
  }
  return USUAL_EDITORS[os].map((program) => ({ program, args: [] }));
}

/** @returns the words, where a `\` parts folders and is no escape; undefined when a quote is never closed */
function splitWindowsCommand(line: string): string[] | undefined {
  const quotes = line.replace(/"[^"]*"|'[^']*'/g, "");
  if (/["']/.test(quotes)) return undefined;
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_quoted, double, single) => double ?? single));
}

/**
 * Makes an editor keep no copy of the text, where it can be told so.
 *
 * @param realName the name of the program's file with links followed, where it was found: `vi` may be vim
 */
export function keepNothing({ program, args }: Editor, realName?: string): Editor {
  const isVim = [nameOf(program), realName ?? ""].some((name) => VIM.test(name));
  return { program, args: isVim ? [...VIM_KEEPS_NOTHING, ...args] : args };
}

function nameOf(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? "").replace(/\.(?:exe|cmd|bat)$/i, "").toLowerCase();
}

function withWaitFlag({ program, args }: Editor): Editor {
  const name = nameOf(program);
  const known = WAIT_FLAGS.find((candidate) => candidate.program.test(name));
  if (known === undefined || [known.flag, ...known.same].some((flag) => args.includes(flag))) return { program, args };
  return { program, args: [...args, known.flag] };
}
