/**
 * Adds a recipient to a rule of `.sops.yaml`, in the form that the rule has.
 *
 * Never makes a second key group, never changes another rule (unless the shared place is asked for), never takes a
 * character away except an alias that becomes the rule's own copy and a written null. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias } from "yaml";
import { InternalError, UserError } from "../base/error.ts";
import { lineNumberAt } from "../yaml/position.ts";
import { isNullNode, resolveNode } from "../yaml/resolve.ts";
import type { Splice } from "../yaml/splice.ts";
import { checkRecipient, type ConfigEdit, type EditScope, type NewRecipient } from "./edit.ts";
import { anchorText } from "./edit_copy.ts";
import { writeKeys, type WrittenKeys } from "./edit_keys.ts";
import { appendItem, appendPair, itemQuoting } from "./edit_list.ts";
import { Names } from "./edit_names.ts";
import { findPlace, type Place } from "./edit_place.ts";
import { type Intent, proveEdit, readEdited } from "./edit_proof.ts";
import { insertIntoText } from "./edit_string.ts";
import { readKeysStyle } from "./edit_style.ts";
import { colonEnd, endOfLine, indentAt, isFlow, isUnwritten, lineBreakOf } from "./edit_text.ts";
import type { Rule, RuleKey, SopsConfig } from "./sops_config.ts";

/** The most aliases and merges between a rule and its recipients: rules, rule, groups, group, list, with `<<` each. */
const MAX_DETACHES = 12;

/** What else may be said about an added recipient. */
export interface AddRecipientOptions {
  /** 0-based index of the key group; needed for a rule with several. */
  readonly group?: number;
  /** Default `rule`. */
  readonly scope?: EditScope;
}

/**
 * Plans one more `age` recipient for a rule.
 *
 * @param ruleIndex 0-based
 * @returns the proved edit; its source is the old one when the rule (or the named group) has the recipient already
 * @throws {UserError} `refused` for a rule with several key groups and no `group`, `usage` for a group that does not
 * exist, `malformed` for a recipient that cannot stand in the file
 * @throws {InternalError} when the proof of the edit fails
 */
export function planAddRecipient(
  config: SopsConfig,
  ruleIndex: number,
  recipient: NewRecipient,
  options: AddRecipientOptions = {},
): ConfigEdit {
  checkRecipient(recipient);
  const rule = config.rules[ruleIndex];
  if (rule === undefined) throw new InternalError(`no rule ${ruleIndex + 1} to add a recipient to`);
  const known = findKey(rule, recipient.text, options.group);
  if (known !== undefined) return unchanged(config, ruleIndex, known, recipient);
  const group = chooseGroup(config, rule, options.group);
  const scope = options.scope ?? "rule";

  let own = config;
  for (let detached = 0; detached <= MAX_DETACHES; detached++) {
    const place = findPlace(own, own.rules[ruleIndex]!, group, scope, newFormFor(own, ruleIndex));
    if (place.kind === "shared") {
      own = readEdited(own, place.detach);
      continue;
    }
    const written = writeAt(own, ruleIndex, place, recipient);
    const after = readEdited(own, written.splices);
    proveEdit(config, after, intentOf(config, ruleIndex, group, scope, recipient, written));
    const key = findKey(after.rules[ruleIndex]!, recipient.text, options.group)!;
    return {
      source: after.document.source,
      config: after,
      ruleIndex,
      lineNumber: lineNumberAt(after.document, key.range.start),
      name: written.name,
    };
  }
  throw new InternalError(`rule ${ruleIndex + 1} still shares its recipients after ${MAX_DETACHES} copies`);
}

function findKey(rule: Rule, text: string, group: number | undefined): RuleKey | undefined {
  const groups = group === undefined ? rule.groups : rule.groups.slice(group, group + 1);
  return groups.flatMap(({ keys }) => keys).find((key) => key.type === "age" && key.text === text);
}

function unchanged(config: SopsConfig, ruleIndex: number, key: RuleKey, recipient: NewRecipient): ConfigEdit {
  return {
    source: config.document.source,
    config,
    ruleIndex,
    lineNumber: lineNumberAt(config.document, key.range.start),
    name: key.name ?? recipient.name,
  };
}

/** @returns the index of the group that gains the recipient */
function chooseGroup(config: SopsConfig, rule: Rule, group: number | undefined): number {
  const count = rule.groups.length;
  const location = { path: config.path, line: rule.lineNumber };
  if (group !== undefined) {
    if (Number.isInteger(group) && group >= 0 && group < Math.max(count, 1)) return group;
    throw new UserError("usage", `rule ${rule.index + 1} of "${config.path}" has no key group ${group + 1}`, {
      hints: [`name a group from 1 to ${Math.max(count, 1)}`],
      location,
    });
  }
  if (count <= 1) return 0;
  throw new UserError(
    "refused",
    `cannot add a recipient to rule ${rule.index + 1} of "${config.path}": it has ${count} key groups, ` +
      "and a reader needs one key of each",
    {
      hints: [
        "write a rule for these files above it by hand, with one key group, and run the command again",
      ],
      location,
    },
  );
}

