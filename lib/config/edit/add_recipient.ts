/**
 * Adds a recipient to rules of `.sops.yaml`, in the form that each rule has.
 *
 * Never makes a second key group, never changes another rule (unless the shared place is asked for), never takes a
 * character away except an alias that becomes a rule's own copy and a written null. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias, isScalar, type Scalar } from "yaml";
import { lineNumberAt } from "../../yaml/position.ts";
import { resolveNode, type WrittenNode } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { checkRecipient, type ConfigEdit, type ConfigEdits, type EditScope, type NewRecipient } from "./plan.ts";
import { describeEdits, noEdits } from "./changes.ts";
import { anchorSpan } from "../../yaml/edit/copy.ts";
import { appendPieces, countPieces } from "../../yaml/edit/comma_text.ts";
import { entryOf, isUnwritten } from "../../yaml/entries.ts";
import { askedGroups, chooseGroup } from "./group.ts";
import { writeKeys, type WrittenKeys } from "./write_keys.ts";
import { appendItems, appendPair, itemQuoting } from "../../yaml/edit/append.ts";
import { Names } from "./names.ts";
import { type NamedReadings, type OwnPlaces, planCopy, withOwnPlaces } from "./own_place.ts";
import { findPlace, newFieldOf, type Place } from "./place.ts";
import { type Intent, proveEdit, readEdited } from "./proof.ts";
import { findReadings, isSeenOutside, readerOf, type Reading, type Readings } from "./readings.ts";
import { readKeysStyle } from "./style.ts";
import { endOfLine, indentAt, isFlow, lineBreakOf } from "../../yaml/edit/lines.ts";
import type { Rule, RuleKey, SopsConfig } from "../rules/sops_config.ts";

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
  const { config: after, name } = addToRules(config, [ruleIndex], recipient, options);
  const key = findKey(after.rules[ruleIndex]!, recipient.text, options.group)!;
  return {
    source: after.document.source,
    config: after,
    ruleIndex,
    lineNumber: lineNumberAt(after.document, key.range.start),
    name: name ?? key.name ?? recipient.name,
  };
}

/**
 * Plans one more `age` recipient for several rules at once. A place that several rules share is edited once when all of
 * them are named, or when `scope` is `shared`; else the named rules get their own copy.
 *
 * @param ruleIndexes 0-based, in any order; rules that have the recipient already stay as they are
 * @param options a `group` holds for those of several rules that have several groups
 * @returns the proved edit; the old text when all of them have it
 * @throws {UserError} as {@link planAddRecipient}
 * @throws {InternalError} when the proof of the edit fails
 */
export function planAddRecipientToRules(
  config: SopsConfig,
  ruleIndexes: readonly number[],
  recipient: NewRecipient,
  options: AddRecipientOptions = {},
): ConfigEdits {
  const { config: after } = addToRules(config, ruleIndexes, recipient, options);
  return after === config ? noEdits(config) : describeEdits(config, after);
}

/** @returns the proved new file, and what the recipient is called in it; the same file when there is nothing to do */
function addToRules(
  config: SopsConfig,
  ruleIndexes: readonly number[],
  recipient: NewRecipient,
  options: AddRecipientOptions,
): { readonly config: SopsConfig; readonly name: string | undefined } {
  checkRecipient(recipient);
  const { text } = recipient;
  const { scope = "rule" } = options;
  const groups = chooseGroups(config, ruleIndexes, text, options.group);
  if (groups.size === 0) return { config, name: undefined };

  const findNamed = (current: SopsConfig, readings: Readings): readonly Reading[] =>
    findPlaces(current, readings, groups);
  const own = scope === "shared"
    ? ownAsItIs(config, findNamed)
    : withOwnPlaces(withOwnKeys(withOwnPlaces(config, findNamed).config, groups), findNamed);
  const sharers = scope === "rule" ? [] : own.named.flatMap((reading) => own.readings.sharing(reading).map(readerOf));
  const isOutside = own.named.some(({ end }) => isSeenOutside(own.config, end));

  const written = writeAll(own.config, groups, recipient);
  const after = readEdited(own.config, written.flatMap(({ splices }) => splices));
  proveEdit(config, after, {
    gains: {
      text,
      must: new Set([...groups].map(([ruleIndex, group]) => `${ruleIndex}/${group}`)),
      may: new Set(sharers),
    },
    defined: written.flatMap(({ defined }) => defined),
    ...(isOutside ? { sharedText: text } : {}),
  });
  return { config: after, name: written[0]?.name };
}

