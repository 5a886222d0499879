/**
 * `deno task bench`, whole repositories: `updatekeys` and `rotate` of a thousand small files beside real `sops`, run in turn
 * so that a busy machine is busy for both, and how the cost of a file grows up to a hundred thousand of them.
 *
 * Every file has a data key of its own. Prints ratios, never fails on a time. The folder is in `SOPSMITH_BENCH_DIR` (a
 * memory file system or a disk), else in the temp folder. Says so where `sops` is missing.
 *
 * @module
 */
import { bundle, BUNDLE_PATH } from "../bundle/bundle.ts";
import { ROOT } from "../process.ts";
import { BUNDLED, hasProgram, measurePeak, measureUsage, median, printTable, type Usage } from "./measure.ts";
import { createDenoHost } from "../../lib/base/host/deno_host.ts";
import { createSurroundings } from "../../lib/repository/file/keys.ts";
import { encryptFile } from "../../lib/sops/mod.ts";
import { TEST_X25519 } from "../../tests/keys/test_keys.ts";

/** Files that are compared with `sops`. */
const FILES = 1_000;

/** Files of the loop that starts `sops` for each; the time is multiplied. */
const LOOP_FILES = 50;

/** How often each job is run. */
const ROUNDS = 5;

/** Files that only we are measured on, the most memory in MiB, and how much more a file may cost than one of a thousand. */
const MANY = { files: 100_000, memory: 250, growth: 1.2 };

/** Test key. */
const OTHER = "age1kqehv8js54z96yy6rxcygehs5sfh68cll5d0qctdeneq33tygp8qe2aly2";

const TEXT = new TextEncoder().encode(
  "# who may know\nhost: db.example.org\nport: 5432\nuser: alice\npassword: hunter2\n",
);

/** A job, in a fresh copy of the files each time. */
interface Job {
  readonly name: string;
  readonly target: string;
  readonly ours: readonly string[];
  readonly theirs: string;
  /** Files that the other side is measured on. */
  readonly theirFiles: number;
  /** The files are up to date when it starts. */
  readonly isDone?: boolean;
}

const ALL = "find apps -type f";
const JOBS: readonly Job[] = [
  {
    name: "updatekeys, all paths to one sops",
    target: "3",
    ours: ["updatekeys", "-y"],
    theirs: `${ALL} | xargs sops updatekeys -y`,
    theirFiles: FILES,
  },
  {
    name: "updatekeys, one sops for each file",
    target: "30",
    ours: ["updatekeys", "-y"],
    theirs: `${ALL} | head -n ${LOOP_FILES} | xargs -I {} sops updatekeys -y {}`,
    theirFiles: LOOP_FILES,
  },
  {
    name: "nothing to do, all paths to one sops",
    target: "4",
    ours: ["updatekeys", "-y"],
    theirs: `${ALL} | xargs sops updatekeys -y`,
    theirFiles: FILES,
    isDone: true,
  },
  {
    name: "rotate, xargs -P2",
    target: "12",
    ours: ["rotate", "-y"],
    theirs: `${ALL} | head -n ${LOOP_FILES} | xargs -P2 -n1 sops rotate -i`,
    theirFiles: LOOP_FILES,
  },
];

/** Lays out files for one key, and a rule for one more. */
async function layOut(folder: string, count: number): Promise<void> {
  const { recipient, identity } = TEST_X25519;
  const surroundings = createSurroundings(await createDenoHost());
  await Deno.writeTextFile(`${folder}/keys.txt`, `${identity}\n`, { mode: 0o600 });
  await Deno.writeTextFile(
    `${folder}/.sops.yaml`,
    `creation_rules:\n  - path_regex: ^apps/\n    age: ${recipient},${OTHER}\n`,
  );
  for (let i = 0; i < count; i++) {
    const inner = `${folder}/apps/app-${Math.trunc(i / 100)}`;
    if (i % 100 === 0) await Deno.mkdir(inner, { recursive: true });
    const { bytes } = await encryptFile(TEXT, {
      ...surroundings,
      path: "file.yaml",
      groups: [{ keys: [{ type: "age", text: recipient }] }],
      selectors: { unencrypted_suffix: "_unencrypted" },
      macOnlyEncrypted: false,
    });
    Deno.writeFileSync(`${inner}/file-${i}.yaml`, bytes);
  }
}

async function copyTo(from: string, to: string): Promise<void> {
  await Deno.remove(to, { recursive: true }).catch(() => {});
  const { success } = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  if (!success) throw new Error(`cannot copy ${from}`);
}

async function benchJobs(root: string): Promise<string[][]> {
  const rows = [["whole repositories", "wall x", "CPU x", "target", "ms a file", "CPU", "sops", "CPU"]];
  await Deno.mkdir(`${root}/start`);
  await layOut(`${root}/start`, FILES);
  await copyTo(`${root}/start`, `${root}/done`);
  await measureUsage(`${root}/done`, [...BUNDLED, "updatekeys", "-y"]);
  for (const { name, target, ours, theirs, theirFiles, isDone = false } of JOBS) {
    const usages: Usage[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [side, command] of [[...BUNDLED, ...ours], ["sh", "-c", theirs]].entries()) {
        await copyTo(`${root}/${isDone ? "done" : "start"}`, `${root}/copy`);
        usages[side]!.push(await measureUsage(`${root}/copy`, command));
      }
    }
    const perFile = usages.map((list, side) => {
      const count = side === 0 ? FILES : theirFiles;
      return [
        median(list.map(({ wallMs }) => wallMs)) / count,
        median(list.map(({ cpuMs }) => cpuMs)) / count,
      ] as const;
    });
    const [[wall, cpu], [theirWall, theirCpu]] = perFile as [readonly [number, number], readonly [number, number]];
    rows.push([
      name,
      (theirWall / wall).toFixed(1),
      (theirCpu / cpu).toFixed(1),
      target,
      ...[wall, cpu, theirWall, theirCpu].map((ms) => ms.toFixed(2)),
    ]);
  }
  return rows;
}

async function benchMany(root: string): Promise<string[][]> {
  const rows = [["files", "job", "ms a file", "CPU", "peak MiB"]];
  for (const count of [FILES, MANY.files]) {
    const folder = `${root}/many`;
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder);
    await layOut(folder, count);
    for (const args of [["updatekeys", "-y"], ["updatekeys", "-y"], ["rotate", "-y"]]) {
      const peak = await measurePeak(folder, [...BUNDLED, ...args, "--dry-run"]);
      const { wallMs, cpuMs } = await measureUsage(folder, [...BUNDLED, ...args]);
      rows.push([`${count}`, args.join(" "), (wallMs / count).toFixed(2), (cpuMs / count).toFixed(2), peak.toFixed(0)]);
    }
  }
  rows.push(["target", "", `x ${MANY.growth}`, "", `${MANY.memory}`]);
  return rows;
}

await bundle(`${ROOT}/${BUNDLE_PATH}`);
const parent = Deno.env.get("SOPSMITH_BENCH_DIR");
const root = await Deno.makeTempDir({ prefix: "sopsmith-bench-", ...(parent === undefined ? {} : { dir: parent }) });
try {
  if (await hasProgram("sops", ["--version"])) printTable(await benchJobs(root));
  else printTable([["sops is not on PATH: nothing to compare with"]]);
  printTable(await benchMany(root));
} finally {
  await Deno.remove(root, { recursive: true });
}
