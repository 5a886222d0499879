/**
 * The page of a command case: what stands in the folder, what is typed, and what is shown. Pure.
 *
 * ```text
 * # What the case shows. Lines with a fixed meaning: see PAGE_SETTINGS.
 * -- .sops.yaml mode=0600 --
 * creation_rules: []
 * -- steps --
 * $ EDITOR=vi sopsmith keygen prod-sops
 * │ a line on the standard error
 * a line on the standard output
 * exit 1
 * ```
 *
 * `<dir>` and `<home>` stand for the case's working folder and home folder, in files and commands too. A line of output
 * that would be taken for something else (an empty one, or one that begins as the page's own signs do) stands behind a `\`.
 *
 * @module
 */

/** Lines of the page's head that change how the case runs. */
export const PAGE_SETTINGS = [
  "reveals a private key",
  "leaves a file behind",
  "by the rules of darwin",
  "by the rules of linux",
  "at a terminal",
  "not for the bundle",
] as const;

/** One of {@link PAGE_SETTINGS}. */
export type PageSetting = typeof PAGE_SETTINGS[number];

/** A file, folder or symlink that is laid out before the first step. */
export interface PageFile {
  /** Relative to the working folder; `~/…` lies in the home folder. */
  readonly path: string;
  readonly options: readonly string[];
  readonly content: string;
}

/** A line that was shown. */
export interface ShownLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What a step showed and how it ended. */
export interface StepResult {
  readonly lines: readonly ShownLine[];
  readonly exitCode: number;
}

/** A typed command and what it must show. */
export interface Step {
  readonly command: string;
  readonly expected: StepResult;
}

/** A parsed page. */
export interface Page {
  /** Everything before the first step, as it stands in the file. */
  readonly head: string;
  readonly settings: ReadonlySet<PageSetting>;
  /** What the person at the terminal types, in order: of the lines `# types: …`, without the quotes if there are any. */
  readonly answers: readonly string[];
  readonly files: readonly PageFile[];
  readonly steps: readonly Step[];
}

/** Shown after a last line that had no newline. */
export const NO_FINAL_NEWLINE = "\\ no final newline";

const STEPS_HEADER = "-- steps --";
const ERROR_SIGN = "│";
const ESCAPED_START = /^(?:$|\\|│|\$ |exit \d|-- )/;

/**
 * @returns the parsed page
 * @throws Error when the page has no steps, or a line before the first file is no comment
 */
export function parsePage(text: string): Page {
  const start = text.startsWith(`${STEPS_HEADER}\n`) ? 0 : text.indexOf(`\n${STEPS_HEADER}\n`) + 1;
  if (!text.startsWith(STEPS_HEADER, start)) throw new Error(`the page has no "${STEPS_HEADER}" line`);
  const head = text.slice(0, start);
  const { comments, files } = parseHead(head);
  const steps = parseSteps(text.slice(start + STEPS_HEADER.length + 1));
  if (steps.length === 0) throw new Error("the page has no steps");
  const settings = new Set(PAGE_SETTINGS.filter((setting) => comments.includes(`# ${setting}`)));
  const answers = comments.flatMap((comment) => /^# types: "?(.*?)"?$/.exec(comment)?.[1] ?? []);
  return { head, settings, answers, files, steps };
}

/** @returns the page's text with these results in place of the expected ones */
export function formatPage(page: Page, results: readonly StepResult[]): string {
  const steps = page.steps.map((step, index) => formatStep(step.command, results[index] ?? step.expected));
  return `${page.head}${STEPS_HEADER}\n${steps.join("\n")}`;
}

/** @returns a step as it stands on a page, with a newline at the end */
export function formatStep(command: string, result: StepResult): string {
  const lines = result.lines.map(({ stream, text }) => {
    if (stream === "stderr") return text === "" ? ERROR_SIGN : `${ERROR_SIGN} ${text}`;
    return text !== NO_FINAL_NEWLINE && ESCAPED_START.test(text) ? `\\${text}` : text;
  });
  const exit = result.exitCode === 0 ? [] : [`exit ${result.exitCode}`];
  return [`$ ${command}`, ...lines, ...exit, ""].join("\n");
}

function parseHead(head: string): { comments: string[]; files: PageFile[] } {
  const comments: string[] = [];
  const files: { path: string; options: string[]; content: string }[] = [];
  for (const line of head.split(/(?<=\n)/)) {
    const header = /^-- (.+) --\n$/.exec(line)?.[1];
    const current = files.at(-1);
    if (header !== undefined) {
      const [path = "", ...options] = header.split(" ");
      files.push({ path, options, content: "" });
    } else if (current !== undefined) {
      current.content += line;
    } else if (line.startsWith("#") || line.trim() === "") {
      comments.push(line.trim());
    } else {
      throw new Error(`a line before the first file is no comment: ${line}`);
    }
  }
  return { comments, files };
}

function parseSteps(text: string): Step[] {
  const steps: { command: string; expected: { lines: ShownLine[]; exitCode: number } }[] = [];
  for (const line of text.split("\n")) {
    const current = steps.at(-1)?.expected;
    const exit = /^exit (\d+)$/.exec(line)?.[1];
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), expected: { lines: [], exitCode: 0 } });
    else if (line === "") continue;
    else if (current === undefined) throw new Error(`a line before the first step: ${line}`);
    else if (exit !== undefined) current.exitCode = Number(exit);
    else if (line.startsWith(ERROR_SIGN)) current.lines.push({ stream: "stderr", text: line.slice(2) });
    else current.lines.push({ stream: "stdout", text: unescapeLine(line) });
  }
  return steps;
}

function unescapeLine(line: string): string {
  return line.startsWith("\\") && line !== NO_FINAL_NEWLINE ? line.slice(1) : line;
}
