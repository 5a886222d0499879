/**
 * What is wrong with the data key as it is encrypted for one key of a file, as far as anybody can see who has no identity
 * for it. Pure. Spec: sops-engine §2.2.
 *
 * @module
 */
import { AGE_FILE_PROBLEM_TEXT } from "../../keys/age/age_file.ts";
import { findVisibleDamage } from "../../keys/age/visible_damage.ts";
import { DATA_KEY_LENGTH, type WrappedGroup, type WrappedKey } from "../metadata/fields.ts";

/** A data key that its reader cannot use. */
export interface DamagedKey {
  /** 0-based, as `keyIndex`. */
  readonly groupIndex: number;
  readonly keyIndex: number;
  readonly key: WrappedKey;
  /** Half a sentence behind "the data key": `is empty`. */
  readonly state: string;
}

/** @returns the keys of which anybody can see that nothing opens them, in the order of the file */
export function listDamagedKeys(groups: readonly WrappedGroup[]): readonly DamagedKey[] {
  return groups.flatMap(({ keys }, groupIndex) =>
    keys.flatMap((key, keyIndex) => {
      const state = findDamage(key);
      return state === undefined ? [] : [{ groupIndex, keyIndex, key, state }];
    })
  );
}

/** Of keys that only a service or gpg opens, nothing is seen but that they are empty. */
function findDamage({ type, text, enc }: WrappedKey): string | undefined {
  if (enc.trim() === "") return "is empty";
  if (type !== "age") return undefined;
  const damage = findVisibleDamage(enc, { recipient: text, minPlainBytes: DATA_KEY_LENGTH }); // a share is longer
  return damage && AGE_FILE_PROBLEM_TEXT[damage];
}
