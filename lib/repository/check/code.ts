/**
 * Every kind of finding that `check` knows besides the mistakes of `rules lint`: the one table behind the findings,
 * `--json`, `--sarif` and the list in `docs/check.md`. Pure data.
 *
 * @module
 */
import { LINT_CODES, type LintCode, type Severity } from "../../config/lint/code.ts";

/** One row of the table. */
export interface CheckCodeSpec {
  /** The worst that a finding of this kind can be. */
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly meaning: string;
  /** What comes of it and what to do, in a sentence or two. */
  readonly why: string;
}

/** The codes in alphabetical order. Code and severity are API; wording is not. */
export const CHECK_CODES = {
  "age-identity": {
    severity: "error",
    meaning: "an age identity, the private half of a key, in a file of the repository",
    why:
      "Whoever has a copy of the repository can read what is encrypted for it, and the history keeps it when the file " +
      "is gone. Make a new key, and rotate what the old one can read. Identities of plugins, which hold no secret, and " +
      "keys files with a passphrase are no findings.",
  },
  "comment-in-clear": {
    severity: "warning",
    meaning: "a comment in clear where the selector of the file encrypts comments",
    why:
      "SOPS encrypts comments as it does values. One that was typed in later stays in clear, for everybody to read, " +
      "until the file is written anew. Comments for programs, such as `# yaml-language-server`, are no findings.",
  },
  "damaged-data-key": {
    severity: "error",
    meaning: "a data key that is empty, or that is no age file any more: its reader cannot open the file",
    why:
      "A merge by hand, an editor or a cut line did that. `sopsmith rotate -i FILE`, run by somebody who can still open " +
      "the file, makes the data keys of all readers anew. A wrong character that leaves the form of the text whole is " +
      "seen only by who has the key.",
  },
  "damaged-value": {
    severity: "error",
    meaning: "an encrypted value, or the MAC, that lacks a part or is no Base64 any more",
    why: "SOPS refuses to open the file as long as it stands there. Only an earlier version of the file has the value.",
  },
  "malformed-file": {
    severity: "error",
    meaning: "encrypted values without metadata that SOPS could use: nobody can read the file",
    why:
      "The metadata holds the key of the values. Where it was lost or cut, only an earlier version of the file helps.",
  },
  "merge-conflict": {
    severity: "error",
    meaning: "marks of a merge conflict in an encrypted file or a .sops.yaml",
    why:
      "A text-based merge puts values and MAC of two versions into one file, which nobody can open. `sopsmith edit` " +
      "merges the values as long as git keeps both versions, and `sopsmith git setup` lets git do that. Of a " +
      ".sops.yaml, take what both sides mean.",
  },
  "no-config": {
    severity: "warning",
    meaning: "an encrypted file without a .sops.yaml",
    why:
      "Nothing says for whom the file should be encrypted, so nothing can be compared, and `updatekeys` cannot be used.",
  },
  "no-rule": {
    severity: "warning",
    meaning: "an encrypted file that no rule matches",
    why:
      "It opens as before, but SOPS refuses to update its recipients: people who join or leave are forgotten here. " +
      "The file was moved, or the rule was.",
  },
  "pgp-private-key": {
    severity: "error",
    meaning: "a PGP private key in a file of the repository",
    why: "As with `age-identity`. One with a passphrase is a note: it is as safe as the passphrase.",
  },
  "plaintext": {
    severity: "error",
    meaning: "a file in clear where a rule says that it is encrypted",
    why: "The next commit puts its values into the history, where nobody can take them back: once that has happened, " +
      "change the values at their source.",
  },
  "recipients-differ": {
    severity: "error",
    meaning: "other recipients than the rule says",
    why:
      "Somebody who should read the file cannot, or somebody who should not can. Who is taken away can still read the " +
      "old versions in the history: rotate, then change the values.",
  },
  "selector-differs": {
    severity: "warning",
    meaning: "another selector or MAC setting than the rule says",
    why:
      "SOPS writes the selector into a file once and never changes it. Values that are added later are encrypted, or " +
      "left in clear, by the selector of the file and not by that of the rule. Where the rule would leave the whole file " +
      "in clear, it is the wrong rule for it: give the file another one before it is encrypted anew.",
  },
  "ssh-private-key": {
    severity: "error",
    meaning: "an ssh private key in a file of the repository",
    why:
      "As with `age-identity`: SOPS and sops-nix open files with ssh keys. One with a passphrase is a note. Keys in " +
      "the older PEM forms, which servers use for TLS as well, count only in files that are called like ssh keys.",
  },
  "threshold-differs": {
    severity: "error",
    meaning: "another number of key groups that a reader needs than the rule says",
    why: "The file opens with fewer people, or only with more, than the rule wants.",
  },
  "unreadable-config": {
    severity: "error",
    meaning: "a .sops.yaml that cannot be read: no rule of it counts",
    why:
      "SOPS refuses to encrypt, and says nothing about the files that are encrypted already: they cannot be compared " +
      "with a rule.",
  },
  "value-in-clear": {
    severity: "error",
    meaning: "a value in clear in an encrypted file, where its selector encrypts",
    why:
      "Somebody has typed it in without SOPS. It is readable for everybody, and SOPS refuses to open the file as long " +
      "as it stands there.",
  },
} as const satisfies Readonly<Record<string, CheckCodeSpec>>;

/** A kind of finding that is not about the text of a `.sops.yaml`. */
export type OwnCheckCode = keyof typeof CHECK_CODES;

/** Every kind of finding; those of `rules lint` keep their codes. */
export type CheckCode = OwnCheckCode | LintCode;

/** @returns the codes of the table, in alphabetical order */
export function listCheckCodes(): readonly OwnCheckCode[] {
  return Object.keys(CHECK_CODES) as OwnCheckCode[];
}

/** @returns whether a code is one of `rules lint` */
export function isLintCode(code: CheckCode): code is LintCode {
  return Object.hasOwn(LINT_CODES, code);
}

/** @returns the row of a code, of either table */
export function specOfCode(code: CheckCode): CheckCodeSpec {
  return isLintCode(code) ? LINT_CODES[code] : CHECK_CODES[code];
}
