/**
 * One file, read by the store of its format, with its metadata decoded. Pure.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { decodeUtf8 } from "../base/utf8.ts";
import { GcmKey } from "./engine/gcm.ts";
import { openDocuments } from "./engine/open.ts";
import { compileSelector, type RegexCompiler, type Selector } from "./engine/selectors.ts";
import { type BlockMetadata, type BlockProblem, decodeBlock } from "./metadata/fields.ts";
import type { StoreFormat } from "./metadata/fields.ts";
import { storeOfName } from "./metadata/store_name.ts";
import { loadStore } from "./choose_store.ts";
import type { Store, StoreFile } from "./stores/store.ts";
import type { Comment, Document, Leaf } from "./tree/tree.ts";
import type { ValueChanges } from "./tree/change.ts";
import { applySplices, type Splice } from "../yaml/edit/splice.ts";
import { compareDocuments, type TreeDifference } from "./tree/replace.ts";

/** What the engine is given from outside. */
export interface Surroundings {
  /** @returns so many random bytes */
  readonly random: (byteCount: number) => Uint8Array;
  /** @returns the present time */
  readonly now: () => Date;
  /** Compiles a regular expression in RE2 syntax. */
  readonly compileRegex: RegexCompiler;
}

/** How a file is named and read. */
export interface ReadOptions {
  /** For messages, and for the format where none is given. */
  readonly path: string;
  readonly format?: StoreFormat | undefined;
}

/** A file as the engine works on it. */
export interface SopsFile {
  readonly path: string;
  readonly store: Store;
  readonly file: StoreFile;
}

/** A file that is encrypted. */
export interface EncryptedFile extends SopsFile {
  readonly metadata: BlockMetadata;
}

/** An encrypted file with what its values are. */
export interface OpenedFile extends EncryptedFile {
  readonly key: GcmKey;
  readonly selector: Selector;
  readonly values: ValueChanges;
  /** Comments that stay as they are, because they are not encrypted, or not at this place. */
  readonly leftComments: readonly Comment[];
}

const ENCODER = new TextEncoder();

/** @returns the bytes of a text */
export function encodeText(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/**
 * Reads a file, encrypted or not.
 *
 * @throws {UserError} as the store does; `malformed` for text that is not UTF-8
 */
export async function parseSopsFile(bytes: Uint8Array, { path, format }: ReadOptions): Promise<SopsFile> {
  const chosen = format ?? storeOfName(path);
  const store = await loadStore(chosen);
  if (chosen === "binary") {
    const { findMetadata } = await import("./metadata/metadata.ts"); // what tells YAML from all else is slow to load
    if (findMetadata(bytes, path) === undefined) return { path, store, file: wrapBinary(bytes) };
  }
  return { path, store, file: store.parse(decodeText(bytes, path), path) };
}

/** The plain form of the binary store: one value that holds the bytes. */
function wrapBinary(bytes: Uint8Array): StoreFile {
  const data: Leaf = { kind: "leaf", value: bytes };
  const root: Document["root"] = { kind: "mapping", items: [{ kind: "entry", key: "data", value: data }] };
  return { format: "binary", source: "", documents: [{ root }], block: undefined };
}

/** @returns the text, byte order mark included @throws {UserError} `malformed` when it is no UTF-8 */
export function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw new UserError("malformed", `cannot read "${path}": it is no text in UTF-8`, { cause });
  }
}

/** What a file with a block lacks, for people. */
const PROBLEM_TEXT: Readonly<Record<BlockProblem, string>> = {
  "no-mac": "its metadata has no MAC",
  "no-version": "its metadata has no version",
  "no-time": "its metadata has no time of the last change",
  "bad-time": "lastmodified in its metadata is no time in the form of RFC 3339",
  "no-keys": "its metadata names no key",
};

/**
 * Reads a file that has to be encrypted.
 *
 * @throws {UserError} `malformed` when it has no metadata, or metadata that SOPS could not use
 */
