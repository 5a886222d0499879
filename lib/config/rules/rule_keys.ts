/**
 * The keys of a creation rule: which groups SOPS would encrypt to, in which order.
 *
 * Two readings, as in SOPS: the flat fields of a rule (strings or lists, duplicates kept), and the items of `key_groups`
 * (lists only, `merge:` first, duplicates removed). Keys are not parsed here; a wrong one stays as it is written. Pure.
 * Spec: sops-engine §1.4 (SOPS 3.13.2).
 *
 * @module
 */
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import {
  mapEntries,
  type MapEntry,
  type ResolvedNode,
  resolveNode,
  scalarText,
  scalarType,
  type WrittenNode,
} from "../../yaml/resolve.ts";
import { lineEnd, lineNumberAt } from "../../yaml/position.ts";
import { refuse } from "../../yaml/source_error.ts";
import { findKeyName } from "./key_name.ts";
import type { GroupNodes, KeyGroup, KeyType, RuleKey } from "./sops_config.ts";
import { KEY_TYPES } from "./sops_config.ts";
import { describeType, findEntry, itemsIn, itemsOf, refuseType, textOf, valueOf } from "../../yaml/typed_value.ts";

/** The groups of a rule. */
export interface RuleGroups {
  readonly groups: readonly KeyGroup[];
  /** Where the groups of `key_groups` stand; empty when the flat fields count. */
  readonly nodes: readonly GroupNodes[];
}

/** The fields of a key group, in the order SOPS reads them, with the key type each holds. */
export const GROUP_FIELDS: Readonly<Record<string, KeyType>> = {
  age: "age",
  pgp: "pgp",
  kms: "kms",
  gcp_kms: "gcp_kms",
  hckms: "hckms",
  azure_keyvault: "azure_keyvault",
  hc_vault: "hc_vault_transit_uri",
};

/** Reads the key groups of rules; remembers what several rules share by alias. One reader per file. */
export class RuleKeyReader {
  readonly #document: YamlDocument;
  readonly #shared = new Map<ResolvedNode, RuleGroups>();
  readonly #lists = new Map<ResolvedNode, Map<KeyType, readonly RuleKey[]>>();

  constructor(document: YamlDocument) {
    this.#document = document;
  }

