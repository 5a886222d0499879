/**
 * Every kind of mistake that `rules lint` knows in a `.sops.yaml`: the one table behind the findings, `--json`, and the
 * list in `docs/lint.md`. Pure data. Spec: sops-config §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatList } from "../../base/show/word_list.ts";

/** How bad a finding is, mildest first. `error`: SOPS does something else than the file seems to say, or nothing at all. */
export const SEVERITIES = ["note", "warning", "error"] as const;

/** One of {@link SEVERITIES}. */
export type Severity = typeof SEVERITIES[number];

/**
 * What `--fix` does about a kind of finding. Every fix leaves the meaning of the file as it is: who reads what.
 *
 * `always`: it is applied. `named`: only when `--only` names the code, because people may like it as it is. `never`: what
 * is right is for a person to say.
 */
export type FixPolicy = "always" | "named" | "never";

/** One row of the table. */
export interface LintCodeSpec {
  /** The worst that a finding of this kind can be. */
  readonly severity: Severity;
  readonly fix: FixPolicy;
  /** What is wrong, in one line. */
  readonly meaning: string;
  /** What comes of it and what to do, in a sentence or two. */
  readonly why: string;
}

/** The codes in alphabetical order. Code and severity are API; wording is not. */
export const LINT_CODES = {
  "bad-recipient": {
    severity: "error",
    fix: "never",
    meaning: "a recipient that SOPS refuses: wrong checksum or case, another kind of key, a private key",
    why: "SOPS checks every key of a rule before it encrypts, and stops at the first that it cannot read. Copy " +
      "the public key again from where it was made. A private key that stood here is known to everyone who " +
      "could read the file: make a new one.",
  },
  "bad-regex": {
    severity: "error",
    fix: "never",
    meaning: "a regular expression that does not compile: SOPS stops at it, or leaves every value in clear",
    why:
      "SOPS takes the regular expressions of RE2: look-ahead and back-references do not exist there. A `path_regex` " +
      "that does not compile stops SOPS for every file that no earlier rule matches. With an `encrypted_regex` or " +
      "`encrypted_comment_regex` that does not, SOPS says nothing and encrypts no value.",
  },
  "bad-threshold": {
    severity: "error",
    fix: "never",
    meaning: "a shamir_threshold that does not fit the number of key groups: SOPS encrypts nothing",
    why: "`shamir_threshold` counts key groups, not keys. It must be 2 at least, and no more than there are groups.",
  },
  "bad-type": {
    severity: "error",
    fix: "never",
    meaning: "a value of a type that SOPS does not take: it refuses the rule or the whole file",
    why: "One value of the wrong type, such as `shamir_threshold: '2'`, keeps SOPS from reading the file at all, " +
      "so that no rule counts.",
  },
  "blank-in-regex": {
    severity: "error",
    fix: "never",
    meaning: "a selector that looks for a blank at the start or end of a name: SOPS leaves the values in clear",
    why: "In `^(data | stringData)$` the blanks belong to the names. No key has such a name, so an " +
      "`encrypted_regex` encrypts nothing, without a word, and an `unencrypted_regex` leaves nothing out. Take the " +
      "blanks out.",
  },
  "dead-rule": {
    severity: "note",
    fix: "never",
    meaning: "a path_regex that matches no file of the repository, or none that earlier rules leave",
    why: "The pattern may be misspelt, or its files may be gone or yet to come. SOPS compares the path below the " +
      "folder of the `.sops.yaml`, without `./` in front. Nothing is said in a new repository: one where no rule matches " +
      "a file, and no file is encrypted.",
  },
  "duplicate-recipient": {
    severity: "warning",
    fix: "always",
    meaning: "the same key twice in one rule, also as ssh key and converted",
    why: "Nobody gains anything by it, and whoever takes the recipient out later may miss one of the two. An ssh " +
      "key and its converted form are one key as well: whoever has the ssh key has both. Two names for one key " +
      "mean that one of the two people cannot read anything.",
  },
  "ignored-age": {
    severity: "error",
    fix: "never",
    meaning: "age (or pgp, kms, …) beside key_groups, which has no effect",
    why: "As soon as a rule has `key_groups`, SOPS reads its keys from nowhere else, and says nothing: whoever is " +
      "named beside them cannot read the files.",
  },
  "list-needs-3.11": {
    severity: "note",
    fix: "named",
    meaning: "a list of keys outside key_groups, which SOPS reads from 3.11 on",
    why: "Older versions stop with `cannot unmarshal !!seq into string`. A list in `key_groups` means the same in " +
      "every version; `--fix --only list-needs-3.11` puts it there.",
  },
  "mixed-quantum": {
    severity: "note",
    fix: "never",
    meaning: "post-quantum and classical recipients in one group: the file is as safe as the weakest",
    why: "Each recipient of a group can open the file alone. Who records the file today and has a quantum " +
      "computer one day opens it by the classical key.",
  },
  "needs-two-keys": {
    severity: "warning",
    fix: "never",
    meaning: "several key groups without shamir_threshold: a reader needs one key of each",
    why: "The data key is split between the groups (Shamir's secret sharing), and without `shamir_threshold` a " +
      "part of every group is needed. Often one dash too many, in front of `pgp:` or `age:`, is all that makes " +
      "the second group.",
  },
  "no-recipients": {
    severity: "error",
    fix: "never",
    meaning: "a rule or a key group without any key: SOPS encrypts nothing by it",
    why: "SOPS would encrypt to nobody; it stops instead.",
  },
  "no-rules": {
    severity: "note",
    fix: "never",
    meaning: "no creation rule: SOPS needs keys on its command line, or refuses every file",
    why: "Without `creation_rules`, SOPS takes keys from its command line and environment only; with an empty " +
      "list it refuses every file.",
  },
  "path-from-here": {
    severity: "error",
    fix: "never",
    meaning: "a path_regex that begins with ./: it matches nothing at the root of the repository",
    why:
      "SOPS compares the path below the folder of the `.sops.yaml`: `secrets/db.yaml`, never `./secrets/db.yaml`. A " +
      "rule that asks for the dot and the slash wins for no file there.",
  },
  "private-key": {
    severity: "error",
    fix: "never",
    meaning: "a private key in a file that is meant to be committed",
    why: "A private key in the history of a repository is known to everyone who has a copy. Move it to the keys " +
      "file, and make a new key for whatever it could open.",
  },
  "second-document": {
    severity: "note",
    fix: "never",
    meaning: "a second YAML document, which SOPS does not read",
    why: "Everything behind the second `---` has no effect, and SOPS does not say so.",
  },
  "selector-conflict": {
    severity: "error",
    fix: "never",
    meaning: "more than one of the six selectors (encrypted_regex, …): SOPS refuses the rule",
    why: "`encrypted_regex`, `unencrypted_suffix` and their four relatives exclude each other; SOPS stops when a " +
      "rule has two of them.",
  },
  "shadowed-rule": {
    severity: "error",
    fix: "never",
    meaning: "a rule that never wins, because earlier ones match everything that it matches",
    why: "The first rule that matches a file wins, and rules never add up. Files of the later rule are encrypted " +
      "to the recipients of the earlier one. It is an error where it is proved for every path, and a warning " +
      "where it is so for the files of the repository and for made-up ones.",
  },
  "ssh-needs-3.10": {
    severity: "note",
    fix: "never",
    meaning: "an ssh key as a recipient, which SOPS reads from 3.10 on",
    why: "Older versions, also inside Flux, sops-nix and operators, stop at such a recipient. Whoever reads needs " +
      "the ssh private key itself, where its age form needs the converted one.",
  },
  "unanchored-regex": {
    severity: "note",
    fix: "never",
    meaning: "a path_regex that matches more than it seems to: an unescaped dot, no $ behind a file ending",
    why: "`secrets.yaml` also matches `not-secrets-yaml-old`: a dot takes every character, and a pattern without " +
      "`$` may go on. Files that nobody had in mind are then encrypted to the recipients of this rule.",
  },
  "undefined-alias": {
    severity: "error",
    fix: "never",
    meaning: "an alias whose anchor is not defined before it: SOPS refuses the whole file",
    why: "SOPS reads an alias as the anchor of that name that stands before it. Without one it refuses the whole " +
      "file.",
  },
  "unknown-key": {
    severity: "error",
    fix: "never",
    meaning: "a key that SOPS does not know and silently ignores",
    why: "SOPS ignores what it does not know. `keygroups` instead of `key_groups` has encrypted files to nobody.",
  },
  "unused-key": {
    severity: "note",
    fix: "never",
    meaning: "a named key that no rule uses",
    why: "It may be a leftover, or someone who was forgotten when the rules were written.",
  },
  "windows-path": {
    severity: "note",
    fix: "named",
    meaning: "a bare / in a path_regex, which never matches on Windows",
    why: "On Windows, SOPS compares paths with backslashes, so that no rule with a bare `/` matches a file in a " +
      "folder. `[/\\\\]` matches both; `--fix --only windows-path` writes it. Most repositories never see Windows, so " +
      "this is told only on Windows, with `--only windows-path`, and where another rule of the file takes a backslash.",
  },
  "wrong-name": {
    severity: "error",
    fix: "never",
    meaning: "a file that SOPS does not find: .sops.yml, or a .sops.yaml below the root of the repository",
    why: "SOPS reads `.sops.yaml` and nothing else, searched upward from the folder in which it is started. " +
      "`.sops.yml` is never read. A file below the root of the repository counts only when SOPS is started " +
      "there or below, so that is a note.",
  },
} as const satisfies Readonly<Record<string, LintCodeSpec>>;

/** A kind of finding. */
export type LintCode = keyof typeof LINT_CODES;

/** @returns the codes of the table, in alphabetical order */
export function listLintCodes(): readonly LintCode[] {
  return Object.keys(LINT_CODES) as LintCode[];
}

/**
 * @param text value of `--level`; undefined when not given
 * @param usual what counts then
 * @throws {UserError} `usage` for anything else
 */
export function parseSeverity(text: string | undefined, usual: Severity): Severity {
  if (text === undefined) return usual;
  const found = SEVERITIES.find((severity) => severity === text);
  if (found !== undefined) return found;
  throw new UserError("usage", `--level is "${text}", expected ${formatList(SEVERITIES, "or")}`);
}

/** @returns whether a severity is at least as bad as a level */
export function isAtLeast(severity: Severity, level: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(level);
}
