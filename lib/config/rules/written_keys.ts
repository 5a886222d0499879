/**
 * The keys of a rule as they are written, one entry for each place: SOPS drops the second of two equal keys in a key
 * group, so the read model does not have it. Pure. Spec: sops-engine §1.4.
 *
 * @module
 */
import { isAlias, isScalar, isSeq, type YAMLSeq } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import { resolveNode, scalarText, type WrittenNode } from "../../yaml/resolve.ts";
import { findKeyName } from "./key_name.ts";
import { GROUP_FIELDS } from "./rule_keys.ts";
import type { GroupNodes, KeyType, Range, Rule } from "./sops_config.ts";
import { findEntry, valueOf } from "../../yaml/typed_value.ts";

/** A key in the place where it is written. */
export interface WrittenKey {
  readonly type: KeyType;
  readonly text: string;
  /** As in `RuleKey`. */
  readonly name: string | undefined;
  /** Where it stands; in a text of several keys its own piece. */
  readonly range: Range;
  /** The list item or the whole text it is written in; an alias stays one. */
  readonly node: WrittenNode;
  /** The list that holds the item; undefined for a text. */
  readonly list: YAMLSeq.Parsed | undefined;
}

/** The types whose keys are texts. */
const TEXT_TYPES: ReadonlySet<KeyType> = new Set(["age", "pgp", "hc_vault_transit_uri"]);

/**
 * @returns the text keys of each group of a rule, in the order of SOPS; `merge:` is not followed. A rule without
 * `key_groups` has one group.
 */
export function listWrittenKeys(document: YamlDocument, rule: Rule): readonly (readonly WrittenKey[])[] {
  if (rule.nodes.groups.length > 0) return rule.nodes.groups.map((group) => keysOfGroup(document, group));
  const keys = rule.groups[0]?.keys ?? [];
  return [
    keys.map(({ type, text, name, range, node }): WrittenKey => {
      const value = valueOf(document, findEntry(rule.nodes.entries, type));
      return { type, text, name, range, node, list: isSeq(value) ? value as YAMLSeq.Parsed : undefined };
    }),
  ];
}

function keysOfGroup(document: YamlDocument, group: GroupNodes): readonly WrittenKey[] {
  return Object.entries(GROUP_FIELDS).flatMap(([field, type]) => {
    const list = valueOf(document, findEntry(group.entries, field));
    if (!TEXT_TYPES.has(type) || !isSeq(list)) return [];
    const seq = list as YAMLSeq.Parsed;
    return seq.items.flatMap((item) => keysOfItem(document, item as WrittenNode, type, seq));
  });
}

function keysOfItem(
  document: YamlDocument,
  item: WrittenNode,
  type: KeyType,
  list: YAMLSeq.Parsed,
): readonly WrittenKey[] {
  const node = resolveNode(document, item);
  if (!isScalar(node)) return [];
  const texts = (type === "age" ? scalarText(node).split(",") : [scalarText(node)]).map((text) => text.trim());
  const name = texts.length === 1 ? findKeyName(document, item, list.items.length) : undefined;
  let from = item.range[0];
  return texts.filter((text) => text !== "").map((text): WrittenKey => {
    const found = texts.length === 1 || isAlias(item) ? -1 : document.source.indexOf(text, from);
    const range = found === -1 || found > item.range[1]
      ? { start: item.range[0], end: item.range[1] }
      : { start: found, end: found + text.length };
    from = range.end;
    return { type, text, name, range, node: item, list };
  });
}
