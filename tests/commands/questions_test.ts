/** Where nobody can be asked, every question names what to pass instead: a flag that there is. */
import { COMMANDS } from "../../lib/commands/command_table.ts";
import { formatFlagName } from "../../lib/commands/shared/command.ts";
import { assert } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";

const LIB = `${import.meta.dirname}/../../lib/`;

/** Questions that no flag can answer, and why. */
const WITHOUT_FLAG: Readonly<Record<string, string>> = {
  "run it in a terminal": "an age plugin asks, and knows of no flags",
  "correct the text": "asked only where an editor was open at a terminal",
  "edit it again": "asked only where an editor was open at a terminal",
  "pass it on standard input": "what is asked for is the standard input",
};

const FLAGS = new Set(COMMANDS.flatMap(({ flags }) => Object.keys(flags).map((name) => `--${formatFlagName(name)}`)));

Deno.test("every question names a flag that there is, or has a reason why not", async () => {
  const questions: string[] = [];
  await walk(LIB, LIB, async (path) => {
    if (!path.endsWith(".ts")) return;
    const text = await Deno.readTextFile(path);
    questions.push(
      ...Array.from(text.matchAll(/\binstead: (?:"([^"]*)"|`([^`]*)`)/g), ([, plain, template]) => plain ?? template!),
    );
  });
  assert(questions.length >= 12, `only ${questions.length} questions`);
  for (const text of questions) {
    const flags = text.match(/--[a-z-]+/g) ?? [];
    assert(flags.length > 0 || text in WITHOUT_FLAG, `a question without a flag: ${text}`);
    for (const flag of flags) assert(FLAGS.has(flag), `no command has ${flag}: ${text}`);
  }
  for (const text of Object.keys(WITHOUT_FLAG)) assert(questions.includes(text), `nobody asks any more: ${text}`);
});
