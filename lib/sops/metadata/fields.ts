/**
 * The fields of a SOPS metadata block, decoded as leniently as SOPS decodes them.
 *
 * Takes the block as the tree that its store has read; decides whether SOPS would accept it as metadata. Does not check
 * that a key can be used or that a selector compiles. Pure. Spec: sops-engine §3.9 (SOPS 3.13.2).
 *
 * @module
 */
import type { Leaf, Mapping, Node } from "../tree/tree.ts";
import { findBoolean, formatScalar, parseTimestamp } from "../tree/value.ts";

/** Bytes of a data key. */
export const DATA_KEY_LENGTH = 32;

/** The file formats of SOPS. */
export type StoreFormat = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** The lists of keys in a metadata block, in the order in which SOPS puts their keys into a group. */
export const METADATA_KEY_TYPES = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp", "age"] as const;

/** One of {@link METADATA_KEY_TYPES}. */
export type MetadataKeyType = typeof METADATA_KEY_TYPES[number];

/** The selectors that a metadata block may hold. */
export const METADATA_SELECTORS = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
] as const;

/** One of {@link METADATA_SELECTORS}. */
export type MetadataSelector = typeof METADATA_SELECTORS[number];

/** One key that the data key of a file is encrypted to. */
export interface MetadataKey {
  readonly type: MetadataKeyType;
  /** The string by which SOPS tells keys apart: a recipient or fingerprint exactly as stored, or a cloud key's address. */
  readonly text: string;
}

/** A key with what it opens. */
export interface WrappedKey extends MetadataKey {
  /** The data key, or the share of the key's group, encrypted to the key; for age an armored file. */
  readonly enc: string;
  /** The entry as it stands in the file, unknown fields included; absent for a key that was wrapped just now. */
  readonly entry?: Mapping;
}

/** One key group of a file. */
export interface MetadataGroup {
  readonly keys: readonly MetadataKey[];
}

/** One key group with what its keys open. */
export interface WrappedGroup extends MetadataGroup {
  readonly keys: readonly WrappedKey[];
}

/** What the metadata block of an encrypted file says, without anything secret. */
export interface FileMetadata {
  /** The store that reads the file. */
  readonly format: StoreFormat;
  /** At least one; a reader needs one key of as many groups as the threshold says. */
  readonly groups: readonly MetadataGroup[];
  /** As stored; undefined when absent, zero or no number. */
  readonly shamirThreshold: number | undefined;
  /** The non-empty selectors as stored; none means that SOPS assumes the suffix `_unencrypted`. */
  readonly selectors: Readonly<Partial<Record<MetadataSelector, string>>>;
  readonly macOnlyEncrypted: boolean;
  /** RFC 3339, as stored. */
  readonly lastModified: string;
  /** The version of SOPS that wrote the file. */
  readonly version: string;
}

/** The same with all that it takes to open the file and to write the block again. */
export interface BlockMetadata extends FileMetadata {
  readonly groups: readonly WrappedGroup[];
  /** Encrypted text. */
  readonly mac: string;
}

/** Why a block is not metadata that SOPS can work with; never holds a value. */
export type BlockProblem = "no-mac" | "no-version" | "no-time" | "bad-time" | "no-keys";

/**
 * Decodes a metadata block.
 *
 * @param block the value of `sops`
 * @param format the store it was found in
 * @returns a problem when SOPS would not take the block for metadata of an encrypted file
 */
