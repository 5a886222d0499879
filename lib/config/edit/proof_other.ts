/**
 * The part of the proof of an edit that is outside the creation rules: the same definitions of keys and the same
 * content, aliases followed, but for what is intended. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isMap, isScalar, isSeq } from "yaml";
import { InternalError } from "../../base/error.ts";
import { isNullNode, resolveNode, scalarText, scalarType, type WrittenNode } from "../../yaml/resolve.ts";
import { findAnchors } from "../../yaml/edit/anchors.ts";
import { isInRules } from "./names.ts";
import type { SopsConfig } from "../rules/sops_config.ts";

/** The definition of a key by an anchor. */
export interface KeyName {
  readonly name: string;
  readonly text: string;
}

/** What may differ outside the rules. */
export interface OtherIntent {
  /** Keys that get a definition outside the rules. */
  readonly defined: readonly KeyName[];
  /** Keys whose definition outside the rules goes. */
  readonly forgotten: readonly KeyName[];
  /** A key that lists outside the rules gain or lose, because rules use them. */
  readonly sharedText: string | undefined;
  /** Keys that rules gain or lose: an anchor on them may come or go in the rules. */
  readonly ruleTexts: ReadonlySet<string>;
  readonly renamed: { readonly from: string; readonly to: string } | undefined;
}

/** @throws {InternalError} when anything else differs; the message names no key */
export function proveOther(before: SopsConfig, after: SopsConfig, intent: OtherIntent): void {
  proveNames(before, after, intent);
  const texts = new Set(intent.sharedText === undefined ? [] : [intent.sharedText]);
  const { defined, forgotten, renamed } = intent;
  const emptyCounts = forgotten.length === 0 && texts.size === 0;
  const old = new Meaning(before, { texts, names: forgotten, renamed, emptyCounts }).ofOthers();
  const now = new Meaning(after, { texts, names: defined, renamed: undefined, emptyCounts }).ofOthers();
  if (old !== now) fail("other content outside the rules");
  if (before.document.documentCount > 1 && before.document.documentCount !== after.document.documentCount) {
    fail("another number of documents");
  }
}

function fail(found: string): never {
  throw new InternalError(`the planned edit of the configuration would give ${found}`);
}

/** The same names for the same keys, in any order: a definition may have been handed on. */
function proveNames(before: SopsConfig, after: SopsConfig, intent: OtherIntent): void {
  const { renamed, defined, forgotten, ruleTexts, sharedText } = intent;
  const rest = new Map<string, number>();
  const identity = (name: string, text: string): string =>
    `${name} ${text.split(",").map((piece) => piece.trim()).filter((piece) => piece !== "" && piece !== sharedText)}`;
  for (const { name, text } of before.keys) {
    const id = identity(name === renamed?.from ? renamed.to : name, text);
    rest.set(id, (rest.get(id) ?? 0) + 1);
  }
  const added = new Set(defined.map(({ name, text }) => identity(name, text)));
  for (const key of after.keys) {
    const id = identity(key.name, key.text);
    const count = rest.get(id) ?? 0;
    if (count > 0) rest.set(id, count - 1);
    else if (!added.delete(id) && !(ruleTexts.has(key.text) && isInRules(key))) {
      fail("other content outside the rules");
    }
  }
  const anchors = findAnchors(after.document);
  const isDefined = ({ name, text }: KeyName): boolean =>
    anchors.get(name)?.some((node) => isScalar(node) && scalarText(node) === text) ?? false;
  if (!defined.every(isDefined)) fail("a name that is not defined");
  for (const { name, text } of before.keys) {
    if ((rest.get(identity(name === renamed?.from ? renamed.to : name, text)) ?? 0) === 0) continue;
    if (!forgotten.some((key) => key.name === name && key.text === text) && !ruleTexts.has(text)) {
      fail("a name that is lost");
    }
  }
}

/** What a comparison passes over. */
interface PassedOver {
  readonly texts: ReadonlySet<string>;
  readonly names: readonly KeyName[];
  /** A definition whose key in its mapping is its anchor is renamed with it. */
  readonly renamed: OtherIntent["renamed"];
  /** Whether a value that is empty counts, or one that became so. */
  readonly emptyCounts: boolean;
}

interface Pair {
  readonly key: WrittenNode;
  readonly value: WrittenNode | null;
}

/** The content of a file as text that is equal for what means the same. */
class Meaning {
  readonly #config: SopsConfig;
  readonly #passed: PassedOver;

  constructor(config: SopsConfig, passed: PassedOver) {
    this.#config = config;
    this.#passed = passed;
  }

  ofOthers(): string {
    const pairs = (this.#config.map?.items ?? []) as unknown as readonly Pair[];
    const others = pairs.filter(({ key }) => key !== this.#config.creationRules?.key);
    const fixed = new Meaning(this.#config, { ...this.#passed, renamed: undefined }); // its keys are words of SOPS
    return others.flatMap((pair) => (isDestinationRules(pair.key) ? fixed : this).#ofPairs([pair])).join();
  }

  /** @returns undefined for what is passed over */
  #of(node: WrittenNode | null): string | undefined {
    const value = node === null ? undefined : resolveNode(this.#config.document, node);
    if (value === undefined || isNullNode(value)) return this.#unlessEmpty("null", true);
    if (isScalar(value)) return this.#ofScalar(value);
    if (isSeq(value)) {
      const items = (value.items as WrittenNode[]).flatMap((item) => this.#of(item) ?? []);
      return this.#unlessEmpty(`[${items.join()}]`, items.length === 0);
    }
    const pairs = isMap(value) ? this.#ofPairs(value.items as unknown as readonly Pair[]) : [];
    return this.#unlessEmpty(`{${pairs.join()}}`, pairs.length === 0);
  }

  #ofScalar(value: Parameters<typeof scalarText>[0]): string | undefined {
    const { texts, names } = this.#passed;
    const text = scalarText(value);
    if (names.some((key) => key.name === value.anchor && key.text === text.trim())) return undefined;
    if (texts.has(text)) return undefined;
    if (texts.size === 0) return JSON.stringify([scalarType(value), value.tag, text]);
    const pieces = text.split(",").map((piece) => piece.trim()).filter((piece) => piece !== "" && !texts.has(piece));
    return this.#unlessEmpty(JSON.stringify(pieces), pieces.length === 0);
  }

  #ofPairs(pairs: readonly Pair[]): string[] {
    return pairs.flatMap(({ key, value }) => {
      const meaning = this.#of(value);
      return meaning === undefined ? [] : [`${this.#nameOf(key, value)}:${meaning}`];
    });
  }

  #nameOf(key: WrittenNode, value: WrittenNode | null): string {
    const { renamed } = this.#passed;
    const resolved = resolveNode(this.#config.document, key);
    const name = isScalar(resolved) ? scalarText(resolved) : "";
    const isDefinition = isScalar(value) && value.anchor === name;
    return JSON.stringify(isDefinition && name === renamed?.from ? renamed.to : name);
  }

  #unlessEmpty(meaning: string, isEmpty: boolean): string | undefined {
    return isEmpty && !this.#passed.emptyCounts ? undefined : meaning;
  }
}

function isDestinationRules(key: WrittenNode): boolean {
  return isScalar(key) && scalarText(key) === "destination_rules";
}
