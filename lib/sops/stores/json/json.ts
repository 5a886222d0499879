/**
 * The JSON store: reads an object with the place of every value, and changes values where they stand.
 *
 * The author's layout stays: spaces, line breaks, the order of keys, numbers as they are written. The metadata goes to the
 * end of the top object in the file's own indentation, on the same line where the file is one line. Pure.
 * Spec: sops-engine §4.1, §9.
 *
 * @module
 */
import { UserError } from "../../../base/error.ts";
import type { Splice } from "../../../yaml/edit/splice.ts";
import { type AddedItem, compareMappings, type StructureChange } from "../../tree/change.ts";
import { itemOf } from "../../tree/replace.ts";
import {
  CommentText,
  type Document,
  type Entry,
  type List,
  type Mapping,
  type Node,
  type Range,
} from "../../tree/tree.ts";
import { CANONICAL_LAYOUT, formatJson, formatJsonScalar, formatJsonString, type JsonLayout } from "./format.ts";
import { parseJson } from "./parse.ts";
import { errorAt } from "../place_error.ts";
import type { CanonicalOptions, Store, StoreFile, ValueChanges } from "../store.ts";

/** The key that holds the metadata. */
const METADATA_KEY = "sops";

/** Most columns of one level. */
const MAX_INDENT = 100;

/** A JSON file as this store has read it. */
interface JsonFile extends StoreFile {
  /** The top object, metadata included. */
  readonly top: Mapping;
}

/** An object or list of a file, or one entry or item of it. */
type Container = Mapping | List;
type Item = Entry | Node;

/** Reads and writes JSON. */
export const jsonStore: Store = {
  format: "json",
  parse: parseJsonFile,
  changeValues: changeJsonValues,
  changeStructure: (file, change) => changeAll(file as JsonFile, [change]),
  changeMetadata: changeJsonMetadata,
  formatCanonical: formatCanonicalJson,
  formatValue: formatJsonValue,
};

function parseJsonFile(source: string, path: string): StoreFile {
  const { root: top, warnings } = parseJson(source, path);
  const blocks = itemsOf(top).filter((item) => (item as Entry).key === METADATA_KEY) as Entry[];
  const [entry, second] = blocks;
  if (second !== undefined) throw errorAt({ path, source }, second.keyRange!.start, "a second key sops, expected one");
  if (entry !== undefined && entry.value.kind !== "mapping") {
    throw errorAt(
      { path, source },
      entry.keyRange!.start,
      "a key sops that holds no object: SOPS keeps that name for itself",
      {
        hints: ["rename the key"],
      },
    );
  }
  const root = entry === undefined ? top : { ...top, items: top.items.filter((item) => item !== entry) };
  const file: JsonFile = {
    format: "json",
    source,
    documents: [{ root }],
    block: entry?.value as Mapping | undefined,
    get warnings() {
      return warnings();
    },
    top,
  };
  return file;
}

function changeJsonValues(_file: StoreFile, changes: ValueChanges): Splice[] {
  const splices: Splice[] = [];
  for (const [node, value] of changes) {
    if (node.range === undefined || node.kind === "comment") continue;
    const text = formatJsonScalar(value instanceof CommentText ? value.text : value, false);
    splices.push({ start: node.range.start, end: node.range.end, text });
  }
  return splices;
}

function changeJsonMetadata(file: StoreFile, block: Mapping | undefined): Splice[] {
  const { top, block: present } = file as JsonFile;
  const index = top.items.findIndex((item) => item.kind === "entry" && item.key === METADATA_KEY);
  if (block === undefined) {
    return index === -1 ? [] : changeAll(file as JsonFile, [{ action: "remove", container: top, index }]);
  }
  if (present === undefined) {
    return changeAll(file as JsonFile, [
      { action: "append", container: top, added: [{ key: METADATA_KEY, value: block }] },
    ]);
  }
  return changeAll(file as JsonFile, compareMappings(present, block));
}

function formatCanonicalJson(
  documents: readonly Document[],
  block: Mapping | undefined,
  { indent }: CanonicalOptions,
): string {
  const [document, second] = documents;
  if (second !== undefined) {
    throw new UserError("unsupported", `cannot write JSON: ${documents.length} documents, expected one`, {
      hints: ["keep the file as YAML"],
    });
  }
  const items = document?.root.items ?? [];
  const all: Mapping = {
    kind: "mapping",
    items: block === undefined ? items : [...items, { kind: "entry", key: METADATA_KEY, value: block }],
  };
  return `${formatJson(all, canonicalLayout(indent))}\n`;
}

function formatJsonValue(node: Node, { indent }: CanonicalOptions): string {
  if (node.kind === "leaf" && typeof node.value === "string") return node.value;
  return formatJson(node, canonicalLayout(indent)) + (node.kind === "mapping" ? "\n" : "");
}

function canonicalLayout(indent: number | undefined): JsonLayout {
  if (indent === undefined || indent === -1) return CANONICAL_LAYOUT;
  if (indent < 0 || indent > MAX_INDENT) {
    throw new UserError(
      "usage",
      `cannot indent JSON by ${indent} columns: expected 0 to ${MAX_INDENT}, or -1 for a tab`,
    );
  }
  return { ...CANONICAL_LAYOUT, unit: " ".repeat(indent) };
}

