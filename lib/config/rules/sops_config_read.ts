/**
 * From the text of `.sops.yaml` to what SOPS would understand of it.
 *
 * Refuses what makes SOPS refuse the whole file: wrong types and everything that `parseYaml` refuses. Does not judge
 * what SOPS meets only when it uses a rule (several selectors, regexes, keys that are none): that is for the callers.
 * Pure. Spec: sops-engine §1.1–1.4 (SOPS 3.13.2), sops-config §1–2.
 *
 * @module
 */
import { isAlias, isCollection, isMap, isNode } from "yaml";
import { placeOf } from "../../yaml/entries.ts";
import { lineNumberAt, positionAt } from "../../yaml/position.ts";
import { type ParseOptions, parseYaml, type YamlDocument } from "../../yaml/parse.ts";
import {
  isMerge,
  isNullNode,
  mapEntries,
  type MapEntry,
  type ResolvedNode,
  resolveNode,
  writtenEntries,
  type WrittenNode,
} from "../../yaml/resolve.ts";
import { refuse } from "../../yaml/source_error.ts";
import { findNamedKeys } from "./key_name.ts";
import { GROUP_FIELDS, RuleKeyReader } from "./rule_keys.ts";
import { type ConfigWarning, KEY_TYPES, type Rule, type Selector, SELECTORS, type SopsConfig } from "./sops_config.ts";
import { booleanOf, describeType, findEntry, integerOf, itemsOf, mapOf, textOf } from "../../yaml/typed_value.ts";

/** The top-level keys that SOPS reads. */
const SOPS_FIELDS: ReadonlySet<string> = new Set(["creation_rules", "destination_rules", "stores"]);

/** The top-level keys that nobody is warned of: those that SOPS reads, and the customary one for names. */
const TOP_LEVEL_FIELDS: ReadonlySet<string> = new Set([...SOPS_FIELDS, "keys"]);

/** The keys of a creation rule that SOPS reads. */
const RULE_FIELDS: ReadonlySet<string> = new Set([
  "path_regex",
  ...KEY_TYPES,
  "aws_profile",
  "key_groups",
  "shamir_threshold",
  ...SELECTORS,
  "mac_only_encrypted",
]);

/** The keys of a key group that SOPS reads. */
const GROUP_FIELD_NAMES: ReadonlySet<string> = new Set(["merge", ...Object.keys(GROUP_FIELDS)]);

/** The stores whose indentation can be set. */
const INDENTED_STORES = ["json", "json_binary", "yaml"];

/** The keys of a destination rule that are text. */
const DESTINATION_TEXTS = [
  "path_regex",
  "s3_bucket",
  "s3_prefix",
  "gcs_bucket",
  "gcs_prefix",
  "vault_path",
  "vault_address",
  "vault_kv_mount_name",
];

/**
 * Parses a `.sops.yaml`.
 *
 * @param source the whole text, as `decodeYaml` gives it
 * @param path absolute path of the file
 * @returns the read model; a file without content has no rules
 * @param options `refusals` collects what SOPS would refuse, and the model is without it
 * @throws {UserError} `malformed`, with location and excerpt, where SOPS would refuse the file; with `refusals`, for what
 * is no YAML at all
 */
export function parseSopsConfig(source: string, path: string, options: ParseOptions = {}): SopsConfig {
  return new ConfigReader(parseYaml(source, path, options)).read();
}

/** One reading of one file. */
class ConfigReader {
  readonly #document: YamlDocument;
  readonly #keys: RuleKeyReader;
  /** By offset, so that a place that several rules share is told once. */
  readonly #warnings = new Map<number, ConfigWarning>();

  constructor(document: YamlDocument) {
    this.#document = document;
    this.#keys = new RuleKeyReader(document);
  }

