/**
 * Who can read a file: its data key wrapped for other people, or a new data key. Pure but for the native ciphers.
 *
 * Spec: sops-engine §5.6 (rotate), §5.7 (updatekeys), §5.10.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { DATA_KEY_LENGTH, type KeyWrapper, openDataKey, wrapDataKey } from "./data_key.ts";
import { openEncryptedFile, type OpenOptions } from "./decrypt.ts";
import { ENCODED_START } from "./engine/encoded_value.ts";
import { GcmKey } from "./engine/gcm.ts";
import { opensMac } from "./engine/open.ts";
import { sealDocuments } from "./engine/seal.ts";
import { formatBlock, keepFields } from "./metadata/block.ts";
import { type BlockMetadata, decodeBlock, type MetadataGroup, type MetadataKey } from "./metadata/fields.ts";
import {
  encodeText,
  type EncryptedFile,
  formatLastModified,
  parseEncryptedFile,
  spliceAndProve,
  type Surroundings,
} from "./sops_file.ts";
import type { ValueChanges } from "./tree/change.ts";

/** What it takes to wrap a data key anew. */
interface WrapOptions extends OpenOptions, Surroundings {
  readonly wrap: KeyWrapper;
}

/** How the keys of a file are brought up to date. */
export interface RekeyOptions extends WrapOptions {
  /** Wraps the data key anew also for the keys that stay. */
  readonly rewraps?: boolean | undefined;
}

/** What {@link planRekey} says of one key group. */
export interface GroupChange {
  readonly common: readonly MetadataKey[];
  readonly added: readonly MetadataKey[];
  readonly removed: readonly MetadataKey[];
}

/** What has to change in the keys of a file. */
export interface RekeyPlan {
  readonly groups: readonly GroupChange[];
  readonly threshold: { readonly present: number | undefined; readonly wanted: number | undefined };
  /** False when the file is up to date: order and duplicates count for nothing. */
  readonly isChange: boolean;
}

/** @returns what has to change in a file's metadata so that it is for these groups, told apart by their place */
export function planRekey(
  metadata: Pick<BlockMetadata, "shamirThreshold"> & { readonly groups: readonly MetadataGroup[] },
  wanted: readonly MetadataGroup[],
): RekeyPlan {
  const groups = Array.from({ length: Math.max(metadata.groups.length, wanted.length) }, (_, i): GroupChange => {
    const [old, now] = [metadata.groups[i]?.keys ?? [], wanted[i]?.keys ?? []];
    return {
      common: now.filter((key) => includesKey(old, key)),
      added: now.filter((key) => !includesKey(old, key)),
      removed: old.filter((key) => !includesKey(now, key)),
    };
  });
  const threshold = {
    present: metadata.shamirThreshold,
    wanted: chooseThreshold(metadata.shamirThreshold, wanted.length),
  };
  const isChange = threshold.present !== threshold.wanted ||
    groups.some(({ added, removed }) => added.length > 0 || removed.length > 0);
  return { groups, threshold, isChange };
}

/** The threshold of the file counts, not that of the rule; one group has none. */
function chooseThreshold(present: number | undefined, groupCount: number): number | undefined {
  if (groupCount < 2) return undefined;
  return Math.max(2, Math.min(present ?? groupCount, groupCount));
}

function includesKey(keys: readonly MetadataKey[], { type, text }: MetadataKey): boolean {
  return keys.some((key) => key.type === type && key.text === text);
}

/**
 * Makes a file readable for these groups: only its lists of keys change.
 *
 * @returns undefined when it is up to date
 * @throws {UserError} `malformed`, `no-identity`, `integrity` when the data key is not that of the values, and as wrapping
 * does
 */
export async function rekeyFile(
  bytes: Uint8Array,
  groups: readonly MetadataGroup[],
  options: RekeyOptions,
): Promise<Uint8Array | undefined> {
  const encrypted = await parseEncryptedFile(bytes, options);
  const { metadata } = encrypted;
  const { isChange, threshold } = planRekey(metadata, groups);
  if (!isChange && !options.rewraps) return undefined;
  const dataKey = await openDataKey(metadata, options.open, options.path);
  await requireOwnKey(dataKey, encrypted);
  const keepsWrapped = !options.rewraps && metadata.groups.length === 1;
  const wrapped = await wrapDataKey(dataKey, groups, {
    ...options,
    threshold: threshold.wanted,
    kept: keepsWrapped ? metadata.groups[0]!.keys : [],
  });
  return writeMetadata(encrypted, { ...metadata, groups: wrapped, shamirThreshold: threshold.wanted }, new Map());
}

