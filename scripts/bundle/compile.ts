/**
 * One executable from the program in parts: the same parts give the same bytes, whenever they are made.
 *
 * `deno compile` embeds the time at which each file was last written, so all get the same one. It is told to make no code
 * cache: an executable keeps that under a name in the folder for temporary files that everybody can guess, and runs what
 * it finds there, whoever put it (`docs/decisions/032-no-code-cache.md`).
 *
 * @module
 */
import { FIRST_PART } from "./bundle.ts";
import { ROOT } from "../process.ts";

/** What is to be made. */
export interface Executable {
  /** Absolute path of the folder with the parts. */
  readonly parts: string;
  /** Target triple. */
  readonly target: string;
  /** Absolute path of the executable. */
  readonly output: string;
}

/** Target triples, and the name of the file in a release. */
export const TARGETS: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "sopsmith-linux-x64",
  "aarch64-unknown-linux-gnu": "sopsmith-linux-arm64",
  "x86_64-apple-darwin": "sopsmith-macos-x64",
  "aarch64-apple-darwin": "sopsmith-macos-arm64",
  "x86_64-pc-windows-msvc": "sopsmith-windows-x64.exe",
  "aarch64-pc-windows-msvc": "sopsmith-windows-arm64.exe",
};

/** When every embedded file was written, as far as the executable knows. */
const EMBEDDED_TIME = new Date(0);

/** How many of nested causes are shown; those further down repeat the first. */
const SHOWN_CAUSES = 2;

/**
 * Compiles an executable with the permissions of `deno.json`.
 *
 * @param env `DENORT_BIN` names the runtime to embed the parts in; without it Deno downloads the one of the target
 * @returns why the executable cannot be made; undefined when it was made
 */
export async function compileExecutable(
  { parts, target, output }: Executable,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(parts)) {
    await Deno.utime(`${parts}/${name}`, EMBEDDED_TIME, EMBEDDED_TIME);
  }
  const options = ["-q", "-P", "--no-prompt", "--frozen", "--no-code-cache", "--app-name", "sopsmith"];
  const files = ["--target", target, "--include", parts, "-o", output, `${parts}/${FIRST_PART}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["compile", ...options, ...files],
    cwd: ROOT,
    env: { ...env, NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "piped",
  });
  const { code, stderr } = await child.output();
  if (code === 0) return undefined;
  const causes = [...new TextDecoder().decode(stderr).matchAll(/^ +\d+: (?!<unknown>)(.+?)\.?$/gm)];
  return causes.slice(0, SHOWN_CAUSES).map((match) => match[1]).join(": ") || `deno compile ended with ${code}`;
}
