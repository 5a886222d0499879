/**
 * Who can read a file: its data key wrapped for other people, or a new data key. Pure but for the native ciphers.
 *
 * Spec: sops-engine §5.6 (rotate), §5.7 (updatekeys), §5.10.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { InternalError, UserError } from "../base/error.ts";
import { type KeyWrapper, openDataKey, wrapDataKey } from "./data_key.ts";
import { isDataKeyOf, openEncryptedFile, type OpenOptions } from "./decrypt.ts";
import { ENCODED_START } from "./engine/encoded_value.ts";
import { GcmKey } from "./engine/gcm.ts";
import { sealDocuments } from "./engine/seal.ts";
import { formatBlock, keepFields } from "./metadata/block.ts";
import {
  type BlockMetadata,
  DATA_KEY_LENGTH,
  decodeBlock,
  METADATA_KEY_TYPES,
  type MetadataGroup,
  type MetadataKey,
  type WrappedGroup,
} from "./metadata/fields.ts";
import { changeKeys, haveSameKeys, isSameKey, type NamedKeys } from "./metadata/keys.ts";
import { type BlockParts, ShapeChange, ShapeMemory, splitBlock } from "./metadata/shape.ts";
import {
  decodeText,
  encodeText,
  type EncryptedFile,
  formatLastModified,
  parseEncryptedFile,
  spliceAndProve,
  type Surroundings,
} from "./sops_file.ts";
import type { StoreFile } from "./stores/store.ts";
import { readTail, splitOffTail } from "./tail.ts";
import { countNeededGroups } from "./threshold.ts";
import type { ValueChanges } from "./tree/change.ts";

/** What it takes to wrap a data key anew. */
interface WrapOptions extends OpenOptions, Surroundings {
  readonly wrap: KeyWrapper;
  /** Of how many groups a reader will need a key, among several; absent: of as many as now, as SOPS has it. */
  readonly threshold?: number | undefined;
}

/** How the keys of a file are brought up to date. */
export interface RekeyOptions extends WrapOptions {
  /** Wraps the data key anew also for the keys that stay. */
  readonly rewraps?: boolean | undefined;
  /** Puts the keys into the order that is wanted, also where nothing else changes. */
  readonly reorders?: boolean | undefined;
  /** What was found out about other files, with the same options but for their paths and data keys. */
  readonly memory?: RekeyMemory | undefined;
}

/** What becomes of blocks, by the groups that are wanted and by their shape: it is the same for all of the same shape. */
export class RekeyMemory {
  readonly #changes = new WeakMap<readonly MetadataGroup[], ShapeMemory<ShapeChange>>();

  /** @param wanted the same object means the same groups */
  of(wanted: readonly MetadataGroup[]): ShapeMemory<ShapeChange> {
    const changes = this.#changes.get(wanted) ?? new ShapeMemory();
    this.#changes.set(wanted, changes);
    return changes;
  }
}

/** What is to become of the keys of a file. */
interface RekeyPlan {
  /** What the metadata are to say of it; undefined where there is one group. */
  readonly threshold: number | undefined;
  /** False when the file is up to date: order and duplicates count for nothing. */
  readonly isChange: boolean;
}

/** @param threshold as {@link RekeyOptions} has it */
function planRekey(
  { groups, shamirThreshold }: Pick<BlockMetadata, "shamirThreshold" | "groups">,
  wanted: readonly MetadataGroup[],
  threshold: number | undefined,
): RekeyPlan {
  const chosen = chooseThreshold(threshold, shamirThreshold, wanted.length);
  const isSame = haveSameKeys(groups, wanted) &&
    countNeededGroups({ groups, shamirThreshold }) === countNeededGroups({ groups: wanted, shamirThreshold: chosen });
  return { threshold: chosen, isChange: !isSame };
}

