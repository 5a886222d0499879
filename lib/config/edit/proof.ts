/**
 * The proof of a change: the file is read again, and must differ from before in what was intended and in nothing else.
 *
 * Compares the read models and the nodes outside the rules; linear in the size of the file. Refuses to pass anything it
 * cannot account for: a failed proof is a bug of the program, and nothing has been written then. Pure.
 * Spec: sops-config §3–4.
 *
 * @module
 */
import { isRenamed } from "./intent.ts";
import { isMap, isScalar, isSeq } from "yaml";
import { InternalError } from "../../base/error.ts";
import { findAnchors } from "../../yaml/edit/anchors.ts";
import { isNullNode, resolveNode, scalarText, scalarType, type WrittenNode } from "../../yaml/resolve.ts";
import { isInRules } from "../rules/key_name.ts";
import { type Rule, type RuleKey, SELECTORS, type SopsConfig } from "../rules/sops_config.ts";
import { type ConfigDiff, diffConfigs, keyId, type KeysDiff, keysOf, type RuleDiff } from "./diff.ts";
import { type Expected, type ExpectedRule, groupId, type KeyName } from "./draft.ts";

/**
 * Proves that two configurations differ exactly as expected.
 *
 * @returns how they differ
 * @throws {InternalError} when they differ otherwise; the message names the part, and no key
 */
export function proveChange(before: SopsConfig, after: SopsConfig, expected: Expected): ConfigDiff {
  const { added, dropped } = expected;
  const count = before.rules.length - dropped.size + (added === undefined ? 0 : 1);
  if (after.rules.length !== count) fail(`${after.rules.length} rules, expected ${count}`);
  const diff = diffConfigs(before, after, { added: added?.index, dropped });
  for (const rule of diff.rules) if (rule.after !== undefined) proveRule({ ...rule, after: rule.after }, expected);
  if (added !== undefined) proveAddedRule(diff.added!, added);
  proveOther(diff, expected);
  return diff;
}

/**
 * Proves that a new configuration has one rule, these definitions of keys, and nothing that SOPS would ignore.
 *
 * @throws {InternalError} when it is otherwise; the message names the part, and no key
 */
export function proveNewConfig(
  config: SopsConfig,
  rule: Omit<ExpectedRule, "index">,
  defined: readonly KeyName[],
): void {
  const [only, ...others] = config.rules;
  if (only === undefined || others.length > 0) fail(`${config.rules.length} rules, expected 1`);
  proveAddedRule(only, rule);
  const names = new Map(defined.map(({ name, text }) => [text, name]));
  if (keysOf(only).some(({ name, text }) => name !== names.get(text))) fail("other names of keys");
  if (config.keys.some(({ name, text }) => name !== names.get(text))) fail("other definitions of keys");
  if (config.warnings.length > 0) fail("something that SOPS ignores");
}

function fail(found: string): never {
  throw new InternalError(`the planned edit of the configuration would give ${found}`);
}

function proveAddedRule(found: Rule, { rule, keys }: Omit<ExpectedRule, "index">): void {
  const place = `rule ${found.index + 1}`;
  if (found.pathRegex !== rule.pathRegex) fail(`another path_regex in ${place}`);
  if (!sameSelectors(found.selectors, rule.selectors)) fail(`other selectors in ${place}`);
  if (found.macOnlyEncrypted !== rule.macOnlyEncrypted) fail(`another mac_only_encrypted in ${place}`);
  if (found.shamirThreshold !== undefined) fail(`a threshold in ${place}`);
  const same = keys.map(keyId).sort().join("\n") === keysOf(found).map(keyId).sort().join("\n");
  if (found.groups.length > 1 || !same) fail(`other keys in ${place}`);
}

function sameSelectors(a: Rule["selectors"], b: Rule["selectors"]): boolean {
  return SELECTORS.every((selector) => (a[selector] ?? "") === (b[selector] ?? ""));
}

function proveRule(rule: RuleDiff & { readonly after: Rule }, expected: Expected): void {
  const { before, after } = rule;
  const number = before.index + 1;
  const isSame = before.pathRegex === after.pathRegex && before.macOnlyEncrypted === after.macOnlyEncrypted &&
    before.shamirThreshold === after.shamirThreshold && sameSelectors(before.selectors, after.selectors);
  if (!isSame) fail(`other settings of rule ${number}`);
  const wanted = before.groups.map((_, at) => expected.groups.get(groupId(before.index, at)));
  const isProved = before.groups.length === after.groups.length &&
    rule.groups.every((keys, at) => isGroupAsExpected(keys, { rule: before, at }, expected));
  if (isProved) return;
  if (wanted.some((keys) => keys?.lost.size)) fail(`more or less than the removal of a recipient in rule ${number}`);
  if (wanted.some((keys) => keys?.gained.size)) fail(`more than the new recipient in rule ${number}`);
  fail(`${expected.renamed === undefined ? "other keys" : "other names or keys"} in rule ${number}`);
}

