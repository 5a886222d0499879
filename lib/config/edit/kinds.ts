/**
 * Where a file defines its keys by anchor, and beside which of them a new one belongs: people with people, machines with
 * machines. Kinds are told by the names of lists (`users`, `hosts`), and by comments that head a part of a list. Pure.
 * Spec: sops-config §3.
 *
 * @module
 */
import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import { appendItems, appendPair, fillPair, formatKey } from "../../yaml/edit/append.ts";
import { indentAt, isFlow, mapColumn } from "../../yaml/edit/lines.ts";
import { formatText, type Quoting, quotingOf } from "../../yaml/edit/quoting.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import {
  type Collection,
  commentColumn,
  commentOn,
  entriesOf,
  type Entry,
  entryOf,
  type TokenizedText,
} from "../../yaml/entries.ts";
import { lineEnd, lineNumberAt } from "../../yaml/position.ts";
import { isNullNode, type MapEntry, type ResolvedNode, resolveNode, scalarText } from "../../yaml/resolve.ts";
import { isInRules } from "../rules/key_name.ts";
import { KEY_TYPES, type NamedKey, type RuleKey, type SopsConfig } from "../rules/sops_config.ts";
import { isSharedByAlias } from "./definitions.ts";
import type { KeyName } from "./draft.ts";
import type { KeyOwner } from "./intent.ts";

/** Whose keys a place holds, as far as its name tells. */
type Kind = Exclude<KeyOwner, "vault">;

/** A place for definitions of keys: a list or mapping, or a part of one that a comment heads. */
export interface DefinitionPlace {
  readonly form:
    /** `- &name age1…` */
    | "items"
    /** `name: &name age1…` */
    | "pairs"
    /** `- name: &name age1…` */
    | "items of one pair"
    /** A key without a value, which becomes a list. */
    | "nothing";
  /** What the definitions are entries of; of `nothing` the mapping that has the key. */
  readonly collection: Collection;
  /** A new definition stands behind it; of `nothing` the key; undefined in empty brackets. */
  readonly last: Entry | undefined;
  readonly kind: Kind | undefined;
  /** The texts of its keys. */
  readonly texts: ReadonlySet<string>;
  /** Of its last key. */
  readonly quoting: Quoting;
}

/** The words of a name that tell a kind. */
const WORDS: Readonly<Record<Kind, RegExp>> = {
  person:
    /^(?:users?|people|persons?|humans?|admins?|team|members?|operators?|developers?|devs?|maintainers?|owners?|staff)$/,
  host: /^(?:hosts?|machines?|servers?|systems?|nodes?|computers?|devices?|vms?)$/,
};

/** More words are a sentence about something, and head no part of a list. */
const MAX_HEADING_WORDS = 4;

/** Columns between a key and the list below it, where the file shows none. */
const PLAIN_INDENT = 2;

/** Names of pairs that hold one key each, but are the name of none. */
const FIELDS: ReadonlySet<string> = new Set([...KEY_TYPES, "key", "recipient"]);

/**
 * @returns the places in which a file defines its keys, in the order of the text, and those lists of people or machines
 * that are empty. What an alias stands for is none: a key more there would be one more elsewhere
 */
export function findDefinitionPlaces(config: SopsConfig): readonly DefinitionPlace[] {
  const outside = config.keys.filter((key) => !isInRules(key));
  const lists = new Map<Collection, Omit<KeyList, "keys"> & { readonly keys: NamedKey[] }>();
  for (const key of outside) {
    const list = listOf(config, key);
    if (list === undefined || isSharedByAlias(config, list.collection)) continue;
    const known = lists.get(list.collection);
    if (known === undefined) lists.set(list.collection, { ...list, keys: [key] });
    else known.keys.push(key);
  }
  const places = [...lists.values()].flatMap((list) => partsOf(config, list));
  return [...places, ...findEmptyLists(config, lists.keys())];
}

/** A list or mapping that defines keys. */
interface KeyList {
  readonly form: Exclude<DefinitionPlace["form"], "nothing">;
  readonly collection: Collection;
  readonly keys: readonly NamedKey[];
}

/** @returns what a new key would be a sibling in; undefined where nothing says how it would be written there */
function listOf({ document, map }: SopsConfig, { parent, node, name }: NamedKey): Omit<KeyList, "keys"> | undefined {
  if (parent === undefined) return undefined;
  if (isSeq(parent)) return { form: "items", collection: parent };
  const pair = parent.items.find(({ value }) => value === node);
  const called = isScalar(pair?.key) ? scalarText(pair.key) : "";
  const outer = parent === map ? undefined : entryOf(document, parent).owner;
  if (parent.items.length === 1 && isSeq(outer) && !FIELDS.has(called)) {
    return { form: "items of one pair", collection: outer };
  }
  const namesKeys = called === name || parent.items.length > 1 && !parent.items.some(isField);
  return namesKeys ? { form: "pairs", collection: parent } : undefined;
}