/** One group has none; without a wish SOPS takes as many as the file has it. */
function chooseThreshold(
  wanted: number | undefined,
  present: number | undefined,
  groupCount: number,
): number | undefined {
  if (groupCount < 2) return undefined;
  return wanted ?? Math.max(2, Math.min(present ?? groupCount, groupCount));
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
  const split = splitOffTail(bytes, options);
  const rekeyed = split && await rekeyLines(split.lines, groups, options);
  if (split === undefined || rekeyed === undefined) {
    return await rekeyParsed(await parseEncryptedFile(bytes, options), groups, options);
  }
  return rekeyed.after && concatBytes(split.body, rekeyed.after);
}

/** @returns undefined where it takes more than the lines of a block to understand it; `after` is undefined without a change */
async function rekeyLines(
  lines: Uint8Array,
  groups: readonly MetadataGroup[],
  options: RekeyOptions,
): Promise<{ readonly after: Uint8Array | undefined } | undefined> {
  const { path, memory } = options;
  const parts = splitBlock(decodeText(lines, path));
  const known = memory?.of(groups).get(parts);
  const alike = known && await rekeyAlike(parts, known, options);
  if (alike !== undefined) return { after: alike };
  const tail = await readTail(lines, path);
  if (tail === undefined) return undefined;
  const after = await rekeyParsed(tail, groups, options);
  const changed = after && memory && groups.length === 1 ? await readTail(after, path) : undefined;
  const change = changed &&
    ShapeChange.learn({ ...tail, parts }, { ...changed, parts: splitBlock(changed.file.source) });
  if (change !== undefined) memory?.of(groups).set(parts, change);
  return { after };
}

/** @returns undefined where the data key is not that of the file */
async function rekeyAlike(
  { variables }: BlockParts,
  change: ShapeChange,
  { dataKey, wrap }: RekeyOptions,
): Promise<Uint8Array | undefined> {
  if (dataKey === undefined || !await isDataKeyOf(change.known.read(variables), dataKey)) return undefined;
  return encodeText(await change.apply(variables, (recipient) => wrap(recipient, dataKey)));
}

async function rekeyParsed(
  encrypted: EncryptedFile,
  groups: readonly MetadataGroup[],
  options: RekeyOptions,
): Promise<Uint8Array | undefined> {
  const { metadata } = encrypted;
  const { isChange, threshold } = planRekey(metadata, groups, options.threshold);
  const change = { values: new Map(), isInOrder: options.reorders };
  if (!isChange && !options.rewraps) {
    const ordered = options.reorders ? orderKeys(metadata.groups, groups) : undefined;
    return ordered && writeMetadata(encrypted, { ...metadata, groups: ordered }, change);
  }
  const dataKey = await openOwnKey(encrypted, options);
  const keepsWrapped = !options.rewraps && metadata.groups.length === 1;
  const wrapped = await wrapDataKey(dataKey, groups, {
    ...options,
    threshold,
    kept: keepsWrapped ? metadata.groups[0]!.keys : [],
  });
  return writeMetadata(encrypted, { ...metadata, groups: wrapped, shamirThreshold: threshold }, change);
}

/**
 * @param wanted the same keys, in their order
 * @returns the keys of the file in that order, each once; undefined when they have it
 */
function orderKeys(present: readonly WrappedGroup[], wanted: readonly MetadataGroup[]): WrappedGroup[] | undefined {
  const ordered = wanted.map(({ keys }, index): WrappedGroup => ({
    keys: keys.map((key) => present[index]!.keys.find((other) => isSameKey(other, key))!)
      .filter((key, at, all) => all.indexOf(key) === at),
  }));
  return hasSameOrder(present, ordered) ? undefined : ordered;
}

/** @returns whether the keys stand in the same order, as far as metadata hold one: by type */
export function hasSameOrder(one: readonly MetadataGroup[], other: readonly MetadataGroup[]): boolean {
  const describe = (groups: readonly MetadataGroup[]): string =>
    JSON.stringify(
      groups.map(({ keys }) => METADATA_KEY_TYPES.map((type) => keys.filter((key) => key.type === type).map(textOf))),
    );
  return describe(one) === describe(other);
}

