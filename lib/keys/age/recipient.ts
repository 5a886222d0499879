/**
 * Recipients, the public half of age keys: their kinds, and how people see them. `recipient_parse.ts` checks them.
 *
 * Pure, and light: every command that shows a recipient loads this, so it needs no package. Spec: sops-engine §2.1,
 * keys §1.
 *
 * @module
 */
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { findSshPublicKey } from "../ssh/public_key.ts";

/** Every kind of recipient that SOPS takes. */
export type RecipientKind = "x25519" | "hybrid" | "plugin" | "ssh-ed25519" | "ssh-rsa";

/** How many characters of a key people see: after the human-readable part, and at the end. */
const SHOWN_HEAD = 4;
const SHOWN_TAIL = 5;

/**
 * Tells what kind of recipient SOPS takes a text for, by how it begins, without checking the rest.
 *
 * @param text trimmed
 * @returns undefined when SOPS would not know the type
 */
export function classifyRecipient(text: string): RecipientKind | undefined {
  if (text.startsWith("age1pq1")) return "hybrid";
  if (text.startsWith("age1")) return text.indexOf("1", "age1".length) < 0 ? "x25519" : "plugin";
  if (/^ssh-ed25519[ \t]/.test(text)) return "ssh-ed25519";
  if (/^ssh-rsa[ \t]/.test(text)) return "ssh-rsa";
  return undefined;
}

/** Of an ssh key `ssh-ed25519 AAAA… comment` its first two words; an age recipient is one word. */
export function withoutComment(recipient: string): string {
  return recipient.split(" ", 2).join(" ");
}

/**
 * Shortens a recipient for people: `age1ql3z…cac8p`, `age1pq1abcd…vwxyz`, `ssh-ed25519 …Fq2xT me@laptop`.
 *
 * Any text is accepted, also one that is no recipient; of an identity nothing but its kind is shown.
 */
export function formatShortRecipient(text: string): string {
  if (looksLikeIdentity(text)) return "AGE-SECRET-KEY-…";
  const ssh = findSshPublicKey(text);
  if (ssh !== undefined) {
    const comment = ssh.comment === "" ? "" : ` ${ssh.comment}`;
    return `${ssh.type} …${ssh.encoded.slice(-SHOWN_TAIL)}${comment}`;
  }
  const headLength = (text.startsWith("age1") ? text.lastIndexOf("1") + 1 : "age1".length) + SHOWN_HEAD;
  if (text.length <= headLength + SHOWN_TAIL) return text;
  return `${text.slice(0, headLength)}…${text.slice(-SHOWN_TAIL)}`;
}
