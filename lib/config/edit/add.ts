/**
 * Adds recipients to rules of `.sops.yaml`, in the form that each rule has; many at once as easily as one.
 *
 * Never makes a second key group, never changes another rule (unless the shared place is asked for), never takes a
 * character away except an alias that becomes a rule's own copy and a written null. Pure. Spec: sops-config §1, §3.
 *
 * @module
 */
import { isAlias, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { appendItems, appendPair, fillPair, itemQuoting } from "../../yaml/edit/append.ts";
import { appendPieces, type CommaText, countPieces } from "../../yaml/edit/comma_text.ts";
import { indentAt, isFlow } from "../../yaml/edit/lines.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { isNullNode, type MapEntry, resolveNode, type WrittenNode } from "../../yaml/resolve.ts";
import { findEntry } from "../../yaml/typed_value.ts";
import { KEY_TYPES, type KeyGroup, type Rule, type SopsConfig } from "../rules/sops_config.ts";
import { type Draft, groupId, parseEdited } from "./draft.ts";
import {
  askedGroups,
  checkRecipients,
  type EditScope,
  type KeysIntent,
  type NewRecipient,
  requireGroup,
} from "./intent.ts";
import { findKeyPaths, groupOf, isSeenOutside, type KeyPath, type KeyPaths } from "./key_paths.ts";
import { type NewForm, writeKeys } from "./keys_text.ts";
import { Names } from "./names.ts";
import { type FindNamed, type OwnCopies, planCopy, withOwnCopies } from "./own_copies.ts";
import { readKeysStyle } from "./style.ts";

/** The group of each rule that gains recipients, by index of the rule. */
type Groups = ReadonlyMap<number, number>;

/** What shall be added where. */
export interface AddIntent extends Pick<KeysIntent, "rules" | "group"> {
  readonly add: readonly NewRecipient[];
  readonly scope: EditScope;
}

/**
 * Adds recipients to several rules. A place that several rules share is edited once when all of them are named, or when
 * `scope` is `shared`; else the named rules get their own copy. Rules that have a recipient already do not get it twice.
 *
 * @throws {UserError} `refused` for a rule with several key groups and no `group`, `usage` for a group that does not
 * exist, `malformed` for a recipient that cannot stand in the file
 */
export function addRecipients(draft: Draft, { scope, add, ...where }: AddIntent): void {
  checkRecipients(add);
  const asked = [...askedGroups(draft.config, where)].map(([index, group]) => {
    const { groups } = draft.config.rules[index]!;
    const keys = (group === undefined ? groups : groups.slice(group, group + 1)).flatMap(({ keys }) => keys);
    return { index, group, known: new Set(keys.filter(({ type }) => type === "age").map(({ text }) => text)) };
  });
  // What the same rules lack is written at once.
  const batches = Map.groupBy(
    distinct(add),
    ({ text }) => asked.filter(({ known }) => !known.has(text)).map(({ index }) => index).join(),
  );
  for (const [lacking, recipients] of batches) {
    const indexes = new Set(lacking.split(","));
    const groups = new Map(
      asked.filter(({ index }) => indexes.has(`${index}`)).map(({ index, group }) => [
        index,
        requireGroup(draft.config, [index, group], "add"),
      ]),
    );
    if (groups.size > 0) addToGroups(draft, { groups, recipients, scope });
  }
}

function distinct(recipients: readonly NewRecipient[]): readonly NewRecipient[] {
  const byText = new Map<string, NewRecipient>();
  for (const recipient of recipients) if (!byText.has(recipient.text)) byText.set(recipient.text, recipient);
  return [...byText.values()];
}

/** Adds recipients that all of the groups lack. */
function addToGroups(
  draft: Draft,
  { groups, recipients, scope }: {
    readonly groups: Groups;
    readonly recipients: readonly NewRecipient[];
    readonly scope: EditScope;
  },
): void {
  const findNamed: FindNamed = (config, paths) => findPaths(config, paths, groups);
  const own = scope === "shared"
    ? asItIs(draft.config, findNamed)
    : withOwnCopies(withOwnTexts(withOwnCopies(draft.config, findNamed).config, groups), findNamed);
  const { config, paths, named } = own;
  const { expected } = draft;
  const texts = recipients.map(({ text }) => text);
  if (scope === "shared") {
    for (const path of named) paths.sharing(path).forEach((one) => expected.sharing.add(groupOf(one)));
  }
  if (named.some(({ end }) => isSeenOutside(config, end))) texts.forEach((text) => expected.outside.add(text));
  for (const [index, group] of groups) texts.forEach((text) => expected.of(groupId(index, group)).gained.add(text));

  const names = new Names(config, [...groups].map(([index, group]) => textsOf(config.rules[index]!.groups[group])));
  const written = new Map<unknown, readonly Splice[]>();
  for (const [index, group] of groups) {
    const place = findPlace(config, index, group);
    const node = place.kind === "list" ? place.seq : place.kind === "text" ? place.scalar : place.map;
    if (!written.has(node)) written.set(node, writeAt(config, { index, place }, { recipients, names }));
  }
  draft.config = parseEdited(config, [...[...written.values()].flat(), ...names.planDefinitions()]);
  expected.defined.push(...names.defined);
}

/** @returns the keys of a group, its `age` recipients last: beside those the new ones stand */
function textsOf(group: KeyGroup | undefined): readonly string[] {
  const { age = [], others = [] } = Object.groupBy(group?.keys ?? [], ({ type }) => type === "age" ? "age" : "others");
  return [...others, ...age].map(({ text }) => text);
}

function asItIs(config: SopsConfig, findNamed: FindNamed): OwnCopies {
  const paths = findKeyPaths(config);
  return { config, paths, named: findNamed(config, paths) };
}

/** @returns the paths to the places that gain recipients */
function findPaths(config: SopsConfig, paths: KeyPaths, groups: Groups): readonly KeyPath[] {
  return paths.all.filter(({ ruleIndex, group, field, steps }) => {
    if (ruleIndex === undefined || groups.get(ruleIndex) !== group) return false;
    const isDirect = steps.at(-1)?.kind === "pair" &&
      !steps.some((step) => step.kind === "pair" && step.name === "merge");
    return isDirect && field === newFieldOf(config, config.rules[ruleIndex]!);
  });
}

/** One key by alias is no list that could grow: it becomes a text of the rule. */
function withOwnTexts(config: SopsConfig, groups: Groups): SopsConfig {
  let own = config;
  for (;;) {
    const step = findPaths(own, findKeyPaths(own), groups).map(({ steps }) => steps.at(-1)!)
      .find((step) => step.kind === "pair" && isAlias(step.own?.value) && holdsOneKey(own, step.own.value));
    const copy = step && planCopy(own, step);
    if (copy === undefined) return own;
    own = parseEdited(own, copy);
  }
}

function holdsOneKey(config: SopsConfig, node: WrittenNode): boolean {
  const value = resolveNode(config.document, node);
  return isScalar(value) && countPieces(value as Scalar.Parsed) === 1;
}

/** Where recipients go. */
type Place =
  /** More items of a list with items, or of one in brackets. */
  | { readonly kind: "list"; readonly seq: YAMLSeq.Parsed }
  /** More keys in a comma-separated text. */
  | ({ readonly kind: "text" } & CommaText)
  | NewPlace;

/** A place that has no recipients yet. */
type NewPlace =
  & { readonly map: YAMLMap.Parsed; readonly form: NewForm }
  & (
    /** A new pair of a mapping. */
    | { readonly kind: "pair" }
    /** The value of a key that has none: nothing, or a written null. */
    | { readonly kind: "value"; readonly entry: MapEntry }
    /** One more group of a `key_groups` that has none: empty brackets, or nulls alone. */
    | { readonly kind: "group"; readonly seq: YAMLSeq.Parsed }
  );

/** @returns the key that a rule's recipients stand under: groups where the rest of the file has groups */
function newFieldOf(config: SopsConfig, { nodes, groups, index }: Rule): "age" | "key_groups" {
  const hasKeys = groups.some(({ keys }) => keys.length > 0);
  if (nodes.groups.length > 0 || hasKeys || readKeysStyle(config, index).form !== "key_groups") return "age";
  return KEY_TYPES.some((type) => findEntry(nodes.entries, type) !== undefined) ? "age" : "key_groups";
}

/** Finds the place for more `age` recipients of a rule, be it behind aliases and `<<`. */
function findPlace(config: SopsConfig, ruleIndex: number, group: number): Place {
  const rule = config.rules[ruleIndex]!;
  const nodes = rule.nodes.groups[group];
  const owner = nodes ?? rule.nodes;
  const field = nodes === undefined ? newFieldOf(config, rule) : "age";
  const form: NewForm = nodes !== undefined ? "list" : field === "age" ? "text" : "key_groups";
  const entry = findEntry(owner.entries, field);
  if (entry === undefined) return { kind: "pair", map: owner.map, form };
  const value = resolveNode(config.document, entry.value);
  if (value === undefined || isNullNode(value)) return { kind: "value", map: entry.owner, entry, form };
  if (isSeq(value)) {
    const seq = value as YAMLSeq.Parsed;
    return field === "age" ? { kind: "list", seq } : { kind: "group", seq, map: entry.owner, form: "list" };
  }
  const keyColumn = indentAt(config.document, entry.key.range[0]);
  return { kind: "text", scalar: value as Scalar.Parsed, keyColumn, flow: isFlow(entry.owner) };
}

/** What is written at a place. */
interface NewKeys {
  readonly recipients: readonly NewRecipient[];
  readonly names: Names;
}

function writeAt(
  config: SopsConfig,
  { index, place }: { readonly index: number; readonly place: Place },
  { recipients, names }: NewKeys,
): readonly Splice[] {
  const { document } = config;
  if (place.kind === "text") return appendPieces(document, place, recipients.map(({ text }) => text));
  if (place.kind === "list") {
    const { seq } = place;
    const where = { useOffset: seq.range[1], quoting: itemQuoting(seq), flow: isFlow(seq) };
    return appendItems(document, seq, recipients.map((recipient) => names.write(recipient, where).item));
  }
  const { map, form } = place;
  const keys = writeKeys(recipients, {
    form,
    flow: isFlow(map) || place.kind === "group",
    style: readKeysStyle(config, index),
    names,
    useOffset: map.range[1],
    map,
  });
  switch (place.kind) {
    case "pair":
      return appendPair(document, map, keys);
    case "group":
      return appendItems(document, place.seq, [{ text: `{${keys.flow}}` }]);
    case "value":
      return fillPair(document, place.entry, isFlow(map) ? [keys.flow] : keys.lines);
  }
}
