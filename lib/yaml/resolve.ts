/**
 * Aliases and merge keys of a parsed file, followed as go-yaml v3 (the reader inside SOPS and atmos) follows them.
 *
 * An alias means the last definition of its anchor before it. Every alias is looked up once, when the file is parsed;
 * an undefined alias, one inside its own value, and aliases that expand to too much are refused there. Pure.
 *
 * @module
 */
import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { placeOf, type TokenizedText } from "./entries.ts";
import { malformedAt, type RefusableText, refuse } from "./source_error.ts";

/** A node that is not an alias. */
export type ResolvedNode = Scalar.Parsed | YAMLMap.Parsed | YAMLSeq.Parsed;

/** A node as it is written. */
export type WrittenNode = ResolvedNode | Alias.Parsed;

/** What each alias of a file stands for. */
export type AliasTargets = ReadonlyMap<Node, ResolvedNode>;

/** One key of a mapping with its value, merge keys (`<<`) already followed. */
export interface MapEntry {
  /** Text of the key. */
  readonly name: string;
  readonly key: WrittenNode;
  /** As written: an alias stays one. Undefined when there is no value at all (`{name}`). */
  readonly value: WrittenNode | undefined;
  /** The mapping that the pair stands in: another one than asked for when `<<` brought it. */
  readonly owner: YAMLMap.Parsed;
}

/**
 * The most nodes that aliases may stand for. go-yaml v3 refuses a share of aliases above 99 % of up to 400,000 nodes,
 * falling to 10 % at 4,000,000; no file with more than about 1,200,000 passes it.
 */
const MAX_ALIASED_NODES = 1_200_000;

/**
 * What go-yaml v3 reads as an anchor name. With a colon behind it, the anchor stands on an empty key (`- &users:`, seen
 * in real files); `npm:yaml` takes the colon into the name and the anchor onto the value.
 */
const ANCHOR_NAME = /^[0-9A-Za-z_-]+:?$/;

/**
 * Looks up every alias of a document. Linear in the size of the file.
 *
 * @throws {UserError} `malformed` for an undefined alias, an alias inside the value it stands for, an anchor name that
 * SOPS does not read, and aliases that expand to too much
 */
export function resolveAliases(text: TokenizedText & RefusableText): AliasTargets {
  const targets = new Map<Node, ResolvedNode>();
  const anchors = new Map<string, ResolvedNode>();
  const open = new Set<Node>();
  const expandedSizes = new Map<ResolvedNode, number>();
  let writtenNodes = 0;

  /** Visits in the order of the text; returns how many nodes a reader meets that follows every alias. */
  function visit(node: unknown): number {
    if (!isNode(node)) return 0;
    writtenNodes++;
    const written = node as WrittenNode;
    if (isAlias(written)) return followAlias(written);
    if (written.anchor !== undefined) define(written, written.anchor);
    if (isScalar(written)) return 1;
    open.add(written);
    let size = 1;
    if (isMap(written)) { for (const pair of written.items) size += visit(pair.key) + visit(pair.value); }
    else for (const item of written.items) size += visit(item);
    open.delete(written);
    if (size - writtenNodes > MAX_ALIASED_NODES) {
      throw malformedAt(text, written.range[0], "the aliases in here stand for too many values");
    }
    if (written.anchor !== undefined) expandedSizes.set(written, size);
    return size;
  }

  function define(node: ResolvedNode, anchor: string): void {
    if (!ANCHOR_NAME.test(anchor)) {
      const problem = "an anchor name with a character that SOPS does not read there";
      throw malformedAt(text, placeOf(text, node).anchor!.start, problem, [
        "use only letters, digits, - and _ in the names of anchors",
      ]);
    }
    anchors.set(anchor, node);
  }

  function followAlias(alias: Alias.Parsed): number {
    const target = anchors.get(alias.source);
    const [offset] = alias.range;
    if (target === undefined) {
      const problem = `no anchor "&${alias.source}" is defined before this alias`;
      refuse(text, { kind: "undefined-alias", offset, problem });
      return 1;
    }
    if (open.has(target)) throw malformedAt(text, offset, "an alias inside the value that it stands for");
    targets.set(alias, target);
    return 1 + (expandedSizes.get(target) ?? 1);
  }

  visit(text.root.contents);
  return targets;
}

/** A parsed file, as far as following aliases needs it. */
interface Resolvable extends RefusableText {
  readonly aliases: AliasTargets;
}

/**
 * @returns the node itself, or what it stands for when it is an alias; undefined when there is no node. Where refusals are
 * collected, an undefined alias stands for null.
 */
export function resolveNode(document: Resolvable, node: WrittenNode): ResolvedNode;
export function resolveNode(document: Resolvable, node: WrittenNode | undefined): ResolvedNode | undefined;
export function resolveNode(document: Resolvable, node: WrittenNode | undefined): ResolvedNode | undefined {
  if (node === undefined || !isAlias(node)) return node;
  return document.aliases.get(node) ?? nothingAt(node.range);
}