export function decodeBlock(block: Mapping, format: StoreFormat): BlockMetadata | BlockProblem {
  const mac = textOf(block, "mac");
  const lastModified = textOf(block, "lastmodified");
  const version = textOf(block, "version");
  if (mac === "") return "no-mac";
  if (version === "") return "no-version";
  if (lastModified === "") return "no-time";
  if (parseTimestamp(lastModified) === undefined) return "bad-time";
  const groups = keyGroupsOf(block);
  if (groups.length === 0) return "no-keys";
  const selectors: Partial<Record<MetadataSelector, string>> = {};
  for (const selector of METADATA_SELECTORS) {
    const text = textOf(block, selector);
    if (text !== "") selectors[selector] = text;
  }
  return {
    format,
    groups,
    shamirThreshold: wholeNumber(textOf(block, "shamir_threshold")),
    selectors,
    macOnlyEncrypted: findBoolean(textOf(block, "mac_only_encrypted")) ?? false,
    lastModified,
    version,
    mac,
  };
}

/** The flat lists win over `key_groups` when any of them holds a key. */
function keyGroupsOf(block: Mapping): WrappedGroup[] {
  const flat = groupOf(block);
  if (flat.keys.length > 0) return [flat];
  return listOf(block, "key_groups").map(groupOf);
}

function groupOf(fields: Mapping): WrappedGroup {
  return {
    keys: METADATA_KEY_TYPES.flatMap((type) =>
      listOf(fields, type).map((entry) => ({ type, text: formatKey(type, entry), enc: textOf(entry, "enc"), entry }))
    ),
  };
}

/** The same strings as `MasterKey.ToString` of SOPS. */
function formatKey(type: MetadataKeyType, entry: Mapping): string {
  switch (type) {
    case "age":
      return textOf(entry, "recipient");
    case "pgp":
      return textOf(entry, "fp");
    case "gcp_kms":
      return textOf(entry, "resource_id");
    case "hckms":
      return textOf(entry, "key_id");
    case "azure_kv":
      return `${textOf(entry, "vault_url")}/keys/${textOf(entry, "name")}/${textOf(entry, "version")}`;
    case "hc_vault":
      return `${textOf(entry, "vault_address")}/v1/${textOf(entry, "engine_path")}/keys/${textOf(entry, "key_name")}`;
    case "kms":
      return formatKmsKey(entry);
  }
}

function formatKmsKey(entry: Mapping): string {
  const role = textOf(entry, "role");
  const arn = textOf(entry, "arn") + (role === "" ? "" : `+${role}`);
  const context = findField(entry, "context");
  const pairs = context?.kind === "mapping"
    ? entriesOf(context).map(({ key, value }) => `${key}:${value.kind === "leaf" ? textOfLeaf(value) : ""}`)
    : [];
  const profile = textOf(entry, "aws_profile");
  if (profile !== "") return `${arn}|${pairs.sort().join(",")}|${profile}`;
  return pairs.length === 0 ? arn : `${arn}|${pairs.sort().join(",")}`;
}

/**
 * @returns the field of a name that is the same, or else the same but for case; of several, as JSON may have, the last one,
 * as Go takes it
 */
export function findField(fields: Mapping, name: string): Node | undefined {
  let [same, similar]: (Node | undefined)[] = [];
  for (const item of fields.items) {
    if (item.kind === "comment") continue;
    if (item.key === name) same = item.value;
    else if (item.key.toLowerCase() === name) similar = item.value;
  }
  return same ?? similar;
}

/** @returns the text that SOPS takes a scalar of the block for */
export function textOfLeaf({ value }: Leaf): string {
  if (typeof value === "boolean") return value ? "true" : "false";
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : formatScalar(value);
}

function textOf(fields: Mapping, name: string): string {
  const value = findField(fields, name);
  return value?.kind === "leaf" ? textOfLeaf(value) : "";
}

/** A single mapping counts as a list of one; anything that is no mapping is left out. */
function listOf(fields: Mapping, name: string): Mapping[] {
  const value = findField(fields, name);
  if (value?.kind === "mapping") return entriesOf(value).length === 0 ? [] : [value];
  return value?.kind === "list" ? value.items.filter((item) => item.kind === "mapping") : [];
}

function entriesOf(mapping: Mapping): { key: string; value: Node }[] {
  return mapping.items.filter((item) => item.kind === "entry");
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  return value === 0 ? undefined : value;
}
