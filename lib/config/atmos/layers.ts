/**
 * Several configuration files seen as one: mappings merge key by key, lists and scalars of a higher file replace those
 * of a lower one, and every value knows the file and line it came from.
 *
 * Nothing is copied: a {@link ConfigMap} looks a key up in its layers when it is asked. What `!include` stands for is asked
 * of the caller, and takes part as if it stood there. Pure. Spec: vaults §2.
 *
 * @module
 */
import { isMap, isScalar, type Scalar, type YAMLSeq } from "yaml";
import { type Location, UserError } from "../../base/error.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import { positionAt } from "../../yaml/position.ts";
import {
  isNullNode,
  mapEntries,
  type MapEntry,
  type ResolvedNode,
  resolveNode,
  scalarText,
  type ScalarType,
  scalarType,
  type WrittenNode,
} from "../../yaml/resolve.ts";
import { malformedAt } from "../../yaml/source_error.ts";

/** One configuration file, read and parsed. */
export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  /** Its `path` is the form for people. */
  readonly document: YamlDocument;
}

/** Where a value stands. */
export interface ConfigPlace {
  readonly file: ConfigFile;
  /** Offset of the key, or of the whole content where there is no key. */
  readonly keyOffset: number;
  /** Offset of the value; of the key where nothing is written. */
  readonly valueOffset: number;
}

/** A mapping, merged from one or more files. */
export interface ConfigMap {
  readonly type: "map";
  /** Place in the highest file that has it. */
  readonly place: ConfigPlace;
  /** Every key, in the order of the files and of their lines. */
  readonly names: readonly string[];
  /** @returns the merged value of a key; undefined when it is absent or null everywhere */
  find(name: string): ConfigValue | undefined;
  /** @returns where a key stands in the highest file that has it; the place of the mapping when none has it */
  placeOf(name: string): ConfigPlace;
}

/** A value with an own tag such as `!env`: what stands behind the tag is not understood here. */
export interface ConfigFunction {
  readonly type: "function";
  readonly place: ConfigPlace;
  /** With its exclamation mark. */
  readonly name: string;
  /** Text behind the tag; empty when that is a list or mapping. */
  readonly argument: string;
  /** Why it has no answer, to stand behind "which", where that is known already. */
  readonly problem?: string;
}

/** A scalar that is not null. */
export interface ConfigScalar {
  readonly type: "scalar";
  readonly place: ConfigPlace;
  /** As written, without quotes. */
  readonly text: string;
  readonly scalarType: ScalarType;
}

/** A list. */
export interface ConfigList {
  readonly type: "list";
  readonly place: ConfigPlace;
  /** The texts of its scalars; other items are left out. */
  readonly texts: readonly string[];
  /** @returns its items in order; those that are null are left out */
  items(): readonly ConfigValue[];
}

/** What an `!include` stands for, or why it cannot be told, to stand behind "which". */
export type Included =
  | { readonly file: ConfigFile; readonly node: ResolvedNode | undefined }
  | { readonly problem: string };

/** Answers an `!include` of a file. */
export type Includer = (from: ConfigFile, argument: string) => Included;

/** Any value but null. */
export type ConfigValue = ConfigMap | ConfigFunction | ConfigScalar | ConfigList;

/** @returns the place of a value's key as people count it */
export function keyLocation(place: ConfigPlace): Location {
  const { lineNumber, column } = positionAt(place.file.document, place.keyOffset);
  return { path: place.file.path, line: lineNumber, column };
}

/** @returns the error for a mistake in a value, with line, column and excerpt; to be thrown by the caller */
export function mistakeAt(place: ConfigPlace, problem: string, hints: readonly string[] = []): UserError {
  return malformedAt(place.file.document, place.valueOffset, problem, hints);
}

/** @returns the error for a value that is written well and cannot be used here; to be thrown by the caller */
export function unusableAt(
  place: ConfigPlace,
  problem: string,
  { kind, hint }: { readonly kind: "unsupported" | "not-found"; readonly hint: string },
): UserError {
  const location = keyLocation(place);
  const message = `cannot read "${place.file.document.path}": line ${location.line}: ${problem}`;
  return new UserError(kind, message, { hints: [hint], location });
}

/**
 * @param files highest precedence first; empty files and those that hold only null are allowed
 * @param include absent: nothing is included
 * @returns the merged content; undefined when no file holds any
 * @throws {UserError} `malformed` when a file holds something else than a mapping
 */
export function mergeConfigFiles(files: readonly ConfigFile[], include?: Includer): ConfigMap | undefined {
  const layers: Layer[] = [];
  for (const file of files) {
    const node = (file.document.root.contents ?? undefined) as ResolvedNode | undefined;
    if (isNullNode(node)) continue;
    const offset = node!.range[0];
    const place = { file, keyOffset: offset, valueOffset: offset };
    if (!isMap(node)) throw mistakeAt(place, "no mapping, expected keys with values");
    layers.push({ place, node: node as ResolvedNode });
  }
  return layers.length === 0 ? undefined : mergeLayers(layers, include) as ConfigMap;
}

/**
 * @param maps highest precedence first; undefined ones do not count
 * @returns the maps as one; undefined without any
 */
