/**
 * One encrypted file against the identities of this machine: which of its keys opens here, and whether that is enough.
 *
 * Compares recipients; decrypts nothing. Pure. Spec: sops-engine §2.3, §3.6.
 *
 * @module
 */
import { classifyRecipient } from "../../keys/age/recipient.ts";
import { findSshPublicKey, formatSshPublicKey } from "../../keys/ssh/public_key.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import { type Answer, answerOfFile, answerOfGroup } from "../../sops/key_groups.ts";
import type { FileKey, ScannedMetadata } from "../scan/scanned_metadata.ts";
import type { Guess, LocalIdentity } from "./finding.ts";

/** One key of a file. */
export interface KeyDiagnosis {
  readonly key: FileKey;
  readonly answer: Answer;
  /** What opens it, or may; for `no`: what would open it if SOPS used it. Absent: nothing here, or no age key. */
  readonly identity?: LocalIdentity;
}

/** Whether a file opens on this machine. */
export interface AccessDiagnosis {
  /** By groups, as in the file. */
  readonly groups: readonly (readonly KeyDiagnosis[])[];
  /** Of how many groups a reader needs a key. */
  readonly neededGroups: number;
  readonly answer: Answer;
}

/** @param identities all that are on this machine, those with an obstacle too */
export function diagnoseAccess(metadata: ScannedMetadata, identities: readonly LocalIdentity[]): AccessDiagnosis {
  const groups = metadata.groups.map(({ keys }) => keys.map((key) => diagnoseKey(key, identities)));
  const neededGroups = countNeededGroups(metadata);
  const answers = groups.map((keys) => answerOfGroup(keys.map(({ answer }) => answer)));
  return { groups, neededGroups, answer: answerOfFile(answers, neededGroups) };
}

/** @returns the recipient by which an identity is found: of an ssh key without its comment */
export function bareRecipient(text: string): string {
  const ssh = findSshPublicKey(text);
  return ssh === undefined ? text : formatSshPublicKey(ssh);
}

/** @returns whether an identity costs nobody anything: neither a passphrase nor the run of a command */
export function isFree({ isLocked, isFromCommand }: LocalIdentity): boolean {
  return !isLocked && isFromCommand === undefined;
}

function diagnoseKey(key: FileKey, identities: readonly LocalIdentity[]): KeyDiagnosis {
  if (key.type !== "age") return { key, answer: "perhaps" };
  const recipient = bareRecipient(key.text);
  const same = identities.filter((identity) => identity.recipient === recipient);
  const usable = same.filter(({ obstacle }) => obstacle === undefined);
  // One that costs nothing comes before a command, and one that asks for nothing before one with a passphrase.
  const identity = usable.find(isFree) ?? usable.find(({ isLocked }) => !isLocked) ?? usable[0];
  if (identity !== undefined) return { key, answer: "yes", identity };
  const guessed = identities.find(({ guess, obstacle }) => obstacle === undefined && mayOpen(guess, key.text));
  if (guessed !== undefined) return { key, answer: "perhaps", identity: guessed };
  const closed = same[0] ??
    identities.find(({ guess, obstacle }) => obstacle !== undefined && mayBeFor(guess, recipient));
  return { key, answer: "no", ...(closed === undefined ? {} : { identity: closed }) };
}

/** Whether an entry of the keychain or an identity of a plugin that cannot be used may be for a key. */
function mayBeFor(guess: Guess | undefined, recipient: string): boolean {
  if (guess?.kind === "plugin") return mayOpen(guess, recipient);
  if (guess?.kind !== "keychain") return false;
  return guess.recipients?.has(recipient) ?? classifyRecipient(recipient) === "x25519";
}

function mayOpen(guess: Guess | undefined, text: string): boolean {
  const kind = classifyRecipient(text);
  switch (guess?.kind) {
    case "plugin":
      return kind === "plugin" && text.startsWith(`age1${guess.name}1`);
    case "ssh-key":
      return kind === "ssh-rsa" || kind === "ssh-ed25519";
    case "protected-list":
    case "command":
      return kind === "x25519" || kind === "hybrid";
    case "keychain":
    case undefined:
      return false;
  }
}
