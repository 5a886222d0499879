/**
 * What dotenv and INI have in common: values are text, and the metadata block lies flat. Pure. Spec: sops-engine §3.10, §4.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { flatten } from "../metadata/flat.ts";
import { type Leaf, type Mapping, type Scalar, Timestamp } from "../tree/tree.ts";
import { formatGoFloat } from "./go_float.ts";

/** @returns a scalar as the text that SOPS makes of it in a store without types */
export function formatFlatScalar(value: Scalar): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number": {
      if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
      const text = formatGoFloat(value).replace("e", "E");
      return /[.E]/.test(text) ? text : `${text}.0`;
    }
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value === null) return "<nil>";
      if (value instanceof Timestamp) return value.text.replace(/\.[0-9]+/, "");
      return decodeText(value);
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError("unsupported", "cannot write bytes that are no text into a text file", {
      hints: ["keep the file as binary: --input-type binary"],
    });
  }
}

/** What has to change for a flat block to say something else. */
export type FlatChange =
  | { readonly action: "replace"; readonly leaf: Leaf; readonly text: string }
  | { readonly action: "remove"; readonly leaf: Leaf }
  /** A new line behind that of `after`; the first of the block where there is none. */
  | { readonly action: "add"; readonly after: Leaf | undefined; readonly name: string; readonly text: string };

/** @param present with places; @param wanted in the order of SOPS */
export function compareFlatBlocks(present: Mapping, wanted: Mapping): FlatChange[] {
  const written = new Map(flatten(present).map(({ name, leaf }) => [name, leaf]));
  const changes: FlatChange[] = [];
  let after: Leaf | undefined;
  for (const { name, leaf: { value } } of flatten(wanted)) {
    const text = value as string; // what is flat is text
    const leaf = written.get(name);
    written.delete(name);
    if (leaf === undefined) changes.push({ action: "add", after, name, text });
    else if (leaf.value !== text) changes.push({ action: "replace", leaf, text });
    after = leaf ?? after;
  }
  for (const leaf of written.values()) changes.push({ action: "remove", leaf });
  return changes;
}