function isField({ key, value }: YAMLMap.Parsed["items"][number]): boolean {
  return !isScalar(value) || value.anchor === undefined || isScalar(key) && FIELDS.has(scalarText(key));
}

/** Comments that head a part of a list in block style divide it. */
function partsOf(config: SopsConfig, { form, collection, keys }: KeyList): readonly DefinitionPlace[] {
  const { document, map } = config;
  const ofList = kindOf(form === "items" ? keys[0]!.trail : keys[0]!.trail.slice(0, -1));
  const byEntry = new Map(keys.map((key) => [entryIn(config, collection, key), key]));
  const entries = entriesOf(document, collection);
  // At the top level definitions stand among what SOPS reads.
  const own = collection === map ? entries.filter((entry) => byEntry.has(entry)) : entries;
  const parts: { kind: Kind | undefined; readonly entries: Entry[] }[] = [];
  for (const entry of own) {
    const heading = isFlow(collection) ? undefined : headingAbove(config, entry);
    const part = parts.at(-1);
    if (part === undefined || heading !== undefined) parts.push({ kind: heading ?? ofList, entries: [entry] });
    else part.entries.push(entry);
  }
  return parts.map(({ kind, entries }) => {
    const ofPart = entries.flatMap((entry) => byEntry.get(entry) ?? []);
    const texts = new Set(ofPart.map(({ text }) => text));
    const quoting = quotingOf((ofPart.at(-1) ?? keys.at(-1)!).node);
    return { form, collection, last: entries.at(-1), kind, texts, quoting };
  });
}

/** @returns the entry of a collection that a key is, or stands in */
function entryIn({ document }: SopsConfig, collection: Collection, { node }: NamedKey): Entry {
  const entry = entryOf(document, node);
  return entry.owner === collection ? entry : entryOf(document, entry.owner!);
}

/** @returns the kind that the comment lines directly above an entry announce */
function headingAbove({ document }: SopsConfig, { start }: Entry): Kind | undefined {
  for (let line = lineNumberAt(document, start) - 1; commentColumn(document, line) !== undefined; line--) {
    const comment = document.source.slice(commentOn(document, line)!, lineEnd(document, line));
    const words = wordsOf(comment);
    // A comment about one key ("my host", "the admin of web1") names one thing, and not in the plural.
    const isHeading = words.length <= MAX_HEADING_WORDS &&
      words.some((word) => word.endsWith("s") || word === "people" || word === "team");
    if (isHeading) {
      const kind = kindOfWords(words);
      if (kind !== undefined) return kind;
    }
  }
  return undefined;
}

/** @returns the kind that the innermost of some names tells */
function kindOf(trail: readonly string[]): Kind | undefined {
  return trail.map((name) => kindOfWords(wordsOf(name))).findLast((kind) => kind !== undefined);
}

