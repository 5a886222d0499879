/**
 * `deno task build`: bundles the program and embeds its parts in one executable for each target, under `dist/`, with
 * the licences of the packages that it holds.
 *
 * The executables are made from `denort`, Deno's runtime without its tools, which `deno compile` downloads once per
 * target. Where it cannot be had, or `DENORT_BIN` names another file, the targets that fail are listed with their reason
 * and the script ends with 1: a bundle alone is not a release.
 *
 * @module
 */
import { bundle, BUNDLE_PATH, bundleParts, FIRST_PART, PARTS_PATH, readBundledPackages } from "./bundle.ts";
import { formatLicenses } from "./licenses.ts";
import { ROOT } from "../process.ts";

/** Target triples, and the name of the file in a release. */
const TARGETS: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "sopsmith-linux-x64",
  "aarch64-unknown-linux-gnu": "sopsmith-linux-arm64",
  "x86_64-apple-darwin": "sopsmith-macos-x64",
  "aarch64-apple-darwin": "sopsmith-macos-arm64",
  "x86_64-pc-windows-msvc": "sopsmith-windows-x64.exe",
};

/** The licences of the packages in a release. */
const LICENSES_PATH = "dist/THIRD_PARTY_LICENSES.txt";

/** How many of nested causes are shown; those further down repeat the first. */
const SHOWN_CAUSES = 2;

/** @returns why the target cannot be built; undefined when it was built */
async function compile(target: string, name: string): Promise<string | undefined> {
  const args = ["compile", "-q", "-P", "--no-prompt", "--frozen", "--app-name", "sopsmith", "--target", target];
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...args,
      "--include",
      `${ROOT}/${PARTS_PATH}`,
      "-o",
      `${ROOT}/dist/${name}`,
      `${ROOT}/${PARTS_PATH}/${FIRST_PART}`,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "piped",
  });
  const { code, stderr } = await child.output();
  if (code === 0) return undefined;
  const causes = [...new TextDecoder().decode(stderr).matchAll(/^ +\d+: (?!<unknown>)(.+?)\.?$/gm)];
  return causes.slice(0, SHOWN_CAUSES).map((match) => match[1]).join(": ") || `deno compile ended with ${code}`;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await bundle(`${ROOT}/${BUNDLE_PATH}`);
await bundleParts(`${ROOT}/${PARTS_PATH}`);
say(`${BUNDLE_PATH}: ${(await Deno.stat(`${ROOT}/${BUNDLE_PATH}`)).size} bytes`);
const packages = await readBundledPackages();
await Deno.writeTextFile(`${ROOT}/${LICENSES_PATH}`, await formatLicenses(packages));
say(`${LICENSES_PATH}: ${packages.length} packages`);
let failed = 0;
for (const [target, name] of Object.entries(TARGETS)) {
  const problem = await compile(target, name);
  say(problem === undefined ? `dist/${name}` : `dist/${name}: not built: ${problem}`);
  if (problem !== undefined) failed++;
}
if (Deno.env.get("DENORT_BIN") !== undefined) {
  say("DENORT_BIN is set: this checks that the bundle can be embedded, the result is not for release");
}
if (failed > 0) Deno.exit(1);
