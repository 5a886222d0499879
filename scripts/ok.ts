/**
 * `deno task ok`: the gate. Every step is named and timed; the last line counts the tests of all of them.
 *
 * On Windows the tests that say something about the system run; what is the same everywhere is checked elsewhere. With
 * `SOPSMITH_BUNDLE`, the path of a bundle of these sources, none is made.
 *
 * @module
 */
import { bundle } from "./bundle/bundle.ts";
import { runDeno } from "./process.ts";

/** Test counts, as the closing line gives them. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A part of the gate. */
interface GateStep {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const reports = await Deno.makeTempDir({ prefix: "sopsmith-gate-" });
const madeBundle = Deno.env.get("SOPSMITH_BUNDLE");
const bundlePath = madeBundle ?? `${reports}/sopsmith.js`;

const BUNDLE_STEP: GateStep = {
  name: "bundle",
  run: () => madeBundle === undefined ? bundle(bundlePath) : Promise.resolve(),
};

const STEPS: readonly GateStep[] = [
  { name: "format", run: () => runDeno(["fmt", "-q", "--check"]) },
  { name: "lint", run: () => runDeno(["lint", "-q"]) },
  { name: "types", run: () => runDeno(["check", "-q", "main.ts", "lib", "scripts", "tests"]) },
  { name: "layers", run: () => runDeno(["run", "-q", "-P", "scripts/check_layers.ts"]) },
  { name: "docs", run: () => runDeno(["run", "-q", "-P", "scripts/check_docs.ts"]) },
  // Not type-checked: the imports that Deno adds to an example trip over the check for unused names.
  { name: "examples", run: () => runTests("examples", ["--doc", "--no-check", "lib"]) },
  BUNDLE_STEP,
  { name: "tests", run: () => runTests("tests", ["--parallel", "tests"]) },
];

/** What is left out of these, with reasons: `tests/support/windows_skips.ts`. */
const WINDOWS_TESTS = [
  "tests/base",
  "tests/keys",
  "tests/config",
  "tests/repository",
  "tests/sops",
  "tests/nix",
  "tests/cases_test.ts",
];

/** The program as people start it, at the same time and killed, and every printed step in cmd. */
const WINDOWS_STRESS = [
  "tests/base/files/lock_beside_test.ts",
  "tests/stress/parallel_runs_test.ts",
  "tests/stress/killed_runs_test.ts",
  "tests/windows_steps_test.ts",
];

const WINDOWS_FLAGS = ["--no-check", "--preload", "tests/support/windows_preload.ts"];

const WINDOWS_STEPS: readonly GateStep[] = [
  BUNDLE_STEP,
  { name: "tests", run: () => runTests("tests", [...WINDOWS_FLAGS, "--parallel", ...WINDOWS_TESTS]) },
  { name: "stress", run: () => runTests("stress", [...WINDOWS_FLAGS, ...WINDOWS_STRESS]) },
];

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
for (const { name, run } of Deno.build.os === "windows" ? WINDOWS_STEPS : STEPS) {
  const start = performance.now();
  const failedBefore = counts.failed;
  let outcome = "ok";
  try {
    await run();
  } catch (error) {
    outcome = `FAILED: ${error instanceof Error ? error.message : String(error)}`;
    failures.push(name);
    // A step that fails without a failing test (a lint finding, a module that cannot be loaded) counts as one.
    if (counts.failed === failedBefore) counts.failed++;
  }
  say(`${name.padEnd(8)} ${outcome} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
await Deno.remove(reports, { recursive: true });
if (counts.passed === 0) failures.push("no test has passed");
if (failures.length > 0) say(`failed: ${failures.join(", ")}`);
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (failures.length > 0) Deno.exit(1);

async function runTests(name: string, args: readonly string[]): Promise<void> {
  const report = `${reports}/${name}.xml`;
  try {
    await runDeno(["test", "-q", "-P", `--junit-path=${report}`, ...args], {
      NO_COLOR: "1",
      SOPSMITH_BUNDLE: bundlePath,
    });
  } finally {
    addCounts(await Deno.readTextFile(report).catch(() => "")); // no report when the tests could not be loaded
  }
}

/** Adds what a JUnit report says; the steps inside a test (`test > step`) are not counted. */
function addCounts(xml: string): void {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<(skipped|failure|error|\/testcase)/g)];
  const names = new Set(cases.map(([, name]) => name));
  for (const [, name = "", outcome] of cases) {
    if (names.has(name.slice(0, name.lastIndexOf(" &gt; ")))) continue;
    if (outcome === "skipped") counts.skipped++;
    else if (outcome === "/testcase") counts.passed++;
    else counts.failed++;
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