function kindOfWords(words: readonly string[]): Kind | undefined {
  const kinds: readonly Kind[] = ["person", "host"];
  return kinds.find((kind) => words.some((word) => WORDS[kind].test(word)));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** Finds lists of people or machines that are empty, beside others or below `keys`. */
function findEmptyLists(config: SopsConfig, lists: Iterable<Collection>): readonly DefinitionPlace[] {
  const { document, map } = config;
  const containers = new Set<Collection>();
  for (const list of lists) {
    const { owner } = list === map ? { owner: undefined } : entryOf(document, list);
    // A list of mappings with one key each: `- hosts: []`.
    const outer = isMap(owner) && owner !== map ? entryOf(document, owner).owner : undefined;
    for (const container of [owner, outer]) if (container !== undefined) containers.add(container);
  }
  const keys = map?.items.find(({ key }) => isScalar(key) && key.source === "keys")?.value;
  if (isMap(keys) || isSeq(keys)) containers.add(keys as Collection);
  containers.delete(map!);
  return [...containers].filter((container) => !isFlow(container)).flatMap((container) =>
    isSeq(container)
      ? container.items.flatMap((item) => isMap(item) && item.items.length === 1 ? emptyPairsOf(config, item) : [])
      : emptyPairsOf(config, container)
  );
}

function emptyPairsOf(config: SopsConfig, collection: YAMLMap.Parsed): readonly DefinitionPlace[] {
  const { document } = config;
  return entriesOf(document, collection).flatMap((entry): DefinitionPlace[] => {
    const kind = isScalar(entry.key) ? kindOfWords(wordsOf(scalarText(entry.key))) : undefined;
    const value = resolveNode(document, entry.value);
    if (kind === undefined || value !== undefined && value !== entry.value) return [];
    const common = { kind, texts: new Set<string>(), quoting: "plain" as const };
    if (value === undefined || isNullNode(value) && value.anchor === undefined) {
      return [{ ...common, form: "nothing", collection, last: entry }];
    }
    return isSeq(value) && value.items.length === 0 && !isSharedByAlias(config, value as ResolvedNode & Collection)
      ? [{ ...common, form: "items", collection: value as YAMLSeq.Parsed, last: undefined }]
      : [];
  });
}

/** @returns the one kind that some keys are defined among; undefined where they are of several or of none */
export function findKind(config: SopsConfig, keys: readonly RuleKey[]): Kind | undefined {
  const places = findDefinitionPlaces(config);
  const kinds = new Set(keys.map(({ text }) => places.find(({ texts }) => texts.has(text))?.kind));
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

/** What is known of where a new key will be used. */
export interface KeyUse {
  readonly owner: KeyOwner | undefined;
  /** The texts of the other keys of each group that gains it, in their order. */
  readonly besides: readonly (readonly string[])[];
}

/**
 * Finds the place to which a new key belongs.
 *
 * @returns undefined where it is of none of the kinds that the file tells apart
 */
export function choosePlace(
  config: SopsConfig,
  places: readonly DefinitionPlace[],
  { owner, besides }: KeyUse,
): DefinitionPlace | undefined {
  const filled = places.filter(({ texts }) => texts.size > 0);
  const flat = isFlatList(config, filled) ? filled.at(-1) : undefined;
  if (owner === "vault") return flat;
  const used = placeBeside(filled, besides);
  if (owner === undefined) return used ?? flat ?? (filled.length === 1 ? filled[0] : undefined);
  if (used?.kind === owner) return used;
  const ofKind = places.findLast(({ kind }) => kind === owner);
  return ofKind ?? (used?.kind === undefined ? used : undefined) ?? flat;
}

/** @returns whether all keys are defined in one place of the top level, so that a key of any kind belongs there */
function isFlatList({ map }: SopsConfig, places: readonly DefinitionPlace[]): boolean {
  const [first, ...others] = places;
  if (first === undefined || others.some(({ collection }) => collection !== first.collection)) return false;
  return first.collection === map || map!.items.some(({ value }) => value === first.collection);
}

/** @returns of the places that all groups use the one of the last key; where there is none that of the first group */
function placeBeside(
  places: readonly DefinitionPlace[],
  besides: readonly (readonly string[])[],
): DefinitionPlace | undefined {
  const used = besides
    .map((texts) => texts.flatMap((text) => places.find((place) => place.texts.has(text)) ?? []))
    .filter((places) => places.length > 0);
  const [first = [], ...others] = used;
  return first.findLast((place) => others.every((places) => places.includes(place))) ?? first.at(-1);
}

/** Plans new definitions in one place. */
export function planDefinitions(
  { document }: SopsConfig,
  { form, collection, last, quoting }: DefinitionPlace,
  keys: readonly KeyName[],
): readonly Splice[] {
  const flow = isFlow(collection);
  const values = keys.map(({ name, text }) => `&${name} ${formatText(text, quoting, flow)}`);
  if (form === "nothing") {
    const indent = " ".repeat(listIndent(document, collection));
    const lines = [":", ...values.map((value) => `${indent}- ${value}`)];
    return fillPair(document, { key: last!.key!, value: last!.value } as MapEntry, lines);
  }
  if (isSeq(collection)) {
    const inner = form === "items" ? undefined : (collection.items.at(-1) as YAMLMap.Parsed);
    const items = keys.map(({ name }, at) => {
      const pair = `${formatKey(inner, name)}: ${values[at]}`;
      return { text: form === "items" ? values[at]! : flow ? `{${pair}}` : pair };
    });
    return appendItems(document, collection, items, last);
  }
  const lines = keys.map(({ name }, at) => `${formatKey(collection, name)}: ${values[at]}`);
  return appendPair(document, collection, { lines, flow: lines.join(", ") }, last);
}

/** @returns how many columns a list stands to the right of its key, as another one in the same mapping does */
function listIndent(text: TokenizedText, collection: Collection): number {
  const map = collection as YAMLMap.Parsed;
  const list = map.items.map(({ value }) => value).find((value) =>
    isSeq(value) && !isFlow(value) && value.items.length
  );
  const first = isSeq(list) ? entriesOf(text, list as YAMLSeq.Parsed)[0] : undefined;
  return first === undefined ? PLAIN_INDENT : Math.max(indentAt(text, first.start) - mapColumn(text, map), 0);
}
