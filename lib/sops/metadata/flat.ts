/**
 * Metadata blocks of the flat stores, dotenv and INI, in which a path like `age__list_0__map_recipient` names a value.
 *
 * Reads only as much of the two syntaxes as it takes to tell them from other text and to find the block. Pure.
 * Spec: sops-engine §3.10, §4.5, §4.6 (SOPS 3.13.2).
 *
 * @module
 */
import type { MetadataMap, MetadataValue } from "./fields.ts";

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
export function findDotenvBlock(text: string): MetadataMap | undefined {
  const entries: [string, string][] = [];
  for (const line of linesOf(text)) {
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    if (equals === -1) return undefined;
    if (line.startsWith(DOTENV_PREFIX)) {
      entries.push([line.slice(DOTENV_PREFIX.length, equals), line.slice(equals + 1)]);
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
export function findIniBlock(text: string): MetadataMap | undefined {
  const entries: [string, string][] = [];
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
    if (inBlock) entries.push([(entry[1] ?? "").trim(), value]);
  }
  return entries.length === 0 ? undefined : unflatten(entries);
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

/** A container being built: a mapping, or a list whose names are its indices. */
interface Branch {
  readonly isList: boolean;
  readonly items: Map<string, Branch | string>;
}

/** @returns the tree that the paths describe; undefined when they contradict each other */
function unflatten(entries: Iterable<readonly [string, string]>): MetadataMap | undefined {
  const root: Branch = { isList: false, items: new Map() };
  for (const [path, value] of entries) {
    const steps = path.split(/__(map|list)_/);
    let branch = root;
    for (let i = 0; i + 2 < steps.length; i += 2) {
      const inner = enter(branch, steps[i]!, steps[i + 1] === "list");
      if (inner === undefined) return undefined;
      branch = inner;
    }
    branch.items.set(steps.at(-1)!, value);
  }
  return new Map([...root.items].map(([name, item]) => [name, valueOf(item)]));
}

function enter(branch: Branch, name: string, isList: boolean): Branch | undefined {
  const present = branch.items.get(name);
  if (present === undefined) {
    const inner: Branch = { isList, items: new Map() };
    branch.items.set(name, inner);
    return inner;
  }
  return typeof present === "string" || present.isList !== isList ? undefined : present;
}

function valueOf(item: Branch | string): MetadataValue {
  if (typeof item === "string") return item;
  const items = [...item.items];
  if (item.isList) return items.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => valueOf(inner));
  return new Map(items.map(([name, inner]) => [name, valueOf(inner)]));
}
