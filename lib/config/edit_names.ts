/**
 * How a recipient is written where a list holds it: by alias, by anchor, or literally with its name as a comment.
 *
 * A file that names its keys by anchor gets the definition beside the others. Where the definitions stand in several
 * places (users here, hosts there) a new key belongs to none of them and is written literally. Pure.
 * Spec: sops-config §3.
 *
 * @module
 */
import { isMap, isScalar, isSeq, visit } from "yaml";
import type { Splice } from "../yaml/splice.ts";
import type { NewRecipient } from "./edit.ts";
import { appendItem, appendPair, formatKey, type NewItem } from "./edit_list.ts";
import { formatText, type Quoting, quotingOf } from "./edit_string.ts";
import { endOfLine, isFlow, lineBreakOf, mapColumn } from "./edit_text.ts";
import type { NamedKey, SopsConfig } from "./sops_config.ts";

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

/** Finds names and free names in one file, before its edit. */
export class Names {
  readonly #config: SopsConfig;
  readonly #taken: Set<string>;
  readonly #anchors: ReadonlyMap<string, readonly number[]>;

  constructor(config: SopsConfig) {
    this.#config = config;
    this.#anchors = collectAnchors(config);
    this.#taken = new Set(this.#anchors.keys());
    for (const rule of config.rules) {
      for (const group of rule.groups) for (const key of group.keys) if (key.name) this.#taken.add(key.name);
    }
    const map = findDefinitions(config)?.parent;
    if (isMap(map)) { for (const { key } of map.items) this.#taken.add(String(key)); }
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
    const known = this.#knownName(text);
    if (known !== undefined) {
      return { item: { text: literal, comment: known }, name: known, definition: [], defines: false };
    }
    const name = takeName(recipient.name, this.#taken);
    const definitions = findDefinitions(this.#config);
    if (definitions === undefined) {
      return this.#namesInPlace()
        ? { item: { text: `&${name} ${literal}` }, name, definition: [], defines: false }
        : { item: { text: literal, comment: name }, name, definition: [], defines: false };
    }
    const definition = this.#define(definitions, name, text);
    return definition[0]!.start < useOffset
      ? { item: { text: `*${name}` }, name, definition, defines: true }
      : { item: { text: literal, comment: name }, name, definition: [], defines: false };
  }

  /** @returns what the file calls a key already, else what it was wanted to be called: no name is written for it */
  nameOf(recipient: NewRecipient): string {
    return this.#knownName(recipient.text) ?? recipient.name;
  }

  /** @returns the anchor of a key's definition when an alias at `useOffset` means it */
  #findAnchor(text: string, useOffset: number): string | undefined {
    const found = this.#config.keys.findLast(({ name, text: known, node }) => {
      if (known !== text || node.source !== text || node.range[0] >= useOffset) return false;
      const definitions = this.#anchors.get(name) ?? [];
      return definitions.findLast((offset) => offset < useOffset) === node.range[0];
    });
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
    if (isSeq(parent)) return appendItem(document, parent, { text: value });
    const key = formatKey(parent, name);
    if (parent !== this.#config.map || flow) {
      return appendPair(document, parent, [`${key}: ${value}`], `${key}: ${value}`);
    }
    const at = endOfLine(document, last.range[1]);
    const indent = " ".repeat(mapColumn(document, parent));
    return [{ start: at, end: at, text: `${lineBreakOf(document)}${indent}${key}: ${value}` }];
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

function isInRules(key: NamedKey): boolean {
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
  return /[0-9A-Za-z]/.test(valid) ? valid : NAMELESS;
}

/** @returns for each anchor of the first document the offsets of its definitions, ascending */
function collectAnchors(config: SopsConfig): ReadonlyMap<string, readonly number[]> {
  const anchors = new Map<string, number[]>();
  visit(config.document.root, (_, node) => {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor === undefined) return;
    const offsets = anchors.get(node.anchor);
    if (offsets === undefined) anchors.set(node.anchor, [node.range![0]]);
    else offsets.push(node.range![0]);
  });
  return anchors;
}
