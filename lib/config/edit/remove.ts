/**
 * Takes a key from rules of `.sops.yaml`, with the comments that describe it and its unused definition.
 *
 * Never leaves a rule or a key group empty, never changes another rule (unless the shared place is asked for), never
 * leaves an alias without its anchor. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isScalar, isSeq, type Scalar, type YAMLSeq } from "yaml";
import { InternalError, UserError } from "../../base/error.ts";
import { countPieces, cutPiece } from "../../yaml/edit/comma_text.ts";
import { cutEntry, cutOnlyEntry } from "../../yaml/edit/cut.ts";
import { moveAnchorOut } from "../../yaml/edit/detach.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { entriesOf, entryOf, placeOf } from "../../yaml/entries.ts";
import { lineNumberAt } from "../../yaml/position.ts";
import { isMerge, resolveNode, writtenEntries, type WrittenNode } from "../../yaml/resolve.ts";
import type { RuleKey, SopsConfig } from "../rules/sops_config.ts";
import { CUT_OPTIONS, findUsedDefinitions, forgetUnused } from "./definitions.ts";
import { type Draft, groupId, parseEdited } from "./draft.ts";
import { askedGroups, type EditScope, type KeysIntent } from "./intent.ts";
import { findKeyPaths, groupOf, isSeenOutside, type KeyPath, type KeyPaths, type Step } from "./key_paths.ts";
import { withOwnCopies } from "./own_copies.ts";

/** What shall go from where. */
export interface RemoveIntent extends Pick<KeysIntent, "rules" | "group"> {
  /** As `RuleKey.text`. */
  readonly text: string;
  readonly scope: EditScope;
}

/**
 * Takes a key of any type from several rules.
 *
 * A place that several rules share is edited itself when all of them are named, or when `scope` is `shared`; else the
 * named rules get their own copy without the key. Rules that do not have it stay as they are.
 *
 * @throws {UserError} `refused` when a rule or key group would be left without any key, or when the key stands in the
 * file in a form that cannot be cut (escape sequences); `usage` for a group that no named rule has
 */
export function removeKey(draft: Draft, { text, scope, ...where }: RemoveIntent): void {
  const { config } = draft;
  const query: Query = { text, groups: askedGroups(config, where) };
  const groups = new Set(groupsWith(config, query).map(({ id }) => id));
  if (groups.size === 0) return;
  refuseEmpty(config, config, { groups, text });
  const candidates = findUsedDefinitions(config, new Set([text]));
  const removal = new Removal(config, query, scope);
  removal.run();
  refuseEmpty(config, removal.config, { groups: removal.changed, text });
  draft.config = removal.config;
  forgetUnused(draft, candidates);
  const { expected } = draft;
  for (const id of groups) expected.of(id).lost.add(text);
  if (scope === "shared") { for (const id of removal.changed) expected.sharing.add(id); }
  if (removal.isOutside) expected.outside.add(text);
}

/** Refuses to leave nothing in one of these groups of the file before, as it is planned. */
function refuseEmpty(
  before: SopsConfig,
  planned: SopsConfig,
  { groups, text }: { readonly groups: ReadonlySet<string>; readonly text: string },
): void {
  for (const rule of before.rules) {
    rule.groups.forEach((_, at) => {
      if (!groups.has(groupId(rule.index, at))) return;
      const rest = planned.rules[rule.index]?.groups[at]?.keys.filter((key) => key.text !== text) ?? [];
      if (rest.length > 0) return;
      const place = rule.groups.length > 1 ? `key group ${at + 1} of rule ${rule.index + 1}` : `rule ${rule.index + 1}`;
      throw new UserError("refused", `cannot leave ${place} of "${before.path}" without any key`, {
        hints: [
          rule.groups.length > 1
            ? `add another recipient to it first: sopsmith recipient add … --rule ${rule.index + 1} --group ${at + 1}`
            : "add another recipient to it first, or drop the rule: sopsmith recipient remove … --drop-rule",
        ],
        location: { path: before.path, line: rule.lineNumber },
      });
    });
  }
}