export function overlayMaps(maps: readonly (ConfigMap | undefined)[]): ConfigMap | undefined {
  const present = maps.filter((map) => map !== undefined);
  const [top] = present;
  if (top === undefined || present.length === 1) return top;
  return {
    type: "map",
    place: top.place,
    names: [...new Set(present.flatMap(({ names }) => names))],
    find(name): ConfigValue | undefined {
      const values = present.map((map) => map.find(name)).filter((value) => value !== undefined);
      const below = values.findIndex((value) => value.type !== "map");
      if (below === 0 || values.length === 0) return values[0];
      return overlayMaps(values.slice(0, below === -1 ? values.length : below) as ConfigMap[]);
    },
    placeOf: (name) => (present.find(({ names }) => names.includes(name)) ?? top).placeOf(name),
  };
}

/** @returns the mapping under a key; undefined when there is none */
export function findMap(map: ConfigMap | undefined, name: string): ConfigMap | undefined {
  const value = map?.find(name);
  return value?.type === "map" ? value : undefined;
}

/** One file's value for the same path of keys. */
interface Layer {
  readonly place: ConfigPlace;
  readonly node: ResolvedNode;
  /** Why the function that the node is has no answer. */
  readonly problem?: string;
}

/**
 * The highest layer decides; when it is a mapping, the mappings right below it take part.
 *
 * @param layers highest first, none of them null, at least one
 */
function mergeLayers(layers: readonly Layer[], include: Includer | undefined): ConfigValue {
  const [top] = layers as readonly [Layer];
  const tag = functionName(top.node);
  if (tag !== undefined) {
    const argument = isScalar(top.node) ? scalarText(top.node).trim() : "";
    const problem = top.problem === undefined ? {} : { problem: top.problem };
    return { type: "function", place: top.place, name: tag, argument, ...problem };
  }
  if (isScalar(top.node)) {
    return { type: "scalar", place: top.place, text: scalarText(top.node), scalarType: scalarType(top.node) };
  }
  if (!isMap(top.node)) {
    return readList(top.place, top.node, include);
  }
  return mergeMaps(layers, include);
}

function readList(place: ConfigPlace, node: YAMLSeq.Parsed, include: Includer | undefined): ConfigList {
  return {
    type: "list",
    place,
    texts: node.items.flatMap((item) => isScalar(item) ? [scalarText(item)] : []),
    items: () =>
      node.items.flatMap((item) => {
        const offset = item.range[0];
        const layer = findLayer(item, { file: place.file, keyOffset: offset, valueOffset: offset }, include);
        return layer === undefined ? [] : [mergeLayers([layer], include)];
      }),
  };
}

function mergeMaps(layers: readonly Layer[], include: Includer | undefined): ConfigMap {
  const maps: { layer: Layer; entries: ReadonlyMap<string, MapEntry> }[] = [];
  for (const layer of layers) {
    if (!isMap(layer.node) || functionName(layer.node) !== undefined) break;
    const entries = mapEntries(layer.place.file.document, layer.node);
    maps.push({ layer, entries: new Map(entries.map((entry) => [entry.name, entry])) });
  }
  return {
    type: "map",
    place: layers[0]!.place,
    names: [...new Set(maps.flatMap(({ entries }) => [...entries.keys()]))],
    find(name): ConfigValue | undefined {
      const below: Layer[] = [];
      let isNulled = false;
      for (const { layer, entries } of maps) {
        const entry = entries.get(name);
        if (entry === undefined) continue;
        const child = findLayer(entry.value, placeOf(layer.place.file, entry), include);
        if (child !== undefined) below.push(child);
        else if (below.length === 0) isNulled = true;
      }
      const [top] = below;
      // A null replaces a scalar or list of a lower file; it does not take part in a mapping.
      if (top === undefined || (isNulled && !isMap(top.node))) return undefined;
      return mergeLayers(below, include);
    },
    placeOf(name): ConfigPlace {
      const owner = maps.find(({ entries }) => entries.has(name));
      return owner === undefined ? layers[0]!.place : placeOf(owner.layer.place.file, owner.entries.get(name)!);
    },
  };
}

function placeOf(file: ConfigFile, entry: MapEntry): ConfigPlace {
  const keyOffset = entry.key.range[0];
  return { file, keyOffset, valueOffset: entry.value?.range[0] ?? keyOffset };
}

/** Longest chain of files that include each other. Own limit, so that a circle ends. */
const MAX_INCLUDES = 10;

/** @returns what a value is; undefined for null */
function findLayer(
  written: WrittenNode | undefined,
  place: ConfigPlace,
  include: Includer | undefined,
): Layer | undefined {
  let layer: Layer | undefined = resolveLayer(written, place);
  for (let count = 0; layer !== undefined && include !== undefined && isInclude(layer.node); count++) {
    if (count === MAX_INCLUDES) return { ...layer, problem: "includes itself" };
    const included = include(layer.place.file, scalarText(layer.node).trim());
    if ("problem" in included) return { ...layer, problem: included.problem };
    const offset = included.node?.range[0] ?? 0;
    layer = resolveLayer(included.node, { file: included.file, keyOffset: offset, valueOffset: offset });
  }
  return layer;
}

function resolveLayer(written: WrittenNode | undefined, place: ConfigPlace): Layer | undefined {
  const node = resolveNode(place.file.document, written);
  if (node === undefined || (isNullNode(node) && functionName(node) === undefined)) return undefined;
  return { node, place };
}

function isInclude(node: ResolvedNode): node is Scalar.Parsed {
  return functionName(node) === INCLUDE && isScalar(node);
}

const INCLUDE = "!include";

/** @returns the tag of a value when it is not one of YAML's own */
function functionName(node: ResolvedNode): string | undefined {
  return node.tag?.startsWith("!") ? node.tag : undefined;
}
