/**
 * `deno task bench`: how long the program takes to start and to do its main jobs, as ratios to an empty Deno program that
 * is run in turn with it, so that the machine's load falls on both. And how the edit of a large file, the import of many
 * recipients and the scan of a large repository scale.
 *
 * Prints; never fails on time.
 *
 * @module
 */
import { bundleParts, FIRST_PART, PARTS_PATH } from "./bundle/bundle.ts";
import { encodeBech32 } from "../lib/keys/primitives/bech32.ts";
import { outputOf, ROOT } from "./process.ts";
import { TEST_X25519 } from "../tests/keys/test_keys.ts";

/** Runs of each program that a median is taken of; odd. */
const ROUNDS = 21;

/** Runs of the slow scaling measurement; odd. */
const SCALING_ROUNDS = 3;

const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env", "--allow-run"];
const RUN = ["run", "-q", "--no-prompt"];
const BUNDLE = [...RUN, "--no-config", ...PERMISSIONS, `${ROOT}/${PARTS_PATH}/${FIRST_PART}`];
const SOURCE = [...RUN, `--config=${ROOT}/deno.json`, "-P", `${ROOT}/main.ts`];

/** What is measured, and the largest ratio that is aimed at (for the bundle). */
const JOBS: readonly {
  name: string;
  target: number;
  args: readonly string[];
  prepare: (place: Place) => Promise<void>;
}[] = [
  { name: "--version", target: 1.4, args: ["--version"], prepare: nothing },
  { name: "keygen, first run", target: 3.0, args: ["keygen"], prepare: nothing },
  { name: "keygen, second run", target: 3.0, args: ["keygen"], prepare: firstKeygen },
  { name: "rules explain", target: 3.0, args: ["rules", "explain", "secrets/x.yaml"], prepare: firstKeygen },
  { name: "decrypt a small file", target: 2.6, args: ["decrypt", "small.yaml"], prepare: smallFile },
];

/** Rules of the generated file, the largest factor in time between them, and the most memory, in MiB. */
const SCALING = { small: 1_000, large: 10_000, targetFactor: 12, targetMemory: 250 };

/** Hosts of the generated lists that are imported, and the largest factor in time between them. */
const IMPORT = { small: 1_000, large: 10_000, targetFactor: 12 };

/** Encrypted files of the generated repositories, and what a scan may cost: factor in time, and memory in MiB. */
const SCAN = { small: 10_000, large: 100_000, filesInFolder: 100, targetFactor: 12, targetMemory: 250 };

/** What looks at every file of a repository. */
const SCANNING_JOBS: readonly (readonly string[])[] = [["recipient", "list"], ["doctor"]];

/** A working folder and a home folder. */
interface Place {
  readonly root: string;
  readonly work: string;
  readonly home: string;
}

/** Deno's cache folder, which would else depend on `HOME`. */
const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));