/** Which keys are looked for. */
interface Query {
  readonly text: string;
  /** By index of the rule its group; undefined for every group. */
  readonly groups: ReadonlyMap<number, number | undefined>;
}

/** The key and the mapping that hold a list or text, be it by alias. */
type PairStep = Extract<Step, { kind: "pair" }>;

/** One place in which a key of a group is written. */
type KeyPlace =
  & {
    readonly key: RuleKey;
    /** Leads to it; its end is what an edit changes. */
    readonly path: KeyPath;
  }
  & (
    /** An item of a list. */
    | { readonly kind: "item"; readonly list: YAMLSeq.Parsed; readonly index: number; readonly step: PairStep }
    /** One of several keys of a text. */
    | { readonly kind: "piece"; readonly scalar: Scalar.Parsed }
    /** The text of a key holds nothing else. */
    | { readonly kind: "value"; readonly step: PairStep }
  );

/** Finds where rules hold a key. Of a key that a group has several times, those that SOPS would drop come up later. */
function findKeyPlaces(config: SopsConfig, paths: KeyPaths, query: Query): KeyPlace[] {
  const byGroup = Map.groupBy(paths.all, groupOf);
  return groupsWith(config, query).flatMap(({ id, keys }) => {
    const ofGroup = byGroup.get(id) ?? [];
    return keys.flatMap((key) => findKeyPlace(config, ofGroup, key) ?? []);
  });
}

/** @returns the groups that have the key, with it */
function groupsWith(
  config: SopsConfig,
  { text, groups }: Query,
): readonly { readonly id: string; readonly keys: readonly RuleKey[] }[] {
  return [...groups].flatMap(([ruleIndex, asked]) =>
    config.rules[ruleIndex]!.groups.flatMap(({ keys }, group) => {
      const found = asked === undefined || asked === group ? keys.filter((key) => key.text === text) : [];
      return found.length === 0 ? [] : [{ id: groupId(ruleIndex, group), keys: found }];
    })
  );
}

function findKeyPlace(config: SopsConfig, paths: readonly KeyPath[], key: RuleKey): KeyPlace | undefined {
  const value = resolveNode(config.document, key.node);
  for (const path of paths.filter(({ field }) => field === key.type)) {
    const { end } = path;
    const step = path.steps.at(-1)!;
    if (step.kind !== "pair") continue;
    if (step.own?.value === key.node) {
      if (!isScalar(value)) continue;
      const scalar = value as Scalar.Parsed;
      return countPieces(scalar) > 1
        ? { kind: "piece", key, path, scalar }
        : { kind: "value", key, path: { ...path, end: step }, step };
    }
    if (!isSeq(end)) continue;
    const list = end as YAMLSeq.Parsed;
    const index = (list.items as unknown[]).indexOf(key.node);
    if (index === -1) continue;
    if (!isScalar(value) || countPieces(value as Scalar.Parsed) < 2) {
      return { kind: "item", key, path, list, index, step };
    }
    const inner = paths.find((other) => other.end === value && other.steps.at(-2) === step);
    return inner && { kind: "piece", key, path: inner, scalar: value as Scalar.Parsed };
  }
  return undefined;
}

/** Removes in rounds, one key of each place in a round: every round reads the text of the last one. */
class Removal {
  config: SopsConfig;
  /** Each group whose keys may have changed. */
  readonly changed = new Set<string>();
  /** Whether a place outside the rules lost the key. */
  isOutside = false;
  readonly #query: Query;
  readonly #scope: EditScope;
  #paths: KeyPaths;

  constructor(config: SopsConfig, query: Query, scope: EditScope) {
    this.config = config;
    this.#paths = findKeyPaths(config);
    this.#query = query;
    this.#scope = scope;
  }

