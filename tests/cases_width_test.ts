/**
 * Holds every page of `tests/cases/` to the width that a terminal is known to have: no message and no line of help is
 * wider, unless it is one word, which is not broken.
 *
 * @module
 */
import { displayWidth } from "../lib/base/show/width.ts";
import { assertEquals } from "./support/assert.ts";
import { readCases } from "./support/case_files.ts";
import { parsePage, type Step } from "./support/case_page.ts";

/** Columns of a terminal that does not tell how wide it is. */
const COLUMNS = 80;

/** What a page shows of an escape sequence that colours. */
const COLOUR = /␛\[[\d;]*m/g;

/** Steps whose lines are not fitted to 80 columns: wider ones were asked for, or a question stands before the line. */
const OTHER_WIDTH = /COLUMNS=\d+ /;

Deno.test("no message and no line of help is wider than 80 columns", async () => {
  const wide: string[] = [];
  let count = 0;
  for (const { name, text } of await readCases()) {
    const page = parsePage(text);
    for (const step of page.steps.filter(({ command }) => !OTHER_WIDTH.test(command))) {
      for (const line of linesForPeople(step)) {
        count++;
        if (displayWidth(line) > COLUMNS && !isOnePiece(line)) wide.push(`${name}: ${line}`);
      }
    }
  }
  assertEquals(wide, []);
  assertEquals(count > 3000, true, `only ${count} lines were looked at`);
});

function linesForPeople({ command, expected }: Step): string[] {
  const isHelp = /(?:^| )(?:help|--help|-h)(?: |$)/.test(command);
  return expected.lines.filter(({ stream }) => stream === "stderr" || isHelp)
    .map(({ text }) => text.replace(COLOUR, ""));
}

/** One word in a shell, also a flag with its value; `export` with what is exported; each perhaps with a sign that it goes on. */
const WORD = /^(?:(?:export|--?[a-z][\w-]*) )?(?:'[^']*'|"[^"]*"|[^ ])+(?: (?:\\|&&))?$/;

/** Whether nothing of the line can be broken: behind its indent or head stands one word, or an excerpt of a file. */
function isOnePiece(line: string): boolean {
  const text = line.replace(/^ *(?:[a-z]+: )?/, "");
  return WORD.test(text) || /^\d* │ /.test(text);
}
