/**
 * Who can read a merged file: what either side did to the list of recipients, and whom the rule names besides. Pure.
 *
 * The format does not authenticate the list: an entry that somebody has written there by hand must not be given the data
 * key. So an entry is taken over as it stands, with the key that is wrapped in it; anew it is wrapped only for whom our own
 * side or the rule names. Whoever one side has removed stays removed. Spec: sops-engine §5.6, §5.7.
 *
 * @module
 */
import { wrapDataKey, type WrapOptions } from "../data_key.ts";
import { InternalError } from "../../base/error.ts";
import {
  type BlockMetadata,
  DATA_KEY_LENGTH,
  type MetadataGroup,
  type MetadataKey,
  type WrappedGroup,
  type WrappedKey,
} from "../metadata/fields.ts";
import { haveSameKeys, includesKey } from "../metadata/keys.ts";
import type { Versions } from "./sequences.ts";

/** The lists of keys that are merged. */
export type Recipients = Pick<BlockMetadata, "groups" | "shamirThreshold">;

/** The versions of a file's metadata: a side that is not encrypted has none. */
export type MetadataVersions = Versions<BlockMetadata | undefined>;

/** Whose data key the merged file has, and who else has the same one. */
export interface KeyHolder {
  readonly dataKey: Uint8Array;
  readonly holder: "ours" | "theirs";
  /** Whether both sides have this data key. */
  readonly isShared: boolean;
  /** The base cannot be read: who was removed since is not known. */
  readonly isBaseUnknown: boolean;
  /** What the rule that wins says; undefined without one. */
  readonly rule: readonly MetadataGroup[] | undefined;
}

/** Who can read the merged file. */
export interface MergedRecipients extends Recipients {
  readonly groups: readonly WrappedGroup[];
  /** Whom the rule has added. */
  readonly added: readonly MetadataKey[];
  /** Whom the other side names and nobody here vouches for: they do not get the data key. */
  readonly refused: readonly MetadataKey[];
}

/** @throws {UserError} `unsupported` for a key that cannot be wrapped for here */
export async function mergeRecipients(
  versions: MetadataVersions,
  key: KeyHolder,
  { wrap, random }: Pick<WrapOptions, "wrap" | "random">,
): Promise<MergedRecipients> {
  if (key.dataKey.length !== DATA_KEY_LENGTH) throw new InternalError("a data key has another length");
  const present = versions[key.holder];
  if (present === undefined) throw new InternalError("the side whose data key is kept is not encrypted");
  const lists = mergeLists(versions, key);
  const added = lists.map((keys, index) => addedByRule(keys, index, { versions, key, groupCount: lists.length }));
  const wanted = lists.map((keys, index) => [...keys, ...added[index]!]);
  if (haveSameKeys(present.groups, wanted.map((keys) => ({ keys })))) {
    const { groups, shamirThreshold } = present;
    return { groups, shamirThreshold, added: [], refused: [] };
  }
  const kept = wanted.length === 1 ? wrappedKeys(versions, key) : [];
  const ofRule = key.rule?.flatMap(({ keys }) => keys) ?? [];
  const vouched = [...ofRule, ...allKeys(versions.ours), ...allKeys(present), ...kept];
  const groups = wanted.map((keys) => ({ keys: keys.filter((wanted) => includesKey(vouched, wanted)) }));
  const refused = wanted.flat().filter((wanted) => !includesKey(vouched, wanted));
  const threshold = groups.length > 1 ? mergeField(versions, ({ shamirThreshold }) => shamirThreshold) : undefined;
  return {
    groups: await wrapDataKey(key.dataKey, groups, {
      wrap,
      random,
      kept,
      threshold: threshold === undefined ? undefined : Math.min(threshold, groups.length),
    }),
    shamirThreshold: groups.length > 1 ? Math.min(threshold ?? groups.length, groups.length) : undefined,
    added: added.flat(),
    refused,
  };
}

/** @returns what the side that has changed a field says; ours where both have */
export function mergeField<Field>(
  { base, ours, theirs }: MetadataVersions,
  fieldOf: (metadata: BlockMetadata) => Field,
): Field {
  const [old, own, other] = [base, ours, theirs].map((metadata) => metadata && { value: fieldOf(metadata) });
  const chosen = own === undefined || (old !== undefined && isSame(own, old) && other !== undefined) ? other : own;
  if (chosen === undefined) throw new InternalError("neither side is encrypted");
  return chosen.value;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @returns the keys of each group, without those that a side has removed */
function mergeLists({ base, ours, theirs }: MetadataVersions, { isBaseUnknown }: KeyHolder): MetadataKey[][] {
  if (ours === undefined || theirs === undefined) return listsOf((ours ?? theirs)!);
  if (isBaseUnknown) return listsOf(ours);
  if (ours.groups.length !== theirs.groups.length) {
    return listsOf(base !== undefined && base.groups.length === ours.groups.length ? theirs : ours);
  }
  return ours.groups.map((group, index) => {
    const old = base?.groups[index]?.keys ?? [];
    const other = theirs.groups[index]!.keys;
    return [
      ...group.keys.filter((key) => !includesKey(old, key) || includesKey(other, key)),
      ...other.filter((key) => !includesKey(old, key) && !includesKey(group.keys, key)),
    ];
  });
}

function listsOf({ groups }: Recipients): MetadataKey[][] {
  return groups.map(({ keys }) => [...keys]);
}

/** Whom the rule names and none of the versions: one that a version had was removed since. */
function addedByRule(
  keys: readonly MetadataKey[],
  index: number,
  { versions, key, groupCount }: {
    readonly versions: MetadataVersions;
    readonly key: KeyHolder;
    readonly groupCount: number;
  },
): MetadataKey[] {
  if (key.rule?.length !== groupCount) return [];
  const known = [...keys, ...[versions.base, versions.ours, versions.theirs].flatMap(allKeys)];
  return key.rule[index]!.keys.filter((wanted) => wanted.type === "age" && !includesKey(known, wanted));
}

/** The keys in which the data key is wrapped already. */
function wrappedKeys(versions: MetadataVersions, { holder, isShared }: KeyHolder): WrappedKey[] {
  const others = isShared ? versions[holder === "ours" ? "theirs" : "ours"] : undefined;
  return [versions[holder], others].flatMap((metadata) =>
    metadata?.groups.length === 1 ? metadata.groups[0]!.keys : []
  );
}

function allKeys(metadata: BlockMetadata | undefined): MetadataKey[] {
  return metadata?.groups.flatMap(({ keys }) => keys) ?? [];
}
