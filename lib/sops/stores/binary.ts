/**
 * The binary store: a file of any bytes is one value, and its encrypted form is JSON with the keys `data` and `sops`.
 *
 * The plain form is no text, so nothing of it is ever spliced: it is read and written as bytes by
 * {@link readBinary} and {@link binaryOf}. Pure. Spec: sops-engine §4.7.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { StructureChange } from "../tree/change.ts";
import type { Document, Leaf, Mapping, Node } from "../tree/tree.ts";
import { jsonStore } from "./json.ts";
import { errorAt } from "./place_error.ts";
import type { CanonicalOptions, Store, StoreFile, ValueChanges } from "./store.ts";

/** The key that holds the content. */
const DATA_KEY = "data";

/** Reads and writes the encrypted form of binary files. */
export const binaryStore: Store = {
  format: "binary",
  parse: parseBinary,
  changeValues: (file: StoreFile, changes: ValueChanges): Splice[] => jsonStore.changeValues(file, changes),
  changeStructure: changeBinaryStructure,
  changeMetadata: (file, block) => jsonStore.changeMetadata(file, block),
  formatCanonical: formatCanonicalBinary,
  formatValue: formatBinaryValue,
};

/** Takes the bytes of a plain file for a file with one value. */
export function readBinary(bytes: Uint8Array): StoreFile {
  const value: Leaf = { kind: "leaf", value: bytes };
  const root: Mapping = { kind: "mapping", items: [{ kind: "entry", key: DATA_KEY, value }] };
  return { format: "binary", source: "", documents: [{ root }], block: undefined };
}

/**
 * Gives the bytes of a tree that a plain binary file holds.
 *
 * @throws {UserError} `unsupported` when the tree is no binary file
 */
export function binaryOf(documents: readonly Document[]): Uint8Array {
  const items = documents[0]?.root.items.filter((item) => item.kind === "entry") ?? [];
  const data = items.find(({ key }) => key === DATA_KEY)?.value;
  const value = data?.kind === "leaf" ? data.value : undefined;
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return new TextEncoder().encode(value);
  throw new UserError("unsupported", "cannot write a binary file: the content is no text under the key data", {
    hints: ["name the format of the file: --output-type yaml, json, dotenv or ini"],
  });
}

function parseBinary(source: string, path: string): StoreFile {
  const file = jsonStore.parse(source, path);
  const items = file.documents[0]!.root.items;
  const [data] = items;
  if (data?.kind !== "entry" || data.key !== DATA_KEY || items.length > 1) {
    throw errorAt({ path, source }, 0, "no encrypted binary file, expected the keys data and sops", {
      hints: ["name the format of the file: --input-type yaml, json, dotenv or ini"],
    });
  }
  return { ...file, format: "binary" };
}

function changeBinaryStructure(file: StoreFile, change: StructureChange): Splice[] {
  if (change.action === "replace") return jsonStore.changeStructure(file, change);
  throw new UserError("usage", "cannot add to a binary file or take from it: it is one value", {
    hints: ["set the whole content under the key data"],
  });
}

function formatCanonicalBinary(
  documents: readonly Document[],
  block: Mapping | undefined,
  options: CanonicalOptions,
): string {
  if (block !== undefined) return jsonStore.formatCanonical(documents, block, options);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(binaryOf(documents));
}

function formatBinaryValue(node: Node, _options: CanonicalOptions): string {
  if (node.kind === "leaf" && typeof node.value === "string") return node.value;
  if (node.kind === "leaf" && node.value instanceof Uint8Array) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(node.value);
  }
  throw new UserError("unsupported", "cannot print a part of a binary file: it is one value", {
    hints: ["print it as JSON: --output-type json"],
  });
}
