/**
 * The place in the text where a rule's recipient belongs, in the form that the rule has.
 *
 * A place that the rule shares with others (an alias, a `<<`) is made its own before, by `own_place.ts`. Pure.
 * Spec: sops-config §1, §3.
 *
 * @module
 */
import { isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { isNullNode, type MapEntry, resolveNode } from "../../yaml/resolve.ts";
import type { CommaText } from "../../yaml/edit/comma_text.ts";
import { indentAt, isFlow } from "../../yaml/edit/lines.ts";
import { KEY_TYPES, type Rule, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

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
  | ({ readonly kind: "text" } & CommaText)
  /** A new pair of a mapping. */
  | { readonly kind: "pair"; readonly map: YAMLMap.Parsed; readonly form: NewForm }
  /** The value of a key that has none: nothing, or a written null. */
  | { readonly kind: "value"; readonly map: YAMLMap.Parsed; readonly entry: MapEntry; readonly form: NewForm }
  /** One more group of a `key_groups` that has none: empty brackets, or nulls alone. */
  | { readonly kind: "groups"; readonly seq: YAMLSeq.Parsed; readonly map: YAMLMap.Parsed; readonly form: "list" };

/**
 * @param newForm what a rule without any key gets
 * @returns the key that a rule's recipients stand under
 */
export function newFieldOf({ nodes }: Rule, newForm: "text" | "key_groups"): "age" | "key_groups" {
  if (nodes.groups.length > 0 || newForm === "text") return "age";
  return KEY_TYPES.some((type) => findEntry(nodes.entries, type) !== undefined) ? "age" : "key_groups";
}

/**
 * Finds the place for one more `age` recipient of a rule, be it behind aliases and `<<`.
 *
 * @param group index of the key group; 0 for a rule without `key_groups`
 * @param newForm what a rule without any key gets
 */
export function findPlace(config: SopsConfig, rule: Rule, group: number, newForm: "text" | "key_groups"): Place {
  const { map, entries, groups } = rule.nodes;
  const nodes = groups[group];
  if (nodes !== undefined) return findInField(config, nodes.map, findEntry(nodes.entries, "age"), "list");
  if (newFieldOf(rule, newForm) === "age") return findInField(config, map, findEntry(entries, "age"), "text");
  const keyGroups = findEntry(entries, "key_groups");
  return findInField(config, map, keyGroups, keyGroups === undefined ? "key_groups" : "groups");
}

function findInField(
  { document }: SopsConfig,
  map: YAMLMap.Parsed,
  entry: MapEntry | undefined,
  form: NewForm,
): Place {
  if (entry === undefined) return { kind: "pair", map, form: form === "groups" ? "key_groups" : form };
  const value = resolveNode(document, entry.value);
  if (value === undefined || isNullNode(value)) return { kind: "value", map: entry.owner, entry, form };
  if (isSeq(value)) {
    if (form === "groups") return { kind: "groups", seq: value, map: entry.owner, form: "list" };
    return { kind: "list", seq: value };
  }
  const keyColumn = indentAt(document, entry.key.range[0]);
  return { kind: "text", scalar: value as Scalar.Parsed, keyColumn, flow: isFlow(entry.owner) };
}
