/**
 * Names of Nix signing keys: which are usable, and what the successor of a key is called. Pure. Spec: keys §4.
 *
 * Nix itself makes keys with any name, also with names that it cannot read back or that no `nix.conf` can hold.
 *
 * @module
 */

import { holdsIdentity } from "../base/secret.ts";

/** The customary ending: `-1` for the first key, then one more for each successor. */
const NUMBER_ENDING = /^(.*)-(\d+)$/;

/** White space, control and invisible characters, and characters without a meaning. */
const INVISIBLE = /[\s\p{C}]/u;

/**
 * @returns what is wrong with a name, to stand after "the name"; undefined when nothing is. Never holds any of the name:
 * what stands where a name belongs may be a secret.
 */
export function findKeyNameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes(":")) return "holds a colon, which ends the name";
  if (INVISIBLE.test(name)) return "holds white space or a control character";
  if (holdsIdentity(name)) return "holds an age identity, which would be published";
  if (name.includes("#")) return 'holds "#", which begins a comment in nix.conf';
  return undefined;
}

/** @returns whether a name ends with a number, as custom has it: `cache.example.org-1` */
export function hasKeyNumber(name: string): boolean {
  return NUMBER_ENDING.test(name);
}

/** @returns the name of the key that follows: `-2` after `-1`, and after a name without a number; leading zeros are kept */
export function deriveNextKeyName(name: string): string {
  const [, stem = name, digits = "1"] = NUMBER_ENDING.exec(name) ?? [];
  return `${stem}-${String(BigInt(digits) + 1n).padStart(digits.length, "0")}`;
}
