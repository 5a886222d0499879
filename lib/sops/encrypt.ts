/**
 * Encrypts a plain file: into the author's layout, or into that of SOPS. Pure but for the native ciphers.
 *
 * Spec: sops-engine §3.8, §4.4, §5.2, §9.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { type KeyWrapper, wrapDataKey } from "./data_key.ts";
import { GcmKey } from "./engine/gcm.ts";
import { type EarlierTexts, sealDocuments, type SealedValues } from "./engine/seal.ts";
import {
  compileSelector,
  DEFAULT_UNENCRYPTED_SUFFIX,
  findSelector,
  type Selector,
  type SelectorFields,
} from "./engine/selectors.ts";
import { formatBlock } from "./metadata/block.ts";
import { type BlockMetadata, DATA_KEY_LENGTH, type MetadataGroup, type StoreFormat } from "./metadata/fields.ts";
import {
  encodeText,
  formatLastModified,
  parseSopsFile,
  proveText,
  type ReadOptions,
  type SopsFile,
  spliceAndProve,
  type Surroundings,
} from "./sops_file.ts";
import type { StoreWarning } from "./stores/store.ts";
import { loadForLargeYaml, loadStore } from "./choose_store.ts";
import { storeOfName } from "./metadata/store_name.ts";
import type { Store } from "./stores/store.ts";
import { compareDocuments, replaceValues } from "./tree/replace.ts";
import { applySplices } from "../yaml/edit/splice.ts";
import type { Document, Mapping } from "./tree/tree.ts";

/** The version of SOPS whose files ours are like: what stands in their metadata. */
export const SOPS_VERSION = "3.13.2";

/** How SOPS's own layout is asked for. */
export interface Layout {
  /** Columns of one level; absent: what SOPS takes. */
  readonly indent?: number;
}

/** What a new encrypted file is like. */
export interface EncryptOptions extends ReadOptions, Surroundings {
  /** At least one group with at least one key. */
  readonly groups: readonly MetadataGroup[];
  /** Of how many groups a reader needs a key; undefined: of all. */
  readonly shamirThreshold?: number | undefined;
  /** At most one; none: what ends in `_unencrypted` stays in clear. */
  readonly selectors?: SelectorFields;
  readonly macOnlyEncrypted?: boolean | undefined;
  readonly wrap: KeyWrapper;
  /** Write it as SOPS would; absent: the author's layout stays. */
  readonly canonical?: Layout | undefined;
  /** Another format than that of the file, laid out as SOPS would. */
  readonly outputFormat?: StoreFormat | undefined;
}

/** A file that was encrypted. */
export interface EncryptResult {
  readonly bytes: Uint8Array;
  /** How many values are encrypted, comments aside. */
  readonly encryptedCount: number;
  /** How many values are in clear. */
  readonly clearCount: number;
  readonly warnings: readonly StoreWarning[];
}

/**
 * Encrypts a file with a new data key.
 *
 * @throws {UserError} `exists` when it is encrypted already; `malformed`, `unsupported`, `refused`, `usage` as the parts do
 */
export async function encryptFile(bytes: Uint8Array, options: EncryptOptions): Promise<EncryptResult> {
  const { path } = options;
  const format = options.format ?? storeOfName(path);
  const isBinary = format === "binary";
  const selectors = isBinary ? {} : chooseSelectors(options.selectors ?? {});
  const macOnlyEncrypted = !isBinary && (options.macOnlyEncrypted ?? false);
  const selector = await compileSelector(selectors, options.compileRegex);
  const isWrittenAnew = options.canonical !== undefined || (options.outputFormat ?? format) !== format;
  const large = isWrittenAnew ? undefined : await loadForLargeYaml(bytes, options);
  const lines = large?.planLargeFile(bytes, { selector, macOnlyEncrypted });
  const plain = lines === undefined ? await parsePlain(bytes, options) : undefined;
  const dataKey = options.random(DATA_KEY_LENGTH);
  const { groups, shamirThreshold, wrap, random } = options;
  const isShared = groups.length > 1;
  const metadata: Omit<BlockMetadata, "mac"> = {
    format,
    groups: await wrapDataKey(dataKey, groups, { wrap, random, threshold: shamirThreshold }),
    shamirThreshold: isShared ? shamirThreshold ?? groups.length : shamirThreshold,
    selectors,
    macOnlyEncrypted,
    lastModified: formatLastModified(options.now()),
    version: SOPS_VERSION,
  };
  const key = await GcmKey.create(dataKey);
  if (large !== undefined && lines !== undefined) {
    const { scalars, clearCount } = lines;
    const encrypted = await large.encryptLargeFile(lines, metadata, { key, random });
    return { bytes: encrypted, encryptedCount: scalars.count, clearCount, warnings: [] };
  }
  const { text, sealed } = await writeEncrypted(plain!, metadata, { ...options, key, selector });
  const { encryptedCount, clearCount } = sealed;
  return { bytes: encodeText(text), encryptedCount, clearCount, warnings: plain!.file.warnings ?? [] };
}

async function parsePlain(bytes: Uint8Array, options: EncryptOptions): Promise<SopsFile> {
  const plain = await parseSopsFile(bytes, options);
  if (plain.file.block === undefined) return plain;
  const { path } = options;
  throw new UserError("exists", `cannot encrypt "${path}": it has metadata of SOPS, expected a plain file`, {
    hints: [`change it with: sopsmith edit "${path}"`],
  });
}

