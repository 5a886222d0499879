/**
 * Large YAML files, whose lines are decrypted, encrypted and changed without a tree: a fraction of the time and memory.
 *
 * Everything here may give up, and then nothing has happened: the same job is done by way of a tree, which also says what is
 * wrong with a file. The metadata block is always read and written by the store. Spec: sops-engine §9; decision 019.
 *
 * @module
 */
import { applySplices } from "../yaml/edit/splice.ts";
import { openDataKey } from "./data_key.ts";
import type { OpenOptions } from "./decrypt.ts";
import { GcmKey } from "./engine/gcm.ts";
import { compileSelector, type Selector } from "./engine/selectors.ts";
import { type EncodedLines, openLines, readLines, writePlainLines } from "./lines/open_lines.ts";
import { type LinesPlan, planLines, sealLines } from "./lines/seal_lines.ts";
import { replaceLine } from "./lines/replace_line.ts";
import { formatBlock, keepFields } from "./metadata/block.ts";
import type { BlockMetadata } from "./metadata/fields.ts";
import { checkVersion, formatLastModified, type Surroundings } from "./sops_file.ts";
import { formatMetadataLines } from "./stores/yaml/metadata.ts";
import { findTail, orUndefined, proveTail, readTail, type Tail } from "./tail.ts";
import type { Leaf } from "./tree/tree.ts";
import type { PathStep } from "./tree_path.ts";

/** What is known of a large file before anybody is asked for a key. */
interface LargeFile extends Tail {
  readonly lines: EncodedLines;
}

const LINE_FEED = 0x0a;

/** @returns undefined where the file is not in the form that SOPS writes */
async function readLargeFile(bytes: Uint8Array, options: OpenOptions): Promise<LargeFile | undefined> {
  const end = findTail(bytes);
  const tail = end === undefined ? undefined : await readTail(bytes.subarray(end), options.path);
  if (end === undefined || tail === undefined) return undefined;
  const { selectors, macOnlyEncrypted } = tail.metadata;
  const selector = await orUndefined(() => compileSelector(selectors, options.compileRegex));
  if (selector?.subject !== "keys") return undefined;
  const lines = readLines(bytes, { end, selector, macOnlyEncrypted });
  return lines === undefined ? undefined : { ...tail, lines };
}

/** Opens the lines of a large file in place. */
async function openLargeFile(
  bytes: Uint8Array,
  options: OpenOptions,
): Promise<LargeFile & { key: GcmKey } | undefined> {
  const file = options.ignoresMac ? undefined : await readLargeFile(bytes, options);
  if (file === undefined) return undefined;
  const dataKey = await openDataKey(file.metadata, options.open, options.path);
  checkVersion(file.metadata.version, options.path);
  const key = await GcmKey.create(dataKey);
  return await openLines(file.lines, { key, metadata: file.metadata }) ? { ...file, key } : undefined;
}

/**
 * Decrypts a large file in the layout of its author.
 *
 * @returns undefined where that needs a tree
 */
export async function decryptLargeFile(bytes: Uint8Array, options: OpenOptions): Promise<Uint8Array | undefined> {
  const opened = await openLargeFile(bytes, options);
  return opened === undefined ? undefined : writePlainLines(opened.lines);
}

/** How the lines of a plain file are read. */
export interface PlanOptions {
  readonly selector: Selector;
  readonly macOnlyEncrypted: boolean;
}

/** @returns undefined where it takes a tree to encrypt the file */
export function planLargeFile(bytes: Uint8Array, options: PlanOptions): LinesPlan | undefined {
  const isWhole = bytes.at(-1) === LINE_FEED && bytes.at(-2) !== LINE_FEED;
  return isWhole && options.selector.subject === "keys" ? planLines(bytes, options) : undefined;
}

/** Encrypts a large file in the layout of its author. The plan is used up by it. */
export async function encryptLargeFile(
  plan: LinesPlan,
  metadata: Omit<BlockMetadata, "mac">,
  { key, random }: Pick<Surroundings, "random"> & { readonly key: GcmKey },
): Promise<Uint8Array> {
  const { bytes, mac } = await sealLines(plan, { key, random, lastModified: metadata.lastModified });
  const block = formatBlock({ ...metadata, mac });
  const text = formatMetadataLines(block);
  await proveTail(new TextEncoder().encode(text), block);
  bytes.addText(text);
  return bytes.view();
}

/**
 * Gives one text, number or boolean of a large file another value of that kind.
 *
 * @returns undefined where that needs a tree
 */
export async function setInLargeFile(
  bytes: Uint8Array,
  { path, value }: { readonly path: readonly PathStep[]; readonly value: Leaf["value"] },
  options: OpenOptions & Surroundings,
): Promise<Uint8Array | undefined> {
  const keys = path.filter((step) => typeof step === "string");
  const opened = keys.length < path.length ? undefined : await openLargeFile(bytes, options);
  if (opened === undefined) return undefined;
  const { store, file, lines, key, metadata } = opened;
  const lastModified = formatLastModified(options.now());
  const changed = await replaceLine(lines, { keys, value }, { key, lastModified, random: options.random });
  if (changed === undefined) return undefined;
  const block = keepFields(formatBlock({ ...metadata, lastModified, mac: changed.mac }), file.block);
  const text = applySplices(file.source, store.changeMetadata(file, block));
  await proveTail(new TextEncoder().encode(text), block);
  changed.bytes.addText(text);
  return changed.bytes.view();
}
