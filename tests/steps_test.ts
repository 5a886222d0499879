/**
 * Types every step that a case prints, in the state in which the case has left things: it must succeed, cost nobody a
 * key, and close no file that was open. Flags that a hint names must be flags of the command that printed it.
 *
 * When it fails, the message has the printed line, what was typed for it, and what came out. Either the advice is wrong
 * (the usual case), or the line needs a row in `tests/support/step_forms.ts`.
 *
 * @module
 */
import { run } from "../main.ts";
import { EXIT } from "../lib/base/exit_code.ts";
import { COMMANDS } from "../lib/commands/command_table.ts";
import { COMMON_FLAGS, findFlag, parseCommand } from "../lib/commands/shared/argv.ts";
import { readCases } from "./support/case_files.ts";
import { parsePage } from "./support/case_page.ts";
import { type FinishedStep, runCase } from "./support/case_run.ts";
import type { CaseState } from "./support/case_shell.ts";
import { findStep, joinWrapped, type PrintedStep } from "./support/printed_steps.ts";
import { findLost, findReadable, type Readable } from "./support/readable.ts";
import { EXCUSED, FILLINGS, fillLine, UNTYPED } from "./support/step_forms.ts";
import { type TypedLine, typeLine } from "./support/step_shell.ts";

/** What all cases together have come to. */
const counts = { typed: 0, sentences: 0, cases: 0 };
const untyped = new Map<string, Set<string>>();
const usedRows = new Set<unknown>();

/** Commands whose answer may be that something is wrong. */
const REPORTS =
  /^sopsmith (?:-C \S+ )?(?:check|doctor|status|rules (?:lint|explain)|nix store verify|secret validate)\b/;

for (const { name, text } of await readCases()) {
  if (name.startsWith("help/") || !/(?:next|hint): |sopsmith [a-z]/.test(text)) continue;
  const page = parsePage(text);
  Deno.test({
    name: `steps of ${name}`,
    ignore: Deno.build.os === "windows", // the lines are for a shell
    async fn() {
      const failures: string[] = [];
      await runCase(page, async (args, host, surroundings) => {
        return { exitCode: await run(args, host.restarted(surroundings)) };
      }, {
        async afterStep(state, step) {
          failures.push(...await typeSteps(state, step));
        },
      });
      if (failures.length > 0) throw new Error(`\n${failures.join("\n\n")}`);
      counts.cases++;
    },
  });
}

Deno.test("the steps of all cases", async (t) => {
  const reasons = Array.from(untyped, ([reason, lines]) => `  ${lines.size} not typed: ${reason}`);
  const text = [
    `${counts.typed} printed steps of ${counts.cases} cases were typed`,
    `  ${counts.sentences} are sentences without a command`,
    ...reasons,
  ].map((line) => line.trim()).join("; ");
  await t.step(text, () => {}); // the name of a step is shown in any case
  if (counts.typed === 0) return; // a filter left the cases out
  const idle = [...FILLINGS, ...UNTYPED, ...EXCUSED].filter((row) => !usedRows.has(row)).map((row) => row[0].source);
  if (counts.cases > 300 && idle.length > 0 && !untyped.has(NOT_HERE)) {
    throw new Error(`rows of step_forms.ts that no case needs: ${idle.join(", ")}`);
  }
});

/** @returns what went wrong */
async function typeSteps(state: CaseState, step: FinishedStep): Promise<string[]> {
  const failures: string[] = [];
  const steps = new Map<string, PrintedStep>();
  for (const line of shownLines(step)) {
    const found = findStep(line);
    if (found !== undefined) steps.set(found.line, found);
  }
  for (const printed of steps.values()) {
    const row = UNTYPED.find(([line]) => line.test(printed.line));
    if (row !== undefined) usedRows.add(row);
    const reason = row?.[1] ?? (isForLater(printed, step) ? FOR_LATER : undefined);
    if (reason !== undefined) {
      leaveOut(reason, printed);
      continue;
    }
    failures.push(...checkFlags(printed, step));
    if (printed.commands.length === 0) counts.sentences++;
    if (printed.commands.length > 0) failures.push(...await typeInCopy(state, printed, step));
  }
  return failures;
}

function leaveOut(reason: string, { line }: PrintedStep): void {
  untyped.set(reason, (untyped.get(reason) ?? new Set()).add(line));
}