function chooseSelectors(selectors: SelectorFields): SelectorFields {
  return findSelector(selectors) === undefined ? { unencrypted_suffix: DEFAULT_UNENCRYPTED_SUFFIX } : selectors;
}

/** What it takes to write a plain file as an encrypted one. */
export interface WriteOptions extends Pick<Surroundings, "random"> {
  readonly key: GcmKey;
  readonly selector: Selector;
  readonly earlier?: () => EarlierTexts;
  readonly canonical?: Layout | undefined;
  readonly outputFormat?: StoreFormat | undefined;
}

/** A comment on the line behind a `---` between documents, if that line ends with CRLF: go-yaml counts it to the one before. */
const COMMENT_BEHIND_MARKER = /\n---[ \t]*(?:#.*)?\r\n[ \t]*#/;

/** A comment that SOPS counts to another place may select another value: what we leave in clear, it would encrypt. */
function refuseMisplacedComments({ path, file: { format, source } }: SopsFile, { subject }: Selector): void {
  if (format !== "yaml" || subject !== "comments" || !COMMENT_BEHIND_MARKER.test(source)) return;
  throw new UserError(
    "refused",
    `cannot encrypt "${path}" by its comments: SOPS counts a comment behind --- to the document before, because that line ` +
      "ends with CRLF",
    { hints: ["put a blank line between --- and the comment"] },
  );
}

/** @returns the text, proved to read as the plain file with its values sealed */
export async function writeEncrypted(
  plain: SopsFile,
  metadata: Omit<BlockMetadata, "mac">,
  options: WriteOptions,
): Promise<{ text: string; sealed: SealedValues }> {
  refuseMisplacedComments(plain, options.selector);
  const { store, path } = plain;
  const seal = async (documents: readonly Document[]): Promise<{ sealed: SealedValues; block: Mapping }> => {
    const { key, selector, random, earlier } = options;
    const sealed = await sealDocuments(documents, {
      key,
      selector,
      random,
      path,
      macOnlyEncrypted: metadata.macOnlyEncrypted,
      lastModified: metadata.lastModified,
      ...(earlier === undefined ? {} : { earlier: earlier() }),
    });
    return { sealed, block: formatBlock({ ...metadata, mac: sealed.mac }) };
  };
  const { documents, format } = plain.file;
  const { sealed, block } = await seal(documents);
  const { outputFormat = format } = options;
  if (outputFormat !== format) {
    const encrypted = replaceValues(documents, sealed.values, { listCommentsAsItems: outputFormat === "yaml" });
    const output = await loadStore(outputFormat);
    const text = output.formatCanonical(encrypted, block, options.canonical ?? {});
    refuseLostValues(output, text, { encrypted, path });
    return { text, sealed };
  }
  if (options.canonical !== undefined || format === "binary") {
    const encrypted = replaceValues(documents, sealed.values, { listCommentsAsItems: true });
    const text = store.formatCanonical(encrypted, block, options.canonical ?? {});
    proveText(store, text, { documents: encrypted, values: new Map(), isEncrypted: true, path });
    return { text, sealed };
  }
  const splices = [...store.changeValues(plain.file, sealed.values), ...store.changeMetadata(plain.file, block)];
  const proved = spliceAndProve(plain, splices, { documents, values: sealed.values, isEncrypted: true });
  if (proved !== undefined) return { text: proved.text, sealed };
  return await writeWithBlockFirst(plain, block, seal);
}

/** Another format may have no place for a type, or for a list: what it gives back would not be what was authenticated. */
function refuseLostValues(
  output: Store,
  text: string,
  { encrypted, path }: { readonly encrypted: readonly Document[]; readonly path: string },
): void {
  const written = output.parse(text, path);
  if (compareDocuments(written.documents, encrypted, new Map()) !== "values") return;
  throw new UserError(
    "unsupported",
    `cannot write "${path}" as ${output.format}: a value in clear would change its type`,
    {
      hints: ["encrypt every value, or keep the format of the file"],
    },
  );
}

/**
 * A comment at the end of a file may belong to another container once the block stands behind it, and with the container
 * changes what authenticates it. So the block is written first, and the values are sealed as they stand then.
 */
async function writeWithBlockFirst(
  plain: SopsFile,
  draft: Mapping,
  seal: (documents: readonly Document[]) => Promise<{ sealed: SealedValues; block: Mapping }>,
): Promise<{ text: string; sealed: SealedValues }> {
  const { store, path } = plain;
  const withBlock = applySplices(plain.file.source, store.changeMetadata(plain.file, draft));
  const file = store.parse(withBlock, path);
  if (compareDocuments(file.documents, plain.file.documents, new Map()) === "values") {
    throw new InternalError("the block of metadata changes what a value is");
  }
  const { sealed, block } = await seal(file.documents);
  const splices = [...store.changeValues(file, sealed.values), ...store.changeMetadata(file, block)];
  const proved = spliceAndProve({ store, path, file }, splices, {
    documents: file.documents,
    values: sealed.values,
    isEncrypted: true,
  });
  if (proved === undefined) throw new InternalError("a comment changes its container with its text");
  return { text: proved.text, sealed };
}
