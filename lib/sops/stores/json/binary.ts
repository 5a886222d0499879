/**
 * The binary store: a file of any bytes is one value, and its encrypted form is JSON with the keys `data` and `sops`.
 *
 * The plain form is bytes and no text: whoever reads and writes files handles it without a store. Pure.
 * Spec: sops-engine §4.7.
 *
 * @module
 */
import { InternalError, UserError } from "../../../base/error.ts";
import type { Splice } from "../../../yaml/edit/splice.ts";
import type { StructureChange } from "../../tree/change.ts";
import type { Document, Mapping, Node } from "../../tree/tree.ts";
import { jsonStore } from "./json.ts";
import { errorAt } from "../place_error.ts";
import type { CanonicalOptions, Store, StoreFile, ValueChanges } from "../store.ts";

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
  throw new InternalError("the plain form of a binary file is no text");
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
