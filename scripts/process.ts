/**
 * Starting other processes from the scripts: always the Deno that is running, always in the project's root.
 *
 * @module
 */

/** The project's root folder, without a slash at the end. */
export const ROOT: string = (import.meta.dirname ?? "").replace(/[\\/]scripts$/, "");

/** The same as a URL, with a slash at the end. */
export const ROOT_URL: string = new URL("../", import.meta.url).href;

/** Runs Deno in the root, its output shown. @throws Error when it fails */
export async function runDeno(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env,
    stdout: "inherit",
    stderr: "inherit",
  });
  const { code } = await child.output();
  if (code !== 0) throw new Error(`deno ${args[0]} ended with ${code}`);
}

/** @returns the standard output of a command run in the root. @throws Error when it fails */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = new Deno.Command(command, { args: [...args], cwd: ROOT, stdout: "piped", stderr: "piped" });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
