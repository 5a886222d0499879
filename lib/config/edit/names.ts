/**
 * Names of keys: which a file has, which are free, and how a recipient is written where a list holds it: by alias, by
 * anchor, or literally with its name as a comment.
 *
 * A file that names its keys by anchor gets the definition beside the others. Where the definitions stand in several
 * places (users here, hosts there) a new key belongs to none of them and is written literally. Pure.
 * Spec: sops-config §3.
 *
 * @module
 */
import { isMap, isSeq } from "yaml";
import { findAnchors, findMeantAt } from "../../yaml/edit/anchors.ts";
import { appendItems, appendPair, formatKey, type NewItem } from "../../yaml/edit/append.ts";
import { endOfLine, isFlow, lineBreakOf, mapColumn } from "../../yaml/edit/lines.ts";
import { formatText, type Quoting, quotingOf } from "../../yaml/edit/quoting.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { isAnchorName } from "../rules/anchor_name.ts";
import type { NamedKey, SopsConfig } from "../rules/sops_config.ts";
import { TOP_LEVEL_FIELDS } from "../rules/sops_fields.ts";
import type { KeyName } from "./draft.ts";
import type { NewRecipient } from "./intent.ts";

/** The name of a key whose wanted name holds no letter or digit. */
const NAMELESS = "key";

/** How one recipient will be written in a list. */
export interface WrittenRecipient {
  readonly item: NewItem;
  /** What the file calls it afterwards. */
  readonly name: string;
}

/** Where a written recipient will stand. */
export interface WritePlace {
  /** An alias works only behind its anchor. */
  readonly useOffset: number;
  /** Of literal items in the list. */
  readonly quoting: Quoting;
  /** It stands inside brackets. */
  readonly flow: boolean;
}

/** What SOPS reads at the top level of the file, where some files define their keys. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(Object.keys(TOP_LEVEL_FIELDS));

/** @returns the names that a file uses: its anchors, the comments that name keys, the keys of the mappings of definitions */
export function collectNames(config: SopsConfig): Set<string> {
  const names = new Set(findAnchors(config.document).keys());
  for (const rule of config.rules) {
    for (const group of rule.groups) for (const key of group.keys) if (key.name) names.add(key.name);
  }
  for (const { parent } of config.keys.filter((key) => !isInRules(key))) {
    if (isMap(parent)) { for (const { key } of parent.items) names.add(String(key)); }
  }
  return names;
}

/** Finds names and free names in one file, before its edit; one for all that an edit writes. */
export class Names {
  /** What {@link planDefinitions} defines. */
  readonly defined: KeyName[] = [];
  readonly #config: SopsConfig;
  readonly #taken: Set<string>;
  readonly #definitions: Definitions | undefined;
  /** Where new definitions will stand. */
  readonly #definedAt: number;
  /** What new keys of lists are called in place. */
  readonly #namesInPlace: boolean;
  /** By text the definitions of keys, in the order of the file. */
  readonly #keys: ReadonlyMap<string, readonly NamedKey[]>;
  /** By text the names in rules. */
  readonly #inRules = new Map<string, string>();
  /** By text the recipients that were written, with the place of an anchor in the file before. */
  readonly #written = new Map<string, { readonly name: string; readonly anchorOffset: number }>();

