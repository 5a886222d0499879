/**
 * The paths on which SOPS comes to the keys of each rule: over aliases, `<<` and `merge:`, step by step.
 *
 * Two paths that meet lead to a shared place: what is changed there changes for both. `own_copies.ts` parts them. Pure.
 * Spec: sops-config §1 (dialect 5); the order of reading is that of `lib/config/rules/rule_keys.ts`.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import {
  isMerge,
  isNullNode,
  type MapEntry,
  type ResolvedNode,
  resolveNode,
  scalarText,
  writtenEntries,
  type WrittenNode,
} from "../../yaml/resolve.ts";
import { GROUP_FIELDS } from "../rules/rule_keys.ts";
import { groupId } from "./draft.ts";
import { KEY_TYPES, type KeyType, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry, itemsIn } from "../../yaml/typed_value.ts";

/** One step of a path; two paths take the same step when it is the same object. */
export type Step =
  /** An item of a list. */
  | { readonly kind: "item"; readonly node: WrittenNode; readonly list: YAMLSeq.Parsed }
  /** The value that a mapping has for a key, be it by `<<`; `own` is undefined when the mapping itself has no such key. */
  | {
    readonly kind: "pair";
    readonly map: YAMLMap.Parsed;
    readonly name: string;
    readonly own: MapEntry | undefined;
  };

/** Whose keys a path leads to: a key group of a creation rule. */
export interface GroupPlace {
  /** 0-based; undefined for what a destination rule encrypts to. */
  readonly ruleIndex: number | undefined;
  /** 0-based; 0 for a rule without `key_groups`. */
  readonly group: number;
}

/** One path to keys of one type, or to the place where they would stand. */
export interface KeyPath extends GroupPlace {
  /** The type of the keys; `key_groups` where a rule without any key may get its first group. */
  readonly field: KeyType | "key_groups";
  /** From the top of the file to the pair that holds the keys. */
  readonly steps: readonly Step[];
  /** Where the path ends: the list or text, aliases followed; the last step when there is none. */
  readonly end: ResolvedNode | Step;
}

/** All paths of a file. */
export interface KeyPaths {
  readonly all: readonly KeyPath[];
  /** @returns the paths that a change at the end of this one would change too, itself included */
  sharing(path: KeyPath): readonly KeyPath[];
}

/** Finds all paths to keys. Linear in the number of keys, aliases followed. */
export function findKeyPaths(config: SopsConfig): KeyPaths {
  return new PathFinder(config).find();
}

/** @returns the {@link groupId} of what a path leads to */
export function groupOf({ ruleIndex, group }: GroupPlace): string {
  return groupId(ruleIndex, group);
}

/** @returns whether a change at the end of a path can be seen outside the creation rules: by its place, or by an alias */
export function isSeenOutside(config: SopsConfig, end: KeyPath["end"]): boolean {
  const rules = config.creationRules?.value?.range;
  const [offset] = "kind" in end ? (end.kind === "item" ? end.node : end.own?.key ?? end.map).range : end.range;
  const isOutside = (at: number): boolean => rules === undefined || at < rules[0] || at >= rules[1];
  if (isOutside(offset)) return true;
  return config.document.aliases.entries().some(([alias, { range }]) =>
    isOutside(alias.range![0]) && range[0] <= offset && offset < range[1]
  );
}

/** A path in the making. */
interface Trail {
  readonly steps: readonly Step[];
  /** Pairs that were looked for in vain: one written there would be found. */
  readonly missed: readonly Step[];
}

const START: Trail = { steps: [], missed: [] };

class PathFinder {
  readonly #config: SopsConfig;
  readonly #items = new Map<WrittenNode, Step>();
  readonly #pairs = new Map<YAMLMap.Parsed, Map<string, Step & { kind: "pair" }>>();
  readonly #all: KeyPath[] = [];
  readonly #through = new Map<unknown, KeyPath[]>();

  constructor(config: SopsConfig) {
    this.#config = config;
  }