/** All changes at once, so that those of one object or list agree about its commas. */
function changeAll(file: JsonFile, changes: readonly StructureChange[]): Splice[] {
  const splices: Splice[] = [];
  const byContainer = new Map<Container, { removed: Set<Item>; appended: AddedItem[] }>();
  const planFor = (container: Container) => {
    const own = container === file.documents[0]?.root ? file.top : container;
    const plan = byContainer.get(own) ?? { removed: new Set<Item>(), appended: [] };
    byContainer.set(own, plan);
    return plan;
  };
  for (const change of changes) {
    if (change.action === "replace") {
      const range = rangeOf(change.node);
      splices.push({ ...range, text: formatJson(change.value, layoutAt(file.source, range.start)) });
    } else if (change.action === "remove") {
      planFor(change.container).removed.add(change.container.items[change.index] as Item);
    } else {
      planFor(change.container).appended.push(...change.added);
    }
  }
  for (const [container, { removed, appended }] of byContainer) {
    splices.push(...changeContainer(file, container, removed, appended));
  }
  return splices;
}

function changeContainer(
  file: JsonFile,
  container: Container,
  removed: ReadonlySet<Item>,
  appended: readonly AddedItem[],
): Splice[] {
  const items = itemsOf(container);
  const kept = items.filter((item) => !removed.has(item));
  const { source } = file;
  if (kept.length === 0) return [refill(source, container, appended)];
  const splices: Splice[] = [];
  let previous: Item | undefined;
  for (let i = 0; i < items.length; i++) {
    if (!removed.has(items[i]!)) {
      previous = items[i];
      continue;
    }
    const first = i;
    while (i + 1 < items.length && removed.has(items[i + 1]!)) i++;
    splices.push(
      previous === undefined
        ? { start: startOf(items[first]!), end: startOf(items[i + 1]!), text: "" }
        : { start: endOf(previous), end: endOf(items[i]!), text: "" },
    );
  }
  if (appended.length === 0) return splices;
  const gap = gapBefore(source, container, items);
  const layout = { ...layoutAt(source, startOf(items.at(-1)!), gap), colon: colonOf(source, items) };
  const texts = appended.map((item) => formatItem(item, layout));
  const last = kept.findLast((item) => item !== metadataEntry(file));
  if (last !== undefined) {
    const at = endOf(last);
    splices.push({ start: at, end: at, text: texts.map((text) => `,${gap}${text}`).join("") });
  } else { // only the metadata is left, and it stays last
    const at = startOf(kept[0]!);
    splices.push({ start: at, end: at, text: texts.map((text) => `${text},${gap}`).join("") });
  }
  return splices;
}

/** Writes an object or list anew that keeps nothing of what it had. */
function refill(source: string, container: Container, appended: readonly AddedItem[]): Splice {
  const { start, end } = rangeOf(container);
  const wanted = { kind: container.kind, items: appended.map(itemOf) } as Container;
  const first = itemsOf(container)[0];
  const isOneLine = first !== undefined && !source.slice(start, end).includes("\n");
  const layout = layoutAt(source, start);
  return { start, end, text: formatJson(wanted, isOneLine ? { ...layout, unit: undefined } : layout) };
}

function formatItem({ key, value }: AddedItem, layout: JsonLayout): string {
  const text = formatJson(value, layout);
  return key === undefined ? text : `${formatJsonString(key, false)}${layout.colon}${text}`;
}

/** @returns what stands between a comma and the next item */
function gapBefore(source: string, container: Container, items: readonly Item[]): string {
  const last = items.at(-1)!;
  const before = items.at(-2);
  if (before !== undefined) return source.slice(source.indexOf(",", endOf(before)) + 1, startOf(last));
  const gap = source.slice(rangeOf(container).start + 1, startOf(last));
  return gap.includes("\n") ? gap : colonOf(source, items) === ":" ? "" : " ";
}

/** @returns the colon of the last entry with the spaces around it */
function colonOf(source: string, items: readonly Item[]): string {
  const last = items.at(-1);
  return last?.kind === "entry" ? source.slice(last.keyRange!.end, startOf(last.value)) : colonOfFile(source);
}

function colonOfFile(source: string): string {
  return /"[ \t]*(:[ \t]*)/.exec(source)?.[1] ?? ": ";
}

/**
 * @param gap what stands before the place; without a line break in it, what follows is written on one line
 * @returns the layout of a value that starts at a place
 */
function layoutAt(source: string, offset: number, gap?: string): JsonLayout {
  const lineBreak = source.includes("\r\n") ? "\r\n" : "\n";
  const lineStart = source.lastIndexOf("\n", offset - 1) + 1;
  const base = /^[ \t]*/.exec(source.slice(lineStart, offset))?.[0] ?? "";
  const colon = colonOfFile(source);
  const isOneLine = gap !== undefined && !gap.includes("\n");
  return {
    unit: isOneLine ? undefined : unitOf(source),
    base,
    lineBreak,
    colon,
    comma: colon === ":" ? "," : ", ",
    isHtmlSafe: false,
  };
}

/** @returns one level of the file's indentation, undefined where everything stands on one line */
function unitOf(source: string): string | undefined {
  const first = /^\s*\{[ \t]*\r?\n(?:[ \t]*\r?\n)*([ \t]*)\S/.exec(source);
  if (first !== null) return first[1]!;
  return /^\s*\{\s*\}\s*$/.test(source) ? CANONICAL_LAYOUT.unit : undefined;
}

function metadataEntry({ top, block }: JsonFile): Item | undefined {
  return block === undefined ? undefined : itemsOf(top).find((item) => item.kind === "entry" && item.value === block);
}

function itemsOf({ items }: Container): readonly Item[] {
  return items as readonly Item[]; // JSON has no comments
}

function rangeOf(node: Node): Range {
  return node.range!; // every node that this store has read has one
}

function startOf(item: Item): number {
  return item.kind === "entry" ? item.keyRange!.start : rangeOf(item).start;
}

function endOf(item: Item): number {
  return rangeOf(item.kind === "entry" ? item.value : item).end;
}
