/**
 * The proof of an edit: the file is read again, and must differ from before in what was intended and in nothing else.
 *
 * Compares the read models and the nodes outside the rules; linear in the size of the file. Refuses to pass anything it
 * cannot account for: a failed proof is a bug of the program, and nothing has been written then. Pure.
 * Spec: sops-config §3–4.
 *
 * @module
 */
import { type Alias, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import { InternalError, UserError } from "../base/error.ts";
import { isNullNode, resolveNode, scalarText, scalarType, type WrittenNode } from "../yaml/resolve.ts";
import { applySplices, type Splice } from "../yaml/splice.ts";
import { readSopsConfig } from "./sops_config_read.ts";
import { type KeyGroup, type KeyType, type Rule, type RuleKey, SELECTORS, type SopsConfig } from "./sops_config.ts";

/** A rule that shall be new. Its one group holds these keys in any order. */
export interface ExpectedRule {
  readonly pathRegex: string;
  readonly selectors: Rule["selectors"];
  readonly macOnlyEncrypted: boolean;
  readonly keys: readonly { readonly type: KeyType; readonly text: string }[];
}

/** The whole intended difference. */
export interface Intent {
  /** A new rule, by its index in the new file. */
  readonly added?: { readonly index: number; readonly rule: ExpectedRule };
  /** Recipients that rules gain: by the index of the rule in the old file, the group that gains it. */
  readonly gains?: { readonly text: string; readonly groupOfRule: ReadonlyMap<number, number> };
  /** Keys that get a definition outside the rules. */
  readonly defined: readonly { readonly name: string; readonly text: string }[];
  /** A recipient that a list outside the rules gains, because rules share it. */
  readonly sharedGain?: string;
}

/**
 * Reads the text that splices give.
 *
 * @throws {InternalError} when it cannot be read; the file before the edit could
 */
export function readEdited(config: SopsConfig, splices: readonly Splice[]): SopsConfig {
  try {
    return readSopsConfig(applySplices(config.document.source, splices), config.path);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new InternalError(`the planned edit of the configuration would give a broken file: ${cause.message}`, {
      cause,
    });
  }
}

/**
 * Proves that two configurations differ exactly as intended.
 *
 * @throws {InternalError} when they do not; the message names the part, and no key
 */
export function proveEdit(before: SopsConfig, after: SopsConfig, intent: Intent): void {
  const { added, gains } = intent;
  const expectedCount = before.rules.length + (added === undefined ? 0 : 1);
  if (after.rules.length !== expectedCount) fail(`${after.rules.length} rules, expected ${expectedCount}`);
  const defined = new Set(intent.defined.map((key) => key.text));
  before.rules.forEach((rule, index) => {
    const newRule = after.rules[added !== undefined && index >= added.index ? index + 1 : index]!;
    proveSameSettings(rule, newRule);
    const group = gains?.groupOfRule.get(index);
    if (group === undefined) proveSameGroups(rule, newRule, defined);
    else proveGain(rule, newRule, group, gains!.text);
  });
  if (added !== undefined) proveAddedRule(after.rules[added.index]!, added.rule);
  new OtherContent(before, after, intent).prove();
}

function fail(found: string): never {
  throw new InternalError(`the planned edit of the configuration would give ${found}`);
}

function proveSameSettings(before: Rule, after: Rule): void {
  const same = before.pathRegex === after.pathRegex && before.macOnlyEncrypted === after.macOnlyEncrypted &&
    before.shamirThreshold === after.shamirThreshold && sameSelectors(before.selectors, after.selectors);
  if (!same) fail(`other settings of rule ${before.index + 1}`);
}

function sameSelectors(a: Rule["selectors"], b: Rule["selectors"]): boolean {
  return SELECTORS.every((selector) => (a[selector] ?? "") === (b[selector] ?? ""));
}

/**
 * Same keys in the same order, and no key under another name. A name may come with a definition, and a comment that named
 * a key may no longer do so where lines moved.
 */
function proveSameGroups(before: Rule, after: Rule, defined: ReadonlySet<string>): void {
  const same = before.groups.length === after.groups.length && before.groups.every(({ keys }, index) => {
    const others = after.groups[index]!.keys;
    return keys.length === others.length && keys.every((key, at) => {
      const { name } = others[at]!;
      return sameKey(key, others[at]!) && (key.name === name || name === undefined || defined.has(key.text));
    });
  });
  if (!same) fail(`other keys in rule ${before.index + 1}`);
}

/** Every group as before, but for one `age` key more in one of them. */
function proveGain(before: Rule, after: Rule, group: number, text: string): void {
  const same = before.groups.length === after.groups.length && before.groups.every(({ keys }, index) => {
    const others = after.groups[index]!.keys;
    const kept = index === group ? withoutOne(others, text) : others;
    return kept?.length === keys.length && keys.every((key, at) => sameKey(key, kept[at]!));
  });
  if (!same) fail(`more than the new recipient in rule ${before.index + 1}`);
}

function withoutOne(keys: KeyGroup["keys"], text: string): readonly RuleKey[] | undefined {
  const at = keys.findIndex((key) => key.type === "age" && key.text === text);
  return at === -1 ? undefined : keys.toSpliced(at, 1);
}

function sameKey(a: { type: KeyType; text: string }, b: { type: KeyType; text: string }): boolean {
  return a.type === b.type && a.text === b.text;
}

function proveAddedRule(rule: Rule, expected: ExpectedRule): void {
  const place = `rule ${rule.index + 1}`;
  if (rule.pathRegex !== expected.pathRegex) fail(`another path_regex in ${place}`);
  if (!sameSelectors(rule.selectors, expected.selectors)) fail(`other selectors in ${place}`);
  if (rule.macOnlyEncrypted !== expected.macOnlyEncrypted) fail(`another mac_only_encrypted in ${place}`);
  if (rule.shamirThreshold !== undefined) fail(`a threshold in ${place}`);
  const [group, ...others] = rule.groups;
  const identity = ({ type, text }: { type: KeyType; text: string }): string => `${type}/${text}`;
  const wanted = expected.keys.map(identity).sort();
  const found = (group?.keys ?? []).map(identity).sort();
  if (others.length > 0 || wanted.join("\n") !== found.join("\n")) fail(`other keys in ${place}`);
}

/** Everything outside the creation rules: same keys, values, anchors and aliases, but for what shall be defined. */
class OtherContent {
  readonly #before: SopsConfig;
  readonly #after: SopsConfig;
  readonly #missing: Map<string, string>;
  #sharedGain: string | undefined;

  constructor(before: SopsConfig, after: SopsConfig, intent: Intent) {
    this.#before = before;
    this.#after = after;
    this.#missing = new Map(intent.defined.map(({ name, text }) => [name, text]));
    this.#sharedGain = intent.sharedGain;
  }

  prove(): void {
    const before = this.#before;
    const after = this.#after;
    if (!this.#sameEntries(withoutRules(before), withoutRules(after))) fail("other content outside the rules");
    if (this.#missing.size > 0) fail("a name that is not defined");
    if (before.document.documentCount > 1 && before.document.documentCount !== after.document.documentCount) {
      fail("another number of documents");
    }
  }

  #same(a: unknown, b: unknown): boolean {
    if (isAlias(a)) return isAlias(b) ? a.source === b.source : this.#isHandedOn(a as Alias.Parsed, b);
    if (isScalar(a)) {
      return isScalar(b) && a.anchor === b.anchor && a.tag === b.tag &&
        (a.source === b.source || this.#takeLongerText(a.source, b.source));
    }
    if (isSeq(a)) return isSeq(b) && a.anchor === b.anchor && a.tag === b.tag && this.#sameEntries(a.items, b.items);
    if (isMap(a)) return isMap(b) && a.anchor === b.anchor && a.tag === b.tag && this.#sameEntries(a.items, b.items);
    return a === b || (a ?? null) === (b ?? null);
  }

  /** An alias outside the rules may become the copy that an anchor of the rules was handed on to. */
  #isHandedOn(alias: Alias.Parsed, copy: unknown): boolean {
    if (!isNode(copy) || isAlias(copy) || copy.anchor !== alias.source) return false;
    return this.#meaning(this.#before, alias) === this.#meaning(this.#after, copy as WrittenNode);
  }

  #meaning(config: SopsConfig, node: WrittenNode | null): string {
    const { document } = config;
    const value = node === null ? undefined : resolveNode(document, node);
    if (value === undefined || isNullNode(value)) return "null";
    if (isScalar(value)) return JSON.stringify([scalarType(value), scalarText(value)]);
    if (isSeq(value)) return `[${value.items.map((item) => this.#meaning(config, item as WrittenNode)).join()}]`;
    const pairs = value.items as unknown as readonly Pair[];
    return `{${pairs.map((pair) => `${this.#meaning(config, pair.key)}:${this.#meaning(config, pair.value)}`).join()}}`;
  }

  /** Compares lists of items or pairs; an entry more in `b` must be one that is intended. */
  #sameEntries(a: readonly unknown[], b: readonly unknown[]): boolean {
    let at = 0;
    for (const entry of b) {
      if (at < a.length && this.#sameEntry(a[at], entry)) at++;
      else if (!this.#takeIntended(isPair(entry) ? entry.value : entry)) return false;
    }
    return at === a.length;
  }

  #sameEntry(a: unknown, b: unknown): boolean {
    return isPair(a) && isPair(b) ? this.#same(a.key, b.key) && this.#same(a.value, b.value) : this.#same(a, b);
  }

  #takeIntended(node: unknown): boolean {
    if (isScalar(node) && node.anchor !== undefined && this.#missing.get(node.anchor) === node.source) {
      return this.#missing.delete(node.anchor);
    }
    const value = isSeq(node) && node.items.length === 1 ? node.items[0] : node;
    if (this.#sharedGain === undefined) return false;
    if (!isAlias(value) && !(isScalar(value) && value.source === this.#sharedGain)) return false;
    this.#sharedGain = undefined;
    return true;
  }

  /** A shared comma-separated text may gain the recipient at its end. */
  #takeLongerText(a: string | undefined, b: string | undefined): boolean {
    if (this.#sharedGain === undefined || a === undefined || b === undefined) return false;
    if ([...splitKeys(a), this.#sharedGain].join() !== splitKeys(b).join()) return false;
    this.#sharedGain = undefined;
    return true;
  }
}

function splitKeys(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

interface Pair {
  readonly key: WrittenNode;
  readonly value: WrittenNode | null;
}

function isPair(entry: unknown): entry is Pair {
  return typeof entry === "object" && entry !== null && "key" in entry && "value" in entry && !isScalar(entry);
}

function withoutRules(config: SopsConfig): readonly Pair[] {
  const pairs = (config.map?.items ?? []) as unknown as readonly Pair[];
  return pairs.filter((pair) => pair.key !== config.creationRules?.key);
}
