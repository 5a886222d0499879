/**
 * `deno task build`: bundles the program and embeds its parts in one executable for each target, under `dist/`, with
 * its own licence and those of the packages and the runtime that it holds.
 *
 * The executables are made from `denort`, Deno's runtime without its tools, which `deno compile` downloads once per
 * target. Where it cannot be had, or `DENORT_BIN` names another file, the targets that fail are listed with their reason
 * and the script ends with 1: a bundle alone is not a release.
 *
 * @module
 */
import { bundle, BUNDLE_PATH, bundleParts, PARTS_PATH, readBundledPackages } from "./bundle.ts";
import { compileExecutable, TARGETS } from "./compile.ts";
import { formatLicenses } from "./licenses.ts";
import { formatRuntimeLicenses } from "./runtime_licenses.ts";
import { ROOT } from "../process.ts";

/** The program's own licence, as it is in the project and in a release. */
const LICENSE_PATH = "LICENSE";

/** The licences of what others wrote in a release. */
const LICENSES_PATH = "dist/THIRD_PARTY_LICENSES.txt";

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await bundle(`${ROOT}/${BUNDLE_PATH}`);
await bundleParts(`${ROOT}/${PARTS_PATH}`);
say(`${BUNDLE_PATH}: ${(await Deno.stat(`${ROOT}/${BUNDLE_PATH}`)).size} bytes`);
const packages = await readBundledPackages();
const licenses = [await formatLicenses(packages), await formatRuntimeLicenses(Deno.version)];
await Deno.writeTextFile(`${ROOT}/${LICENSES_PATH}`, licenses.join("\n"));
say(`${LICENSES_PATH}: ${packages.length} packages, and the runtime`);
await Deno.copyFile(`${ROOT}/${LICENSE_PATH}`, `${ROOT}/dist/${LICENSE_PATH}`);
let failed = 0;
for (const [target, name] of Object.entries(TARGETS)) {
  const executable = { parts: `${ROOT}/${PARTS_PATH}`, target, output: `${ROOT}/dist/${name}` };
  const problem = await compileExecutable(executable);
  say(problem === undefined ? `dist/${name}` : `dist/${name}: not built: ${problem}`);
  if (problem !== undefined) failed++;
}
if (Deno.env.get("DENORT_BIN") !== undefined) {
  say("DENORT_BIN is set: this checks that the bundle can be embedded, the result is not for release");
}
if (failed > 0) Deno.exit(1);
