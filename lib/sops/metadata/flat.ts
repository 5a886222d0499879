/**
 * Metadata blocks of the flat stores, dotenv and INI, in which a path like `age__list_0__map_recipient` names a value.
 *
 * Reads only as much of the two syntaxes as it takes to tell them from other text and to find the block. Pure.
 * Spec: sops-engine §3.10, §4.5, §4.6 (SOPS 3.13.2).
 *
 * @module
 */
import type { Leaf, Mapping, Node } from "../tree/tree.ts";
import { textOfLeaf } from "./fields.ts";

/** What every metadata key of a dotenv file starts with. */
const DOTENV_PREFIX = "sops_";

/** The INI section that holds the metadata. */
const INI_SECTION = "sops";

/**
 * Finds the metadata of a dotenv file.
 *
 * @param text the whole file
 * @returns undefined when a line is not dotenv or none holds metadata
 */
export function findDotenvBlock(text: string): Mapping | undefined {
  const entries: FlatEntry[] = [];
  for (const line of linesOf(text)) {
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    if (equals === -1) return undefined;
    if (line.startsWith(DOTENV_PREFIX)) {
      entries.push({ name: line.slice(DOTENV_PREFIX.length, equals), leaf: leafOf(line.slice(equals + 1)) });
    }
  }
  return entries.length === 0 ? undefined : unflatten(entries);
}

/**
 * Finds the metadata of an INI file.
 *
 * @param text the whole file
 * @returns undefined when a line is not INI or there is no section `sops`
 */
export function findIniBlock(text: string): Mapping | undefined {
  const entries = new Map<string, Leaf>(); // of a key that stands there twice, the last value counts
  let inBlock = false;
  const lines = linesOf(text);
  for (let next = lines.next(); !next.done; next = lines.next()) {
    const raw = next.value;
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("[")) {
      const end = line.lastIndexOf("]");
      if (end === -1) return undefined;
      inBlock = raw.startsWith("[") && line.slice(1, end).trim() === INI_SECTION; // an indented one is quoted
      continue;
    }
    const entry = INI_ENTRY.exec(line);
    if (entry === null) return undefined;
    const value = readIniValue(line.slice(entry[0].length), lines);
    if (value === undefined) return undefined;
    if (inBlock) entries.set((entry[1] ?? "").trim(), leafOf(value));
  }
  if (entries.size === 0) return undefined;
  return unflatten(Array.from(entries, ([name, leaf]) => ({ name, leaf })));
}

/** A key, quoted or not, up to its `=` or `:`. */
const INI_ENTRY = /^("""[^]*?"""\s*|"[^"]*"\s*|`[^`]*`\s*|[^=:"`][^=:]*)[=:]\s*/;

/** The quotes in which a value may span several lines. */
const INI_LONG_QUOTES = ['"""', "`"] as const;

/** @returns the value that starts on a line and may go on over the next ones; undefined when its quote is never closed */
function readIniValue(start: string, lines: Iterator<string>): string | undefined {
  for (const quote of INI_LONG_QUOTES) {
    if (!start.startsWith(quote)) continue;
    let value = start.slice(quote.length);
    while (!value.includes(quote)) {
      const next = lines.next();
      if (next.done) return undefined;
      value += `\n${next.value}`;
    }
    return value.slice(0, value.indexOf(quote));
  }
  let value = start;
  while (value.endsWith("\\")) {
    const next = lines.next();
    value = value.slice(0, -1) + (next.done ? "" : next.value.trim());
  }
  const comment = value.search(/[#;]/);
  const text = (comment === -1 ? value : value.slice(0, comment)).trim();
  return /^(["'])(?!.*\1.).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** Each line without its line break. */
function* linesOf(text: string): Generator<string, undefined> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, text[end - 1] === "\r" ? end - 1 : end);
    start = end + 1;
  }
}

/** A flat store writes a line break as `\\n`. */
function leafOf(value: string): Leaf {
  return { kind: "leaf", value: value.includes("\\n") ? value.replaceAll("\\n", "\n") : value };
}

/** One value of a flat store. */
export interface FlatEntry {
  /** Its path, without the prefix of dotenv: `age__list_0__map_enc`. */
  readonly name: string;
  readonly leaf: Leaf;
}

/**
 * Lays a block out flat, as text, in the order of its fields. Empty lists and mappings have no place in a flat store.
 *
 * @param block without comments
 */
export function flatten(block: Mapping): FlatEntry[] {
  const entries: FlatEntry[] = [];
  const add = (name: string, node: Node): void => {
    if (node.kind === "leaf") {
      entries.push({ name, leaf: { ...node, value: textOfLeaf(node) } });
      return;
    }
    let index = 0;
    for (const item of node.items) {
      if (item.kind === "entry") add(name === "" ? item.key : `${name}__map_${item.key}`, item.value);
      else if (item.kind !== "comment") add(`${name}__list_${index++}`, item);
    }
  };
  add("", block);
  return entries;
}

/** A container being built: a mapping, or a list whose names are its indices. */
interface Branch {
  readonly isList: boolean;
  readonly items: Map<string, Branch | Leaf>;
}

/** @returns the tree that the paths describe, its leaves as they are; undefined when the paths contradict each other */
export function unflatten(entries: Iterable<FlatEntry>): Mapping | undefined {
  const root: Branch = { isList: false, items: new Map() };
  for (const { name, leaf } of entries) {
    const steps = name.split(/__(map|list)_/);
    let branch = root;
    for (let i = 0; i + 2 < steps.length; i += 2) {
      const inner = enter(branch, steps[i]!, steps[i + 1] === "list");
      if (inner === undefined) return undefined;
      branch = inner;
    }
    const last = steps.at(-1)!;
    if (branch.items.has(last)) return undefined;
    branch.items.set(last, leaf);
  }
  return mappingOf(root);
}

function enter(branch: Branch, name: string, isList: boolean): Branch | undefined {
  const present = branch.items.get(name);
  if (present === undefined) {
    const inner: Branch = { isList, items: new Map() };
    branch.items.set(name, inner);
    return inner;
  }
  return "kind" in present || present.isList !== isList ? undefined : present;
}

function nodeOf(item: Branch | Leaf): Node {
  if ("kind" in item) return item;
  if (!item.isList) return mappingOf(item);
  const items = [...item.items].sort(([a], [b]) => Number(a) - Number(b));
  return { kind: "list", items: items.map(([, inner]) => nodeOf(inner)) };
}

function mappingOf({ items }: Branch): Mapping {
  return { kind: "mapping", items: [...items].map(([key, item]) => ({ kind: "entry", key, value: nodeOf(item) })) };
}