  find(): KeyPaths {
    const { map } = this.#config;
    if (map !== undefined) {
      this.#eachItem(map, "creation_rules", START, (rule, trail, ruleIndex) => this.#readRule(rule, trail, ruleIndex));
      this.#eachItem(map, "destination_rules", START, (rule, trail) => {
        const { trail: inner, value } = this.#lookUp(rule, "recreation_rule", trail);
        if (isMap(value)) this.#readRule(value as YAMLMap.Parsed, inner, undefined);
      });
    }
    return { all: this.#all, sharing: ({ end }) => this.#through.get(end) ?? [] };
  }

  #readRule(map: YAMLMap.Parsed, trail: Trail, ruleIndex: number | undefined): void {
    let groups = 0;
    this.#eachItem(map, "key_groups", trail, (group, inner, index) => {
      groups++;
      this.#readGroup(group, inner, { ruleIndex, group: index });
    });
    if (groups > 0) return;
    const place: GroupPlace = { ruleIndex, group: 0 };
    this.#readField(map, "key_groups", "key_groups", trail, place);
    for (const type of KEY_TYPES) this.#readField(map, type, type, trail, place);
  }

  #readGroup(map: YAMLMap.Parsed, trail: Trail, place: GroupPlace): void {
    this.#eachItem(map, "merge", trail, (group, inner) => this.#readGroup(group, inner, place));
    for (const [field, type] of Object.entries(GROUP_FIELDS)) this.#readField(map, field, type, trail, place);
  }

  #readField(map: YAMLMap.Parsed, name: string, field: KeyPath["field"], from: Trail, place: GroupPlace): void {
    const { trail, value } = this.#lookUp(map, name, from);
    this.#add({ ...place, field, steps: trail.steps, end: value ?? trail.steps.at(-1)! }, trail.missed);
    if (!isSeq(value)) return;
    const list = value as YAMLSeq.Parsed;
    for (const node of itemsIn(list)) {
      const item = resolveNode(this.#config.document, node);
      if (!isScalar(item) || !scalarText(item as Scalar.Parsed).includes(",")) continue;
      this.#add({ ...place, field, steps: [...trail.steps, this.#item(node, list)], end: item }, trail.missed);
    }
  }

  #add(path: KeyPath, missed: readonly Step[]): void {
    this.#all.push(path);
    for (const place of new Set<unknown>([...path.steps, ...missed, path.end])) {
      const known = this.#through.get(place);
      if (known === undefined) this.#through.set(place, [path]);
      else known.push(path);
    }
  }

  /** Visits the mappings of a list that is the value of a key; nulls do not count, as for SOPS. */
  #eachItem(
    map: YAMLMap.Parsed,
    name: string,
    from: Trail,
    visit: (item: YAMLMap.Parsed, trail: Trail, index: number) => void,
  ): void {
    const { trail, value } = this.#lookUp(map, name, from);
    if (!isSeq(value)) return;
    const list = value as YAMLSeq.Parsed;
    let index = 0;
    for (const node of itemsIn(list)) {
      const item = resolveNode(this.#config.document, node);
      if (isNullNode(item)) continue;
      const inner = { steps: [...trail.steps, this.#item(node, list)], missed: trail.missed };
      if (isMap(item)) visit(item as YAMLMap.Parsed, inner, index);
      index++;
    }
  }

  /** Looks a key up as `mapEntries` does: in the mapping, else in what `<<` brings, the first first. */
  #lookUp(
    map: YAMLMap.Parsed,
    name: string,
    from: Trail,
  ): { readonly trail: Trail; readonly value: ResolvedNode | undefined } {
    const { document } = this.#config;
    const step = this.#pair(map, name);
    const trail = { steps: [...from.steps, step], missed: from.missed };
    if (step.own !== undefined) return { trail, value: resolveNode(document, step.own.value) };
    const missed = [...from.missed];
    for (const source of this.#mergedInto(map)) {
      const found = this.#lookUp(source, name, { ...trail, missed });
      const last = found.trail.steps.at(-1)!;
      if (last.kind === "pair" && last.own !== undefined) return found;
      missed.push(...found.trail.steps.slice(trail.steps.length), ...found.trail.missed.slice(missed.length));
    }
    return { trail: { ...trail, missed }, value: undefined };
  }

  #mergedInto(map: YAMLMap.Parsed): YAMLMap.Parsed[] {
    const { document } = this.#config;
    return writtenEntries(document, map).filter(isMerge).flatMap((merge): YAMLMap.Parsed[] => {
      const value = resolveNode(document, merge.value);
      const sources = isSeq(value) ? itemsIn(value as YAMLSeq.Parsed) : [value];
      return sources.map((source) => isAlias(source) ? resolveNode(document, source) : source)
        .filter((source) => isMap(source)) as YAMLMap.Parsed[];
    });
  }

  #item(node: WrittenNode, list: YAMLSeq.Parsed): Step {
    const known = this.#items.get(node) ?? { kind: "item", node, list };
    this.#items.set(node, known);
    return known;
  }

  #pair(map: YAMLMap.Parsed, name: string): Step & { kind: "pair" } {
    const pairs = this.#pairs.get(map) ?? new Map<string, Step & { kind: "pair" }>();
    this.#pairs.set(map, pairs);
    const known = pairs.get(name) ??
      {
        kind: "pair",
        map,
        name,
        own: findEntry(writtenEntries(this.#config.document, map).filter((entry) => !isMerge(entry)), name),
      };
    pairs.set(name, known);
    return known;
  }
}
