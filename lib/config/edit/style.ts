/**
 * How a configuration file writes its rules: what a new rule copies from its neighbours. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { lineNumberAt, lineText } from "../../yaml/position.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import { type MapEntry, resolveNode } from "../../yaml/resolve.ts";
import { asSeq } from "../../yaml/edit/append.ts";
import { type Quoting, quotingOf } from "../../yaml/edit/quoting.ts";
import { entriesOf } from "../../yaml/entries.ts";
import { indentAt, isFlow, mapColumn } from "../../yaml/edit/lines.ts";
import { isInRules } from "../rules/key_name.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

/** How the recipients of a rule are written. */
export type KeysForm = "key_groups" | "text" | "list";

/** Where the dash of a list stands. */
export interface ListStyle {
  /** Columns from the key of the list to its dashes. */
  readonly indent: number;
  /** White space behind the dash. */
  readonly gap: string;
}

/** What the lists and texts of recipients look like. */
export interface KeysStyle {
  readonly form: KeysForm;
  /** The list of groups below `key_groups`. */
  readonly groups: ListStyle;
  /** The list of recipients below `age`. */
  readonly items: ListStyle;
  /** The recipients of a group or rule stand in brackets. */
  readonly flowItems: boolean;
  /** How recipients are quoted: as items of a list, or as the text. */
  readonly quoting: Quoting;
  /** `>-` and the like when a text of recipients is a block of lines, with its indentation behind the key. */
  readonly block: { readonly header: string; readonly indent: number } | undefined;
  /** Rules without groups name their one recipient by alias. */
  readonly textByAlias: boolean;
}

/** The style of the sops-nix documentation, for files that show none. */
export const PLAIN_LIST: ListStyle = { indent: 2, gap: " " };

/** @returns whether a rule says anything about keys, and in which form */
export function keysFormOf(document: YamlDocument, rule: Rule): KeysForm | undefined {
  if (rule.nodes.groups.length > 0) return "key_groups";
  if (rule.groups.every((group) => group.keys.length === 0)) return undefined;
  const age = findEntry(rule.nodes.entries, "age");
  return isSeq(resolveNode(document, age?.value)) ? "list" : "text";
}

/**
 * Reads the style of a file's recipients.
 *
 * @param position index of the rule that the new one precedes; the nearest rules decide where the file does both
 */
export function readKeysStyle(config: SopsConfig, position: number): KeysStyle {
  const { document } = config;
  const nearest = nearestRules(config, position);
  const form = mostCommonForm(config, nearest) ?? (config.keys.every(isInRules) ? "text" : "key_groups");
  const model = nearest.find((rule) => keysFormOf(document, rule) === form && hasOwnKeys(rule));
  const keyGroups = model && writtenValue(model.nodes.entries, "key_groups");
  const groupList = asSeq(keyGroups);
  const groupMap = groupList?.items.find((item) => isMap(item)) as YAMLMap.Parsed | undefined;
  const list = groupMap === undefined
    ? model && asSeq(writtenValue(model.nodes.entries, "age"))
    : asSeq(groupMap.items.map((pair) => pair.value).find((value) => isSeq(value) && value.items.length > 0));
  const text = model && writtenValue(model.nodes.entries, "age");
  const scalar = isScalar(text) ? text as Scalar.Parsed : undefined;
  const literal = list?.items.findLast((item) => isScalar(item)) ?? scalar;
  return {
    form,
    groups: listStyle(document, model?.nodes.map, groupList),
    items: listStyle(document, groupMap ?? model?.nodes.map, list),
    flowItems: list !== undefined && isFlow(list),
    quoting: literal === undefined ? "plain" : quotingOf(literal as Scalar),
    block: blockStyle(document, model?.nodes.map, scalar),
    textByAlias: isAlias(text),
  };
}

/** @returns the rules by distance from a position, the one that the new rule precedes first; rules by alias are left out */
export function nearestRules(config: SopsConfig, position: number): Rule[] {
  const own = config.rules.filter((rule) => !rule.nodes.isAlias);
  const distance = (rule: Rule): number => rule.index >= position ? rule.index - position : position - rule.index - 0.5;
  return own.sort((a, b) => distance(a) - distance(b));
}

/** The form that most rules have; where two are as common, that of the nearest rule. */
function mostCommonForm(config: SopsConfig, nearest: readonly Rule[]): KeysForm | undefined {
  const counts = new Map<KeysForm, number>();
  for (const rule of nearest) {
    const form = keysFormOf(config.document, rule);
    if (form !== undefined) counts.set(form, (counts.get(form) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function hasOwnKeys(rule: Rule): boolean {
  return rule.nodes.entries.some((entry) =>
    (entry.name === "key_groups" || entry.name === "age") && entry.owner === rule.nodes.map
  );
}

function writtenValue(entries: readonly MapEntry[], name: string): MapEntry["value"] {
  return findEntry(entries, name)?.value;
}

function listStyle(
  document: YamlDocument,
  map: YAMLMap.Parsed | undefined,
  seq: YAMLSeq.Parsed | undefined,
): ListStyle {
  if (map === undefined || isFlow(map) || seq === undefined || isFlow(seq) || seq.items.length === 0) return PLAIN_LIST;
  const { start, gap } = entriesOf(document, seq)[0]!;
  const indent = indentAt(document, start) - mapColumn(document, map);
  return indent < 0 ? PLAIN_LIST : { indent, gap };
}

function blockStyle(
  document: YamlDocument,
  map: YAMLMap.Parsed | undefined,
  scalar: Scalar.Parsed | undefined,
): KeysStyle["block"] {
  if (map === undefined || (scalar?.type !== "BLOCK_FOLDED" && scalar?.type !== "BLOCK_LITERAL")) return undefined;
  const [start] = scalar.range;
  const line = lineNumberAt(document, start);
  const header = /^[|>][-+]?/.exec(document.source.slice(start))![0];
  const indent = /^ */.exec(lineText(document, line + 1))![0].length - mapColumn(document, map);
  return { header, indent: Math.max(indent, 1) };
}