  /**
   * @param entries the keys of a rule, `<<` followed
   * @returns the groups of `key_groups` when it has any, else one group of the flat fields
   * @throws {UserError} `malformed` for values of the wrong type
   */
  read(entries: readonly MapEntry[]): RuleGroups {
    const keyGroups = findEntry(entries, "key_groups");
    const list = valueOf(this.#document, keyGroups);
    if (keyGroups !== undefined && list !== undefined) {
      const known = this.#shared.get(list) ?? this.#readKeyGroups(keyGroups);
      this.#shared.set(list, known);
      if (known.groups.length > 0) return known;
    }
    const profile = textOf(this.#document, findEntry(entries, "aws_profile"));
    const keys = KEY_TYPES.flatMap((type) => this.#readFlat(findEntry(entries, type), type))
      .map((key) => key.type === "kms" && profile ? { ...key, text: `${key.text}||${profile}` } : key);
    return { groups: [{ keys }], nodes: [] };
  }

  #readKeyGroups(entry: MapEntry): RuleGroups {
    const nodes = (itemsOf(this.#document, entry) ?? []).flatMap((item) => this.#groupNodes(item));
    return { groups: nodes.map((group) => ({ keys: this.#readGroup(group) })), nodes };
  }

  #groupNodes(item: WrittenNode): readonly GroupNodes[] {
    const map = resolveNode(this.#document, item);
    if (isMap(map)) return [{ item, map, entries: mapEntries(this.#document, map) }];
    const problem = `${describeType(map)} as a key group, expected a mapping of lists such as age`;
    refuse(this.#document, { offset: item.range[0], problem });
    return [];
  }

  #readGroup({ entries }: GroupNodes): readonly RuleKey[] {
    const merged = (itemsOf(this.#document, findEntry(entries, "merge")) ?? [])
      .flatMap((item) => this.#groupNodes(item)).flatMap((group) => this.#readGroup(group));
    const own = Object.entries(GROUP_FIELDS).flatMap(([field, type]) =>
      this.#readGroupField(findEntry(entries, field), type)
    );
    const seen = new Set<string>();
    return [...merged, ...own].filter((key) => {
      const identity = `${key.type}/${key.text}`;
      if (seen.has(identity)) return false;
      seen.add(identity);
      return true;
    });
  }

  #readGroupField(entry: MapEntry | undefined, type: KeyType): readonly RuleKey[] {
    const items = itemsOf(this.#document, entry);
    const list = valueOf(this.#document, entry);
    if (entry === undefined || items === undefined || list === undefined) return [];
    const known = this.#lists.get(list)?.get(type);
    if (known !== undefined) return known;
    const keys = items.flatMap((item) => this.#readGroupItem(item, entry, type, items.length));
    const byType = this.#lists.get(list) ?? new Map<KeyType, readonly RuleKey[]>();
    this.#lists.set(list, byType.set(type, keys));
    return keys;
  }

  #readGroupItem(item: WrittenNode, entry: MapEntry, type: KeyType, siblings: number): readonly RuleKey[] {
    const node = resolveNode(this.#document, item);
    const cloudKey = CLOUD_KEYS[type];
    if (cloudKey !== undefined) {
      if (!isMap(node)) return this.#refuseItem(item, entry, node, "a mapping");
      const fields = mapEntries(this.#document, node);
      const context = resolveNode(this.#document, findEntry(fields, "context")?.value);
      const text = cloudKey(
        (field) => textOf(this.#document, findEntry(fields, field)) ?? "",
        isMap(context) ? mapEntries(this.#document, context).map((entry) => this.#contextPair(entry)) : [],
      );
      return this.#key(type, text, item, item, siblings);
    }
    if (!isScalar(node)) return this.#refuseItem(item, entry, node, "text");
    const text = scalarText(node);
    if (type !== "age") return this.#key(type, type === "pgp" ? withoutSpaces(text) : text, item, item, siblings);
    if (text === "") return [];
    return this.#split(text.split(","), type, item, siblings);
  }

  #contextPair({ name, value }: MapEntry): string {
    const node = resolveNode(this.#document, value);
    return `${name}:${isScalar(node) ? scalarText(node) : ""}`;
  }

  #readFlat(entry: MapEntry | undefined, type: KeyType): readonly RuleKey[] {
    const node = valueOf(this.#document, entry);
    if (entry?.value === undefined || node === undefined) return [];
    if (isSeq(node)) {
      if (type === "hckms") return this.#readHuaweiList(entry);
      const known = this.#lists.get(node)?.get(type);
      if (known !== undefined) return known;
      const keys = this.#readFlatList(itemsIn(node), entry, type);
      const byType = this.#lists.get(node) ?? new Map<KeyType, readonly RuleKey[]>();
      this.#lists.set(node, byType.set(type, keys));
      return keys;
    }
    if (type === "hckms" || !isScalar(node) || scalarType(node) !== "string") {
      refuseType(this.#document, entry, {
        node,
        expected: type === "hckms" ? "a list" : "text or a list of texts",
      });
      return [];
    }
    const parts = scalarText(node).split(",").filter((part) => part.trim() !== "");
    return this.#split(parts, type, entry.value, 1);
  }

  /** Items are joined with commas and split again, so an item may hold several keys; a list of one empty text is empty. */
  #readFlatList(items: readonly WrittenNode[], entry: MapEntry, type: KeyType): readonly RuleKey[] {
    const texts = items.map((item) => {
      const node = resolveNode(this.#document, item);
      if (isScalar(node) && scalarType(node) === "string") return scalarText(node);
      this.#refuseItem(item, entry, node, "text");
      return undefined;
    });
    if (texts.join(",") === "") return [];
    return items.flatMap((item, index) => this.#split(texts[index]?.split(",") ?? [], type, item, items.length));
  }

  #readHuaweiList(entry: MapEntry): readonly RuleKey[] {
    const items = itemsOf(this.#document, entry) ?? [];
    return items.flatMap((item) => {
      const node = resolveNode(this.#document, item);
      if (!isScalar(node)) return this.#refuseItem(item, entry, node, "text");
      return this.#split(scalarText(node).split(",").filter((part) => part.trim() !== ""), "hckms", item, items.length);
    });
  }

  /** Makes one key of each part of a comma string, with the place of its piece of the text. */
  #split(parts: readonly string[], type: KeyType, node: WrittenNode, siblings: number): readonly RuleKey[] {
    let from = contentStart(this.#document, node);
    return parts.flatMap((part) => {
      const text = type === "kms" || type === "pgp" ? withoutSpaces(part) : part.trim();
      if (parts.length === 1) return this.#key(type, text, node, node, siblings);
      const start = text === "" ? -1 : this.#document.source.indexOf(text, from);
      if (start === -1 || start + text.length > node.range[1]) return this.#key(type, text, node, undefined, siblings);
      from = start + text.length;
      return this.#key(type, text, node, undefined, siblings, { start, end: from });
    });
  }

  /** @param named the node whose comment can be the key's name; undefined when several keys share it */
  #key(
    type: KeyType,
    text: string,
    node: WrittenNode,
    named: WrittenNode | undefined,
    siblings: number,
    range = { start: node.range[0], end: node.range[1] },
  ): readonly RuleKey[] {
    if (looksLikeIdentity(text)) {
      const problem = "a private key, expected the public half of one";
      const hints = ["write the public half there, and make a new key if others could read this file"];
      const definition = isAlias(node) ? resolveNode(this.#document, node).range[0] : range.start;
      refuse(this.#document, { kind: "private-key", offset: range.start, definition, problem, hints });
      return [];
    }
    const written = "source" in node && !isScalar(node) ? "alias" : node.anchor === undefined ? "literal" : "anchor";
    const name = named && findKeyName(this.#document, named, siblings);
    return [{ type, text, ...(name === undefined ? {} : { name }), written, range, node }];
  }

  #refuseItem(item: WrittenNode, entry: MapEntry, found: ResolvedNode, expected: string): readonly [] {
    const problem = `${describeType(found)} as an item of "${entry.name}", expected ${expected}`;
    refuse(this.#document, { offset: item.range[0], problem });
    return [];
  }
}

/** @returns where the text of a scalar starts: of a folded or literal text on the line behind its mark */
function contentStart(document: YamlDocument, node: WrittenNode): number {
  const [start] = node.range;
  return isScalar(node) && node.type?.startsWith("BLOCK_") ? lineEnd(document, lineNumberAt(document, start)) : start;
}

/** How SOPS names a cloud key of a key group, by its fields and the pairs of its encryption context. */
const CLOUD_KEYS: Readonly<
  Partial<Record<KeyType, (field: (name: string) => string, context: readonly string[]) => string>>
> = {
  kms: (field, context) => {
    const [role, profile] = [field("role"), field("aws_profile")];
    const more = [context.toSorted().join(","), ...(profile === "" ? [] : [profile])];
    return field("arn") + (role && `+${role}`) + (more.join("") && `|${more.join("|")}`);
  },
  gcp_kms: (field) => field("resource_id"),
  hckms: (field) => field("key_id"),
  azure_keyvault: (field) => `${field("vaultUrl")}/keys/${field("key")}/${field("version")}`,
};

function withoutSpaces(text: string): string {
  return text.replaceAll(" ", "").trim();
}