/** Writes the recipient once into each place; rules may share one. */
function writeAll(
  config: SopsConfig,
  groups: ReadonlyMap<number, number>,
  recipient: NewRecipient,
): readonly PlannedRecipient[] {
  const names = new Names(config);
  const written = new Map<unknown, PlannedRecipient>();
  for (const [ruleIndex, group] of groups) {
    const place = findPlace(config, config.rules[ruleIndex]!, group, newFormFor(config, ruleIndex));
    const node = place.kind === "list" ? place.seq : place.kind === "text" ? place.scalar : place.map;
    if (!written.has(node)) written.set(node, writeAt(config, ruleIndex, place, recipient, names));
  }
  return [...written.values()];
}

/** @returns for each rule that lacks the recipient the group that gains it, ascending */
function chooseGroups(
  config: SopsConfig,
  ruleIndexes: readonly number[],
  text: string,
  group: number | undefined,
): ReadonlyMap<number, number> {
  const chosen = new Map<number, number>();
  for (const [index, asked] of askedGroups(config, ruleIndexes, group)) {
    const rule = config.rules[index]!;
    if (findKey(rule, text, asked) === undefined) chosen.set(index, chooseGroup(config, rule, asked, "add"));
  }
  return chosen;
}

function findKey(rule: Rule, text: string, group: number | undefined): RuleKey | undefined {
  const groups = group === undefined ? rule.groups : rule.groups.slice(group, group + 1);
  return groups.flatMap(({ keys }) => keys).find((key) => key.type === "age" && key.text === text);
}

/** @returns the ways to the places that gain the recipient */
function findPlaces(config: SopsConfig, readings: Readings, groups: ReadonlyMap<number, number>): readonly Reading[] {
  return readings.all.filter(({ ruleIndex, group, field, steps }) => {
    if (ruleIndex === undefined || groups.get(ruleIndex) !== group) return false;
    const isDirect = steps.at(-1)?.kind === "pair" &&
      !steps.some((step) => step.kind === "pair" && step.name === "merge");
    return isDirect && field === newFieldOf(config.rules[ruleIndex]!, newFormFor(config, ruleIndex));
  });
}

/** One key by alias is no list that could grow: it becomes a text of the rule. */
function withOwnKeys(config: SopsConfig, groups: ReadonlyMap<number, number>): SopsConfig {
  let own = config;
  for (;;) {
    const step = findPlaces(own, findReadings(own), groups).map(({ steps }) => steps.at(-1)!)
      .find((step) => step.kind === "pair" && isAlias(step.own?.value) && holdsOneKey(own, step.own.value));
    const copy = step && planCopy(own, step);
    if (copy === undefined) return own;
    own = readEdited(own, copy);
  }
}

function holdsOneKey(config: SopsConfig, node: WrittenNode): boolean {
  const value = resolveNode(config.document, node);
  return isScalar(value) && countPieces(value as Scalar.Parsed) === 1;
}

function ownAsItIs(config: SopsConfig, findNamed: NamedReadings): Pick<OwnPlaces, "config" | "readings" | "named"> {
  const readings = findReadings(config);
  return { config, readings, named: findNamed(config, readings) };
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
  place: Place,
  recipient: NewRecipient,
  names: Names,
): PlannedRecipient {
  const { document } = config;
  switch (place.kind) {
    case "text":
      return {
        splices: appendPieces(document, place, [recipient.text]),
        name: names.nameOf(recipient),
        defined: [],
      };
    case "list": {
      const written = names.write(recipient, place.seq.range[1], itemQuoting(place.seq), isFlow(place.seq));
      return {
        splices: [...appendItems(document, place.seq, [written.item]), ...written.definition],
        name: written.name,
        defined: written.defines ? [{ name: written.name, text: recipient.text }] : [],
      };
    }
    case "pair": {
      const keys = writeNew(config, ruleIndex, place, recipient, names);
      return planned(appendPair(document, place.map, keys), keys);
    }
    case "groups": {
      const keys = writeNew(config, ruleIndex, place, recipient, names);
      return planned(appendItems(document, place.seq, [{ text: `{${keys.flow}}` }]), keys);
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
  const colon = isAnchorOnly ? anchorSpan(document, old).end : entryOf(document, entry.key).headEnd;
  const end = old === undefined || isAnchorOnly || isUnwritten(old) ? colon : old.range[1];
  const inLine = isFlow(map) ? keys.flow : keys.lines[0]!;
  const value = inLine.slice(inLine.indexOf(":") + 1);
  const below = isFlow(map) ? [] : keys.lines.slice(1);
  const indent = " ".repeat(indentAt(document, entry.key.range[0]));
  const at = endOfLine(document, end);
  const splices: Splice[] = [
    { start: colon, end, text: value },
    { start: at, end: at, text: below.map((line) => lineBreakOf(document, at) + indent + line).join("") },
  ];
  return planned(splices.filter(({ start, end, text }) => start !== end || text !== ""), keys);
}