export async function parseEncryptedFile(bytes: Uint8Array, options: ReadOptions): Promise<EncryptedFile> {
  const sopsFile = await parseSopsFile(bytes, options);
  const { block, format } = sopsFile.file;
  if (block === undefined) {
    throw new UserError("malformed", `cannot read "${options.path}": it is not encrypted, expected a file of SOPS`);
  }
  const metadata = decodeBlock(block, format);
  if (typeof metadata !== "string") return { ...sopsFile, metadata };
  throw new UserError("malformed", `cannot read "${options.path}": ${PROBLEM_TEXT[metadata]}`, {
    hints: ["take the file from a backup or from version control"],
  });
}

/** How a file is opened. */
export interface OpenFileOptions extends Pick<Surroundings, "compileRegex"> {
  readonly dataKey: Uint8Array;
  /** Opens a file whose MAC is wrong or missing, for those who want to save what is left of it. */
  readonly ignoresMac?: boolean | undefined;
}

/** @throws {UserError} `integrity` when a value, or the file as a whole, is not what was encrypted */
export async function openFile(encrypted: EncryptedFile, options: OpenFileOptions): Promise<OpenedFile> {
  const { path, file, metadata } = encrypted;
  checkVersion(metadata.version, path);
  const selector = await compileSelector(metadata.selectors, options.compileRegex);
  const key = await GcmKey.create(options.dataKey);
  const { values, mac, leftComments } = await openDocuments(file.documents, metadata, {
    key,
    selector,
    path,
    sourceLength: file.source.length,
  });
  if (mac !== "good" && !options.ignoresMac) {
    const state = mac === "wrong"
      ? "its values are not those that were encrypted together (the MAC does not match)"
      : "its MAC was changed, or belongs to another time";
    throw new UserError("integrity", `cannot decrypt "${path}": ${state}`, {
      hints: [
        "take the file from a backup or from version control: it was changed by something that is not SOPS",
        "--ignore-mac decrypts it all the same",
      ],
    });
  }
  return { ...encrypted, key, selector, values, leftComments };
}

/**
 * SOPS refuses a file whose version it cannot compare.
 *
 * @throws {UserError} `malformed`
 */
export function checkVersion(version: string, path: string): void {
  if (/^v?\d+\.(?:\d+\.\d+|\*)/.test(version)) return;
  throw new UserError("malformed", `cannot decrypt "${path}": the version in its metadata is not of the form 1.2.3`);
}

/** @returns the time as SOPS stores it */
export function formatLastModified(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

/** A text that was proved, and how it was read then. */
export interface ProvedText {
  readonly text: string;
  readonly written: StoreFile;
}

/**
 * Applies splices and proves that the text then reads as it was planned.
 *
 * @returns undefined when only comments have come to stand in other containers
 * @throws {InternalError} when anything else is different
 */
export function spliceAndProve(
  { store, file, path }: SopsFile,
  splices: readonly Splice[],
  expected: ExpectedText,
): ProvedText | undefined {
  const text = applySplices(file.source, splices);
  const { difference, written } = proveText(store, text, { ...expected, path });
  return difference === "comments" ? undefined : { text, written };
}

/** How a text is to read. */
interface ExpectedText {
  readonly documents: readonly Document[];
  readonly values: ValueChanges;
  readonly isEncrypted: boolean;
}

/** @throws {InternalError} when a text does not read as it was planned, comments aside */
export function proveText(
  store: Store,
  text: string,
  expected: ExpectedText & { readonly path: string },
): { readonly difference: TreeDifference; readonly written: StoreFile } {
  const written = store.parse(text, expected.path);
  const difference = compareDocuments(written.documents, expected.documents, expected.values);
  if (difference === "values" || (written.block !== undefined) !== expected.isEncrypted) {
    throw new InternalError("what would be written does not read as it was planned");
  }
  return { difference, written };
}