  read(): SopsConfig {
    const document = this.#document;
    const root = document.root.contents as ResolvedNode | null;
    if (root !== null && !isNullNode(root) && !isMap(root)) {
      const problem = `${describeType(root)} as the whole file, expected creation_rules and other keys`;
      refuse(document, { offset: root.range[0], problem });
    }
    const map = isMap(root) ? root : undefined;
    const entries = map === undefined ? [] : mapEntries(document, map);
    for (const entry of entries) if (SOPS_FIELDS.has(entry.name)) this.#refuseEmptyKeys(entry.value);
    this.#checkOtherFields(entries);
    const creationRules = findEntry(entries, "creation_rules");
    const items = itemsOf(document, creationRules);
    const rules: Rule[] = [];
    for (const item of items ?? []) rules.push(...this.#readRule(item, rules.length));
    for (const entry of entries) {
      if (!TOP_LEVEL_FIELDS.has(entry.name) && !holdsAnchor(entry.value)) this.#warnUnknown(entry, "the top level");
    }
    if (document.secondDocumentOffset !== undefined) {
      this.#warn(
        document.secondDocumentOffset,
        "SOPS reads only the first YAML document of a file, and this is the second",
      );
    }
    return {
      path: document.path,
      document,
      map,
      creationRules,
      hasCreationRules: items !== undefined,
      rules,
      keys: findNamedKeys(document),
      warnings: [...this.#warnings].sort(([a], [b]) => a - b).map(([, warning]) => warning),
    };
  }

  #readRule(item: WrittenNode, index: number): readonly Rule[] {
    const document = this.#document;
    const map = resolveNode(document, item);
    if (!isMap(map)) {
      const problem = `${describeType(map)} as rule ${index + 1}, expected a mapping such as path_regex and age`;
      refuse(document, { offset: item.range[0], problem });
      return [];
    }
    const entries = mapEntries(document, map);
    const { groups, nodes } = this.#keys.read(entries);
    for (const entry of entries) if (!RULE_FIELDS.has(entry.name)) this.#warnUnknown(entry, `rule ${index + 1}`);
    for (const group of nodes) {
      for (const entry of group.entries) {
        if (!GROUP_FIELD_NAMES.has(entry.name)) this.#warnUnknown(entry, `a key group of rule ${index + 1}`);
      }
    }
    textOf(document, findEntry(entries, "aws_profile"));
    return [{
      index,
      lineNumber: lineNumberAt(document, item.range[0]),
      range: { start: item.range[0], end: item.range[1] },
      pathRegex: textOf(document, findEntry(entries, "path_regex")),
      groups,
      selectors: this.#readSelectors(entries),
      macOnlyEncrypted: booleanOf(document, findEntry(entries, "mac_only_encrypted")) ?? false,
      shamirThreshold: integerOf(document, findEntry(entries, "shamir_threshold")),
      nodes: {
        item,
        isAlias: isAlias(item),
        map,
        usesMerge: writtenEntries(document, map).some(isMerge),
        entries,
        groups: nodes,
      },
    }];
  }

  #readSelectors(entries: readonly MapEntry[]): Readonly<Partial<Record<Selector, string>>> {
    const selectors: Partial<Record<Selector, string>> = {};
    for (const selector of SELECTORS) {
      const text = textOf(this.#document, findEntry(entries, selector));
      if (text !== undefined && text !== "") selectors[selector] = text;
    }
    return selectors;
  }

  /** Types of the parts that only other commands of SOPS use, but that every command of SOPS reads. */
  #checkOtherFields(entries: readonly MapEntry[]): void {
    const document = this.#document;
    const stores = mapOf(document, findEntry(entries, "stores"));
    const storeEntries = stores === undefined ? [] : mapEntries(document, stores);
    for (const name of [...INDENTED_STORES, "dotenv", "ini"]) {
      const store = mapOf(document, findEntry(storeEntries, name));
      if (store === undefined || !INDENTED_STORES.includes(name)) continue;
      integerOf(document, findEntry(mapEntries(document, store), "indent"));
    }
    for (const item of itemsOf(document, findEntry(entries, "destination_rules")) ?? []) {
      const rule = resolveNode(document, item);
      if (!isMap(rule)) {
        const problem = `${describeType(rule)} as a destination rule, expected a mapping`;
        refuse(document, { offset: item.range[0], problem });
        continue;
      }
      const fields = mapEntries(document, rule);
      for (const name of DESTINATION_TEXTS) textOf(document, findEntry(fields, name));
      integerOf(document, findEntry(fields, "vault_kv_version"));
      booleanOf(document, findEntry(fields, "omit_extensions"));
      mapOf(document, findEntry(fields, "recreation_rule"));
    }
  }

  /** `&name:` makes a mapping with an empty key of what looks like the anchored value; SOPS cannot use that in a rule. */
  #refuseEmptyKeys(node: unknown): void {
    if (!isNode(node) || isAlias(node)) return;
    if (node.anchor?.endsWith(":")) {
      const { anchor } = placeOf(this.#document, node as ResolvedNode);
      const problem = "a `:` behind an anchor, which makes the anchor an empty key";
      refuse(this.#document, { offset: anchor!.start, problem, hints: ["remove the `:` behind the anchor"] });
    }
    if (isMap(node)) { for (const pair of node.items) this.#refuseEmptyKeys(pair.value); }
    else if (isCollection(node)) { for (const item of node.items) this.#refuseEmptyKeys(item); }
  }

  #warnUnknown(entry: MapEntry, place: string): void {
    this.#warn(entry.key.range[0], `SOPS does not know the key "${entry.name}" of ${place} and ignores it`);
  }

  #warn(offset: number, message: string): void {
    if (!this.#warnings.has(offset)) this.#warnings.set(offset, { message, ...positionAt(this.#document, offset) });
  }
}

/** @returns whether a value exists to define anchors that other places use */
function holdsAnchor(node: unknown): boolean {
  if (!isNode(node) || isAlias(node)) return false;
  if (node.anchor !== undefined) return true;
  if (!isCollection(node)) return false;
  if (isMap(node)) return node.items.some((pair) => holdsAnchor(pair.value));
  return node.items.some((item) => holdsAnchor(item));
}