/** What must come and go did, nothing else did, and the keys that stay are in the same order under the same names. */
function isGroupAsExpected(
  { kept, gained, lost }: KeysDiff,
  { rule, at }: { readonly rule: Rule; readonly at: number },
  expected: Expected,
): boolean {
  const id = groupId(rule.index, at);
  const own = expected.groups.get(id);
  const isSharing = expected.sharing.has(id);
  const everything = isSharing ? [...expected.groups.values()] : own === undefined ? [] : [own];
  const mayGain = new Set(everything.flatMap((keys) => [...keys.gained]));
  const mayLose = new Set(everything.flatMap((keys) => [...keys.lost]));
  const came = new Set(gained.map(({ text }) => text));
  const stays = new Set(kept.map(({ text }) => text));
  const isComplete = (own?.gained.isSubsetOf(came.union(stays)) ?? true) &&
    (own?.lost.isDisjointFrom(came.union(stays)) ?? true);
  const isAllowed = came.size === gained.length &&
    gained.every(({ type, text }) => type === "age" && mayGain.has(text)) &&
    lost.every(({ text }) => mayLose.has(text));
  const gone = new Set(lost);
  const before = rule.groups[at]!.keys.filter((key) => !gone.has(key));
  const isChanged = gained.length + lost.length > 0;
  return isComplete && isAllowed &&
    before.every((key, index) =>
      keyId(key) === keyId(kept[index]!) && hasSameName(key, kept[index]!, { expected, isChanged })
    );
}

/**
 * A name may come with a definition, and a comment that named a key may no longer do so where lines moved. In a group
 * that changed, an anchor on a text names the key that is left.
 */
function hasSameName(
  before: RuleKey,
  after: RuleKey,
  { expected: { renamed, defined }, isChanged }: { readonly expected: Expected; readonly isChanged: boolean },
): boolean {
  if (renamed !== undefined) return after.name === (isRenamed(renamed, before) ? renamed.to : before.name);
  if (before.name === after.name || after.name === undefined) return true;
  if (isChanged && (before.name === undefined || after.written === "literal")) return true;
  return defined.some(({ text }) => text === after.text);
}

/** Outside the rules: the same definitions of keys and the same content, aliases followed, but for what is expected. */
function proveOther({ before, after }: ConfigDiff, expected: Expected): void {
  proveNames(before, after, expected);
  const { defined, forgotten, renamed, outside } = expected;
  // A list may be filled by a definition, and emptied by one that goes.
  const emptyCounts = defined.length + forgotten.length + outside.size === 0;
  const old = new Meaning(before, { texts: outside, names: idsOf(forgotten), renamed, emptyCounts }).ofOthers();
  const now = new Meaning(after, { texts: outside, names: idsOf(defined), renamed: undefined, emptyCounts }).ofOthers();
  if (old !== now) fail("other content outside the rules");
  if (before.document.documentCount > 1 && before.document.documentCount !== after.document.documentCount) {
    fail("another number of documents");
  }
}

function idsOf(keys: readonly KeyName[]): Set<string> {
  return new Set(keys.map(({ name, text }) => `${name} ${text}`));
}

/** @returns the texts of keys that rules gain or lose: an anchor on them may come or go in the rules */
function textsOfRules({ rules }: SopsConfig, { groups, dropped, added }: Expected): Set<string> {
  const changed = [...groups.values()].flatMap(({ gained, lost }) => [...gained, ...lost]);
  const ofDropped = rules.filter(({ index }) => dropped.has(index)).flatMap(keysOf);
  return new Set([...changed, ...[...ofDropped, ...added?.keys ?? []].map(({ text }) => text)]);
}

/** The same names for the same keys, in any order: a definition may have been handed on. */
function proveNames(before: SopsConfig, after: SopsConfig, expected: Expected): void {
  const { renamed, outside } = expected;
  const ruleTexts = textsOfRules(before, expected);
  const idOf = ({ name, text }: KeyName): string => {
    const pieces = text.split(",").map((piece) => piece.trim()).filter((piece) => piece !== "" && !outside.has(piece));
    return `${name} ${pieces}`;
  };
  const wasCalled = (key: KeyName): string =>
    idOf(renamed !== undefined && isRenamed(renamed, key) ? { ...key, name: renamed.to } : key);
  const rest = new Map<string, number>();
  for (const key of before.keys) rest.set(wasCalled(key), (rest.get(wasCalled(key)) ?? 0) + 1);
  const added = new Set(expected.defined.map(idOf));
  for (const key of after.keys) {
    const count = rest.get(idOf(key)) ?? 0;
    if (count > 0) rest.set(idOf(key), count - 1);
    else if (!added.delete(idOf(key)) && !(ruleTexts.has(key.text) && isInRules(key))) {
      fail("other content outside the rules");
    }
  }
  const anchors = findAnchors(after.document);
  const isDefined = ({ name, text }: KeyName): boolean =>
    anchors.get(name)?.some((node) => isScalar(node) && scalarText(node) === text) ?? false;
  if (!expected.defined.every(isDefined)) fail("a name that is not defined");
  const forgotten = idsOf(expected.forgotten);
  const isLost = (key: KeyName): boolean => (rest.get(wasCalled(key)) ?? 0) > 0;
  const mayGo = ({ name, text }: KeyName): boolean => forgotten.has(`${name} ${text}`) || ruleTexts.has(text);
  if (before.keys.some((key) => isLost(key) && !mayGo(key))) fail("a name that is lost");
}

/** What a comparison passes over. */
interface PassedOver {
  readonly texts: ReadonlySet<string>;
  /** Definitions, each as its name and text. */
  readonly names: ReadonlySet<string>;
  /** A definition whose key in its mapping is its anchor is renamed with it. */
  readonly renamed: Expected["renamed"];
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
    if (names.has(`${value.anchor} ${text.trim()}`)) return undefined;
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
    const isMeant = isDefinition && renamed !== undefined && isRenamed(renamed, { name, text: scalarText(value) });
    return JSON.stringify(isMeant ? renamed.to : name);
  }

  #unlessEmpty(meaning: string, isEmpty: boolean): string | undefined {
    return isEmpty && !this.#passed.emptyCounts ? undefined : meaning;
  }
}

function isDestinationRules(key: WrittenNode): boolean {
  return isScalar(key) && scalarText(key) === "destination_rules";
}
