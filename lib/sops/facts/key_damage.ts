/**
 * What is wrong with the data key as it is encrypted for one key of a file, as far as anybody can see who has no identity
 * for it. Pure. Spec: sops-engine §2.2.
 *
 * @module
 */
import { AGE_FILE_PROBLEM_TEXT } from "../../keys/age/age_file.ts";
import { findVisibleDamage } from "../../keys/age/visible_damage.ts";
import type { WrappedKey } from "../metadata/fields.ts";

/** Bytes of a data key; a share of one is longer. */
const DATA_KEY_BYTES = 32;

/**
 * @returns half a sentence behind "the data key": `is empty`; undefined where nothing is to be seen. Of keys that only a
 * service or gpg opens, only that they are empty
 */
export function findKeyDamage({ type, text, enc }: WrappedKey): string | undefined {
  if (enc.trim() === "") return "is empty";
  if (type !== "age") return undefined;
  const damage = findVisibleDamage(enc, { recipient: text, minPlainBytes: DATA_KEY_BYTES });
  return damage && AGE_FILE_PROBLEM_TEXT[damage];
}