async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const root = await Deno.makeTempDir({ prefix: "sopsmith-bench-" });
  try {
    const place = { root, work: `${root}/work`, home: `${root}/home` };
    await Deno.mkdir(place.work);
    await Deno.mkdir(place.home);
    return await use(place);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function programCommand(place: Place, command: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(command, {
    args: [...args],
    cwd: place.work,
    clearEnv: true,
    env: { HOME: place.home, PATH: Deno.env.get("PATH") ?? "", DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
    stderr: "piped",
  });
}

/** @returns milliseconds from start to end. @throws Error when the program fails */
async function measure(place: Place, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { code, stderr } = await programCommand(place, Deno.execPath(), args).output();
  const ms = performance.now() - start;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  return ms;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

async function smallFile(place: Place): Promise<void> {
  const { recipient, identity } = TEST_X25519;
  await Deno.mkdir(`${place.home}/.config/sops/age`, { recursive: true });
  await Deno.writeTextFile(`${place.home}/.config/sops/age/keys.txt`, `${identity}\n`, { mode: 0o600 });
  await Deno.writeTextFile(`${place.work}/small.yaml`, "name: value\nlist:\n  - 1\n  - true\n");
  await measure(place, [...BUNDLE, "encrypt", "--age", recipient, "--in-place", "small.yaml"]);
}

async function firstKeygen(place: Place): Promise<void> {
  await measure(place, [...BUNDLE, "keygen"]);
}

/** Runs its arguments, and tells the peak of their memory as Linux counts it, seen at most 10 ms before the end. */
const WATCH_PEAK = `
"$@" & pid=$!
while line=$(grep VmHWM "/proc/$pid/status" 2>&1); do peak=$line; sleep 0.01; done
wait "$pid" && echo "$peak" >&2`;

/** @returns the peak memory of one more run in MiB; undefined where the system does not tell */
async function measurePeakMemory(place: Place, args: readonly string[]): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const { stderr } = await programCommand(place, "sh", ["-c", WATCH_PEAK, "sh", Deno.execPath(), ...args]).output();
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(new TextDecoder().decode(stderr))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

/** Test keys. */
const RECIPIENTS = [
  "age1kqehv8js54z96yy6rxcygehs5sfh68cll5d0qctdeneq33tygp8qe2aly2",
  "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z",
];

/** How the rules of a generated `.sops.yaml` hold their recipients, and what stands before the rules. */
const DIALECTS: Readonly<Record<string, { head: string; recipients: string }>> = {
  "flat": { head: "", recipients: `    age: ${RECIPIENTS[0]}\n` },
  "key_groups": {
    head: `keys:\n  - &alice ${RECIPIENTS[0]}\n  - &bob ${RECIPIENTS[1]}\n`,
    recipients: "    key_groups:\n      - age:\n          - *alice\n          - *bob\n",
  },
};

/** A `.sops.yaml` with that many rules, none of which wins for the built-in vault's files. */
function generateRules(count: number, { head, recipients }: { head: string; recipients: string }): string {
  const rules = Array.from({ length: count }, (_, i) => `  - path_regex: ^apps/app-${i}/.*\\.yaml$\n${recipients}`);
  return `${head}creation_rules:\n${rules.join("")}`;
}

async function benchJobs(): Promise<string[][]> {
  const rows = [["", "bundle", "target", "source", "bundle ms", "empty ms"]];
  for (const { name, target, args, prepare } of JOBS) {
    const ms = { empty: [] as number[], bundle: [] as number[], source: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      ms.empty.push(await withPlace((place) => measure(place, EMPTY)));
      for (const form of ["bundle", "source"] as const) {
        ms[form].push(
          await withPlace(async (place) => {
            await prepare(place);
            return await measure(place, [...(form === "bundle" ? BUNDLE : SOURCE), ...args]);
          }),
        );
      }
    }
    const [empty, bundled, source] = [median(ms.empty), median(ms.bundle), median(ms.source)];
    const ratios = [bundled / empty, target, source / empty].map((ratio) => ratio.toFixed(2));
    rows.push([name, ...ratios, bundled.toFixed(1), empty.toFixed(1)]);
  }
  return rows;
}

async function benchScaling(): Promise<string[][]> {
  const rows = [["keygen into a file of", "ms", "peak MiB"]];
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    const times: number[] = [];
    for (const count of [SCALING.small, SCALING.large]) {
      const samples: number[] = [];
      const withRules = (use: (place: Place) => Promise<number | undefined>): Promise<number | undefined> =>
        withPlace(async (place) => {
          await Deno.writeTextFile(`${place.work}/.sops.yaml`, generateRules(count, dialect));
          return await use(place);
        });
      for (let round = 0; round < SCALING_ROUNDS; round++) {
        samples.push(await withRules((place) => measure(place, [...BUNDLE, "keygen"])) ?? NaN);
      }
      const peak = await withRules((place) => measurePeakMemory(place, [...BUNDLE, "keygen"]));
      times.push(median(samples));
      rows.push([`${count} ${name} rules`, median(samples).toFixed(0), peak?.toFixed(0) ?? "unknown"]);
    }
    rows.push(["factor", ((times[1] ?? NaN) / (times[0] ?? NaN)).toFixed(1), ""]);
  }
  rows.push(["target", `factor ${SCALING.targetFactor}`, String(SCALING.targetMemory)]);
  return rows;
}

/** @returns lines of that many made-up recipients with names; nobody has their private halves */
function generateHosts(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, i + 1);
    return `${encodeBech32({ prefix: "age", bytes })} # host-${i}\n`;
  });
  return lines.join("");
}

