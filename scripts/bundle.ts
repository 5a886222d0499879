/**
 * `deno task bundle`: the whole program as one minified file, `dist/sopsmith.js`, the form that ships.
 *
 * The browser platform is chosen because packages then bring their builds without `node:` modules, which cost tens of
 * milliseconds at start (see `docs/decisions/`). The functions that short commands need are marked (`eager.ts`).
 *
 * @module
 */
import { markEager, readCoverage } from "./eager.ts";
import { ROOT, runDeno } from "./process.ts";

/** Where the bundle is made, relative to the root. */
export const BUNDLE_PATH = "dist/sopsmith.js";

/** The commands whose start counts, run one after the other in one place; the second `keygen` finds the first one's key. */
const SHORT_COMMANDS: readonly (readonly string[])[] = [
  ["keygen"],
  ["keygen"],
  ["rules", "explain", "secrets/x.yaml"],
];

/** Makes the bundle. @throws Error when the bundler fails, or one of the short commands */
export async function bundle(output: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sopsmith-bundle-" });
  try {
    const plain = `${folder}/plain.js`;
    await runDeno(["bundle", "-q", "--platform", "browser", "--minify", "-o", plain, `${ROOT}/main.ts`]);
    const functions = [];
    for (const [index, args] of SHORT_COMMANDS.entries()) {
      const coverage = `${folder}/coverage-${index}`;
      await runWithCoverage(folder, coverage, [plain, ...args]);
      functions.push(...await readCoverage(coverage, "plain.js"));
    }
    await Deno.mkdir(output.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(output, markEager(await Deno.readTextFile(plain), functions));
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
