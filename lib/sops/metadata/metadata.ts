/**
 * Whether a file is encrypted by SOPS, told by its content, and who can read it.
 *
 * Nearly every file of a repository is not encrypted, so a byte search comes first; only then the text is decoded, and
 * only the metadata block is parsed where the store allows it. A block counts when SOPS would take it for metadata
 * (as `sops filestatus` does). Says nothing about whether the file can be decrypted. Pure.
 * Spec: sops-engine §3.9, §3.10, §4, §5.8 (SOPS 3.13.2).
 *
 * @module
 */
import type { Mapping, Node } from "../tree/tree.ts";
import { type BlockMetadata, decodeBlock, type FileMetadata, type StoreFormat } from "./fields.ts";
import { findDotenvBlock, findIniBlock } from "./flat.ts";
import { hasMarkers } from "./markers.ts";
import { storeOfName } from "./store_name.ts";
import { findYamlBlock } from "./yaml.ts";

export { storeOfName } from "./store_name.ts";
export { METADATA_KEY_TYPES, METADATA_SELECTORS } from "./fields.ts";
export type {
  BlockMetadata,
  FileMetadata,
  MetadataGroup,
  MetadataKey,
  MetadataKeyType,
  MetadataSelector,
  StoreFormat,
} from "./fields.ts";

/** Deepest nesting of a JSON block that is looked at: groups, keys and a KMS context take seven levels. */
const MAX_DEPTH = 12;

/**
 * Finds the metadata of an encrypted file, for those who only want to know who can read it: nothing of it holds on to the
 * text of the file, as many of them may be kept.
 *
 * @param path only its ending counts
 * @returns as {@link findBlockMetadata}
 */
export function findMetadata(bytes: Uint8Array, path: string): FileMetadata | undefined {
  const found = findBlockMetadata(bytes, path);
  if (found === undefined) return undefined;
  const { mac: _mac, groups, ...rest } = found;
  return { ...rest, groups: groups.map(({ keys }) => ({ keys: keys.map(({ type, text }) => ({ type, text })) })) };
}

/**
 * Finds the metadata of an encrypted file, with all that it takes to open its data key.
 *
 * The content decides; the name only settles which is meant of several stores that could read it.
 *
 * @param bytes the whole file
 * @param path only its ending counts
 * @returns undefined when the file is not encrypted, or so damaged that SOPS would not know it for encrypted
 */
export function findBlockMetadata(bytes: Uint8Array, path: string): BlockMetadata | undefined {
  if (!hasMarkers(bytes)) return undefined;
  const named = storeOfName(path);
  const text = new TextDecoder().decode(bytes);
  if (/^\s*\{/.test(text)) {
    const metadata = findInJson(text, named);
    if (metadata !== undefined) return metadata;
  }
  for (const format of textStoresFor(named)) {
    const block = findTextBlock(text, format, named);
    const metadata = block === undefined ? undefined : decodeUsable(block, format);
    if (metadata !== undefined) return metadata;
  }
  return undefined;
}

type TextStore = "yaml" | "ini" | "dotenv";

/** The stores for text that is no JSON, the one of the name first. */
function textStoresFor(named: StoreFormat): readonly TextStore[] {
  const stores: readonly TextStore[] = ["yaml", "ini", "dotenv"];
  return [...stores.filter((store) => store === named), ...stores.filter((store) => store !== named)];
}

function findTextBlock(text: string, store: TextStore, named: StoreFormat): Mapping | undefined {
  switch (store) {
    case "yaml":
      return findYamlBlock(text, { isYaml: named === "yaml" });
    case "ini":
      return findIniBlock(text);
    case "dotenv":
      return findDotenvBlock(text);
  }
}

/** JSON is also YAML: under a YAML name it is the YAML store that reads it. */
function findInJson(text: string, named: StoreFormat): BlockMetadata | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined; // text that is no JSON is an expected answer here
  }
  if (!isObject(content) || !Object.hasOwn(content, "sops")) return undefined;
  const isBinary = typeof content["data"] === "string" && Object.keys(content).length === 2;
  const format = named === "yaml" || named === "json" ? named : isBinary ? "binary" : "json";
  return decodeUsable(fromJson(content["sops"], 0), format);
}

/** @returns undefined unless SOPS would take the block for metadata: a MAC, a version, a readable time and a key */
function decodeUsable(block: Node, format: StoreFormat): BlockMetadata | undefined {
  const decoded = block.kind === "mapping" ? decodeBlock(block, format) : "no-mac";
  return typeof decoded === "string" ? undefined : decoded;
}

function fromJson(value: unknown, depth: number): Node {
  if (depth < MAX_DEPTH) {
    if (Array.isArray(value)) return { kind: "list", items: value.map((item) => fromJson(item, depth + 1)) };
    if (isObject(value)) {
      const items = Object.entries(value).map(([key, item]) => (
        { kind: "entry", key, value: fromJson(item, depth + 1) } as const
      ));
      return { kind: "mapping", items };
    }
  }
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return { kind: "leaf", value: isText ? String(value) : "" };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