/** @returns what a rule without any key gets: groups where the rest of the file has groups */
function newFormFor(config: SopsConfig, ruleIndex: number): "text" | "key_groups" {
  const hasKeys = config.rules[ruleIndex]!.groups.some((group) => group.keys.length > 0);
  return !hasKeys && readKeysStyle(config, ruleIndex).form === "key_groups" ? "key_groups" : "text";
}

/** A recipient as planned in the text. */
interface PlannedRecipient {
  readonly splices: readonly Splice[];
  readonly name: string;
  readonly defined: Intent["defined"];
}

function writeAt(
  config: SopsConfig,
  ruleIndex: number,
  place: Exclude<Place, { kind: "shared" }>,
  recipient: NewRecipient,
): PlannedRecipient {
  const { document } = config;
  const names = new Names(config);
  switch (place.kind) {
    case "text":
      return {
        splices: insertIntoText(document, place, recipient.text),
        name: names.nameOf(recipient),
        defined: [],
      };
    case "list": {
      const written = names.write(recipient, place.seq.range[1], itemQuoting(place.seq), isFlow(place.seq));
      return {
        splices: [...appendItem(document, place.seq, written.item), ...written.definition],
        name: written.name,
        defined: written.defines ? [{ name: written.name, text: recipient.text }] : [],
      };
    }
    case "pair": {
      const keys = writeNew(config, ruleIndex, place, recipient, names);
      return planned(appendPair(document, place.map, keys.lines, keys.flow), keys);
    }
    case "groups": {
      const keys = writeNew(config, ruleIndex, place, recipient, names);
      return planned(appendItem(document, place.seq, { text: `{${keys.flow}}` }), keys);
    }
    case "value":
      return writeValue(config, ruleIndex, place, recipient, names);
  }
}

function writeNew(
  config: SopsConfig,
  ruleIndex: number,
  place: Extract<Place, { kind: "pair" | "value" | "groups" }>,
  recipient: NewRecipient,
  names: Names,
): WrittenKeys {
  const style = readKeysStyle(config, ruleIndex);
  const form = place.form === "groups" ? "key_groups" : place.form;
  const flow = isFlow(place.map) || place.kind === "groups";
  return writeKeys([recipient], { form, flow, style, names, useOffset: place.map.range[1], map: place.map });
}

function planned(splices: readonly Splice[], keys: WrittenKeys): PlannedRecipient {
  return { splices: [...splices, ...keys.definitions], name: keys.names[0]!, defined: keys.defined };
}

/** Writes behind a key that stands there without a value. */
function writeValue(
  config: SopsConfig,
  ruleIndex: number,
  place: Extract<Place, { kind: "value" }>,
  recipient: NewRecipient,
  names: Names,
): PlannedRecipient {
  const { document } = config;
  const { entry, map } = place;
  const keys = writeNew(config, ruleIndex, place, recipient, names);
  const { value: old } = entry;
  const isAnchorOnly = old !== undefined && !isAlias(old) && old.anchor !== undefined && old.range[0] === old.range[1];
  const colon = isAnchorOnly ? anchorText(document, old).end : colonEnd(document, entry.key);
  const end = old === undefined || isAnchorOnly || isUnwritten(old) ? colon : old.range[1];
  const inLine = isFlow(map) ? keys.flow : keys.lines[0]!;
  const value = inLine.slice(inLine.indexOf(":") + 1);
  const below = isFlow(map) ? [] : keys.lines.slice(1);
  const indent = " ".repeat(indentAt(document, entry.key.range[0]));
  const at = endOfLine(document, end);
  const splices: Splice[] = [
    { start: colon, end, text: value },
    { start: at, end: at, text: below.map((line) => lineBreakOf(document) + indent + line).join("") },
  ];
  return planned(splices.filter(({ start, end, text }) => start !== end || text !== ""), keys);
}

function intentOf(
  config: SopsConfig,
  ruleIndex: number,
  group: number,
  scope: EditScope,
  recipient: NewRecipient,
  written: PlannedRecipient,
): Intent {
  const { text } = recipient;
  const { defined } = written;
  if (scope === "rule") return { gains: { text, groupOfRule: new Map([[ruleIndex, group]]) }, defined };
  return { gains: { text, groupOfRule: sharersOf(config, ruleIndex, group) }, defined, sharedGain: text };
}

/** @returns the rules that have their recipients in the same place of the text, with the group that has them */
function sharersOf(config: SopsConfig, ruleIndex: number, group: number): ReadonlyMap<number, number> {
  const place = sharedNode(config, config.rules[ruleIndex]!, group);
  const sharers = new Map<number, number>();
  for (const rule of config.rules) {
    for (let index = 0; index < Math.max(rule.nodes.groups.length, 1); index++) {
      if (sharedNode(config, rule, index) === place) sharers.set(rule.index, index);
    }
  }
  return sharers;
}

/** @returns the list or text of a rule's recipients, else the mapping that has none */
function sharedNode(config: SopsConfig, rule: Rule, group: number): unknown {
  const groupNodes = rule.nodes.groups[group];
  const entries = groupNodes?.entries ?? rule.nodes.entries;
  const entry = entries.find(({ name }) => name === "age");
  const value = resolveNode(config.document, entry?.value);
  if (value !== undefined && !isNullNode(value)) return value;
  return entry?.owner ?? groupNodes?.map ?? rule.nodes.map;
}