function nothingAt(range: Alias.Parsed["range"]): ResolvedNode {
  return Object.assign(new Scalar<null>(null), { range, source: "" }) as Scalar.Parsed;
}

/**
 * @returns the pairs of a mapping as written, `<<` like any other key; a key that is null is left out, as in go-yaml
 * @throws {UserError} `malformed` for a key that is a list or a mapping
 */
export function writtenEntries(document: Resolvable, map: YAMLMap.Parsed): MapEntry[] {
  const entries: MapEntry[] = [];
  for (const pair of map.items) {
    const key = pair.key as WrittenNode;
    const resolved = resolveNode(document, key);
    if (!isScalar(resolved)) {
      refuse(document, { offset: key.range[0], problem: "a list or a mapping as a key, expected text" });
    }
    if (!isScalar(resolved) || scalarType(resolved) === "null") continue;
    const value = (pair.value ?? undefined) as WrittenNode | undefined;
    entries.push({ name: scalarText(resolved), key, value, owner: map });
  }
  return entries;
}

/**
 * The keys of a mapping with those that `<<` brings: keys written in the mapping win, of several merged mappings the
 * first wins.
 *
 * @throws {UserError} `malformed` when the value of `<<` is neither a mapping nor a list of mappings
 */
export function mapEntries(document: Resolvable, map: YAMLMap.Parsed): MapEntry[] {
  const written = writtenEntries(document, map);
  if (!written.some(isMerge)) return written;
  const entries = written.filter((entry) => !isMerge(entry));
  const taken = new Set(entries.map((entry) => entry.name));
  for (const merge of written.filter(isMerge)) {
    for (const source of mergeSources(document, merge)) {
      for (const entry of mapEntries(document, source)) {
        if (taken.has(entry.name)) continue;
        taken.add(entry.name);
        entries.push(entry);
      }
    }
  }
  return entries;
}

/** @returns whether a pair is a merge: a plain `<<` */
export function isMerge(entry: MapEntry): boolean {
  return entry.name === "<<" && isScalar(entry.key) && entry.key.type === "PLAIN";
}

function mergeSources(document: Resolvable, merge: MapEntry): YAMLMap.Parsed[] {
  const value = resolveNode(document, merge.value);
  const written = isSeq(value) ? value.items as WrittenNode[] : [merge.value];
  // An undefined alias was refused already.
  const sources = written.filter((node) => !isAlias(node) || document.aliases.has(node))
    .map((node) => resolveNode(document, node));
  // A list that comes through an alias is refused by go-yaml, as is a list inside the list.
  if (!sources.every((source) => isMap(source)) || (isSeq(value) && isAlias(merge.value))) {
    const problem = "a value of `<<` that is no mapping and no list of mappings";
    refuse(document, { offset: (merge.value ?? merge.key).range[0], problem });
  }
  return sources.filter((source) => isMap(source));
}

/** @returns the text of a scalar as go-yaml gives it to a text field: what is written, whatever type it looks like */
export function scalarText(node: Scalar.Parsed): string {
  return node.source;
}

/** @returns whether a value is absent or null: nothing, `~`, `null` */
export function isNullNode(node: ResolvedNode | undefined): boolean {
  return node === undefined || (isScalar(node) && scalarType(node) === "null");
}

/** What go-yaml v3 takes a scalar for. */
export type ScalarType = "string" | "null" | "boolean" | "integer" | "float" | "timestamp";

const CORE_TYPES: Readonly<Record<string, ScalarType>> = {
  "": "null",
  "~": "null",
  null: "null",
  Null: "null",
  NULL: "null",
  true: "boolean",
  True: "boolean",
  TRUE: "boolean",
  false: "boolean",
  False: "boolean",
  FALSE: "boolean",
};
const INTEGER = /^[-+]?(?:0|[1-9][0-9]*|0[0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/;
const FLOAT =
  /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| +\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;

/** @returns the type of a scalar by its tag, its quotes and its text */
export function scalarType(node: Scalar.Parsed): ScalarType {
  if (node.tag === "tag:yaml.org,2002:str" || node.tag === "tag:yaml.org,2002:binary") return "string";
  if (node.type !== "PLAIN" && node.tag === undefined) return node.type === undefined ? "null" : "string";
  const text = scalarText(node);
  const core = CORE_TYPES[text];
  if (core !== undefined) return core;
  if (TIMESTAMP.test(text)) return "timestamp";
  const digits = text.replaceAll("_", "");
  if (/^[-+0-9]/.test(text) && INTEGER.test(digits)) return "integer";
  return /^[-+0-9.]/.test(text) && FLOAT.test(digits) ? "float" : "string";
}