async function benchImport(): Promise<string[][]> {
  const rows = [["recipient import of", "ms", "peak MiB"]];
  for (const [name, { head, recipients }] of Object.entries(DIALECTS)) {
    const times: number[] = [];
    for (const count of [IMPORT.small, IMPORT.large]) {
      const withHosts = (use: (place: Place) => Promise<number | undefined>): Promise<number | undefined> =>
        withPlace(async (place) => {
          const rule = `creation_rules:\n  - path_regex: .*\n${recipients}`;
          await Deno.writeTextFile(`${place.work}/.sops.yaml`, head + rule);
          await Deno.writeTextFile(`${place.work}/hosts`, generateHosts(count));
          return await use(place);
        });
      const args = [...BUNDLE, "recipient", "import", "hosts"];
      const samples: number[] = [];
      for (let round = 0; round < SCALING_ROUNDS; round++) {
        samples.push(await withHosts((place) => measure(place, args)) ?? NaN);
      }
      const peak = await withHosts((place) => measurePeakMemory(place, args));
      times.push(median(samples));
      rows.push([`${count} hosts, ${name}`, median(samples).toFixed(0), peak?.toFixed(0) ?? "unknown"]);
    }
    rows.push(["factor", ((times[1] ?? NaN) / (times[0] ?? NaN)).toFixed(1), ""]);
  }
  rows.push(["target", `factor ${IMPORT.targetFactor}`, ""]);
  return rows;
}

/** Lays out a repository whose files are all encrypted for a key of this place, as their rule says. */
async function layOutRepository({ work, home }: Place, count: number): Promise<void> {
  const { recipient, identity } = TEST_X25519;
  await Deno.mkdir(`${home}/.config/sops/age`, { recursive: true });
  await Deno.writeTextFile(`${home}/.config/sops/age/keys.txt`, `${identity}\n`, { mode: 0o600 });
  await Deno.writeTextFile(`${work}/.sops.yaml`, `creation_rules:\n  - path_regex: ^apps/\n    age: ${recipient}\n`);
  const vector = await Deno.readTextFile(`${ROOT}/tests/vectors/sops/enc/simple.yaml`);
  const text = vector.replace(/age1\w+/, recipient);
  for (let i = 0; i < count; i++) {
    const folder = `${work}/apps/app-${Math.trunc(i / SCAN.filesInFolder)}/secrets`;
    if (i % SCAN.filesInFolder === 0) await Deno.mkdir(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/file-${i}.yaml`, text);
  }
}

async function benchScan(): Promise<string[][]> {
  const rows = [["scan by", "ms", "peak MiB"]];
  const times: number[][] = SCANNING_JOBS.map(() => []);
  for (const count of [SCAN.small, SCAN.large]) {
    await withPlace(async (place) => {
      await layOutRepository(place, count);
      for (const [i, args] of SCANNING_JOBS.entries()) {
        const start = performance.now();
        const peak = await measurePeakMemory(place, [...BUNDLE, ...args]);
        const ms = performance.now() - start;
        times[i]?.push(ms);
        rows.push([`${args.join(" ")}, ${count} encrypted files`, ms.toFixed(0), peak?.toFixed(0) ?? "unknown"]);
      }
    });
  }
  for (const [i, args] of SCANNING_JOBS.entries()) {
    const [small = NaN, large = NaN] = times[i] ?? [];
    rows.push([`factor of ${args.join(" ")}`, (large / small).toFixed(1), ""]);
  }
  rows.push(["target", `factor ${SCAN.targetFactor}`, String(SCAN.targetMemory)]);
  return rows;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)).join(
      "  ",
    )
  );
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n\n`));
}

const EMPTY_PROGRAM = await Deno.makeTempFile({ prefix: "sopsmith-empty-", suffix: ".js" });
const EMPTY = [...RUN, "--no-config", ...PERMISSIONS, EMPTY_PROGRAM];
await bundleParts(`${ROOT}/${PARTS_PATH}`);
printTable(await benchJobs());
printTable(await benchScaling());
printTable(await benchImport());
printTable(await benchScan());
await Deno.remove(EMPTY_PROGRAM);
