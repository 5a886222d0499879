/**
 * What an edit of `.sops.yaml` is asked for and what it gives back. Types and the check of what is asked for.
 *
 * `add_recipient.ts` adds a recipient to rules, `remove_recipient.ts` takes one away, `set_recipients.ts` does both,
 * `rename_recipient.ts` gives it another name; `add_rule.ts` adds a rule, `drop_rule.ts` takes one away, `new_config.ts`
 * makes a new file. `proof.ts` proves each of them. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { KeyType, Selector, SopsConfig } from "../rules/sops_config.ts";

/** A recipient that a rule shall have. */
export interface NewRecipient {
  /** The public key. */
  readonly text: string;
  /** What people call it; made valid and free before it is written as an anchor or a comment. */
  readonly name: string;
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

/** A planned edit, proved. Nothing is written yet. */
export interface ConfigEdit {
  /** The new text; the old one when there was nothing to do. */
  readonly source: string;
  /** The read model of the new text. */
  readonly config: SopsConfig;
  /** Index, in the new file, of the rule that was added or changed. */
  readonly ruleIndex: number;
  /** 1-based line of the new text on which the new rule starts or the recipient stands. */
  readonly lineNumber: number;
  /** The name of the (first) recipient: as written, or as the file already calls it; the wanted one where none is written. */
  readonly name: string;
}

/** A recipient, or a key of another type, that an edit gave to a rule or took from it. */
export interface ChangedKey {
  readonly type: KeyType;
  /** As `RuleKey.text`. */
  readonly text: string;
  /** What the file calls it: after the edit, of a removed one before; absent when no name is written. */
  readonly name?: string;
  /** 1-based line on which it stands in the new text, of a removed one in the old text. */
  readonly lineNumber: number;
}

/** What an edit changed for one rule. */
export interface RuleChange {
  /** 0-based index of the rule in the file before the edit; the same after it, unless a rule was dropped. */
  readonly ruleIndex: number;
  readonly added: readonly ChangedKey[];
  readonly removed: readonly ChangedKey[];
  /** Those that have another name now, with that name. */
  readonly renamed: readonly ChangedKey[];
}

/** A planned edit of several rules, proved. Nothing is written yet. */
export interface ConfigEdits {
  /** The new text; the old one when there was nothing to do. */
  readonly source: string;
  /** The read model of the new text; the old one when there was nothing to do. */
  readonly config: SopsConfig;
  /**
   * The rules for which something changed, ascending; empty when there was nothing to do. With `scope: "shared"` also
   * those that were not named and share the place.
   */
  readonly changes: readonly RuleChange[];
}

/** Which of the places that lead to a rule's recipients is changed. */
export type EditScope =
  /** Only the named rules: what they share with others by alias or `<<` becomes their own copy. */
  | "rule"
  /** The shared place itself, for all rules that use it. */
  | "shared";

// deno-lint-ignore no-control-regex -- these are what a recipient must not hold
const NO_RECIPIENT = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff,]|^\s|\s$|^$/;

/**
 * Checks that a recipient can stand in the file.
 *
 * @throws {UserError} `malformed` when the text cannot stand as one recipient: a comma separates recipients, and a line
 * break ends one
 */
export function checkRecipient(recipient: NewRecipient): void {
  if (!NO_RECIPIENT.test(recipient.text)) return;
  throw new UserError(
    "malformed",
    `cannot record the key "${recipient.name}": it is empty or holds a comma, a line break or outer spaces`,
    { hints: ["give the public key alone, without a comment"] },
  );
}
