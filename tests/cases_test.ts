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
import { findWindowsReason, withoutSystem } from "./support/windows_pages.ts";
import { findPageSkip } from "./support/windows_skips.ts";

const isUpdate = Deno.env.get("SOPSMITH_UPDATE") === "1";

const isWindows = Deno.build.os === "windows";

for (const { name, path, text } of await readCases()) {
  const page = parsePage(text);
  const reason = isWindows ? findPageSkip(name) ?? findWindowsReason(page) : undefined;
  const body = async (): Promise<void> => {
    const results = await runCase(page, async (args, host, surroundings) => {
      return { exitCode: await run(args, host.restarted(surroundings)) };
    });
    const shown = formatPage(page, results);
    if (isUpdate && shown !== text) await Deno.writeTextFile(path, shown);
    else compare(shown, formatPage(page, []));
  };
  Deno.test({
    name: reason === undefined ? `case ${name}` : `case ${name} [${reason}]`,
    ignore: reason !== undefined,
    fn: body,
  });
}

function compare(shown: string, expected: string): void {
  const message = `what is shown differs (SOPSMITH_UPDATE=1 accepts it):\n${shown}`;
  if (isWindows) assertEquals(withoutSystem(shown), withoutSystem(expected), message);
  else assertEquals(shown, expected, message);
}
