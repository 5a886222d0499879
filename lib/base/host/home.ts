/**
 * Which variable names a person's home folder. Pure.
 *
 * @module
 */
import type { Os } from "./host.ts";

/** What the rule needs to know of the machine; a `Host` has it all. */
export interface HomeEnvironment {
  readonly os: Os;
  /** @returns the variable's value, undefined when it is not set */
  env(name: string): string | undefined;
}

/** @returns the name of the variable that holds the home folder, as Go's `os.UserHomeDir` has it */
export function homeVariable(os: Os): "HOME" | "USERPROFILE" {
  return os === "windows" ? "USERPROFILE" : "HOME";
}

/** @returns the home folder; undefined when its variable is unset or empty */
export function findHome({ os, env }: HomeEnvironment): string | undefined {
  return env(homeVariable(os)) || undefined;
}
