/**
 * Two changed versions of an encrypted file made one: opened, merged in clear in memory, and encrypted again. Bytes in, bytes
 * out; pure but for the native ciphers.
 *
 * Every value that did not change keeps its ciphertext, and what both sides have as metadata never conflicts: the data key
 * is ours, or that of the side that has rotated it. Spec: sops-engine §3.5, §5.4.
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { InternalError, UserError } from "../../base/error.ts";
import { loadStore } from "../choose_store.ts";
import { type KeyOpener, type KeyWrapper, openDataKey } from "../data_key.ts";
import { writeDecrypted } from "../decrypt.ts";
import { SOPS_VERSION, writeEncrypted } from "../encrypt.ts";
import { newerVersion } from "../edit.ts";
import { opensMac } from "../engine/open.ts";
import { EarlierTexts } from "../engine/seal.ts";
import { compileSelector } from "../engine/selectors.ts";
import type { MetadataGroup, StoreFormat } from "../metadata/fields.ts";
import { haveSameKeys } from "../metadata/keys.ts";
import { holdsEncryptedValue } from "../metadata/markers.ts";
import { findMetadata } from "../metadata/metadata.ts";
import { storeOfName } from "../metadata/store_name.ts";
import { proveEncrypted } from "../proof.ts";
import {
  decodeText,
  encodeText,
  formatLastModified,
  type OpenedFile,
  openFile,
  parseEncryptedFile,
  parseSopsFile,
  type Surroundings,
} from "../sops_file.ts";
import type { Store } from "../stores/store.ts";
import { type MergedRecipients, mergeField, mergeRecipients } from "./recipients.ts";
import type { Versions } from "./sequences.ts";
import { refuseClearValues } from "./clear_values.ts";
import { type MergedText, mergeTexts, type PlainText } from "./texts.ts";

/** The versions of a file; undefined: both sides have made it. */
export type FileVersions = Versions<Uint8Array> | Omit<Versions<Uint8Array>, "base"> & { readonly base: undefined };

/** How a merge is done. */
export interface MergeOptions extends Surroundings {
  /** Of the merged file: for messages, and for the format where the content does not tell. */
  readonly path: string;
  readonly open: KeyOpener;
  readonly wrap: KeyWrapper;
  /** Opens versions whose MAC is wrong. */
  readonly ignoresMac?: boolean | undefined;
  /** Recipients by the rule that wins for the file; undefined without one. */
  readonly rule?: readonly MetadataGroup[] | undefined;
}

/** One version, opened. */
interface Side {
  readonly bytes: Uint8Array;
  readonly plaintext: Uint8Array;
  /** Undefined: it is not encrypted. */
  readonly opened?: OpenedFile;
  readonly dataKey?: Uint8Array;
}

/** The versions of a file, opened. */
export interface OpenedVersions {
  readonly path: string;
  readonly format: StoreFormat;
  readonly store: Store;
  /** `unknown`: no identity of this machine opens it. */
  readonly base: Side | "absent" | "unknown";
  readonly ours: Side;
  readonly theirs: Side;
}

/** The merged file. */
export interface SealedMerge extends Pick<MergedRecipients, "added" | "refused"> {
  readonly bytes: Uint8Array;
}

/** @returns whether SOPS would take any of the versions for encrypted */
export function isAnyEncrypted({ ours, theirs }: Omit<FileVersions, "base">, path: string): boolean {
  return [ours, theirs].some((bytes) => findMetadata(bytes, path) !== undefined);
}

/**
 * Opens the versions with the identities of this machine. The data key of one that is open opens the others that have it.
 *
 * @throws {UserError} `no-identity` for one of the sides; `integrity`, `malformed` as opening a file does
 */
