/**
 * How a recipient is written where a list holds it: by alias, by anchor, or literally with its name as a comment.
 *
 * A file that names its keys by anchor gets the definition beside the others. Where the definitions stand in several
 * places (users here, hosts there) a new key belongs to none of them and is written literally. Pure.
 * Spec: sops-config §3.
 *
 * @module
 */
import { isMap, isSeq } from "yaml";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { NewRecipient } from "./plan.ts";
import { findAnchors, findMeantAt } from "../../yaml/edit/anchors.ts";
import { appendItems, appendPair, formatKey, type NewItem } from "../../yaml/edit/append.ts";
import { formatText, type Quoting, quotingOf } from "../../yaml/edit/quoting.ts";
import { endOfLine, isFlow, lineBreakOf, mapColumn } from "../../yaml/edit/lines.ts";
import type { NamedKey, SopsConfig } from "../rules/sops_config.ts";
import { TOP_LEVEL_FIELDS } from "../rules/sops_fields.ts";
import { isAnchorName } from "../rules/anchor_name.ts";

/** The name of a key whose wanted name holds no letter or digit. */
const NAMELESS = "key";

/** How one recipient will be written in a list. */
export interface WrittenRecipient {
  readonly item: NewItem;
  /** What the file calls it afterwards. */
  readonly name: string;
  /** The definition beside the others; empty when there is none to write. */
  readonly definition: readonly Splice[];
  /** Whether `definition` defines the name. */
  readonly defines: boolean;
}

/** A comment that holds an entry which is commented out. */
export const COMMENTED_OUT = /^#+\s*-\s|age1[0-9a-z]{20}/;

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
  readonly #config: SopsConfig;
  readonly #taken: Set<string>;
  /** By text the recipients that were written, with the place of an anchor in the file before. */
  readonly #planned = new Map<string, { readonly name: string; readonly anchorOffset: number }>();

  constructor(config: SopsConfig) {
    this.#config = config;
    this.#taken = new Set([...collectNames(config), ...RESERVED_NAMES]);
  }

  /**
   * Decides how a recipient is written and takes its name.
   *
   * @param useOffset where the recipient will be used: an alias works only behind its anchor
   * @param quoting of literal items in the list
   * @param flow whether the list stands inside brackets
   */
  write(recipient: NewRecipient, useOffset: number, quoting: Quoting, flow: boolean): WrittenRecipient {
    const { text } = recipient;
    const anchor = this.#findAnchor(text, useOffset);
    if (anchor !== undefined) return { item: { text: `*${anchor}` }, name: anchor, definition: [], defines: false };

    const literal = formatText(text, quoting, flow);
    const planned = this.#planned.get(text);
    if (planned !== undefined && planned.anchorOffset < useOffset) {
      return { item: { text: `*${planned.name}` }, name: planned.name, definition: [], defines: false };
    }
    const known = planned?.name ?? this.#knownName(text);
    if (known !== undefined) {
      return { item: { text: literal, comment: known }, name: known, definition: [], defines: false };
    }
    const name = takeName(recipient.name, this.#taken);
    const definitions = findDefinitions(this.#config);
    const definition = definitions === undefined ? [] : this.#define(definitions, name, text);
    const [{ start } = { start: Infinity }] = definition;
    if (start < useOffset) {
      this.#planned.set(text, { name, anchorOffset: start });
      return { item: { text: `*${name}` }, name, definition, defines: true };
    }
    const isAnchor = definitions === undefined && this.#namesInPlace();
    this.#planned.set(text, { name, anchorOffset: isAnchor ? useOffset : Infinity });
    const item = isAnchor ? { text: `&${name} ${literal}` } : { text: literal, comment: name };
    return { item, name, definition: [], defines: false };
  }

  /** @returns what the file calls a key already, else what it was wanted to be called: no name is written for it */
  nameOf(recipient: NewRecipient): string {
    return this.#knownName(recipient.text) ?? recipient.name;
  }

  /** @returns the anchor of a key's definition when an alias at `useOffset` means it */
  #findAnchor(text: string, useOffset: number): string | undefined {
    const { keys, document } = this.#config;
    const found = keys.findLast(({ name, text: known, node }) =>
      known === text && node.source === text && findMeantAt(document, name, useOffset) === node
    );
    return found?.name;
  }

  #knownName(text: string): string | undefined {
    const named = this.#config.keys.find((key) => key.text === text);
    if (named !== undefined) return named.name;
    for (const rule of this.#config.rules) {
      for (const { keys } of rule.groups) {
        const name = keys.find((key) => key.text === text && key.name !== undefined)?.name;
        if (name !== undefined) return name;
      }
    }
    return undefined;
  }

  /** @returns whether the rules hold their keys' anchors themselves */
  #namesInPlace(): boolean {
    return this.#config.keys.length > 0 && this.#config.keys.every(isInRules);
  }

  #define({ parent, last }: Definitions, name: string, text: string): Splice[] {
    const { document } = this.#config;
    const flow = isFlow(parent);
    const value = `&${name} ${formatText(text, quotingOf(last), flow)}`;
    if (isSeq(parent)) return appendItems(document, parent, [{ text: value }]);
    const key = formatKey(parent, name);
    if (parent !== this.#config.map || flow) {
      return appendPair(document, parent, { lines: [`${key}: ${value}`], flow: `${key}: ${value}` });
    }
    const at = endOfLine(document, last.range[1]);
    const indent = " ".repeat(mapColumn(document, parent));
    return [{ start: at, end: at, text: `${lineBreakOf(document, at)}${indent}${key}: ${value}` }];
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
