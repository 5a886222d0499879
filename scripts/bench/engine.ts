/**
 * `deno task bench`, the engine: jobs on one file beside real `sops`, run in turn so that a busy machine is busy for both.
 *
 * Prints, never fails on a time: wall time and CPU time (user and system) as `sops` takes them for each of ours, and the
 * peak of memory of both. Medians. Needs `bash` for the times, Linux for the memory; says so where `sops` is missing.
 *
 * @module
 */
import { bundle, BUNDLE_PATH } from "../bundle/bundle.ts";
import { ROOT } from "../process.ts";
import { BUNDLED, hasProgram, measurePeak, measureUsage, median, printTable, ROUNDS, type Usage } from "./measure.ts";
import { TEST_X25519 } from "../../tests/keys/test_keys.ts";

/** What is measured: the words behind either program's name. */
const JOBS: readonly { readonly name: string; readonly target: string; readonly args: readonly string[] }[] = [
  ...[10_000, 100_000].flatMap((count) => {
    const target = count === 10_000 ? "4" : "10, memory a third";
    return [
      { name: `decrypt ${count} values`, target, args: ["decrypt", `enc-${count}.yaml`] },
      { name: `encrypt ${count} values`, target, args: ["encrypt", "--age", TEST_X25519.recipient, `${count}.yaml`] },
    ];
  }),
  { name: "set one of 10000 values", target: "4", args: ["set", "set.yaml", '["group-0"]["key-1"]', '"another"'] },
  { name: "decrypt a small file", target: "", args: ["decrypt", "enc-10.yaml"] },
];

/** A file of mappings with ten values of about thirty characters each. */
function generateValues(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) {
    if (i % 10 === 0) text += `group-${i / 10}:\n`;
    text += `  key-${i % 10}: a value of thirty letters ${i}\n`;
  }
  return text;
}

async function prepareFiles(folder: string, ours: readonly string[]): Promise<void> {
  await Deno.writeTextFile(`${folder}/keys.txt`, `${TEST_X25519.identity}\n`, { mode: 0o600 });
  for (const count of [10, 10_000, 100_000]) {
    await Deno.writeTextFile(`${folder}/${count}.yaml`, generateValues(count));
    const args = ["encrypt", "--age", TEST_X25519.recipient, "--output", `enc-${count}.yaml`, `${count}.yaml`];
    await measureUsage(folder, [...ours, ...args]);
  }
}

/** @returns the rows of the table */
async function benchEngine(folder: string): Promise<string[][]> {
  const ours = BUNDLED;
  const isCompared = await hasProgram("sops", ["--version"]);
  await prepareFiles(folder, ours);
  const rows = [["one file", "wall x", "CPU x", "target", "ms", "CPU ms", "MiB", "sops ms", "CPU ms", "MiB"]];
  for (const { name, target, args } of JOBS) {
    const sides = [[...ours, ...args], ...(isCompared ? [["sops", ...args]] : [])];
    const usages: Usage[][] = sides.map(() => []);
    const peaks: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [side, command] of sides.entries()) {
        await Deno.copyFile(`${folder}/enc-10000.yaml`, `${folder}/set.yaml`);
        if (round < ROUNDS) usages[side]!.push(await measureUsage(folder, command));
        else peaks.push(await measurePeak(folder, command));
      }
    }
    const [one, other] = usages.map((list) => [
      median(list.map(({ wallMs }) => wallMs)),
      median(list.map(({ cpuMs }) => cpuMs)),
    ]) as [number[], number[] | undefined];
    const cells = (side: number, times: readonly number[]): string[] =>
      [...times, peaks[side] ?? NaN].map((value) => value.toFixed(0));
    const ratios = other === undefined ? ["", ""] : one.map((own, i) => (other[i]! / own).toFixed(1));
    rows.push([name, ...ratios, target, ...cells(0, one), ...(other === undefined ? ["no sops"] : cells(1, other))]);
  }
  return rows;
}

await bundle(`${ROOT}/${BUNDLE_PATH}`);
const folder = await Deno.makeTempDir({ prefix: "sopsmith-bench-" });
try {
  const rows = await benchEngine(folder);
  if (!await hasProgram("sops", ["--version"])) {
    printTable([["sops is not on PATH: nothing to compare with, only our own times"]]);
  }
  printTable(rows);
} finally {
  await Deno.remove(folder, { recursive: true });
}
