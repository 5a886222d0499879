/**
 * The metadata block that a YAML file ends with, as SOPS writes it: read, and proved, without the file before it. Pure.
 * Spec: sops-engine §3.9, §9; decision 019.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { loadStore } from "./choose_store.ts";
import { type BlockMetadata, decodeBlock } from "./metadata/fields.ts";
import { storeOfName } from "./metadata/store_name.ts";
import { decodeText, type EncryptedFile, type ReadOptions } from "./sops_file.ts";
import { METADATA_KEY } from "./stores/yaml/file.ts";
import type { StoreFile } from "./stores/store.ts";
import type { Mapping } from "./tree/tree.ts";

/** The lines of a block, read as a file of their own. */
export interface Tail extends EncryptedFile {
  readonly file: StoreFile & { readonly block: Mapping };
}

const LINE_FEED = 0x0a;

/** The first line of a block, and the line break before it. */
const FIRST_LINE = new TextEncoder().encode(`\n${METADATA_KEY}:\n`);

/** @returns where the last line `sops:` starts */
export function findTail(bytes: Uint8Array): number | undefined {
  for (
    let at = bytes.lastIndexOf(LINE_FEED, bytes.length - FIRST_LINE.length);
    at > 0;
    at = bytes.lastIndexOf(LINE_FEED, at - 1)
  ) {
    if (FIRST_LINE.every((byte, i) => bytes[at + i] === byte)) return at + 1;
  }
  return undefined;
}

/** @param bytes the lines of the block @returns undefined where they are more than that, or less */
export async function readTail(bytes: Uint8Array, path: string): Promise<Tail | undefined> {
  const store = await loadStore("yaml");
  const file = await orUndefined(() => store.parse(decodeText(bytes, path), path));
  if (file?.block === undefined || file.documents.length > 1 || file.documents[0]!.root.items.length > 0) {
    return undefined;
  }
  const isLast = file.block.range?.end === file.source.length - 1 && bytes.at(-1) === LINE_FEED;
  if (!isLast) return undefined; // something follows, be it a blank line
  const metadata = decodeBlock(file.block, "yaml");
  return typeof metadata === "string" ? undefined : { path, store, file: { ...file, block: file.block }, metadata };
}

/** @returns undefined for what a person would be told: what is wrong with a file is for the reader of whole files to say */
export async function orUndefined<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * What may keep a line in the first column from being a key on top: something that goes on over line breaks in whatever
 * column (a text in quotes, anything in brackets), another document, a directive, or the same key once more.
 */
const UNCLEAR = new RegExp(String.raw`(?:^|\s)["'[{]|^(?:---|\.\.\.|%|${METADATA_KEY}\s*:)`, "m");

/** A file in two parts. */
export interface SplitFile {
  /** Everything before the block. */
  readonly body: Uint8Array;
  /** The lines of the block. */
  readonly lines: Uint8Array;
}

/**
 * Takes a file apart for those who change nothing but its metadata. The body is not read any further, so what is wrong in
 * it stays as it is.
 *
 * @returns undefined where the last line `sops:` may be something else than the key on top
 */
export function splitOffTail(bytes: Uint8Array, { path, format }: ReadOptions): SplitFile | undefined {
  const start = (format ?? storeOfName(path)) === "yaml" ? findTail(bytes) : undefined;
  if (start === undefined) return undefined;
  const body = bytes.subarray(0, start);
  return UNCLEAR.test(decodeText(body, path)) ? undefined : { body, lines: bytes.subarray(start) };
}

/** @throws {InternalError} when the lines of a block do not read as the block */
export async function proveTail(bytes: Uint8Array, block: Mapping): Promise<void> {
  const read = (await readTail(bytes, ""))?.metadata;
  if (read !== undefined && describe(read) === describe(decodeBlock(block, "yaml"))) return;
  throw new InternalError("the metadata that would be written does not read as it was planned");
}

function describe(metadata: BlockMetadata | string): string {
  return JSON.stringify(metadata, (name, value) => name === "entry" ? undefined : value);
}
