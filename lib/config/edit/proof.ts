/**
 * The proof of an edit: the file is read again, and must differ from before in what was intended and in nothing else.
 *
 * Compares the read models and the nodes outside the rules; linear in the size of the file. Refuses to pass anything it
 * cannot account for: a failed proof is a bug of the program, and nothing has been written then. Pure.
 * Spec: sops-config §3–4.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { applySplices, type Splice } from "../../yaml/edit/splice.ts";
import { type KeyName, proveOther } from "./proof_other.ts";
import { parseSopsConfig } from "../rules/sops_config_read.ts";
import {
  type KeyGroup,
  type KeyType,
  type Rule,
  type RuleKey,
  SELECTORS,
  type SopsConfig,
} from "../rules/sops_config.ts";

export type { KeyName } from "./proof_other.ts";

/** A rule that shall be new. Its one group holds these keys in any order. */
export interface ExpectedRule {
  readonly pathRegex: string;
  readonly selectors: Rule["selectors"];
  readonly macOnlyEncrypted: boolean;
  readonly keys: readonly { readonly type: KeyType; readonly text: string }[];
}

/** Groups that a key joins or leaves, each as `rule/group` by their indexes in the old file. */
export interface ChangedGroups {
  readonly text: string;
  /** Those for which it is intended. */
  readonly must: ReadonlySet<string>;
  /** Those that share a place with them, for which it may happen. */
  readonly may: ReadonlySet<string>;
}

/** The whole intended difference. */
export interface Intent {
  /** A new rule, by its index in the new file. */
  readonly added?: { readonly index: number; readonly rule: ExpectedRule };
  /** A rule that goes, by its index in the old file. */
  readonly dropped?: number;
  /** An `age` recipient that groups gain. */
  readonly gains?: ChangedGroups;
  /** A key that groups lose. */
  readonly losses?: ChangedGroups;
  /** A name that becomes another one, wherever it names a key. */
  readonly renamed?: { readonly from: string; readonly to: string };
  /** Keys that get a definition outside the rules. */
  readonly defined: readonly KeyName[];
  /** Keys whose definition outside the rules goes. */
  readonly forgotten?: readonly KeyName[];
  /** A key that lists outside the rules gain or lose, because rules use them. */
  readonly sharedText?: string;
}

/**
 * Reads the text that splices give.
 *
 * @throws {InternalError} when it cannot be read; the file before the edit could
 */
export function readEdited(config: SopsConfig, splices: readonly Splice[]): SopsConfig {
  try {
    return parseSopsConfig(applySplices(config.document.source, splices), config.path);
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
  const { added, dropped } = intent;
  const kept = before.rules.filter(({ index }) => index !== dropped);
  const expectedCount = kept.length + (added === undefined ? 0 : 1);
  if (after.rules.length !== expectedCount) fail(`${after.rules.length} rules, expected ${expectedCount}`);
  kept.forEach((rule, at) => {
    const newRule = after.rules[added !== undefined && at >= added.index ? at + 1 : at]!;
    proveSameSettings(rule, newRule);
    proveGroups(rule, newRule, intent);
  });
  if (added !== undefined) proveAddedRule(after.rules[added.index]!, added.rule);
  const movedKeys = [
    ...(dropped === undefined ? [] : before.rules[dropped]!.groups),
    ...(added === undefined ? [] : [added.rule]),
  ]
    .flatMap(({ keys }) => keys.map(({ text }) => text));
  const ruleTexts = [intent.gains?.text, intent.losses?.text, ...movedKeys];
  proveOther(before, after, {
    defined: intent.defined,
    forgotten: intent.forgotten ?? [],
    sharedText: intent.sharedText,
    ruleTexts: new Set(ruleTexts.filter((text) => text !== undefined)),
    renamed: intent.renamed,
  });
}

/**
 * Proves that a new configuration has one rule, these definitions of keys, and nothing that SOPS would ignore.
 *
 * @throws {InternalError} when it is otherwise; the message names the part, and no key
 */
export function proveNewConfig(config: SopsConfig, rule: ExpectedRule, defined: readonly KeyName[]): void {
  const [only, ...others] = config.rules;
  if (only === undefined || others.length > 0) fail(`${config.rules.length} rules, expected 1`);
  proveAddedRule(only, rule);
  const names = new Map(defined.map(({ name, text }) => [text, name]));
  const used = only.groups.flatMap(({ keys }) => keys);
  if (used.some(({ name, text }) => name !== names.get(text))) fail("other names of keys");
  if (config.keys.some(({ name, text }) => name !== names.get(text))) fail("other definitions of keys");
  if (config.warnings.length > 0) fail("something that SOPS ignores");
}

function proveGroups(before: Rule, after: Rule, intent: Intent): void {
  const { gains, losses, renamed } = intent;
  if (gains !== undefined && isAbout(before, gains)) proveGain(before, after, gains);
  else if (losses !== undefined && isAbout(before, losses)) proveLosses(before, after, losses);
  else if (renamed !== undefined) proveNames(before, after, renamed);
  else proveSameGroups(before, after, new Set(intent.defined.map((key) => key.text)));
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

function isAbout(rule: Rule, { must, may }: ChangedGroups): boolean {
  return rule.groups.some((_, at) => must.has(`${rule.index}/${at}`) || may.has(`${rule.index}/${at}`));
}

/** Every group as before, but for one `age` key more in those that gain it. */
function proveGain(before: Rule, after: Rule, { text, must, may }: ChangedGroups): void {
  const same = before.groups.length === after.groups.length && before.groups.every(({ keys }, index) => {
    const others = after.groups[index]!.keys;
    const place = `${before.index}/${index}`;
    const isGained = others.length > keys.length;
    if (must.has(place) && !isGained) return false;
    const kept = isGained && (must.has(place) || may.has(place)) ? withoutOne(others, text) : others;
    return kept?.length === keys.length && keys.every((key, at) => sameKey(key, kept[at]!));
  });
  if (!same) fail(`more than the new recipient in rule ${before.index + 1}`);
}

/** Every group as before, but for the key in those that lose it. */
function proveLosses(before: Rule, after: Rule, { text, must, may }: ChangedGroups): void {
  const same = before.groups.length === after.groups.length && before.groups.every(({ keys }, index) => {
    const others = after.groups[index]!.keys;
    const place = `${before.index}/${index}`;
    const isLost = others.every((key) => key.text !== text);
    if (must.has(place) && !isLost) return false;
    if (!must.has(place) && !may.has(place)) return sameKeys(keys, others);
    return sameKeys(keys.filter((key) => key.text !== text), others.filter((key) => key.text !== text));
  });
  if (!same) fail(`more or less than the removal of a recipient in rule ${before.index + 1}`);
}

/** The same keys under the same names, but for the one name. */
function proveNames(before: Rule, after: Rule, { from, to }: NonNullable<Intent["renamed"]>): void {
  const same = before.groups.length === after.groups.length && before.groups.every(({ keys }, index) => {
    const others = after.groups[index]!.keys;
    return keys.length === others.length &&
      keys.every((key, at) => sameKey(key, others[at]!) && others[at]!.name === (key.name === from ? to : key.name));
  });
  if (!same) fail(`other names or keys in rule ${before.index + 1}`);
}

/** The same keys in the same order, none under the anchor of another; an anchor on a text names the one that is left. */
function sameKeys(keys: readonly RuleKey[], others: readonly RuleKey[]): boolean {
  return keys.length === others.length && keys.every((key, at) => {
    const other = others[at]!;
    return sameKey(key, other) &&
      (key.name === undefined || key.name === other.name || other.written === "literal");
  });
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
