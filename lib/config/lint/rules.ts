/**
 * Finds mistakes in the shape of a rule: keys without effect, groups and thresholds that do not fit, two selectors. Pure.
 *
 * Spec: sops-config §5, sops-engine §1.4 and §3.6.
 *
 * @module
 */
import { isSeq } from "yaml";
import { placeOf } from "../../yaml/entries.ts";
import { indentAt, isFlow, lineBreakOf } from "../../yaml/edit/lines.ts";
import { lineNumberAt, lineStart } from "../../yaml/position.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import type { MapEntry } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { Findings } from "./finding.ts";
import { KEY_TYPES, type Rule, SELECTORS, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry, valueOf } from "../../yaml/typed_value.ts";

/** A threshold below this splits nothing; SOPS refuses it. */
const MIN_THRESHOLD = 2;

/** Notes what is wrong with the shape of the file and of every rule. */
export function lintRules(config: SopsConfig, findings: Findings): void {
  const { document, rules } = config;
  lintDocument(config, findings);
  for (const rule of rules) {
    lintIgnoredKeys(document, rule, findings);
    lintGroups(rule, findings);
    lintThreshold(rule, findings);
    lintSelectors(rule, findings);
  }
  lintLists(config, findings);
}

function lintDocument({ document }: SopsConfig, findings: Findings): void {
  if (document.secondDocumentOffset !== undefined) {
    findings.add("second-document", document.secondDocumentOffset, {
      message: "SOPS reads only the first YAML document of a file, and this is the second",
      fix: "move what counts into the first document",
    });
  }
}

function lintIgnoredKeys(document: YamlDocument, rule: Rule, findings: Findings): void {
  if (rule.nodes.groups.length === 0) return;
  for (const type of KEY_TYPES) {
    const entry = findEntry(rule.nodes.entries, type);
    if (entry === undefined || valueOf(document, entry) === undefined) continue;
    findings.add("ignored-age", entry.key.range[0], {
      message: `"${type}" of rule ${rule.index + 1} has no effect, because SOPS reads only its key_groups`,
      fix: `move its keys into the key group, as items of a list, or take "${type}" out`,
    });
  }
}

function lintGroups(rule: Rule, findings: Findings): void {
  const [, second] = rule.nodes.groups;
  if (second === undefined || rule.shamirThreshold) return;
  const count = rule.nodes.groups.length;
  const types = rule.groups.flatMap(({ keys }) => [...new Set(keys.map(({ type }) => type))]);
  const isDash = new Set(types).size === types.length; // else the key would stand twice in the group
  findings.add("needs-two-keys", second.item.range[0], {
    message: `rule ${rule.index + 1} has ${count} key groups: a reader needs one key of each`,
    fix: `if one key shall be enough, ${
      isDash ? 'make it one group (often a "- " too many)' : "put the keys into the lists of one group"
    }; if not, say so with "shamir_threshold: ${count}"`,
  });
}

function lintThreshold(rule: Rule, findings: Findings): void {
  const { shamirThreshold: threshold, index } = rule;
  const count = rule.nodes.groups.length;
  if (!threshold || count < 2 || (threshold >= MIN_THRESHOLD && threshold <= count)) return;
  const entry = findEntry(rule.nodes.entries, "shamir_threshold");
  findings.add("bad-threshold", entry?.value?.range[0] ?? rule.range.start, {
    message: `rule ${index + 1} asks for keys of ${threshold} of ${count} key groups, and SOPS encrypts nothing by it`,
    fix: threshold > count
      ? `write a number from ${MIN_THRESHOLD} to ${count}`
      : "write a number from 2 on, or make it one group if one key shall be enough",
  });
}

/** One finding for the whole file: old versions of SOPS read it, or they do not. */
function lintLists({ document, rules }: SopsConfig, findings: Findings): void {
  const lists = rules.filter(({ nodes }) => nodes.groups.length === 0).flatMap((rule) => {
    const flat = KEY_TYPES.map((type) => findEntry(rule.nodes.entries, type)).filter((entry) => entry !== undefined);
    return flat.filter((entry) => entry.name !== "hckms" && isSeq(valueOf(document, entry))).map((entry) => ({
      entry,
      repair: flat.length === 1 && entry.name === "age" ? planGroup(document, rule, entry) : undefined,
    }));
  });
  const byOffset = new Map(lists.map((list) => [list.entry.key.range[0], list]));
  const [first] = byOffset.values();
  if (first === undefined) return;
  const repairs = [...byOffset.values()].map(({ repair }) => repair);
  const others = byOffset.size - 1;
  findings.add("list-needs-3.11", first.entry.key.range[0], {
    message: `SOPS before 3.11 refuses this file: "${first.entry.name}" is a list outside of key_groups` +
      (others === 0 ? "" : `, and so in ${others} more ${others === 1 ? "place" : "places"}`),
    fix: "put the list into key_groups, which every version reads (--fix --only list-needs-3.11 does it)",
    ...(repairs.includes(undefined) ? {} : { repair: repairs.flatMap((repair) => repair ?? []) }),
  });
}

/** Puts `age: […]` into a key group by insertions alone: comments and aliases stay as they are. */
function planGroup(document: YamlDocument, rule: Rule, entry: MapEntry): readonly Splice[] | undefined {
  const { key, value, owner } = entry;
  if (value === undefined || owner !== rule.nodes.map) return undefined;
  if ("anchor" in key && key.anchor !== undefined) return undefined;
  const [start] = key.range;
  const { end } = placeOf(document, value);
  if (isFlow(owner)) {
    return [{ start, end: start, text: "key_groups: [{" }, { start: end, end, text: "}]" }];
  }
  const DEEPER = 4; // the list item and the key in it, two columns each
  const lineBreak = lineBreakOf(document);
  const indent = " ".repeat(indentAt(document, start));
  const splices: Splice[] = [{ start, end: start, text: `key_groups:${lineBreak}${indent}  - ` }];
  for (let line = lineNumberAt(document, start) + 1; line <= lineNumberAt(document, end); line++) {
    const at = lineStart(document, line);
    if (/^[ \t]*\S/.test(document.source.slice(at))) splices.push({ start: at, end: at, text: " ".repeat(DEEPER) });
  }
  return splices;
}

function lintSelectors(rule: Rule, findings: Findings): void {
  const used = SELECTORS.filter((selector) => rule.selectors[selector] !== undefined);
  if (used.length < 2) return;
  const entries = rule.nodes.entries.filter(({ name }) => (used as readonly string[]).includes(name));
  const last = entries.at(-1);
  findings.add("selector-conflict", last?.key.range[0] ?? rule.range.start, {
    message: `rule ${rule.index + 1} has ${entries.map(({ name }) => `"${name}"`).join(" and ")}; ` +
      "SOPS takes only one of the six selectors, and refuses the rule",
    fix: "keep the one that is meant",
  });
}
