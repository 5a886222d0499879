/**
 * The keys of an encrypted file compared and changed: two are the same when type and text are, whatever is wrapped in them.
 * Pure. Spec: sops-engine §5.6, §5.7.
 *
 * @module
 */
import type { MetadataGroup, MetadataKey } from "./fields.ts";

/** @returns whether SOPS takes two keys for the same */
export function isSameKey(one: MetadataKey, other: MetadataKey): boolean {
  return one.type === other.type && one.text === other.text;
}

/** @returns whether a key is one of some */
export function includesKey(keys: readonly MetadataKey[], key: MetadataKey): boolean {
  return keys.some((other) => isSameKey(other, key));
}

/** @returns the first of each that are the same */
export function distinctKeys<Key extends { readonly type: string; readonly text: string }>(
  keys: readonly Key[],
): Key[] {
  const byId = new Map<string, Key>();
  for (const key of keys) byId.getOrInsert(`${key.type} ${key.text}`, key);
  return [...byId.values()];
}

/** @returns whether the same keys are in each group: order and duplicates count for nothing */
export function haveSameKeys(groups: readonly MetadataGroup[], others: readonly MetadataGroup[]): boolean {
  return groups.length === others.length && groups.every(({ keys }, index) => {
    const wanted = others[index]!.keys;
    return keys.every((key) => includesKey(wanted, key)) && wanted.every((key) => includesKey(keys, key));
  });
}

/** Keys that a person names for a rotation. */
export interface NamedKeys {
  /** The first group gets them. */
  readonly added?: readonly MetadataKey[];
  /** Every group loses them. */
  readonly removed?: readonly MetadataKey[];
}

/** @returns the groups with a few keys more or less */
export function changeKeys(
  groups: readonly MetadataGroup[],
  { added = [], removed = [] }: NamedKeys,
): MetadataGroup[] {
  return groups.map(({ keys }, index) => {
    const more = index === 0 ? added.filter((key) => !includesKey(keys, key)) : [];
    return { keys: [...keys, ...more].filter((key) => !includesKey(removed, key)) };
  });
}
