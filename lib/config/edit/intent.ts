/**
 * What a change of `.sops.yaml` is asked for: the one intent that keygen, init, `rules add` and every `recipient` command
 * make. `change.ts` plans it, `proof.ts` proves it. Types, and the check of what is asked for. Pure.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Selector, SopsConfig } from "../rules/sops_config.ts";

/** Whose key it is: files that define their keys by kind keep those of people and machines apart. */
export type KeyOwner = "person" | "host" | "vault";

/** A recipient that a rule shall have. */
export interface NewRecipient {
  /** The public key. */
  readonly text: string;
  /** What people call it; made valid and free before it is written as an anchor or a comment. */
  readonly name: string;
  /** Absent where nobody said so: then it is of the kind of the keys that it joins. */
  readonly owner?: KeyOwner;
}

/** A creation rule that the file shall have. */
export interface NewRule {
  /** In RE2 syntax, as SOPS will read it. */
  readonly pathRegex: string;
  /** At least one, unless `keysOfRule` is set. Those that the file already knows by text keep the name it gives them. */
  readonly recipients: readonly NewRecipient[];
  /** At most one. */
  readonly selectors: Readonly<Partial<Record<Selector, string>>>;
  /** Whether SOPS computes the file's MAC over encrypted values alone. */
  readonly macOnlyEncrypted: boolean;
  /** Index of a rule with one key group, all keys of which, of every type, the new rule holds too. */
  readonly keysOfRule?: number;
}

/** What becomes of the keys of some rules. Rules that have what comes, or lack what goes, stay as they are. */
export interface KeysIntent {
  /** 0-based indexes in the file before, in any order. */
  readonly rules: readonly number[];
  /** The `age` recipients that come. */
  readonly add?: readonly NewRecipient[];
  /** The keys of any type that go, each as `RuleKey.text`. */
  readonly remove?: readonly string[];
  /** `age` recipients: exactly these stay or come; keys of other types stay. */
  readonly set?: readonly NewRecipient[];
  /**
   * 0-based index of the key group, meant for those of several rules that have several. Absent: the only one; of what
   * goes, every group that has it.
   */
  readonly group?: number;
}

/** Which of the places that lead to a rule's recipients is changed. */
export type EditScope =
  /** Only the named rules: what they share with others by alias or `<<` becomes their own copy. */
  | "rule"
  /** The shared place itself, for all rules that use it. */
  | "shared";

/** Everything that shall be different, by indexes in the file before. */
export interface ChangeIntent {
  readonly keys?: readonly KeysIntent[];
  /** For all of `keys`; default `rule`. */
  readonly scope?: EditScope;
  /** A name that becomes another one, wherever it names a key. */
  readonly rename?: Renaming;
  /** A rule more; `position` is the index of the rule that it precedes, the number of rules for the end. */
  readonly addRule?: { readonly rule: NewRule; readonly position: number };
  /** Rules that go, with the comment blocks directly above them. */
  readonly dropRules?: readonly number[];
}

// deno-lint-ignore no-control-regex -- these are what a recipient must not hold
const NO_RECIPIENT = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff,]|^\s|\s$|^$/;

/**
 * Checks that recipients can stand in the file.
 *
 * @throws {UserError} `malformed` when a text cannot stand as one recipient: a comma separates recipients, and a line
 * break ends one
 */
export function checkRecipients(recipients: readonly NewRecipient[]): void {
  const wrong = recipients.find(({ text }) => NO_RECIPIENT.test(text));
  if (wrong === undefined) return;
  throw new UserError(
    "malformed",
    `cannot record the key "${wrong.name}": it is empty or holds a comma, a line break or outer spaces`,
    { hints: ["give the public key alone, without a comment"] },
  );
}

/** What is asked of a rule with several groups. */
const ACTIONS = { add: "add a recipient to", set: "set the recipients of" } as const;

/**
 * What a change of several rules means by a group: that of the rules that have several, the only one of the others.
 *
 * @returns the group that each of the rules is asked for, ascending; undefined where none is
 * @throws {UserError} `usage` for a group that the rules do not have
 * @throws {InternalError} for a rule that does not exist
 */
export function askedGroups(
  config: SopsConfig,
  { rules: indexes, group }: Pick<KeysIntent, "rules" | "group">,
): ReadonlyMap<number, number | undefined> {
  const rules = [...new Set(indexes)].sort((a, b) => a - b).map((index) => {
    const rule = config.rules[index];
    if (rule === undefined) throw new InternalError(`no rule ${index + 1} to change`);
    return rule;
  });
  const someHaveSeveral = rules.some(({ groups }) => groups.length > 1);
  return new Map(rules.map(({ index, groups, lineNumber }) => {
    const asked = someHaveSeveral && groups.length <= 1 ? undefined : group;
    const count = Math.max(groups.length, 1);
    if (asked === undefined || (Number.isInteger(asked) && asked >= 0 && asked < count)) return [index, asked];
    throw new UserError("usage", `rule ${index + 1} of "${config.path}" has no key group ${asked + 1}`, {
      hints: [`name a group from 1 to ${count}`],
      location: { path: config.path, line: lineNumber },
    });
  }));
}

/**
 * @param asked what {@link askedGroups} found
 * @returns the index of the group of a rule that gains a recipient; 0 for a rule without `key_groups`
 * @throws {UserError} `refused` for several groups and none asked for
 */
export function requireGroup(
  config: SopsConfig,
  [index, asked]: readonly [ruleIndex: number, asked: number | undefined],
  action: keyof typeof ACTIONS,
): number {
  const { groups: { length: count }, lineNumber } = config.rules[index]!;
  if (asked !== undefined || count <= 1) return asked ?? 0;
  throw new UserError(
    "refused",
    `cannot ${ACTIONS[action]} rule ${index + 1} of "${config.path}": it has ${count} key groups, ` +
      "and a reader needs one key of each",
    {
      hints: [
        `name one of them: sopsmith recipient ${action} … --rule ${index + 1} --group N, with N from 1 to ${count}`,
      ],
      location: { path: config.path, line: lineNumber },
    },
  );
}

/** A name that becomes another one. */
export interface Renaming {
  /** The present name: an anchor, or a comment that names a key. */
  readonly from: string;
  /** The new one, which no key and no anchor has yet. */
  readonly to: string;
  /** The key that is meant; absent: every key of that name. A comment may be the name of several. */
  readonly text?: string;
}

/** @returns whether a key is one that a renaming is about; fingerprints may be written with spaces */
export function isRenamed({ from, text }: Renaming, key: { readonly name?: string; readonly text: string }): boolean {
  const bare = (written: string): string => written.replaceAll(" ", "");
  return key.name === from && (text === undefined || bare(key.text) === bare(text));
}
