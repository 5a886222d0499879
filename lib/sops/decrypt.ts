/**
 * Decrypts a file: to the author's text, to SOPS's own layout, to another format, or to a tree. Pure but for the native
 * ciphers.
 *
 * Spec: sops-engine §3.7, §4.8, §5.3, §9.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { applySplices } from "../yaml/edit/splice.ts";
import { type KeyOpener, openDataKey, rememberOpenings } from "./data_key.ts";
import type { Layout } from "./encrypt.ts";
import { opensMac } from "./engine/open.ts";
import type { BlockMetadata, StoreFormat } from "./metadata/fields.ts";
import {
  encodeText,
  type OpenedFile,
  openFile,
  parseEncryptedFile,
  proveText,
  type ReadOptions,
  type Surroundings,
} from "./sops_file.ts";
import { loadForLargeYaml, loadStore } from "./choose_store.ts";
import { storeOfName } from "./metadata/store_name.ts";
import { replaceValues } from "./tree/replace.ts";
import { type Document, findLeaf } from "./tree/tree.ts";
import { extractNode, type PathStep } from "./tree_path.ts";

/** How an encrypted file is opened. */
export interface OpenOptions extends ReadOptions, Pick<Surroundings, "compileRegex"> {
  readonly open: KeyOpener;
  /** A data key that was opened before: it is used where it is that of the file as it is now. */
  readonly dataKey?: Uint8Array | undefined;
  /** Opens a file whose MAC is wrong. */
  readonly ignoresMac?: boolean | undefined;
}

/** How the plain file is written. */
export interface DecryptOptions extends OpenOptions {
  /** Another format than that of the file. */
  readonly outputFormat?: StoreFormat | undefined;
  /** Write it as SOPS would; absent: the author's layout stays. */
  readonly canonical?: Layout | undefined;
  /** Proves that the text reads as the values that were decrypted, as is right where it replaces the file. */
  readonly proves?: boolean | undefined;
}

/** A file that was decrypted. */
export interface DecryptResult {
  readonly bytes: Uint8Array;
  /** How many comments stay encrypted, or were in clear all the time. */
  readonly leftCommentCount: number;
}

/**
 * Opens a file with the identities of this machine.
 *
 * @throws {UserError} `malformed`, `no-identity`, `integrity`
 */
export async function openEncryptedFile(bytes: Uint8Array, options: OpenOptions): Promise<OpenedFile> {
  const encrypted = await parseEncryptedFile(bytes, options);
  const { metadata } = encrypted;
  const known = options.dataKey;
  const dataKey = known !== undefined && await isDataKeyOf(metadata, known)
    ? known
    : await openDataKey(metadata, options.open, options.path);
  return await openFile(encrypted, { ...options, dataKey });
}

/** @returns whether a data key is that of a file, told by its MAC */
export async function isDataKeyOf(metadata: BlockMetadata, dataKey: Uint8Array): Promise<boolean> {
  return await opensMac(dataKey, metadata);
}

/** @throws {UserError} as {@link openEncryptedFile}; `unsupported` when the output format cannot hold the values */
export async function decryptFile(bytes: Uint8Array, options: DecryptOptions): Promise<DecryptResult> {
  const large = options.proves || isWrittenAnew(options) ? undefined : await loadForLargeYaml(bytes, options);
  if (large === undefined) return await decryptByTree(bytes, options);
  const open = rememberOpenings(options.open);
  const plain = await large.decryptLargeFile(bytes, { ...options, open });
  return plain === undefined ? await decryptByTree(bytes, { ...options, open }) : { bytes: plain, leftCommentCount: 0 };
}

function isWrittenAnew({ format, path, outputFormat, canonical }: DecryptOptions): boolean {
  return canonical !== undefined || (outputFormat !== undefined && outputFormat !== (format ?? storeOfName(path)));
}

async function decryptByTree(bytes: Uint8Array, options: DecryptOptions): Promise<DecryptResult> {
  const opened = await openEncryptedFile(bytes, options);
  return { bytes: await writeDecrypted(opened, options), leftCommentCount: opened.leftComments.length };
}

/** How an opened file is written. */
export type WriteDecryptedOptions = Pick<DecryptOptions, "outputFormat" | "canonical" | "proves">;

/** @returns the plain file */
export async function writeDecrypted(opened: OpenedFile, options: WriteDecryptedOptions = {}): Promise<Uint8Array> {
  const { file, store, path, values } = opened;
  const format = options.outputFormat ?? file.format;
  if (format === "binary") return readBinary(decryptedDocuments(opened), path);
  if (options.canonical !== undefined || format !== file.format) {
    const output = await loadStore(format);
    return encodeText(output.formatCanonical(decryptedDocuments(opened), undefined, options.canonical ?? {}));
  }
  const splices = [...store.changeValues(file, values), ...store.changeMetadata(file, undefined)];
  const text = applySplices(file.source, splices);
  if (options.proves) proveText(store, text, { documents: file.documents, values, isEncrypted: false, path });
  return encodeText(text);
}

/** @returns the documents of a file with the values that were decrypted */
export function decryptedDocuments({ file, values }: OpenedFile): Document[] {
  return replaceValues(file.documents, values, { movesInlineComments: true });
}

/** The one value of a binary file, byte for byte. */
function readBinary(documents: readonly Document[], path: string): Uint8Array {
  const [first] = documents;
  if (first === undefined) throw new InternalError("a file has no document");
  const value = findLeaf(first.root, "data");
  if (typeof value === "string") return encodeText(value);
  if (value instanceof Uint8Array) return value;
  throw new UserError("unsupported", `cannot write "${path}" as a binary file: it has no value "data" that is text`, {
    hints: ["name the format with --output-type"],
  });
}

/** How a value is printed. */
export interface ExtractOptions {
  /** Another format than that of the file. */
  readonly outputFormat?: StoreFormat | undefined;
  readonly layout?: Layout;
}

/**
 * @param opened only its first document counts
 * @returns a value as `decrypt --extract` prints it: text as it is, without a line break behind it
 * @throws {UserError} `not-found`
 */
export async function extractValue(
  opened: OpenedFile,
  path: readonly PathStep[],
  { outputFormat, layout = {} }: ExtractOptions = {},
): Promise<Uint8Array> {
  const [first] = decryptedDocuments(opened);
  if (first === undefined) throw new InternalError("a file has no document");
  const node = extractNode(first.root, path);
  if (node.kind === "leaf" && typeof node.value === "string") return encodeText(node.value);
  if (node.kind === "leaf" && node.value instanceof Uint8Array) return node.value;
  const store = outputFormat === undefined ? opened.store : await loadStore(outputFormat);
  return encodeText(store.formatValue(node, layout));
}