export async function openVersions(versions: FileVersions, options: MergeOptions): Promise<OpenedVersions> {
  const { path } = options;
  const metadata = findMetadata(versions.ours, path) ?? findMetadata(versions.theirs, path);
  const format = metadata?.format ?? storeOfName(path);
  const dataKeys: Uint8Array[] = [];
  const open = async (bytes: Uint8Array, name: string): Promise<Side> => {
    if (findMetadata(bytes, path) === undefined) {
      if (holdsEncryptedValue(bytes)) throwFor(name, withoutMetadata(path));
      return { bytes, plaintext: bytes };
    }
    const encrypted = await parseEncryptedFile(bytes, { path, format });
    const dataKey = await findDataKey(dataKeys, encrypted, options).catch((error) => throwFor(name, error));
    dataKeys.push(dataKey);
    const opened = await openFile(encrypted, { ...options, dataKey }).catch((error) => throwFor(name, error));
    return { bytes, plaintext: await writeDecrypted(opened), opened, dataKey };
  };
  const ours = await open(versions.ours, "our version of the file");
  const theirs = await open(versions.theirs, "their version of the file");
  const base = versions.base === undefined
    ? "absent"
    : await openBase(versions.base, (bytes) => open(bytes, "the version that both started from"));
  return { path, format, store: await loadStore(format), base, ours, theirs };
}

/** Merged as if it were a plain file, its ciphertext would be taken for values. */
function withoutMetadata(path: string): UserError {
  return new UserError(
    "malformed",
    `cannot merge "${path}": it has encrypted values, but no metadata that opens them`,
    {
      hints: [`see what is wrong with: sopsmith doctor "${path}"`],
    },
  );
}

/** Says which version an error is about. */
function throwFor(name: string, error: unknown): never {
  if (error instanceof UserError) throw error.withDetails([`this is ${name}`]);
  throw error;
}

/** A base that nobody here may read, or that makes no sense, is one about which nothing is known. */
async function openBase(bytes: Uint8Array, open: (bytes: Uint8Array) => Promise<Side>): Promise<Side | "unknown"> {
  try {
    return await open(bytes);
  } catch (error) {
    if (error instanceof UserError && ["no-identity", "integrity", "malformed"].includes(error.kind)) return "unknown";
    throw error;
  }
}

async function findDataKey(
  known: readonly Uint8Array[],
  { metadata }: Awaited<ReturnType<typeof parseEncryptedFile>>,
  { open, path }: MergeOptions,
): Promise<Uint8Array> {
  for (const dataKey of known) {
    if (await opensMac(dataKey, metadata)) return dataKey;
  }
  return await openDataKey(metadata, open, path);
}

/**
 * Merges the texts in clear.
 *
 * @returns undefined for content that is no text, and that both sides have changed
 * @throws {UserError} `malformed` for a version that cannot be read
 */
export async function mergeOpened(
  versions: OpenedVersions,
): Promise<{ readonly plaintext: Uint8Array; readonly conflicts: readonly string[] } | undefined> {
  const { base, ours, theirs } = versions;
  if (typeof base !== "string") {
    if (equalBytes(ours.plaintext, base.plaintext)) return { plaintext: theirs.plaintext, conflicts: [] };
    if (equalBytes(theirs.plaintext, base.plaintext)) return { plaintext: ours.plaintext, conflicts: [] };
  }
  if (equalBytes(ours.plaintext, theirs.plaintext)) return { plaintext: ours.plaintext, conflicts: [] };
  const isText = [ours, theirs, base].every((side) => typeof side === "string" || isUtf8(side.plaintext));
  if (!isText && versions.format === "binary") return undefined;
  const merged: MergedText = mergeTexts({
    base: typeof base === "string" ? base : await readPlain(base, versions),
    ours: await readPlain(ours, versions),
    theirs: await readPlain(theirs, versions),
  }, versions);
  return { plaintext: encodeText(merged.text), conflicts: merged.conflicts };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decodeText(bytes, "");
    return true;
  } catch {
    return false;
  }
}

async function readPlain({ plaintext }: Side, { path, format }: OpenedVersions): Promise<PlainText> {
  const text = decodeText(plaintext, path);
  if (format === "binary") return { text, documents: [] };
  const { file } = await parseSopsFile(plaintext, { path, format });
  return { text, documents: file.documents };
}

/**
 * Encrypts what a merge came to, or what a person made of it.
 *
 * @throws {UserError} as encrypting does; `malformed` for a text with metadata of SOPS
 */