function textOf({ text }: MetadataKey): string {
  return text;
}

/**
 * Whatever wraps a data key that it has not encrypted something with proves first that it is the right one: wrapped for
 * everybody, a wrong one would take the place of the right one.
 */
async function openOwnKey({ metadata, path }: EncryptedFile, options: OpenOptions): Promise<Uint8Array> {
  const known = options.dataKey;
  if (known !== undefined && await isDataKeyOf(metadata, known)) return known;
  const dataKey = await openDataKey(metadata, options.open, path);
  if (await isDataKeyOf(metadata, dataKey)) return dataKey;
  throw new UserError("integrity", `cannot wrap the data key of "${path}" again: the key does not open the MAC`, {
    details: ["the keys of another version of the file stand in it, or its lastmodified was changed"],
    hints: ["take the file from a backup or from version control: it was changed by something that is not SOPS"],
    location: { path },
  });
}

/** How a data key is replaced. */
export interface RotateOptions extends WrapOptions, NamedKeys {
  /** Whom the file is for; absent: whom it is for now. */
  readonly wanted?: readonly MetadataGroup[];
}

/**
 * Encrypts every value anew under a new data key.
 *
 * Unless groups are wanted it goes to every key that the file names, also to one that somebody wrote there by hand: the
 * caller compares with the rule first.
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
  const { random } = options;
  const groups = changeKeys(options.wanted ?? metadata.groups, options);
  const dataKey = random(DATA_KEY_LENGTH);
  const lastModified = formatLastModified(options.now());
  const threshold = chooseThreshold(options.threshold, metadata.shamirThreshold, groups.length);
  const wrapped = await wrapDataKey(dataKey, groups, { ...options, threshold });
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
  const written = { ...metadata, groups: wrapped, shamirThreshold: threshold, lastModified, mac: sealed.mac };
  return {
    bytes: writeMetadata(opened, written, { values: sealed.values }),
    lostCommentCount: leftComments.filter(({ text }) => text.startsWith(ENCODED_START)).length,
  };
}

/** What is written besides the metadata, and how. */
interface FileChange {
  readonly values: ValueChanges;
  /** The keys stand in the order in which they are given; else those that stay keep their place. */
  readonly isInOrder?: boolean | undefined;
}

function writeMetadata(
  encrypted: EncryptedFile,
  metadata: BlockMetadata,
  { values, isInOrder = false }: FileChange,
): Uint8Array {
  const { store, file } = encrypted;
  const block = keepFields(formatBlock(metadata, { isInOrder }), file.block!);
  const splices = [...store.changeValues(file, values), ...store.changeMetadata(file, block)];
  const proved = spliceAndProve(encrypted, splices, { documents: file.documents, values, isEncrypted: true });
  if (proved === undefined) throw new InternalError("a comment has changed its container with the metadata");
  proveKeys(proved.written, { metadata, isInOrder });
  return encodeText(proved.text);
}

/** @throws {InternalError} when the new text does not name the keys that were wanted */
function proveKeys(
  { block, format }: StoreFile,
  { metadata, isInOrder }: { readonly metadata: BlockMetadata; readonly isInOrder: boolean },
): void {
  const written = block === undefined ? undefined : decodeBlock(block, format);
  const isAsWanted = typeof written === "object" && describeKeys(written) === describeKeys(metadata) &&
    (!isInOrder || hasSameOrder(written.groups, metadata.groups));
  if (!isAsWanted) {
    throw new InternalError("the metadata that would be written does not name the keys that were planned");
  }
}

function describeKeys({ groups, shamirThreshold, mac, lastModified }: BlockMetadata): string {
  const keys = groups.map((group) => group.keys.map(({ type, text, enc }) => `${type} ${text} ${enc}`).sort());
  return JSON.stringify([keys, shamirThreshold, mac, lastModified]);
}