  constructor(config: SopsConfig) {
    this.#config = config;
    this.#taken = new Set([...collectNames(config), ...RESERVED_NAMES]);
    this.#keys = Map.groupBy(config.keys, ({ text }) => text);
    for (const { text, name } of config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys))) {
      if (name !== undefined && !this.#inRules.has(text)) this.#inRules.set(text, name);
    }
    this.#definitions = findDefinitions(config);
    this.#definedAt = this.#define([{ name: NAMELESS, text: NAMELESS }])[0]?.start ?? Infinity;
    this.#namesInPlace = config.keys.length > 0 && config.keys.every(isInRules);
  }

  /** Decides how a recipient is written and takes its name. */
  write(recipient: NewRecipient, { useOffset, quoting, flow }: WritePlace): WrittenRecipient {
    const { text } = recipient;
    const anchor = this.#findAnchor(text, useOffset);
    if (anchor !== undefined) return { item: { text: `*${anchor}` }, name: anchor };

    const literal = formatText(text, quoting, flow);
    const written = this.#written.get(text);
    if (written !== undefined && written.anchorOffset < useOffset) {
      return { item: { text: `*${written.name}` }, name: written.name };
    }
    const known = written?.name ?? this.#knownName(text);
    if (known !== undefined) return { item: { text: literal, comment: known }, name: known };
    const name = takeName(recipient.name, this.#taken);
    if (this.#definedAt < useOffset) {
      this.#written.set(text, { name, anchorOffset: this.#definedAt });
      this.defined.push({ name, text });
      return { item: { text: `*${name}` }, name };
    }
    const isAnchor = this.#definitions === undefined && this.#namesInPlace;
    this.#written.set(text, { name, anchorOffset: isAnchor ? useOffset : Infinity });
    return { item: isAnchor ? { text: `&${name} ${literal}` } : { text: literal, comment: name }, name };
  }

  /** @returns what the file calls a key already, else what it was wanted to be called: no name is written for it */
  nameOf(recipient: NewRecipient): string {
    return this.#knownName(recipient.text) ?? recipient.name;
  }

  /** Plans the definitions of all recipients that were written by alias. */
  planDefinitions(): Splice[] {
    return this.#define(this.defined);
  }

  /** @returns the anchor of a key's definition when an alias at `useOffset` means it */
  #findAnchor(text: string, useOffset: number): string | undefined {
    return this.#keys.get(text)?.findLast(({ name, node }) =>
      node.source === text && findMeantAt(this.#config.document, name, useOffset) === node
    )?.name;
  }

  #knownName(text: string): string | undefined {
    return this.#keys.get(text)?.at(0)?.name ?? this.#inRules.get(text);
  }

  #define(keys: readonly KeyName[]): Splice[] {
    if (this.#definitions === undefined || keys.length === 0) return [];
    const { parent, last } = this.#definitions;
    const { document, map } = this.#config;
    const flow = isFlow(parent);
    const values = keys.map(({ name, text }) => `&${name} ${formatText(text, quotingOf(last), flow)}`);
    if (isSeq(parent)) return appendItems(document, parent, values.map((text) => ({ text })));
    const lines = keys.map(({ name }, at) => `${formatKey(parent, name)}: ${values[at]}`);
    if (parent !== map || flow) return appendPair(document, parent, { lines, flow: lines.join(", ") });
    const at = endOfLine(document, last.range[1]);
    const head = lineBreakOf(document, at) + " ".repeat(mapColumn(document, parent));
    return [{ start: at, end: at, text: lines.map((line) => head + line).join("") }];
  }
}

/** The one place in which a file defines its keys. */
interface Definitions {
  readonly parent: NonNullable<NamedKey["parent"]>;
  /** The last definition there. */
  readonly last: NamedKey["node"];
}

/**
 * Finds the list or mapping in which a file names its keys by anchor.
 *
 * @returns undefined when it names none outside its rules, or names them in several places or under kinds
 */
export function findDefinitions(config: SopsConfig): Definitions | undefined {
  const outside = config.keys.filter((key) => !isInRules(key));
  const last = outside.at(-1);
  if (last?.parent === undefined || outside.some((key) => key.parent !== last.parent)) return undefined;
  const { parent } = last;
  const isTopLevel = parent === config.map || config.map!.items.some((pair) => pair.value === parent);
  return isTopLevel ? { parent, last: last.node } : undefined;
}

/** @returns whether a key is defined inside the rules */
export function isInRules(key: NamedKey): boolean {
  return key.trail[0] === "creation_rules" || key.trail[0] === "destination_rules";
}

/**
 * Makes a name valid as an anchor and free, and takes it.
 *
 * @param wanted characters that SOPS does not read in an anchor become `-`
 * @param taken gains the name that is returned
 * @returns the name, with `-2`, `-3`, … when it was taken
 */
export function takeName(wanted: string, taken: Set<string>): string {
  const valid = formatAnchor(wanted);
  let name = valid;
  for (let count = 2; taken.has(name); count++) name = `${valid}-${count}`;
  taken.add(name);
  return name;
}

function formatAnchor(name: string): string {
  const valid = name.trim().replace(/[^0-9A-Za-z_-]/gu, "-");
  return isAnchorName(valid) ? valid : NAMELESS;
}
