import type { CommandSpec } from "../../lib/commands/shared/command.ts";
import { COMMANDS, GROUPS } from "../../lib/commands/command_table.ts";
import { assert, assertEquals } from "../support/assert.ts";

const FOLDER = new URL("../../lib/commands/", import.meta.url);

Deno.test("COMMANDS holds every command of every group's file", async () => {
  let files = 0;
  for await (const { name, isDirectory } of Deno.readDir(FOLDER)) {
    if (!isDirectory || name === "shared") continue;
    files++;
    const lists: Record<string, readonly CommandSpec[]> = await import(
      new URL(`${name}/declaration.ts`, FOLDER).href
    );
    for (const spec of Object.values(lists).flat()) assert(COMMANDS.includes(spec), spec.words.join(" "));
  }
  assert(files > 5, `${files} files`);
});

Deno.test("COMMANDS names no command twice", () => {
  const typed = COMMANDS.map(({ words }) => words.join(" "));
  assertEquals(typed, [...new Set(typed)]);
});

Deno.test("GROUPS describes every group, and nothing else", () => {
  const groups = COMMANDS.flatMap(({ words }) => words.slice(0, -1).map((_, i) => words.slice(0, i + 1).join(" ")));
  assertEquals(Object.keys(GROUPS).sort(), [...new Set(groups)].sort());
});
