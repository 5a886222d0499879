/**
 * Every command line of the pages, as it is printed for PowerShell, says the same there as in a POSIX shell: read by the
 * rules of either, it starts the same programs with the same words.
 *
 * @module
 */
import { translateCommands } from "../lib/base/show/windows_command.ts";
import { assert, assertEquals, assertThrows } from "./support/assert.ts";
import { readCases } from "./support/case_files.ts";
import { parsePage } from "./support/case_page.ts";
import { parseCommand } from "./support/case_shell.ts";
import { type PowerShellCommand, readPowerShell } from "./support/powershell.ts";
import { findStep, joinWrapped } from "./support/printed_steps.ts";

const HOME = String.raw`C:\Users\me`;
const POWERSHELL = { os: "windows" as const, env: (name: string) => name === "USERPROFILE" ? HOME : undefined };

/** What PowerShell has for programs of POSIX. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "Get-Item": "ls -l",
  "mkdir -Force": "mkdir -p",
  "Move-Item": "mv",
  "Remove-Item": "rm",
};

/** Lines that only a POSIX shell can run, and that are printed as they are. */
const FOR_POSIX = /\$\(|<\(|^\S+ .*\| /;

/** @returns the words of the commands of a line, with what they are run under, as POSIX reads them */
function readPosix(line: string): Omit<PowerShellCommand, "isConditional">[] {
  let set: Record<string, string | undefined> = {};
  const commands: Omit<PowerShellCommand, "isConditional">[] = [];
  for (const part of line.replace(/\s+#\s.*$/, "").split(/ && |; /)) {
    const [, assigned] = /^export (.*)$/.exec(part) ?? [];
    const [, removed] = /^unset (\w+)$/.exec(part) ?? [];
    const { env, words } = parseCommand(assigned ?? part, HOME.replaceAll("\\", "/"));
    if (removed !== undefined) set = { ...set, [removed]: undefined };
    else if (assigned !== undefined) set = { ...set, ...env };
    else commands.push({ env: { ...set, ...env }, words });
  }
  return commands.length === 0 ? [{ env: set, words: [] }] : commands;
}

/** What differs between the two without a difference: separators of home, names of variables, and of programs. */
function inCommon({ env, words }: Omit<PowerShellCommand, "isConditional">): unknown {
  const text = (word: string): string =>
    word.replaceAll("\\", "/").replace(/^\$env:USERNAME$/, "$USER").replace(/^\$env:/, "$").replace(
      "$null",
      "/dev/null",
    );
  const typed = words.map(text).join("\0").replace("\0-LiteralPath", "");
  const own = Object.keys(PROGRAMS).find((name) => typed.startsWith(`${name.replace(" ", "\0")}\0`));
  const named = own === undefined ? typed : (PROGRAMS[own] ?? "").replace(" ", "\0") + typed.slice(own.length);
  return { env: Object.entries(env).map(([name, value]) => [name, value && text(value)]), words: named.split("\0") };
}

Deno.test("every printed command line says the same in PowerShell", async () => {
  const seen = new Set<string>();
  const failures: string[] = [];
  for (const { name, text } of await readCases()) {
    if (/^(?:help\/|terminal\/messages_)/.test(name)) continue; // usage lines and examples, for a POSIX shell on every system
    const shown = parsePage(text).steps.flatMap(({ expected }) => expected.lines.map((line) => line.text)).join("\n");
    for (const line of joinWrapped(shown)) {
      if (/^\s*"/.test(line)) continue; // JSON, which has it as it is written
      for (const found of findStep(line)?.commands ?? []) {
        const command = found.replace(/^(unset \w+) to .*/, "$1");
        if (seen.has(command) || FOR_POSIX.test(command) || command.startsWith("chmod ")) continue; // no mode on Windows
        seen.add(command);
        const translated = translateCommands(POWERSHELL, command);
        try {
          assertEquals(readPowerShell(translated).map(inCommon), readPosix(command).map(inCommon));
          assertEquals(readPowerShell(translated).slice(1).every(({ isConditional }) => isConditional), true);
        } catch (error) {
          failures.push(
            `${name}: ${command}\n  ${translated}\n  ${error instanceof Error ? error.message.slice(0, 400) : error}`,
          );
        }
      }
    }
  }
  assert(seen.size > 200, `only ${seen.size} lines were found`);
  if (failures.length > 0) throw new Error(failures.join("\n"));
});

/** What a POSIX shell takes, and PowerShell does not, or not everywhere. */
const REFUSED: readonly string[] = [
  "sopsmith a && sopsmith b",
  "sopsmith a < b",
  "sopsmith a | sopsmith b",
  "sopsmith edit 'it'\\''s'",
  "sopsmith edit 'it’s'",
  "sopsmith edit 'open",
  "sopsmith edit $HOME",
  "sopsmith edit a,b",
  "sopsmith edit @a",
  "sopsmith edit a`b",
  "sopsmith edit {a}",
  "sopsmith -a.b",
  "sopsmith edit ''",
  "sopsmith get '[\"a\"]'",
  "sopsmith edit 'a b\\'",
  "'sopsmith' edit",
  "$env:A = b",
];

Deno.test("readPowerShell() refuses what PowerShell does not take as it is written", () => {
  for (const line of REFUSED) assertThrows(() => readPowerShell(line));
  assertEquals(readPowerShell("$env:A = 'it''s'; sopsmith a 'b; c'; if ($?) { sopsmith d # e }"), [
    { env: { A: "it's" }, words: ["sopsmith", "a", "b; c"], isConditional: false },
    { env: { A: "it's" }, words: ["sopsmith", "d"], isConditional: true },
  ]);
});
