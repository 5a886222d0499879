/**
 * What `doctor` speaks of: identities on this machine, what keeps SOPS from using one, and what a person can do. Types
 * only; `places.ts` and the others make them.
 *
 * @module
 */
import type { Restoration } from "./restoration.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import type { KeysSource } from "../../keys/places/keys_path.ts";

/** One thing that a person can do; the commands turn it into a line to type. Paths are absolute. */
export type Repair =
  /** Bring the ed25519 key in as an age identity. */
  | { readonly kind: "convert-ssh-key"; readonly path: string }
  /** An ssh key whose encryption is of an old form. */
  | { readonly kind: "rewrite-ssh-key"; readonly path: string }
  /** Let SOPS use the converted key of the host once. */
  | { readonly kind: "use-host-key"; readonly path: string }
  /** Bring the identities of a file to where SOPS looks, or write the file anew where it is. */
  | { readonly kind: "import-keys"; readonly path: string }
  /** Name a file to SOPS by a variable, and unset others. */
  | { readonly kind: "set-variable"; readonly variable: KeysSource; readonly path: string; readonly unset?: KeysSource }
  /** Let SOPS take the key of a vault from the keychain. */
  | { readonly kind: "set-key-command"; readonly vault: Vault }
  | { readonly kind: "move-variable"; readonly from: KeysSource; readonly to: KeysSource }
  | { readonly kind: "unset-variable"; readonly variable: string }
  | { readonly kind: "correct-file"; readonly path: string; readonly lineNumber?: number | undefined }
  /** Mistakes in a `.sops.yaml`; `isNearest`: it is the one that commands choose by themselves here. */
  | { readonly kind: "lint-config"; readonly path: string; readonly isNearest: boolean }
  /** Lines of a variable that SOPS refuses, beside identities that it holds. */
  | { readonly kind: "correct-variable"; readonly variable: KeysSource; readonly lineNumber?: number }
  /** Something is missing on this machine; `step` says what to do, for people. */
  | { readonly kind: "set-up"; readonly step: string }
  /** A symlink to what is not there. */
  | { readonly kind: "mend-link"; readonly path: string }
  /** Where the ssh key itself is, of which only the converted age key is known. */
  | { readonly kind: "name-ssh-key" }
  /** An encrypted file as it was before something changed it. */
  | { readonly kind: "restore-file"; readonly path: string; readonly from?: Restoration }
  /** A merge of git that a person has to finish. */
  | { readonly kind: "finish-merge"; readonly path: string }
  /** Encrypt the data key anew for every recipient. */
  | { readonly kind: "rotate-file"; readonly path: string }
  /** A value that stands in clear where it should be encrypted. */
  | { readonly kind: "hide-value"; readonly path: string; readonly from?: Restoration }
  /** A private key where the public half belongs. */
  | { readonly kind: "replace-identity"; readonly path: string }
  | { readonly kind: "close-file"; readonly path: string }
  /** Its access list says who can read it, and could not be read. */
  | { readonly kind: "show-access"; readonly path: string }
  /** Take the readers of a file on Windows away, all but the person; each as `S-1-…`. */
  | {
    readonly kind: "close-access";
    readonly path: string;
    readonly person: string;
    readonly others: readonly string[];
  }
  | { readonly kind: "untrack-file"; readonly path: string }
  | { readonly kind: "try-command"; readonly variable: KeysSource };

/** Why SOPS does not use an identity that is there, or this program does not. */
export interface Obstacle {
  /** To stand after "but": `SOPS does not convert ssh keys`. */
  readonly reason: string;
  readonly repair: Repair;
}

/** What an identity may open whose recipient cannot be told without a passphrase or another program. */
export type Guess =
  | { readonly kind: "plugin"; readonly name: string }
  | { readonly kind: "ssh-key" }
  | { readonly kind: "protected-list" }
  /** A command that was not asked for every recipient. */
  | { readonly kind: "command" }
  /** An entry of the keychain that was not read; undefined: whose key it has cannot be told. */
  | { readonly kind: "keychain"; readonly recipients: ReadonlySet<string> | undefined };

/** An identity on this machine. */
export interface LocalIdentity {
  /** The recipient, of an ssh key without its comment; undefined where it cannot be told. */
  readonly recipient: string | undefined;
  /** Absent when the recipient is known. */
  readonly guess?: Guess;
  /** Where it was found, for people: a path or a variable. */
  readonly origin: string;
  /** It opens only with a passphrase. */
  readonly isLocked: boolean;
  /** A command printed it, and would have to run again. */
  readonly isFromCommand?: true;
  /** Absent: SOPS uses it. */
  readonly obstacle?: Obstacle;
}

/** What `doctor` finds wrong besides who can read a file. The codes are API. */
export const FINDING_CODES = {
  "path-as-key": "problem",
  "key-as-path": "problem",
  "tilde-in-variable": "problem",
  "missing-file": "problem",
  "no-config-folder": "problem",
  "dangling-link": "problem",
  "unusable-source": "problem",
  "failing-command": "problem",
  "unusable-ssh-key": "warning",
  "readable-by-others": "warning",
  "outside-profile": "warning",
  "tracked-by-git": "problem",
  "not-ignored-by-git": "warning",
  "other-place": "warning",
  "unreadable-config": "problem",
  "private-key-in-config": "problem",
  "ignored-config-name": "warning",
  "rule-mistake": "problem",
  "other-config": "warning",
  "no-rule": "warning",
  "sops-too-old": "problem",
  "sops-refuses-comments": "problem",
  "unreadable-files": "warning",
  "unmerged": "problem",
  "malformed-file": "problem",
  "tampered": "problem",
  "damaged-data-key": "problem",
  "value-in-clear": "problem",
  "comment-in-clear": "warning",
  "wrong-recipient": "warning",
} as const satisfies Readonly<Record<string, "problem" | "warning">>;

/** One of {@link FINDING_CODES}. */
export type FindingCode = keyof typeof FINDING_CODES;

/** Something that a person should know. */
export interface Finding {
  readonly code: FindingCode;
  /** One line; paths as people see them, in quotes. Never secret text. */
  readonly message: string;
  /** Absolute. */
  readonly path?: string;
  readonly repair?: Repair;
}

/** What stands at a place. */
export type PlaceContent =
  /** Nothing to try, and why: `not set`, `no such file`. */
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "identities" }
  /** A list of identities that only a passphrase opens. */
  | { readonly kind: "protected" }
  /** An entry of the keychain that is there, and was not read. */
  | { readonly kind: "keychain" }
  /** `type` in words, with its article. */
  | { readonly kind: "ssh-key"; readonly type: string; readonly isLocked: boolean }
  /** Something that SOPS drops; to stand after the place: `line 3 is a recipient, …`. */
  | { readonly kind: "unusable"; readonly reason: string; readonly lineNumber?: number };

/** A place that was looked at. */
export interface ExaminedPlace {
  /** `elsewhere`: where SOPS does not look. */
  readonly source: KeysSource | "elsewhere";
  /** The variable or the path, as people see it. */
  readonly label: string;
  /** Absolute; absent when the place is no file. */
  readonly path?: string;
  /** Permission bits; absent without a file, and where the system has none. */
  readonly mode?: number;
  readonly content: PlaceContent;
  readonly identities: readonly LocalIdentity[];
  readonly findings: readonly Finding[];
}
