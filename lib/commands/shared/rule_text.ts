/**
 * Rules and their keys as people and `--json` see them. Pure.
 *
 * @module
 */
import type { Report } from "../../base/show/report.ts";
import { type KeyType, type Rule, type RuleKey, SELECTORS, type SopsConfig } from "../../config/rules/sops_config.ts";
import { classifyRecipient, formatShortRecipient, type RecipientKind } from "../../keys/age/recipient.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import { keyId, keysOf } from "../../config/edit/diff.ts";
import type { OwnRecipients } from "../../repository/access/own_recipients.ts";
import type { NamedRuleKey, RuleDifferences } from "../../repository/scan/differences.ts";

/** @returns the pattern, or what stands for a rule that has none */
export function formatPattern(rule: Rule): string {
  return rule.pathRegex || "(every file)";
}

/** @returns the key shortened; of other types than age with the type before it */
export function formatShortKey(key: Pick<RuleKey, "type" | "text">): string {
  switch (key.type) {
    case "age":
      return formatShortRecipient(key.text);
    case "pgp":
      return `pgp ${formatShortRecipient(key.text)}`;
    default:
      return `${key.type} ${key.text}`; // the address of a cloud key means nothing without its middle
  }
}

/** @returns the key's name, or the key shortened when it has none */
export function formatKeyName(key: NamedRuleKey): string {
  return key.name ?? formatShortKey(key);
}

/** Gives a key of a rule the name that people know it by. */
export type KeyNamer = (key: NamedRuleKey) => string;

/**
 * Looks through the config once, when the first key without a name comes.
 *
 * @returns what gives a key the name that it has anywhere in a config, or the key shortened when it has none
 */
export function createKeyNamer({ rules, keys }: Pick<SopsConfig, "rules" | "keys">): KeyNamer {
  let known: Map<string, string | undefined> | undefined;
  return (key) => {
    if (key.name !== undefined) return key.name;
    known ??= new Map([
      ...keys.toReversed().map(({ text, name }): [string, string] => [text, name]),
      ...rules.flatMap(keysOf).filter(({ name }) => name !== undefined).toReversed()
        .map((named): [string, string | undefined] => [keyId(named), named.name]),
    ]);
    return known.get(keyId(key)) ?? known.get(key.text) ?? formatShortKey(key);
  };
}

/** @returns the name, marked where the key is one of the person's own */
export function markOwn(name: string, isYou: boolean): string {
  return isYou ? `${name} (you)` : name;
}

/** @returns a namer that marks the person's own keys */
export function markingOwn(nameOf: KeyNamer, own: OwnRecipients): KeyNamer {
  return (key) => markOwn(nameOf(key), own.has(key));
}

/** @returns the rule's selectors and MAC setting; empty when it has none */
export function formatSelectors(rule: Rule): string {
  const parts = SELECTORS.flatMap((name) => {
    const value = rule.selectors[name];
    return value === undefined ? [] : [`${name} ${value}`];
  });
  if (rule.macOnlyEncrypted) parts.push("mac_only_encrypted");
  return parts.join(", ");
}

/** @returns how many groups a reader needs a key of; undefined when there is one group at most */
export function formatThreshold(rule: Rule): string | undefined {
  const count = rule.groups.length;
  if (count < 2) return undefined;
  return `a reader needs a key of ${countNeededGroups(rule)} of ${count} groups`;
}

const KIND_NAMES: Readonly<Record<RecipientKind, string>> = {
  "x25519": "age",
  "hybrid": "age post-quantum",
  "plugin": "age plugin",
  "ssh-ed25519": "ssh-ed25519",
  "ssh-rsa": "ssh-rsa",
};

/** A key that a command is about. */
export interface Subject {
  readonly text: string;
  readonly name?: string;
  /** What it was made from. */
  readonly origin?: string;
}

/** @returns what kind of key it is; of an age recipient that SOPS would refuse, `not a recipient` */
export function formatKeyKind({ type, text }: { readonly type: KeyType; readonly text: string }): string {
  if (type !== "age") return type;
  const kind = classifyRecipient(text);
  return kind === undefined ? "not a recipient" : KIND_NAMES[kind];
}

/** @returns the key shortened, without its kind; the address of a cloud key in full: it means nothing without its middle */
export function formatKeyText({ type, text }: { readonly type: KeyType; readonly text: string }): string {
  if (type !== "age" && type !== "pgp") return text;
  return formatShortRecipient(text).replace(/^ssh-(?:ed25519|rsa) /, "");
}

/** @returns `rule 2`, `rules 1, 3-7`; `no rule` */
export function formatRuleNumbers(rules: readonly Rule[]): string {
  const numbers = rules.map(({ index }) => index + 1);
  const [first] = numbers;
  if (first === undefined) return "no rule";
  const runs: { from: number; to: number }[] = [{ from: first, to: first }];
  for (const number of numbers.slice(1)) {
    const run = runs.at(-1)!;
    if (number === run.to + 1) run.to = number;
    else runs.push({ from: number, to: number });
  }
  const shown = runs.map(({ from, to }) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`
  );
  return `${numbers.length === 1 ? "rule" : "rules"} ${shown.join(", ")}`;
}

/** @returns `laptop (age1fuxh…x3nq4, from ssh-ed25519 me@laptop)`; a nameless key alone */
export function formatSubject({ text, name, origin }: Subject): string {
  const short = formatShortRecipient(text);
  const facts = [
    ...(name === undefined || name === short ? [] : [short]),
    ...(origin === undefined ? [] : [`from ${origin}`]),
  ];
  return facts.length === 0 ? short : `${name ?? short} (${facts.join(", ")})`;
}

/** Says what is odd about a config, as warnings. */
export function warnOf(config: SopsConfig, report: Report): void {
  for (const { message, lineNumber } of config.warnings) {
    report.warning(`${report.path(config.path)}:${lineNumber}: ${message}`);
  }
}

/** @returns a rule for `--json`, its keys in full */
export function ruleAsJson(rule: Rule, own: OwnRecipients): Record<string, unknown> {
  return {
    number: rule.index + 1,
    line: rule.lineNumber,
    pathRegex: rule.pathRegex ?? null,
    groups: rule.groups.map(({ keys }) => keys.map((key) => listedKeyAsJson(key, own))),
    shamirThreshold: rule.shamirThreshold ?? null,
    selectors: rule.selectors,
    macOnlyEncrypted: rule.macOnlyEncrypted,
  };
}

/** @returns how a file differs from its rule, for `--json`; null without a rule. `name` names a key of the file */
export function differencesAsJson(
  differences: RuleDifferences | undefined,
  { name, own }: {
    readonly name: (key: RuleDifferences["extra"][number]["key"]) => NamedRuleKey;
    readonly own: OwnRecipients;
  },
): Record<string, unknown> | null {
  if (differences === undefined) return null;
  const { missing, extra, threshold } = differences;
  return {
    missing: missing.map(({ key, groupIndex }) => ({ ...listedKeyAsJson(key, own), group: groupIndex + 1 })),
    extra: extra.map(({ key, groupIndex }) => ({ ...listedKeyAsJson(name(key), own), group: groupIndex + 1 })),
    threshold: threshold ?? null,
  };
}

/** @returns a key for `--json`, in full */
export function keyAsJson({ type, text, name }: NamedRuleKey): Record<string, unknown> {
  return { type, text, name: name ?? null };
}

/** @returns a key of a list for `--json`: in full, and whether it is the person's own */
export function listedKeyAsJson(key: NamedRuleKey, own: OwnRecipients): Record<string, unknown> {
  return { ...keyAsJson(key), you: own.has(key) };
}
