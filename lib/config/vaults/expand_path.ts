/**
 * `~`, `$NAME` and `${NAME}` in the path of a keys file, as Go's `os.ExpandEnv` and then the home folder rule of atmos
 * read them. Used for `age_key_file` and `age_key.path` only.
 *
 * Unlike atmos, a variable that is not set is an error: `$KEYS/keys.txt` would else become `/keys.txt`. Pure but for
 * the variables of the host. Spec: vaults §1.
 *
 * @module
 */
import { findHome, homeVariable } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";

/** The expanded path, or why there is none: half a sentence. */
export type ExpandedPath = { readonly path: string } | { readonly problem: string };

/** `${NAME}`, `$NAME`, and the one-character names of the shell. A `$` before anything else stands for itself. */
const VARIABLE = /\$(?:\{([^}]*)(\}?)|([A-Za-z_][A-Za-z0-9_]*)|([*#$@!?0-9-]))/g;

/**
 * @param written as in the configuration, not empty
 * @returns the path, absolute (a relative one counts from the working directory)
 */
export function expandPath(written: string, host: Pick<Host, "env" | "os" | "cwd" | "paths">): ExpandedPath {
  let problem: string | undefined;
  const text = written.replace(VARIABLE, (whole, braced?: string, brace?: string, plain?: string, sign?: string) => {
    const name = braced ?? plain ?? sign ?? "";
    if (braced !== undefined && (brace !== "}" || name === "")) {
      problem ??= `"${whole}" names no variable`;
      return "";
    }
    const value = host.env(name);
    if (value === undefined) problem ??= `the variable ${name} is not set`;
    return value ?? "";
  });
  if (problem === undefined && text === "") problem = `every variable in "${written}" is empty`;
  if (problem !== undefined) return { problem };
  return text.startsWith("~") ? expandHome(text, host) : { path: host.paths.resolve(host.cwd, text) };
}

function expandHome(text: string, { env, os, cwd, paths }: Pick<Host, "env" | "os" | "cwd" | "paths">): ExpandedPath {
  const rest = text.slice(1);
  if (rest !== "" && !/^[/\\]/.test(rest)) return { problem: `"${text}" is the home folder of somebody else` };
  const home = findHome({ os, env });
  if (home === undefined) return { problem: `"~" stands for ${homeVariable(os)}, which is not set` };
  return { path: paths.resolve(cwd, paths.join(home, rest)) };
}
