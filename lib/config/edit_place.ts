/**
 * The place in the text where a rule's recipient belongs, in the form that the rule has.
 *
 * A place that the rule shares with others (an alias, a `<<`) is first made its own: then the place comes with the
 * splices that do so, and is looked for again in the text they give. Pure. Spec: sops-config §1, §3.
 *
 * @module
 */
import { isAlias, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { isNullNode, type MapEntry, resolveNode, type WrittenNode } from "../yaml/resolve.ts";
import type { Splice } from "../yaml/splice.ts";
import type { EditScope } from "./edit.ts";
import { copyPair, formatFlowPair } from "./edit_copy.ts";
import { handOnAnchor, replaceAlias } from "./edit_detach.ts";
import { appendPair } from "./edit_list.ts";
import type { TextPlace } from "./edit_string.ts";
import { indentAt, isFlow } from "./edit_text.ts";
import { KEY_TYPES, type Rule, type SopsConfig } from "./sops_config.ts";
import { findEntry } from "./typed_value.ts";

/** How a new list of recipients is called for when the place has none yet. */
export type NewForm =
  /** `age:` with a text, of a rule. */
  | "text"
  /** `age:` with a list, of a key group. */
  | "list"
  /** The list of groups. */
  | "groups"
  /** `key_groups:` with its first group, of a rule. */
  | "key_groups";

/** Where a recipient goes. */
export type Place =
  /** One more item of a list with items, or of one in brackets. */
  | { readonly kind: "list"; readonly seq: YAMLSeq.Parsed }
  /** One more key in a comma-separated text. */
  | ({ readonly kind: "text" } & TextPlace)
  /** A new pair of a mapping. */
  | { readonly kind: "pair"; readonly map: YAMLMap.Parsed; readonly form: NewForm }
  /** The value of a key that has none: nothing, or a written null. */
  | { readonly kind: "value"; readonly map: YAMLMap.Parsed; readonly entry: MapEntry; readonly form: NewForm }
  /** One more group of a `key_groups` that has none: empty brackets, or nulls alone. */
  | { readonly kind: "groups"; readonly seq: YAMLSeq.Parsed; readonly map: YAMLMap.Parsed; readonly form: "list" }
  /** The place is shared; these splices give the rule its own, and to others a copy. */
  | { readonly kind: "shared"; readonly detach: readonly Splice[] };

/**
 * Finds the place for one more `age` recipient of a rule.
 *
 * @param group index of the key group; 0 for a rule without `key_groups`
 * @param scope `shared` looks through aliases and `<<`
 * @param newForm what a rule without any key gets
 */
export function findPlace(
  config: SopsConfig,
  rule: Rule,
  group: number,
  scope: EditScope,
  newForm: "text" | "key_groups",
): Place {
  const finder = new PlaceFinder(config, scope);
  return finder.findOwnRule(rule) ??
    (rule.nodes.groups.length > 0 ? finder.findInGroup(rule, group) : finder.findInRule(rule, newForm));
}

class PlaceFinder {
  readonly #config: SopsConfig;
  readonly #ownOnly: boolean;

  constructor(config: SopsConfig, scope: EditScope) {
    this.#config = config;
    this.#ownOnly = scope === "rule";
  }

  /** The list of rules and the rule itself. */
  findOwnRule(rule: Rule): Place | undefined {
    const entry = this.#config.creationRules!;
    return this.#detach(this.#config.map!, entry) ?? this.#detachItem(rule.nodes.item, entry.value);
  }

  findInGroup(rule: Rule, index: number): Place {
    const { map, entries } = rule.nodes;
    const group = rule.nodes.groups[index]!;
    const list = findEntry(entries, "key_groups")!;
    const shared = this.#detach(map, list) ?? this.#detachItem(group.item, list.value);
    return shared ?? this.#findField(group.map, findEntry(group.entries, "age"), "list");
  }

  findInRule(rule: Rule, newForm: "text" | "key_groups"): Place {
    const { map, entries } = rule.nodes;
    const age = findEntry(entries, "age");
    const keyGroups = findEntry(entries, "key_groups");
    const hasKeys = KEY_TYPES.some((type) => findEntry(entries, type) !== undefined);
    if (hasKeys || newForm === "text") return this.#findField(map, age, "text");
    if (keyGroups === undefined) return { kind: "pair", map, form: "key_groups" };
    return this.#findField(map, keyGroups, "groups");
  }

  #findField(map: YAMLMap.Parsed, entry: MapEntry | undefined, form: NewForm): Place {
    if (entry === undefined) return { kind: "pair", map, form };
    const shared = this.#detach(map, entry);
    if (shared !== undefined) return shared;
    const value = resolveNode(this.#config.document, entry.value);
    if (value === undefined || isNullNode(value)) return { kind: "value", map: entry.owner, entry, form };
    if (isSeq(value)) {
      if (form === "groups") return { kind: "groups", seq: value, map: entry.owner, form: "list" };
      return { kind: "list", seq: value };
    }
    const keyColumn = indentAt(this.#config.document, entry.key.range[0]);
    return { kind: "text", scalar: value as Scalar.Parsed, keyColumn, flow: isFlow(entry.owner) };
  }

  /** A value that comes from another mapping by `<<`, by alias, or that others have by alias. */
  #detach(map: YAMLMap.Parsed, entry: MapEntry): Place | undefined {
    if (!this.#ownOnly || entry.value === undefined) return undefined;
    const { document } = this.#config;
    if (entry.owner === map) return this.#detachNode(entry.value, isFlow(map));
    const [useOffset] = map.range;
    const lines = copyPair(document, entry, 0, useOffset);
    const detach = appendPair(document, map, lines, formatFlowPair(document, entry, useOffset));
    return { kind: "shared", detach };
  }

  /** An item of the rules or of the groups. */
  #detachItem(item: WrittenNode, list: WrittenNode | undefined): Place | undefined {
    return this.#ownOnly ? this.#detachNode(item, list !== undefined && isFlow(list)) : undefined;
  }

  #detachNode(node: WrittenNode, flow: boolean): Place | undefined {
    const { document } = this.#config;
    if (isAlias(node)) return { kind: "shared", detach: replaceAlias(document, node, flow) };
    const detach = handOnAnchor(document, node);
    return detach && { kind: "shared", detach };
  }
}
