/**
 * Paths in variables that only a shell or a browser would understand: SOPS takes every character as it stands. Pure.
 *
 * @module
 */
import { mentionsIdentity } from "../../base/identity_text.ts";
import { findHome } from "../../base/host/home.ts";
import type { KeysEnvironment } from "./keys_path.ts";

/** What is wrong with a path. */
export interface LiteralMistake {
  /** A sentence without the path: `SOPS does not expand the ~ in SOPS_AGE_KEY_FILE`. */
  readonly reason: string;
  /** The path that was meant; undefined where a variable in it has no value, and for a key. */
  readonly meant: string | undefined;
}

/** `$NAME`, `${NAME}` and `%NAME%`. */
const VARIABLE = /\$(?:\{(\w+)\}|([A-Za-z_]\w*))|%([A-Za-z_]\w*)%/g;

/**
 * @param value of the variable
 * @param variable its name, for the sentence
 * @returns undefined for a path that is one as it stands
 */
export function findLiteralMistake(
  environment: KeysEnvironment,
  value: string,
  variable: string,
): LiteralMistake | undefined {
  if (mentionsIdentity(value)) {
    return { reason: `${variable} takes the path of a file, not the key itself`, meant: undefined };
  }
  const reasons: string[] = [];
  let meant: string | undefined = value;
  const unquoted = /^(["'])(.*)\1$/s.exec(meant)?.[2];
  if (unquoted !== undefined) {
    reasons.push(`SOPS takes the quotes in ${variable} for a part of the name`);
    meant = unquoted;
  }
  const url = /^file:(?:\/\/(?:localhost)?(?=\/))?(.*)$/is.exec(meant)?.[1];
  if (url !== undefined) {
    reasons.push(`SOPS takes a path in ${variable}, not a file: URL`);
    meant = decodeUrlPath(environment, url);
  }
  if (/^~(?:[/\\]|$)/.test(meant)) {
    reasons.push(`SOPS does not expand the ~ in ${variable}`);
    const home = findHome(environment);
    meant = home === undefined ? undefined : environment.paths.join(home, meant.slice(2));
  }
  const name = meant === undefined ? undefined : VARIABLE.exec(meant)?.[0];
  VARIABLE.lastIndex = 0;
  if (meant !== undefined && name !== undefined) {
    reasons.push(`SOPS does not expand the ${name} in ${variable}`);
    meant = expandVariables(environment, meant);
  }
  if (reasons[0] === undefined) return undefined;
  return { reason: reasons[0], meant: meant && environment.paths.normalize(meant) }; // one kind of separators on Windows
}

function decodeUrlPath({ os }: KeysEnvironment, path: string): string {
  try {
    const decoded = decodeURIComponent(path);
    return os === "windows" ? decoded.replace(/^\/(?=[A-Za-z]:)/, "") : decoded;
  } catch {
    return path; // no percent encoding after all
  }
}

function expandVariables(environment: KeysEnvironment, path: string): string | undefined {
  let isWhole = true;
  const expanded = path.replace(VARIABLE, (_, braced?: string, bare?: string, percent?: string) => {
    const value = environment.env(braced ?? bare ?? percent ?? "");
    isWhole &&= Boolean(value);
    return value ?? "";
  });
  return isWhole ? expanded : undefined;
}
