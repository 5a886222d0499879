/**
 * `deno task bench`, secrets by name: `secret get` and `secret set` beside real atmos in one run, on one vault and one file.
 *
 * Prints ratios, never fails on a time: wall time and memory as we take them for each of atmos. Medians. Says so where atmos
 * is missing.
 *
 * @module
 */
import { bundle, BUNDLE_PATH } from "../bundle/bundle.ts";
import { ROOT } from "../process.ts";
import { BUNDLED, hasProgram, measurePeak, measureUsage, median, printTable, ROUNDS } from "./measure.ts";
import { TEST_X25519 } from "../../tests/keys/test_keys.ts";

const FILES: Readonly<Record<string, string>> = {
  "atmos.yaml": `base_path: "./"
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["deploy/**/*"], name_template: "{{.vars.stage}}"}
logs: {file: /dev/stderr, level: Warning}
secrets: {providers: {dev: {kind: sops/age, spec: {path: secrets, age_key_file: ./keys.txt}}}}
`,
  "stacks/deploy/prod.yaml": `vars: {stage: prod}
components: {terraform: {api: {secrets: {vars: {DB_PASSWORD: {sops: dev}}}}}}
`,
  "components/terraform/api/main.tf": "",
  ".sops.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`,
  "keys.txt": `${TEST_X25519.identity}\n`,
};

const SCOPE = ["--stack=prod", "--component=api"];

const JOBS = [
  ["secret", "set", "DB_PASSWORD=hunter2", ...SCOPE],
  ["secret", "set", "DB_PASSWORD=hunter3", ...SCOPE],
  ["secret", "get", "DB_PASSWORD", ...SCOPE],
];

await bundle(`${ROOT}/${BUNDLE_PATH}`);
const folder = await Deno.makeTempDir({ prefix: "sopsmith-bench-" });
try {
  for (const [path, text] of Object.entries(FILES)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  const sides = [BUNDLED, ...(await hasProgram("atmos", ["version"]) ? [["atmos"]] : [])];
  const rows = [["beside atmos", "wall", "at most", "memory", "at most"]];
  for (const [index, job] of JOBS.entries()) {
    const times: number[][] = sides.map(() => []);
    const peaks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [side, program] of sides.entries()) {
        if (index === 0) await Deno.remove(`${folder}/secrets`, { recursive: true }).catch(() => {});
        times[side]!.push((await measureUsage(folder, [...program, ...job])).wallMs);
        if (round === 0 && index > 0) peaks[side] = await measurePeak(folder, [...program, ...job]);
      }
    }
    const [ours = NaN, theirs = NaN] = times.map(median);
    const [ourPeak = NaN, theirPeak = NaN] = peaks;
    const name = index === 0 ? "set, a new file" : job.slice(1, 2).join("");
    rows.push([name, (ours / theirs).toFixed(2), "0.60", (ourPeak / theirPeak).toFixed(2), "0.50"]);
  }
  if (sides.length < 2) printTable([["atmos is not on PATH: nothing to compare with"]]);
  else printTable(rows);
} finally {
  await Deno.remove(folder, { recursive: true });
}
