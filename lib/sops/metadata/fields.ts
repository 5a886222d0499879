/**
 * The fields of a SOPS metadata block, decoded as leniently as SOPS decodes them.
 *
 * Takes the block as a tree of strings, whatever store it came from; decides whether SOPS would accept it as metadata.
 * Does not check that a key can be used or that a selector compiles. Pure. Spec: sops-engine §3.9 (SOPS 3.13.2).
 *
 * @module
 */

/** The file formats of SOPS. */
export type StoreFormat = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** A metadata block as its store holds it: numbers and booleans as text, null as empty text. */
export type MetadataValue = string | readonly MetadataValue[] | MetadataMap;

/** A mapping inside a metadata block. */
export type MetadataMap = ReadonlyMap<string, MetadataValue>;

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

/** One key group of a file. */
export interface MetadataGroup {
  readonly keys: readonly MetadataKey[];
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

/** The form of `lastmodified` that SOPS can read. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What Go's `strconv.ParseBool` takes for true. */
const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/**
 * Decodes a metadata block.
 *
 * @param block the value of `sops`
 * @param format the store it was found in
 * @returns undefined unless SOPS would take the block for metadata: a MAC, a version, a readable time and a key
 */
export function findFields(block: MetadataValue, format: StoreFormat): FileMetadata | undefined {
  if (!isMap(block)) return undefined;
  const lastModified = textOf(block, "lastmodified");
  const version = textOf(block, "version");
  if (textOf(block, "mac") === "" || version === "" || !RFC_3339.test(lastModified)) return undefined;
  const groups = keyGroupsOf(block);
  if (groups.length === 0) return undefined;
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
    macOnlyEncrypted: TRUE_WORDS.has(textOf(block, "mac_only_encrypted")),
    lastModified,
    version,
  };
}

/** The flat lists win over `key_groups` when any of them holds a key. */
function keyGroupsOf(block: MetadataMap): MetadataGroup[] {
  const flat = groupOf(block);
  if (flat.keys.length > 0) return [flat];
  return listOf(block, "key_groups").map(groupOf);
}

function groupOf(fields: MetadataMap): MetadataGroup {
  return {
    keys: METADATA_KEY_TYPES.flatMap((type) =>
      listOf(fields, type).map((entry) => ({ type, text: formatKey(type, entry) }))
    ),
  };
}

/** The same strings as `MasterKey.ToString` of SOPS. */
function formatKey(type: MetadataKeyType, entry: MetadataMap): string {
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

function formatKmsKey(entry: MetadataMap): string {
  const role = textOf(entry, "role");
  const arn = textOf(entry, "arn") + (role === "" ? "" : `+${role}`);
  const context = fieldOf(entry, "context");
  const pairs = isMap(context) ? [...context].map(([name, value]) => `${name}:${isText(value) ? value : ""}`) : [];
  const profile = textOf(entry, "aws_profile");
  if (profile !== "") return `${arn}|${pairs.sort().join(",")}|${profile}`;
  return pairs.length === 0 ? arn : `${arn}|${pairs.sort().join(",")}`;
}

/** Field names are exact, or else equal but for case. */
function fieldOf(fields: MetadataMap, name: string): MetadataValue | undefined {
  const exact = fields.get(name);
  if (exact !== undefined) return exact;
  for (const [other, value] of fields) if (other.toLowerCase() === name) return value;
  return undefined;
}

function textOf(fields: MetadataMap, name: string): string {
  const value = fieldOf(fields, name);
  return isText(value) ? value : "";
}

/** A single mapping counts as a list of one; anything that is no mapping is left out. */
function listOf(fields: MetadataMap, name: string): MetadataMap[] {
  const value = fieldOf(fields, name);
  if (isMap(value)) return value.size === 0 ? [] : [value];
  return value === undefined || isText(value) ? [] : value.filter(isMap);
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  return value === 0 ? undefined : value;
}

function isText(value: MetadataValue | undefined): value is string {
  return typeof value === "string";
}

function isMap(value: MetadataValue | undefined): value is MetadataMap {
  return value instanceof Map;
}
