/**
 * Values of a configuration mapping, read with the types that SOPS expects of them.
 *
 * Each function takes an entry that may be absent; null counts as absent, as in go-yaml, and so does a
 * value of another type where the document collects refusals. Pure.
 * Reference: go.yaml.in/yaml v3.0.4 decoding into Go structs.
 *
 * @module
 */
import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import type { YamlDocument } from "./parse.ts";
import {
  isNullNode,
  type MapEntry,
  type ResolvedNode,
  resolveNode,
  scalarText,
  scalarType,
  type WrittenNode,
} from "./resolve.ts";
import { refuse } from "./source_error.ts";

const TRUE = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]);
const FALSE = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF"]);

/** @returns the entry with a name, undefined when the mapping has none */
export function findEntry(entries: readonly MapEntry[], name: string): MapEntry | undefined {
  return entries.find((entry) => entry.name === name);
}

/** @returns the value of an entry with aliases followed; undefined when absent or null */
export function valueOf(document: YamlDocument, entry: MapEntry | undefined): ResolvedNode | undefined {
  const node = entry && resolveNode(document, entry.value);
  return isNullNode(node) ? undefined : node;
}

/**
 * @returns the text of a scalar of any type, as SOPS takes numbers and booleans for text; undefined when absent
 * @throws {UserError} `malformed` for a list or a mapping
 */
export function textOf(document: YamlDocument, entry: MapEntry | undefined): string | undefined {
  const node = valueOf(document, entry);
  if (node === undefined) return undefined;
  if (!isScalar(node)) return refuseType(document, entry!, { node, expected: "text" });
  return scalarText(node);
}

/**
 * @returns a boolean; `yes`, `on`, `y`, `no`, `off` and `n` count, quoted or not; undefined when absent
 * @throws {UserError} `malformed` for anything else
 */
export function booleanOf(document: YamlDocument, entry: MapEntry | undefined): boolean | undefined {
  const node = valueOf(document, entry);
  if (node === undefined) return undefined;
  if (isScalar(node)) {
    const text = scalarText(node);
    const type = scalarType(node);
    if (type === "boolean") return text.toLowerCase() === "true";
    if (type === "string" && TRUE.has(text)) return true;
    if (type === "string" && FALSE.has(text)) return false;
  }
  return refuseType(document, entry!, { node, expected: "true or false" });
}

/**
 * @returns a whole number; undefined when absent
 * @throws {UserError} `malformed` for anything else, a number in quotes included
 */
export function integerOf(document: YamlDocument, entry: MapEntry | undefined): number | undefined {
  const node = valueOf(document, entry);
  if (node === undefined) return undefined;
  if (isScalar(node)) {
    const type = scalarType(node);
    if (type === "integer" || type === "float") {
      const value = Math.trunc(parseNumber(scalarText(node)));
      if (Number.isSafeInteger(value)) return value;
    }
  }
  return refuseType(document, entry!, { node, expected: "a number without quotes" });
}

/** Decimal, `0x`, `0o`, `0b`, and `0777` as octal, with `_` between digits. */
function parseNumber(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  return sign * (/^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits));
}

/**
 * @returns the items of a list without null items, which SOPS drops; undefined when the list is absent
 * @throws {UserError} `malformed` when the value is no list
 */
export function itemsOf(document: YamlDocument, entry: MapEntry | undefined): readonly WrittenNode[] | undefined {
  const list = listOf(document, entry);
  return list && itemsIn(list).filter((item) => !isNullNode(resolveNode(document, item)));
}

/** @returns every item of a list as written */
export function itemsIn(list: YAMLSeq.Parsed): readonly WrittenNode[] {
  return list.items as WrittenNode[];
}

/**
 * @returns the list that is an entry's value, undefined when absent
 * @throws {UserError} `malformed` when the value is no list
 */
export function listOf(document: YamlDocument, entry: MapEntry | undefined): YAMLSeq.Parsed | undefined {
  const node = valueOf(document, entry);
  if (node === undefined) return undefined;
  return isSeq(node) ? node : refuseType(document, entry!, { node, expected: "a list" });
}

/**
 * @returns the mapping that is an entry's value, undefined when absent
 * @throws {UserError} `malformed` when the value is no mapping
 */
export function mapOf(document: YamlDocument, entry: MapEntry | undefined): YAMLMap.Parsed | undefined {
  const node = valueOf(document, entry);
  if (node === undefined) return undefined;
  return isMap(node) ? node : refuseType(document, entry!, { node, expected: "a mapping" });
}

/** Refuses a value of the wrong type where it is written. @returns undefined where refusals are collected */
export function refuseType(
  document: YamlDocument,
  entry: MapEntry,
  { node, expected }: { readonly node: ResolvedNode; readonly expected: string },
): undefined {
  const problem = `${describeType(node)} as the value of "${entry.name}", expected ${expected}`;
  return refuse(document, { offset: (entry.value ?? entry.key).range[0], problem });
}

/** @returns the type of a value with its article: `a list`, `text`, `a number`, … */
export function describeType(node: ResolvedNode): string {
  if (isSeq(node)) return "a list";
  if (isMap(node)) return "a mapping";
  const type = scalarType(node);
  if (type === "null") return "nothing";
  if (type === "boolean") return "a boolean";
  if (type === "timestamp") return "a date";
  if (type === "string") return "text";
  return "a number";
}
