/**
 * Where the keys of rules are held in the text, so that they can be taken away there: as items of lists, as pieces of
 * comma-separated texts, as the whole value of a key. Pure. Spec: sops-config §1.
 *
 * @module
 */
import { isScalar, isSeq, type Scalar, type YAMLSeq } from "yaml";
import { resolveNode } from "../../yaml/resolve.ts";
import { countPieces } from "../../yaml/edit/comma_text.ts";
import { readerOf, type Reading, type Readings, type Step } from "./readings.ts";
import type { RuleKey, SopsConfig } from "../rules/sops_config.ts";

/** One place from which a key of a group comes. */
export type HeldKey =
  & {
    readonly key: RuleKey;
    /** The way to it; its end is what an edit changes. */
    readonly reading: Reading;
  }
  & (
    /** An item of a list. */
    | { readonly kind: "item"; readonly list: YAMLSeq.Parsed; readonly index: number; readonly step: PairStep }
    /** One of several keys of a text. */
    | { readonly kind: "piece"; readonly scalar: Scalar.Parsed }
    /** The text of a key holds nothing else. */
    | { readonly kind: "value"; readonly step: PairStep }
  );

/** The key and the mapping that hold a list or text, be it by alias. */
export type PairStep = Extract<Step, { kind: "pair" }>;

/** Which keys are looked for. */
export interface HeldQuery {
  /** As `RuleKey.text`. */
  readonly text: string;
  /** By index of the rule its group; undefined for every group. */
  readonly groups: ReadonlyMap<number, number | undefined>;
}

/** Finds where rules hold a key. Of a key that a group has several times, those that SOPS would drop come up later. */
export function findHeldKeys(config: SopsConfig, readings: Readings, query: HeldQuery): HeldKey[] {
  const byReader = Map.groupBy(readings.all, readerOf);
  return groupsWith(config, query).flatMap(({ reader, keys }) => {
    const ways = byReader.get(reader) ?? [];
    return keys.flatMap((key) => findHeld(config, ways, key) ?? []);
  });
}

/** @returns the groups that have the key, each as `rule/group`, with it */
export function groupsWith(
  config: SopsConfig,
  { text, groups }: HeldQuery,
): readonly { readonly reader: string; readonly keys: readonly RuleKey[] }[] {
  return [...groups].flatMap(([ruleIndex, asked]) =>
    config.rules[ruleIndex]!.groups.flatMap(({ keys }, group) => {
      const found = asked === undefined || asked === group ? keys.filter((key) => key.text === text) : [];
      return found.length === 0 ? [] : [{ reader: readerOf({ ruleIndex, group }), keys: found }];
    })
  );
}

function findHeld(config: SopsConfig, ways: readonly Reading[], key: RuleKey): HeldKey | undefined {
  const value = resolveNode(config.document, key.node);
  for (const reading of ways.filter(({ field }) => field === key.type)) {
    const { end } = reading;
    const step = reading.steps.at(-1)!;
    if (step.kind !== "pair") continue;
    if (step.own?.value === key.node) {
      if (!isScalar(value)) continue;
      const scalar = value as Scalar.Parsed;
      return countPieces(scalar) > 1
        ? { kind: "piece", key, reading, scalar }
        : { kind: "value", key, reading: { ...reading, end: step }, step };
    }
    if (!isSeq(end)) continue;
    const list = end as YAMLSeq.Parsed;
    const index = (list.items as unknown[]).indexOf(key.node);
    if (index === -1) continue;
    if (!isScalar(value) || countPieces(value as Scalar.Parsed) < 2) {
      return { kind: "item", key, reading, list, index, step };
    }
    const inner = ways.find((way) => way.end === value && way.steps.at(-2) === step);
    return inner && { kind: "piece", key, reading: inner, scalar: value as Scalar.Parsed };
  }
  return undefined;
}
