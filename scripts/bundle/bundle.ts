/**
 * `deno task bundle`: the whole program as one minified file, `dist/sopsmith.js`, the form that ships.
 *
 * The browser platform is chosen because packages then bring their builds without `node:` modules, which cost tens of
 * milliseconds at start (see `docs/decisions/`). The functions that short commands need are marked (`eager.ts`).
 *
 * @module
 */
import { type Chunk, joinChunks, parseChunk } from "./chunks.ts";
import { type CoveredFunction, markEager, readCoverage } from "./eager.ts";
import { type BundledPackage, findBundledPackages } from "./licenses.ts";
import { ROOT, runDeno } from "../process.ts";

/** Where the bundle is made, relative to the root. */
export const BUNDLE_PATH = "dist/sopsmith.js";

/** The commands whose start counts, run one after the other in one place; the second `keygen` finds the first one's key. */
const SHORT_COMMANDS: readonly (readonly string[])[] = [
  ["keygen"],
  ["keygen"],
  ["rules", "explain", "secrets/x.yaml"],
];

/** The chunk that is the program; the bundler names it after its source. */
const MAIN_CHUNK = "main.js";

/** How the bundler is called, but for its output. */
const BUNDLE_ARGS = ["bundle", "-q", "--platform", "browser", "--minify", `${ROOT}/main.ts`];

/** Makes the bundle. @throws Error when the bundler fails, or one of the short commands */
export async function bundle(output: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sopsmith-bundle-" });
  try {
    const split = `${folder}/split`;
    await runDeno([...BUNDLE_ARGS, "--code-splitting", "--outdir", split]);
    const coverages: string[] = [];
    for (const [index, args] of SHORT_COMMANDS.entries()) {
      const coverage = `${folder}/coverage-${index}`;
      await runWithCoverage(folder, coverage, [`${split}/${MAIN_CHUNK}`, ...args]);
      coverages.push(coverage);
    }
    const wanted = new Set<string>();
    const chunks: Chunk[] = [];
    for (const name of await listFiles(split)) {
      const chunk = parseChunk(name, await Deno.readTextFile(`${split}/${name}`));
      const functions = (await Promise.all(coverages.map((coverage) => readCoverage(coverage, name)))).flat();
      if (functions.some(({ hasRun }) => hasRun)) wanted.add(name);
      chunks.push({ ...chunk, body: markEager(chunk.body, functions.map((found) => within(chunk, found))) });
    }
    await Deno.mkdir(output.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(output, joinChunks(chunks, MAIN_CHUNK, wanted));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

/** The place of a function in the body of its chunk; the module as a whole becomes the whole body. */
function within({ body, bodyOffset }: Chunk, { start, end, hasRun }: CoveredFunction): CoveredFunction {
  return { start: Math.max(0, start - bodyOffset), end: Math.min(body.length, end - bodyOffset), hasRun };
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
  for (const path of [home, work]) await Deno.mkdir(path, { recursive: true });
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

if (import.meta.main) await bundle(`${ROOT}/${BUNDLE_PATH}`);
