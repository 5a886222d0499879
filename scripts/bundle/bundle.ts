/**
 * `deno task bundle`: the program in the two forms that ship, minified: as one file, `dist/sopsmith.js`, to download and
 * run, and in parts, `dist/parts/`, of which a command loads what it needs; the executables hold these.
 *
 * The browser platform is chosen because packages then bring their builds without `node:` modules, which cost tens of
 * milliseconds at start (see `docs/decisions/`). Deno splits the program at every dynamic import into some two hundred
 * parts, and each costs a start of its own; Rollup joins those that short commands load, and small ones. The functions
 * that short commands need are marked (`eager.ts`).
 *
 * @module
 */
import { rollup } from "@rollup/wasm-node";
import { type CoveredFunction, listCovered, markEager, readCoverage } from "./eager.ts";
import { type BundledPackage, findBundledPackages } from "./licenses.ts";
import { ROOT, runDeno } from "../process.ts";

/** Where the bundle is made, relative to the root. */
export const BUNDLE_PATH = "dist/sopsmith.js";

/** The folder of the program in parts, relative to the root. */
export const PARTS_PATH = "dist/parts";

/** The part that is started. */
export const FIRST_PART = "sopsmith.js";

/** Smaller parts are joined where that loads nothing with an effect of its own, in bytes. */
const MIN_PART_BYTES = 60_000;

/** The command that loads least; every other one needs what it needs. */
const SHORTEST_COMMAND = ["--version"];

/** A file in clear that the commands for files are run on. */
const SMALL_FILE = { path: "secrets/small.yaml", text: "# a comment\nname: value\nlist:\n  - 1\n  - true\n" };

/** The commands for one file: what opens and writes files is all that most runs are. git runs `textconv` for each version. */
const FILE_COMMANDS: readonly (readonly string[])[] = [
  ["encrypt", "--in-place", SMALL_FILE.path],
  ["decrypt", SMALL_FILE.path],
  ["git", "textconv", SMALL_FILE.path],
];

/** The commands whose start counts, run one after the other in one place; the second `keygen` finds the first one's key. */
const SHORT_COMMANDS: readonly (readonly string[])[] = [
  SHORTEST_COMMAND,
  ["keygen"],
  ["keygen"],
  ["keygen", "--force"],
  ["rules", "explain", "secrets/x.yaml"],
  ...FILE_COMMANDS,
];

/** How the bundler is called, but for its output. */
const BUNDLE_ARGS = ["bundle", "-q", "--platform", "browser", "--minify", `${ROOT}/main.ts`];

/** Makes the bundle of one file. @throws Error when the bundler fails, or one of the short commands */
export async function bundle(output: string): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const plain = `${folder}/plain.js`;
    await runDeno([...BUNDLE_ARGS, "-o", plain]);
    const coverages = await coverShortCommands(folder, plain);
    await Deno.mkdir(output.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(output, await markFile(plain, coverages));
  });
}

/** Makes the program in parts, in a folder that is emptied before. @throws Error as {@link bundle}, or when Rollup fails */
export async function bundleParts(output: string): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await runDeno([...BUNDLE_ARGS, "--code-splitting", "--outdir", `${folder}/split`]);
    const first = `${folder}/${FIRST_PART}`; // its own code must be done before `start` asks for parts that import it
    await Deno.writeTextFile(first, 'import { start } from "./split/main.js"; Promise.resolve().then(start);');
    const covered = await Promise.all((await coverShortCommands(folder, first)).map(listCovered));
    const [shortest = [], ...others] = covered.slice(0, -FILE_COMMANDS.length);
    const short = new Set(others.flat());
    const files = new Set(covered.slice(-FILE_COMMANDS.length).flat());
    await joinParts(first, `${folder}/joined`, {
      start: new Set(shortest),
      common: short.intersection(files),
      short,
      files,
    });
    const coverages = await coverShortCommands(folder, `${folder}/joined/${FIRST_PART}`);
    await Deno.mkdir(output, { recursive: true });
    for await (const { name } of Deno.readDir(output)) await Deno.remove(`${output}/${name}`);
    for await (const { name } of Deno.readDir(`${folder}/joined`)) {
      await Deno.writeTextFile(`${output}/${name}`, await markFile(`${folder}/joined/${name}`, coverages));
    }
  });
}

/** @param groups names of parts that become one, by its name; the first group that has a part takes it */
async function joinParts(
  first: string,
  output: string,
  groups: Readonly<Record<string, ReadonlySet<string>>>,
): Promise<void> {
  const bundled = await rollup({ input: first, external: /^node:/, logLevel: "silent" });
  await bundled.write({
    dir: output,
    compact: true,
    chunkFileNames: "[name].js",
    experimentalMinChunkSize: MIN_PART_BYTES,
    onlyExplicitManualChunks: true,
    manualChunks: (id) => Object.keys(groups).find((name) => id !== first && groups[name]?.has(baseName(id))),
  });
  await bundled.close();
}

async function inTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "sopsmith-bundle-" }));
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @returns the folders with what each short command has run of a program */
async function coverShortCommands(folder: string, program: string): Promise<string[]> {
  const place = await Deno.makeTempDir({ dir: folder });
  const coverages: string[] = [];
  for (const [index, args] of SHORT_COMMANDS.entries()) {
    const coverage = `${place}/coverage-${index}`;
    await runWithCoverage(place, coverage, [program, ...args]);
    coverages.push(coverage);
  }
  return coverages;
}

async function markFile(path: string, coverages: readonly string[]): Promise<string> {
  const functions: CoveredFunction[] = [];
  for (const coverage of coverages) functions.push(...await readCoverage(coverage, baseName(path)));
  return markEager(await Deno.readTextFile(path), functions);
}

function baseName(path: string): string {
  return path.replace(/.*[\\/]/, "");
}

/** @returns the packages that the bundle holds a part of. @throws Error when the bundler fails */
export async function readBundledPackages(): Promise<BundledPackage[]> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "sopsmith-packages-" }));
  try {
    await runDeno([...BUNDLE_ARGS, "--sourcemap", "external", "-o", `${folder}/bundle.js`]);
    return findBundledPackages(await Deno.readTextFile(`${folder}/bundle.js.map`), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a program in an empty repository of its own. */
async function runWithCoverage(folder: string, coverage: string, args: readonly string[]): Promise<void> {
  const [home, work] = [`${folder}/home`, `${folder}/work`];
  for (const path of [home, `${work}/secrets`]) await Deno.mkdir(path, { recursive: true });
  const isFileCommand = args.includes(SMALL_FILE.path);
  if (isFileCommand && args.includes("encrypt")) {
    await Deno.writeTextFile(`${work}/${SMALL_FILE.path}`, SMALL_FILE.text);
  }
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-run"];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-config", "--no-prompt", `--coverage=${coverage}`, ...permissions, ...args],
    cwd: work,
    clearEnv: true,
    env: { HOME: home, PATH: Deno.env.get("PATH") ?? "", DENO_DIR: `${folder}/deno`, DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
    stderr: "piped",
  });
  const { code, stderr } = await command.output();
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
}

if (import.meta.main) {
  await bundle(`${ROOT}/${BUNDLE_PATH}`);
  await bundleParts(`${ROOT}/${PARTS_PATH}`);
}
