/**
 * Names of keys: which a file has, which are free, and how a recipient is written where a list holds it: by alias, by
 * anchor, or literally with its name as a comment.
 *
 * A file that names its keys by anchor gets the definition beside the others; where they are divided by kind (users here,
 * hosts there) beside those of its kind. A key that is of none of the kinds is written literally. Pure.
 * Spec: sops-config §3.
 *
 * @module
 */
import { isMap } from "yaml";
import { findAnchors, findMeantAt } from "../../yaml/edit/anchors.ts";
import type { NewItem } from "../../yaml/edit/append.ts";
import { formatText, type Quoting } from "../../yaml/edit/quoting.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { isAnchorName } from "../rules/anchor_name.ts";
import { isInRules } from "../rules/key_name.ts";
import type { NamedKey, SopsConfig } from "../rules/sops_config.ts";
import { TOP_LEVEL_FIELDS } from "../rules/sops_fields.ts";
import type { KeyName } from "./draft.ts";
import type { KeyOwner, NewRecipient } from "./intent.ts";
import { choosePlace, type DefinitionPlace, findDefinitionPlaces, type KeyUse, planDefinitions } from "./kinds.ts";

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

/** Where a new definition will stand. */
interface PlaceInText {
  /** Undefined where a key is of none of the kinds of the file. */
  readonly place: DefinitionPlace | undefined;
  /** The offset of the new text; infinite without a place. */
  readonly definedAt: number;
}

/** Finds names and free names in one file, before its edit; one for all that an edit writes. */
export class Names {
  /** What {@link planDefinitions} defines. */
  readonly defined: KeyName[] = [];
  readonly #config: SopsConfig;
  readonly #taken: Set<string>;
  readonly #places: readonly DefinitionPlace[];
  /** The place of new definitions by whose keys they are, and where in the text that is. */
  readonly #placesByOwner = new Map<KeyOwner | undefined, PlaceInText>();
  readonly #besides: KeyUse["besides"];
  /** What is defined in each place. */
  readonly #definitions = new Map<DefinitionPlace, KeyName[]>();
  /** What new keys of lists are called in place. */
  readonly #namesInPlace: boolean;
  /** By text the definitions of keys, in the order of the file. */
  readonly #keys: ReadonlyMap<string, readonly NamedKey[]>;
  /** By text the names in rules. */
  readonly #inRules = new Map<string, string>();
  /** By text the recipients that were written, with the place of an anchor in the file before. */
  readonly #written = new Map<string, { readonly name: string; readonly anchorOffset: number }>();

  /** @param besides the texts of the keys of each group that gains recipients, in their order */
  constructor(config: SopsConfig, besides: KeyUse["besides"]) {
    this.#config = config;
    this.#besides = besides;
    this.#taken = new Set([...collectNames(config), ...RESERVED_NAMES]);
    this.#keys = Map.groupBy(config.keys, ({ text }) => text);
    for (const { text, name } of config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys))) {
      if (name !== undefined && !this.#inRules.has(text)) this.#inRules.set(text, name);
    }
    this.#places = findDefinitionPlaces(config);
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
    const { place, definedAt } = this.#placeFor(recipient.owner);
    if (place !== undefined && definedAt < useOffset) {
      this.#written.set(text, { name, anchorOffset: definedAt });
      this.#define(place, { name, text });
      return { item: { text: `*${name}` }, name };
    }
    const isAnchor = place === undefined && this.#namesInPlace;
    this.#written.set(text, { name, anchorOffset: isAnchor ? useOffset : Infinity });
    return { item: isAnchor ? { text: `&${name} ${literal}` } : { text: literal, comment: name }, name };
  }

  /** @returns what the file calls a key already, else what it was wanted to be called: no name is written for it */
  nameOf(recipient: NewRecipient): string {
    return this.#knownName(recipient.text) ?? recipient.name;
  }

  /** Plans the definitions of all recipients that were written by alias. */
  planDefinitions(): Splice[] {
    return [...this.#definitions].flatMap(([place, keys]) => planDefinitions(this.#config, place, keys));
  }

  /** @returns the anchor of a key's definition when an alias at `useOffset` means it */
  #findAnchor(text: string, useOffset: number): string | undefined {
    return this.#keys.get(text)?.findLast(({ name, node }) =>
      node.source === text && findMeantAt(this.#config.document, name, useOffset) === node
    )?.name;
  }

  #placeFor(owner: KeyOwner | undefined): PlaceInText {
    const known = this.#placesByOwner.get(owner);
    if (known !== undefined) return known;
    const place = choosePlace(this.#config, this.#places, { owner, besides: this.#besides });
    const [first] = place === undefined
      ? []
      : planDefinitions(this.#config, place, [{ name: NAMELESS, text: NAMELESS }]);
    const found = { place, definedAt: first?.start ?? Infinity };
    this.#placesByOwner.set(owner, found);
    return found;
  }

  #define(place: DefinitionPlace, key: KeyName): void {
    this.defined.push(key);
    const known = this.#definitions.get(place);
    if (known === undefined) this.#definitions.set(place, [key]);
    else known.push(key);
  }

  #knownName(text: string): string | undefined {
    return this.#keys.get(text)?.at(0)?.name ?? this.#inRules.get(text);
  }
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
