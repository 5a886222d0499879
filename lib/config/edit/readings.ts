/**
 * The ways by which SOPS comes to the keys of each rule: over aliases, `<<` and `merge:`, step by step.
 *
 * Two ways that meet lead to a shared place: what is changed there changes for both. `own_place.ts` parts such ways. Pure.
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
import { KEY_TYPES, type KeyType, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry, itemsIn } from "../../yaml/typed_value.ts";

/** One step of a way; two ways take the same step when it is the same object. */
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

/** Whose keys are read: a key group of a creation rule. */
export interface Reader {
  /** 0-based; undefined for what a destination rule encrypts to. */
  readonly ruleIndex: number | undefined;
  /** 0-based; 0 for a rule without `key_groups`. */
  readonly group: number;
}

/** One way to keys of one type, or to the place where they would stand. */
export interface Reading extends Reader {
  /** The type of the keys; `key_groups` where a rule without any key may get its first group. */
  readonly field: KeyType | "key_groups";
  /** From the top of the file to the pair that holds the keys. */
  readonly steps: readonly Step[];
  /** Where the way ends: the list or text, aliases followed; the last step when there is none. */
  readonly end: ResolvedNode | Step;
}

/** All ways of a file. */
export interface Readings {
  readonly all: readonly Reading[];
  /** @returns the ways that a change at the end of this one would change too, itself included */
  sharing(reading: Reading): readonly Reading[];
}

/** Finds all ways to keys. Linear in the number of keys, aliases followed. */
export function findReadings(config: SopsConfig): Readings {
  return new ReadingFinder(config).find();
}

/** @returns `rule/group` of a reader */
export function readerOf({ ruleIndex, group }: Reader): string {
  return `${ruleIndex}/${group}`;
}

/** @returns whether a change at the end of a way can be seen outside the creation rules: by its place, or by an alias */
export function isSeenOutside(config: SopsConfig, end: Reading["end"]): boolean {
  const rules = config.creationRules?.value?.range;
  const [offset] = "kind" in end ? (end.kind === "item" ? end.node : end.own?.key ?? end.map).range : end.range;
  const isOutside = (at: number): boolean => rules === undefined || at < rules[0] || at >= rules[1];
  if (isOutside(offset)) return true;
  return config.document.aliases.entries().some(([alias, { range }]) =>
    isOutside(alias.range![0]) && range[0] <= offset && offset < range[1]
  );
}

/** A way in the making. */
interface Way {
  readonly steps: readonly Step[];
  /** Pairs that were looked for in vain: one written there would be found. */
  readonly missed: readonly Step[];
}

const START: Way = { steps: [], missed: [] };

class ReadingFinder {
  readonly #config: SopsConfig;
  readonly #items = new Map<WrittenNode, Step>();
  readonly #pairs = new Map<YAMLMap.Parsed, Map<string, Step & { kind: "pair" }>>();
  readonly #all: Reading[] = [];
  readonly #through = new Map<unknown, Reading[]>();

  constructor(config: SopsConfig) {
    this.#config = config;
  }

  find(): Readings {
    const { map } = this.#config;
    if (map !== undefined) {
      this.#eachItem(map, "creation_rules", START, (rule, way, ruleIndex) => this.#readRule(rule, way, ruleIndex));
      this.#eachItem(map, "destination_rules", START, (rule, way) => {
        const { way: inner, value } = this.#lookUp(rule, "recreation_rule", way);
        if (isMap(value)) this.#readRule(value as YAMLMap.Parsed, inner, undefined);
      });
    }
    return { all: this.#all, sharing: ({ end }) => this.#through.get(end) ?? [] };
  }

  #readRule(map: YAMLMap.Parsed, way: Way, ruleIndex: number | undefined): void {
    let groups = 0;
    this.#eachItem(map, "key_groups", way, (group, inner, index) => {
      groups++;
      this.#readGroup(group, inner, { ruleIndex, group: index });
    });
    if (groups > 0) return;
    const reader: Reader = { ruleIndex, group: 0 };
    this.#readField(map, "key_groups", "key_groups", way, reader);
    for (const type of KEY_TYPES) this.#readField(map, type, type, way, reader);
  }

  #readGroup(map: YAMLMap.Parsed, way: Way, reader: Reader): void {
    this.#eachItem(map, "merge", way, (group, inner) => this.#readGroup(group, inner, reader));
    for (const [field, type] of Object.entries(GROUP_FIELDS)) this.#readField(map, field, type, way, reader);
  }

  #readField(map: YAMLMap.Parsed, name: string, field: Reading["field"], from: Way, reader: Reader): void {
    const { way, value } = this.#lookUp(map, name, from);
    this.#add({ ...reader, field, steps: way.steps, end: value ?? way.steps.at(-1)! }, way.missed);
    if (!isSeq(value)) return;
    const list = value as YAMLSeq.Parsed;
    for (const node of itemsIn(list)) {
      const item = resolveNode(this.#config.document, node);
      if (!isScalar(item) || !scalarText(item as Scalar.Parsed).includes(",")) continue;
      this.#add({ ...reader, field, steps: [...way.steps, this.#item(node, list)], end: item }, way.missed);
    }
  }

  #add(reading: Reading, missed: readonly Step[]): void {
    this.#all.push(reading);
    for (const place of new Set<unknown>([...reading.steps, ...missed, reading.end])) {
      const readings = this.#through.get(place);
      if (readings === undefined) this.#through.set(place, [reading]);
      else readings.push(reading);
    }
  }

  /** Visits the mappings of a list that is the value of a key; nulls do not count, as for SOPS. */
  #eachItem(
    map: YAMLMap.Parsed,
    name: string,
    from: Way,
    visit: (item: YAMLMap.Parsed, way: Way, index: number) => void,
  ): void {
    const { way, value } = this.#lookUp(map, name, from);
    if (!isSeq(value)) return;
    const list = value as YAMLSeq.Parsed;
    let index = 0;
    for (const node of itemsIn(list)) {
      const item = resolveNode(this.#config.document, node);
      if (isNullNode(item)) continue;
      const inner = { steps: [...way.steps, this.#item(node, list)], missed: way.missed };
      if (isMap(item)) visit(item as YAMLMap.Parsed, inner, index);
      index++;
    }
  }

  /** Looks a key up as `mapEntries` does: in the mapping, else in what `<<` brings, the first first. */
  #lookUp(
    map: YAMLMap.Parsed,
    name: string,
    from: Way,
  ): { readonly way: Way; readonly value: ResolvedNode | undefined } {
    const { document } = this.#config;
    const step = this.#pair(map, name);
    const way = { steps: [...from.steps, step], missed: from.missed };
    if (step.own !== undefined) return { way, value: resolveNode(document, step.own.value) };
    const missed = [...from.missed];
    for (const source of this.#mergedInto(map)) {
      const found = this.#lookUp(source, name, { ...way, missed });
      const last = found.way.steps.at(-1)!;
      if (last.kind === "pair" && last.own !== undefined) return found;
      missed.push(...found.way.steps.slice(way.steps.length), ...found.way.missed.slice(missed.length));
    }
    return { way: { ...way, missed }, value: undefined };
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
