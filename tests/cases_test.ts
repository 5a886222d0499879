/**
 * Runs every page of `tests/cases/` in process. `SOPSMITH_UPDATE=1` rewrites what the pages expect.
 *
 * @module
 */
import { run } from "../main.ts";
import { assertEquals } from "./support/assert.ts";
import { readCases } from "./support/case_files.ts";
import { formatPage, parsePage } from "./support/case_page.ts";
import { runCase } from "./support/case_run.ts";

const isUpdate = Deno.env.get("SOPSMITH_UPDATE") === "1";

for (const { name, path, text } of await readCases()) {
  Deno.test(`case ${name}`, async () => {
    const page = parsePage(text);
    const results = await runCase(page, async (args, host, surroundings) => {
      return { exitCode: await run(args, host.restarted(surroundings)) };
    });
    const shown = formatPage(page, results);
    if (isUpdate && shown !== text) await Deno.writeTextFile(path, shown);
    else assertEquals(shown, formatPage(page, []), `what is shown differs (SOPSMITH_UPDATE=1 accepts it):\n${shown}`);
  });
}
