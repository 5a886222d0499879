/**
 * Runs the pages of `tests/cases/` once more, on the bundle in a process of its own with exactly the permissions that
 * the README names. Keys and dates are random there, so they are compared as wildcards, and the two streams apart.
 *
 * @module
 */
import { RUN_FLAGS } from "../lib/base/host/runtime.ts";
import { assertEquals } from "./support/assert.ts";
import { putBundle } from "./support/bundled.ts";
import { readCases } from "./support/case_files.ts";
import { formatStep, type Page, parsePage, type ShownLine, type StepResult } from "./support/case_page.ts";
import { runCase, type RunProgram } from "./support/case_run.ts";
import { runIsolated } from "./support/test_host.ts";

/** What a lone file must be granted: a permission set in a configuration file says nothing about it. */
const PERMISSIONS = RUN_FLAGS.split(" ");

const WILDCARDS: readonly [RegExp, string][] = [
  [/age1(?:pq1)?[02-9ac-hj-np-z]{50,}/g, "<recipient>"],
  [/age1(?:pq1)?[02-9ac-hj-np-z]+…[02-9ac-hj-np-z]+/g, "<recipient>"],
  [/AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{50,}/g, "<identity>"],
  [/(?<=^[^ :]*:)[A-Za-z0-9+\/]{43}=$/g, "<public half>"], // a signing key of Nix
  [/ENC\[AES256_GCM,data:[^\]]*,type:/g, "ENC[<data>,type:"],
  [/^([-+ ]* )[A-Za-z0-9+/]{20,64}={0,2}$/g, "$1<age>"], // a line of a data key as age wraps it
  [/(?<=-----BEGIN AGE ENCRYPTED FILE-----)\\n.*?(?=-----END AGE ENCRYPTED FILE-----)/g, "<age>"], // the same in one line
  [/\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{3})?Z)?/g, "<date>"],
];

/** The time of a file in a diff: a line that stays where a second has not passed meanwhile. */
const TIME_IN_DIFF = /^[-+ ] +"?lastmodified"?: "<date>",?$/;

/** Pages that only make sense in process: faults, another system's rules, a terminal. */
function isForBundle(page: Page): boolean {
  const inProcess = page.settings.has("not for the bundle") || page.settings.has("by the rules of darwin") ||
    page.settings.has("by the rules of linux") || page.settings.has("at a terminal");
  return !inProcess && !page.steps.some((step) => /^(fail|meanwhile) /.test(step.command));
}

const folder = await Deno.makeTempDir({ prefix: "sopsmith-bundle-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const program = `${folder}/sopsmith.js`;
await putBundle(program);

const runBundle: RunProgram = async (args, _host, surroundings) => {
  const env = { ...surroundings.env, DENO_DIR: `${folder}/deno`, DENO_NO_UPDATE_CHECK: "1" };
  const command = ["run", "-q", "--no-config", "--no-prompt", ...PERMISSIONS, program, ...args];
  const result = await runIsolated(Deno.execPath(), command, { ...surroundings, env });
  if (result === undefined) throw new Error("cannot start Deno");
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    exitCode: result.code,
    output: [{ stream: "stderr", text: decode(result.stderr) }, { stream: "stdout", text: decode(result.stdout) }],
  };
};

for (const { name, text } of await readCases()) {
  const page = parsePage(text);
  if (!isForBundle(page)) continue;
  Deno.test(`bundle, case ${name}`, async () => {
    const results = await runCase(page, runBundle);
    const show = (result: StepResult | undefined, index: number): string =>
      formatStep(page.steps[index]?.command ?? "", withWildcards(result));
    assertEquals(results.map(show), page.steps.map((step, index) => show(step.expected, index)));
  });
}

function withWildcards(result: StepResult | undefined): StepResult {
  const wild = (line: ShownLine): ShownLine => ({
    stream: line.stream,
    text: WILDCARDS.reduce((text, [pattern, name]) => text.replace(pattern, name), line.text),
  });
  const lines = (result?.lines ?? []).map(wild).filter(({ text }) => !TIME_IN_DIFF.test(text));
  return {
    lines: [...lines.filter((line) => line.stream === "stderr"), ...lines.filter((line) => line.stream === "stdout")],
    exitCode: result?.exitCode ?? 0,
  };
}