  run(): void {
    // Each round takes a key or moves an anchor off one; the file has no more of either than nodes.
    for (let rest = this.config.document.source.length; rest > 0; rest--) {
      this.#part();
      const places = findKeyPlaces(this.config, this.#paths, this.#query);
      if (places.length === 0) return;
      this.#note(places);
      this.config = parseEdited(this.config, this.#planRound(places));
    }
    throw new InternalError("a recipient comes back after every removal");
  }

  /** Gives the named rules their own places where only they shall change. */
  #part(): void {
    if (this.#scope === "shared") {
      this.#paths = findKeyPaths(this.config);
      return;
    }
    const own = withOwnCopies(
      this.config,
      (config, paths) => findKeyPlaces(config, paths, this.#query).map(({ path }) => path),
    );
    this.config = own.config;
    this.#paths = own.paths;
  }

  #note(places: readonly KeyPlace[]): void {
    for (const { path } of places) {
      for (const sharer of this.#paths.sharing(path)) this.changed.add(groupOf(sharer));
      if (isSeenOutside(this.config, path.end)) this.isOutside = true;
    }
  }

  #planRound(places: readonly KeyPlace[]): Splice[] {
    const { document } = this.config;
    const done = new Set<unknown>();
    const splices: Splice[] = [];
    let moved: Splice[] | undefined;
    for (const one of places) {
      const place = one.kind === "item" ? one.list : one.kind === "piece" ? one.scalar : one.step.own!.value;
      if (done.has(place)) continue;
      const { part, cut } = this.#planCut(one);
      const move = part && moveAnchorOut(document, part);
      if (move === undefined) {
        done.add(place);
        splices.push(...cut);
      } else moved ??= move;
    }
    return splices.length > 0 ? splices : moved!;
  }

  /** @returns the splices, and the part of the file that they take away */
  #planCut(place: KeyPlace): { readonly part: WrittenNode | undefined; readonly cut: readonly Splice[] } {
    const { document } = this.config;
    if (place.kind === "piece") {
      return { part: undefined, cut: this.#require(place, cutPiece(document, place.scalar, this.#query.text)) };
    }
    const { step } = place;
    if (place.kind === "value") {
      const value = step.own!.value!;
      return { part: value, cut: this.#cutPair(step, place.path) ?? emptyText(this.config, value) };
    }
    const { list, index } = place;
    const item = list.items[index] as WrittenNode;
    const entry = entriesOf(document, list)[index]!;
    if (list.items.length > 1) return { part: item, cut: this.#require(place, cutEntry(document, entry, CUT_OPTIONS)) };
    const pair = step.own?.value === list ? this.#cutPair(step, place.path) : undefined;
    if (pair !== undefined) return { part: list, cut: pair };
    const at = entryOf(document, step.own!.key).headEnd;
    return { part: item, cut: this.#require(place, cutOnlyEntry(document, entry, { ...CUT_OPTIONS, at })) };
  }

  /** @returns undefined when the key must stay: nothing else is in its mapping, or a `<<` could bring it back */
  #cutPair(step: PairStep, path: KeyPath): Splice[] | undefined {
    const { document } = this.config;
    const { map, own, name } = step;
    const isMerged = writtenEntries(document, map).some(isMerge) ||
      this.#paths.sharing({ ...path, end: step }).some(({ steps }) => {
        const before = steps[steps.indexOf(step) - 1];
        return before?.kind === "pair" && before.name === name;
      });
    if (isMerged || map.items.length < 2) return undefined;
    return cutEntry(document, entryOf(document, own!.key), CUT_OPTIONS);
  }

  #require({ key }: KeyPlace, cut: Splice[] | undefined): Splice[] {
    if (cut !== undefined) return cut;
    const { path, document } = this.config;
    const name = key.name === undefined ? "the key" : `"${key.name}"`;
    throw new UserError("refused", `cannot remove ${name} from "${path}": it is written in a form that cannot be cut`, {
      hints: ["write the keys on lines of their own, without escape sequences, and run the command again"],
      location: { path, line: lineNumberAt(document, key.range.start) },
    });
  }
}

/** Plans a text without keys in the place of one. */
function emptyText(config: SopsConfig, value: WrittenNode): Splice[] {
  return [{ start: placeOf(config.document, value).start, end: value.range[1], text: "''" }];
}
