/**
 * Finds keys of `.sops.yaml` that SOPS does not know: it ignores them without a word, and with them whatever they say.
 *
 * Pure. Spec: sops-config §5 (unknown-key), sops-engine §1.1.
 *
 * @module
 */
import { isMap, isNode, isScalar, isSeq, visit, type YAMLMap } from "yaml";
import { suggest } from "../../base/show/suggest.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import { mapEntries, type MapEntry, resolveNode, scalarText, type WrittenNode } from "../../yaml/resolve.ts";
import type { Findings } from "./finding.ts";
import { KEY_TYPES, SELECTORS, type SopsConfig } from "../rules/sops_config.ts";
import { type FieldShape, type FieldTable, TOP_LEVEL_FIELDS } from "../rules/sops_fields.ts";

/** The top-level key that people name their recipients under; SOPS does not read it. */
const CUSTOMARY_KEY = "keys";

/** What people write, where SOPS has another word that does not look like it. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ["recipients", "age"],
  ["public_keys", "age"],
  ["fingerprints", "pgp"],
  ["filename_regex", "path_regex"],
  ["path", "path_regex"],
  ["regex", "path_regex"],
  ["reencryption_rule", "recreation_rule"],
  ["hc_vault_transit", "hc_vault_transit_uri"],
]);

/** Notes every key that SOPS does not know. */
export function lintKeys({ document, map }: SopsConfig, findings: Findings): void {
  if (map === undefined) return;
  const walk = new KeyWalk(document, findings);
  for (const entry of mapEntries(document, map)) {
    if (entry.name === CUSTOMARY_KEY) continue;
    const field = fieldOf(TOP_LEVEL_FIELDS, entry.name);
    if (field !== undefined) walk.check(entry.value, field.shape, `"${entry.name}"`);
    else if (!holdsAnchor(entry.value)) walk.note(entry, TOP_LEVEL_FIELDS, { name: "the top level", map });
  }
}

/** One walk through one file; a place that several aliases lead to is looked at once. */
class KeyWalk {
  readonly #document: YamlDocument;
  readonly #findings: Findings;
  readonly #seen = new Set<unknown>();

  constructor(document: YamlDocument, findings: Findings) {
    this.#document = document;
    this.#findings = findings;
  }

  check(value: WrittenNode | undefined, shape: FieldShape, place: string): void {
    const node = resolveNode(this.#document, value);
    if (shape.is === "list" && isSeq(node)) {
      node.items.forEach((item, index) => this.check(item as WrittenNode, shape.of, itemPlace(place, index)));
    } else if (shape.is === "map" && isMap(node) && !this.#seen.has(node)) {
      this.#seen.add(node);
      this.#checkMap(node as YAMLMap.Parsed, shape.fields, place);
    }
  }

  #checkMap(map: YAMLMap.Parsed, fields: FieldTable, place: string): void {
    if (Object.keys(fields).length === 0) return; // takes any names, or has no settings yet
    for (const entry of mapEntries(this.#document, map)) {
      const field = fieldOf(fields, entry.name);
      if (field === undefined) this.note(entry, fields, { name: place, map });
      else this.check(entry.value, field.shape, fieldPlace(entry.name, place));
    }
  }

  note(entry: MapEntry, fields: FieldTable, place: { readonly name: string; readonly map: YAMLMap.Parsed }): void {
    const { name, key } = entry;
    const near = meantKey(name, fields);
    const meant = near === undefined ? "" : `; did you mean "${near}"?`;
    this.#findings.add("unknown-key", key.range[0], {
      message: `SOPS does not know the key "${name}" of ${place.name} and ignores it${meant}`,
      fix: near === undefined
        ? "take the key out, or write it as a comment"
        : this.#formatFix(entry, near, mapEntries(this.#document, place.map).map(({ name }) => name)),
    });
  }

  /** @param beside the keys of the same mapping, which the meant one has to go with */
  #formatFix({ name, value }: MapEntry, meant: string, beside: readonly string[]): string {
    if (beside.includes(meant)) return `take "${name}" out: "${meant}" stands beside it`;
    const selectors: readonly string[] = SELECTORS;
    const other = selectors.includes(meant) ? beside.find((key) => selectors.includes(key)) : undefined;
    if (other !== undefined) return `take "${name}" out: beside "${other}" SOPS takes no other selector`;
    if ((KEY_TYPES as readonly string[]).includes(meant) && beside.includes("key_groups")) {
      return `move its keys into key_groups, as a list "${meant}"`;
    }
    const node = resolveNode(this.#document, value);
    const text = meant === "path_regex" && isScalar(node) ? scalarText(node) : "";
    const how = [
      ...(/^\^?\.\//.test(text) ? [" without the ./ at the start"] : []),
      ...(/(?:^|[^.\])])\*/.test(text) ? [" with a regular expression, where .* stands for any text"] : []),
    ].join(",");
    return `write "${meant}"${how}, and then look at who can read which file: sopsmith rules list`;
  }
}

function fieldOf(fields: FieldTable, name: string): FieldTable[string] | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function itemPlace(place: string, index: number): string {
  if (place === `"creation_rules"`) return `rule ${index + 1}`;
  if (place === `"destination_rules"`) return `destination rule ${index + 1}`;
  return place;
}

function fieldPlace(name: string, place: string): string {
  if (name === "key_groups") return `a key group of ${place}`;
  return name === "merge" ? place : `"${name}" of ${place}`;
}

/** @returns the key that a person most likely meant: `-` and capital letters are common where SOPS has `_` */
function meantKey(name: string, fields: FieldTable): string | undefined {
  const known = Object.keys(fields);
  const plain = name.replace(/(?<=[a-z])(?=[A-Z])|[-. ]/g, "_").toLowerCase();
  const other = OTHER_WORDS.get(plain);
  if (other !== undefined && Object.hasOwn(fields, other)) return other;
  return suggest(plain, known) ?? known.find((field) => field.replaceAll("_", "") === plain.replaceAll("_", ""));
}

/** @returns whether a value exists to define anchors that other places use */
function holdsAnchor(value: WrittenNode | undefined): boolean {
  let found = false;
  if (!isNode(value)) return false;
  visit(value, {
    Node(_, node) {
      if (!("anchor" in node) || node.anchor === undefined) return;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