/** A note of a command that failed is for the time when it works. */
function isForLater({ line }: PrintedStep, { exitCode }: FinishedStep): boolean {
  return exitCode !== 0 && line.startsWith("note: ");
}

const FOR_LATER = "a note of a command that failed, for the next time";
const NOT_HERE = "needs a program that is not here";
const FOR_OTHERS = "ended with 4: the case has no identity that opens its files";

/** What was shown but for help: lines for people, and the texts in JSON for scripts. */
function shownLines({ output, args }: FinishedStep): string[] {
  const [stderr, stdout] = (["stderr", "stdout"] as const).map((name) =>
    output.filter(({ stream }) => stream === name).map(({ text }) => text).join("")
  ) as [string, string];
  if (/^Usage:/m.test(stdout)) return [];
  const texts = args.includes("--json") ? Array.from(stdout.matchAll(/"(next|fix)": (".*"),?$/gm)) : undefined;
  return [
    ...joinWrapped(stderr),
    ...texts?.map(([, name, text]) => `${name}: ${JSON.parse(text!)}`) ?? joinWrapped(stdout),
  ];
}

function checkFlags({ line, flags }: PrintedStep, { args, command }: FinishedStep): string[] {
  const { spec } = parseCommand(args, COMMANDS);
  if (spec === undefined) return []; // a form of sops, rewritten
  const table = { ...spec.flags, ...COMMON_FLAGS };
  return flags.filter((flag) => findFlag(flag.slice(2), table) === undefined)
    .map((flag) => `no flag ${flag} in: ${command}\n  ${line}`);
}

/** Types the lines, one behind the other, and puts everything back. @returns what went wrong */
async function typeInCopy(state: CaseState, printed: PrintedStep, step: FinishedStep): Promise<string[]> {
  const { root } = state.host;
  const kept = `${root}.kept`;
  const faults = state.faults.splice(0);
  await copyTree(root, kept);
  try {
    const before = await findReadable(root, step.surroundings.env);
    let { env } = step.surroundings;
    const problems: string[] = [];
    const lines: string[] = [];
    const told = [...step.args, ...step.output.map(({ text }) => text)];
    for (const command of printed.commands) {
      for (const row of FILLINGS) if (row[0].test(command) && command.search(row[1]) >= 0) usedRows.add(row);
      const line = await fillLine(state, command, printed.line);
      lines.push(line);
      const typed = await typeLine(state, line, { ...step.surroundings, env });
      env = typed.env;
      told.push(typed.shown);
      const excuse = isSuccess(line, typed) ? undefined : findExcuse(line, typed, before);
      if (excuse !== undefined) leaveOut(excuse, printed);
      else if (isSuccess(line, typed)) counts.typed++;
      else problems.push(`ended with ${typed.exitCode}: ${typed.shown}`);
    }
    const isTold = told.some((text) => /^--without-me$|this is your own key/.test(text));
    if (!isTold) problems.push(...await findLost(root, before, await findReadable(root, env)));
    if (problems.length === 0) return [];
    return [`printed by: ${step.command}\n  ${printed.line}\ntyped: ${lines.join("; ")}\n  ${problems.join("\n  ")}`];
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.rename(kept, root);
    state.faults.push(...faults);
  }
}

/** @returns why a step may fail where it was typed; undefined where it may not */
function findExcuse(line: string, { exitCode, shown }: TypedLine, before: Readable): string | undefined {
  if (isMissingProgram(shown)) return NOT_HERE;
  const isOwn = Array.from(before.files).some((path) => line.includes(path.slice(path.indexOf("/") + 1)));
  if (exitCode === EXIT.noIdentity && !isOwn) return FOR_OTHERS;
  const row = EXCUSED.find(([refusal]) => refusal.test(shown));
  if (row !== undefined) usedRows.add(row);
  return row?.[1];
}

/** Where the gate makes other programs mandatory, a missing one is a failure. */
function isMissingProgram(shown: string): boolean {
  return Deno.env.get("SOPSMITH_INTEROP") !== "required" && /: command not found$/m.test(shown);
}

function isSuccess(line: string, { exitCode }: TypedLine): boolean {
  return exitCode === 0 || REPORTS.test(line) && exitCode !== 2 && exitCode !== 70;
}

async function copyTree(from: string, to: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