export async function sealMerge(
  versions: OpenedVersions,
  plaintext: Uint8Array,
  options: MergeOptions,
): Promise<SealedMerge> {
  const { path, format } = versions;
  const plain = await parseSopsFile(plaintext, { path, format });
  if (plain.file.block !== undefined) {
    throw new UserError("malformed", `cannot encrypt "${path}": the new text has metadata of SOPS`, {
      hints: ["take the part named sops out of the text"],
    });
  }
  const { holder, isShared } = chooseHolder(versions);
  const side = versions[holder];
  if (side.opened === undefined || side.dataKey === undefined) throw new InternalError("neither side is encrypted");
  const { dataKey } = side;
  const metadata = {
    base: typeof versions.base === "string" ? undefined : versions.base.opened?.metadata,
    ours: versions.ours.opened?.metadata,
    theirs: versions.theirs.opened?.metadata,
  };
  const isBaseUnknown = versions.base === "unknown";
  const recipients = await mergeRecipients(metadata, { dataKey, holder, isShared, isBaseUnknown, rule: options.rule }, {
    wrap: options.wrap,
    random: options.random,
  });
  const { added, refused } = recipients;
  const selectors = mergeField(metadata, (fields) => fields.selectors);
  const macOnlyEncrypted = mergeField(metadata, (fields) => fields.macOnlyEncrypted);
  const selector = await compileSelector(selectors, options.compileRegex);
  const opened = [versions.ours, versions.theirs].flatMap((one) => one.opened ?? []);
  refuseClearValues(path, { documents: plain.file.documents, selector }, opened);
  const candidates = isShared ? [side, versions[holder === "ours" ? "theirs" : "ours"]] : [side];
  const same = candidates.find(({ opened, plaintext: present }) => {
    const fields = opened!.metadata;
    return equalBytes(plaintext, present) && haveSameKeys(fields.groups, recipients.groups) &&
      JSON.stringify([fields.selectors, fields.macOnlyEncrypted, fields.shamirThreshold]) ===
        JSON.stringify([selectors, macOnlyEncrypted, recipients.shamirThreshold]);
  });
  if (same !== undefined) return { bytes: same.bytes, added, refused };
  const versionsOfSops = opened.map(({ metadata }) => metadata.version);
  const { text } = await writeEncrypted(plain, {
    ...side.opened.metadata,
    groups: recipients.groups,
    shamirThreshold: recipients.shamirThreshold,
    selectors,
    macOnlyEncrypted,
    lastModified: formatLastModified(options.now()),
    version: versionsOfSops.reduce(newerVersion, SOPS_VERSION),
  }, {
    key: side.opened.key,
    selector,
    random: options.random,
    earlier: () => collectEarlier(versions, { holder, isShared }),
  });
  const bytes = encodeText(text);
  const expected = plain.file.documents;
  await proveEncrypted(bytes, { path, format, compileRegex: options.compileRegex, dataKey, expected });
  return { bytes, added, refused };
}

/** Whose data key is kept. */
interface Holder {
  readonly holder: "ours" | "theirs";
  readonly isShared: boolean;
}

/**
 * A data key is made anew to lock somebody out who knows the old one: what is merged must not go back to it. Where both
 * have made a new one, ours is as good as theirs.
 */
function chooseHolder({ base, ours, theirs }: OpenedVersions): Holder {
  const [own, other] = [ours.dataKey, theirs.dataKey];
  if (own === undefined || other === undefined) {
    return { holder: own === undefined ? "theirs" : "ours", isShared: false };
  }
  if (equalBytes(own, other)) return { holder: "ours", isShared: true };
  const isOld = typeof base !== "string" && base.dataKey !== undefined && equalBytes(own, base.dataKey);
  return { holder: isOld ? "theirs" : "ours", isShared: false };
}

function collectEarlier(versions: OpenedVersions, { holder, isShared }: Holder): EarlierTexts {
  const textsOf = ({ opened }: Side, otherwise?: EarlierTexts): EarlierTexts => {
    const { file, selector, values } = opened!;
    return new EarlierTexts(file.documents, selector, { opened: values, ...(otherwise && { otherwise }) });
  };
  const others = isShared ? textsOf(versions[holder === "ours" ? "theirs" : "ours"]) : undefined;
  return textsOf(versions[holder], others);
}