/**
 * Whatever wraps a data key that it has not encrypted something with proves first that it is the right one: wrapped for
 * everybody, a wrong one would take the place of the right one.
 */
async function requireOwnKey(dataKey: Uint8Array, { metadata, path }: EncryptedFile): Promise<void> {
  if (await opensMac(await GcmKey.create(dataKey), metadata)) return;
  throw new UserError("integrity", `cannot wrap the data key of "${path}" again: the key does not open the MAC`, {
    details: ["the keys of another version of the file stand in it, or its lastmodified was changed"],
    hints: ["take the file from a backup or from version control: it was changed by something that is not SOPS"],
    location: { path },
  });
}

/** How a data key is replaced. */
export interface RotateOptions extends WrapOptions {
  /** Keys that the first group gets. */
  readonly added?: readonly MetadataKey[];
  /** Keys that every group loses. */
  readonly removed?: readonly MetadataKey[];
}

/**
 * Encrypts every value anew under a new data key.
 *
 * It goes to every key that the file names, also to one that somebody wrote there by hand: the caller compares with the
 * rule first.
 *
 * A comment that somebody has moved opens no more: only the old data key with the old place could open it.
 *
 * @returns the file, and how many comments stay in it that nobody can open any more
 * @throws {UserError} as opening a file and wrapping do
 */
export async function rotateFile(
  bytes: Uint8Array,
  options: RotateOptions,
): Promise<{ readonly bytes: Uint8Array; readonly lostCommentCount: number }> {
  const opened = await openEncryptedFile(bytes, options);
  const { metadata, file, selector, path, values, leftComments } = opened;
  const { added = [], removed = [], random } = options;
  const groups = metadata.groups.map(({ keys }, index): MetadataGroup => ({
    keys: [...keys, ...(index === 0 ? added.filter((key) => !includesKey(keys, key)) : [])].filter((key) =>
      !includesKey(removed, key)
    ),
  }));
  const dataKey = random(DATA_KEY_LENGTH);
  const lastModified = formatLastModified(options.now());
  const wrapped = await wrapDataKey(dataKey, groups, { ...options, threshold: metadata.shamirThreshold });
  const sealed = await sealDocuments(file.documents, {
    key: await GcmKey.create(dataKey),
    selector,
    lastModified,
    random,
    path,
    opened: values,
    renewsOpened: true,
    macOnlyEncrypted: metadata.macOnlyEncrypted,
  });
  return {
    bytes: writeMetadata(opened, { ...metadata, groups: wrapped, lastModified, mac: sealed.mac }, sealed.values),
    lostCommentCount: leftComments.filter(({ text }) => text.startsWith(ENCODED_START)).length,
  };
}

function writeMetadata(encrypted: EncryptedFile, metadata: BlockMetadata, values: ValueChanges): Uint8Array {
  const { store, file } = encrypted;
  const block = keepFields(formatBlock(metadata), file.block!);
  const splices = [...store.changeValues(file, values), ...store.changeMetadata(file, block)];
  const text = spliceAndProve(encrypted, splices, { documents: file.documents, values, isEncrypted: true });
  if (text === undefined) throw new InternalError("a comment has changed its container with the metadata");
  proveKeys(encrypted, text, metadata);
  return encodeText(text);
}

/** @throws {InternalError} when the new text does not name the keys that were wanted */
function proveKeys({ store, path, file }: EncryptedFile, text: string, wanted: BlockMetadata): void {
  const { block } = store.parse(text, path);
  const written = block === undefined ? undefined : decodeBlock(block, file.format);
  if (typeof written !== "object" || describeKeys(written) !== describeKeys(wanted)) {
    throw new InternalError("the metadata that would be written does not name the keys that were planned");
  }
}

function describeKeys({ groups, shamirThreshold, mac, lastModified }: BlockMetadata): string {
  const keys = groups.map((group) => group.keys.map(({ type, text, enc }) => `${type} ${text} ${enc}`).sort());
  return JSON.stringify([keys, shamirThreshold, mac, lastModified]);
}
