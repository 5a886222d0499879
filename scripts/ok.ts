/**
 * `deno task ok`: the gate. Every step is named and timed; the last line counts the tests of all of them.
 *
 * @module
 */
import { runDeno } from "./process.ts";

/** Test counts, as the closing line gives them. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const STEPS: readonly { name: string; run: () => Promise<void> }[] = [
  { name: "format", run: () => runDeno(["fmt", "-q", "--check"]) },
  { name: "lint", run: () => runDeno(["lint", "-q"]) },
  { name: "types", run: () => runDeno(["check", "-q", "--doc", "main.ts", "lib", "scripts", "tests"]) },
  { name: "layers", run: () => runDeno(["run", "-q", "-P", "scripts/check_layers.ts"]) },
  { name: "docs", run: () => runDeno(["run", "-q", "-P", "scripts/check_docs.ts"]) },
  { name: "tests", run: runTests },
];

const report = await Deno.makeTempFile({ prefix: "sopsmith-tests-", suffix: ".xml" });
const failures: string[] = [];
for (const { name, run } of STEPS) {
  const start = performance.now();
  let outcome = "ok";
  try {
    await run();
  } catch (error) {
    outcome = `FAILED: ${error instanceof Error ? error.message : String(error)}`;
    failures.push(name);
  }
  say(`${name.padEnd(8)} ${outcome} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
const counts = readCounts(await Deno.readTextFile(report));
await Deno.remove(report);
if (counts.passed === 0) failures.push("no test has passed");
// A step that fails without a failing test (a module that cannot be loaded, a lint finding) counts as one failure.
if (failures.some((name) => name !== "tests") || (failures.length > 0 && counts.failed === 0)) counts.failed++;
if (failures.length > 0) say(`failed: ${failures.join(", ")}`);
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (failures.length > 0) Deno.exit(1);

async function runTests(): Promise<void> {
  await runDeno(["test", "-q", "-P", "--parallel", "--hide-stacktraces", `--junit-path=${report}`], { NO_COLOR: "1" });
}

/** Reads the JUnit report; the steps inside a test (`test > step`) are not counted. */
function readCounts(xml: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<(skipped|failure|error|\/testcase)/g)];
  const names = new Set(cases.map(([, name]) => name));
  for (const [, name = "", outcome] of cases) {
    if (names.has(name.slice(0, name.lastIndexOf(" &gt; ")))) continue;
    if (outcome === "skipped") counts.skipped++;
    else if (outcome === "/testcase") counts.passed++;
    else counts.failed++;
  }
  return counts;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
