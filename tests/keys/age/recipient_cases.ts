/**
 * Recipients, good and bad, for the reader's own tests and for the comparison with real age.
 *
 * @module
 */
import { bech32 } from "@scure/base";
import { Secret } from "../../../lib/base/secret.ts";
import { deriveRecipient } from "../../../lib/keys/age/identity.ts";
import type { RecipientKind } from "../../../lib/keys/age/recipient.ts";
import {
  TEST_HYBRID,
  TEST_PLUGIN,
  TEST_SSH_ED25519,
  TEST_SSH_RSA,
  TEST_SSH_RSA_SMALL,
  TEST_X25519,
} from "../test_keys.ts";

/** The recipient of the hybrid test key. */
export const HYBRID_RECIPIENT = await deriveRecipient(new Secret(TEST_HYBRID.identity));

function lowerBech32(prefix: string, bytes: Uint8Array): string {
  return bech32.encode(prefix, bech32.toWords(bytes), false);
}

/** What SOPS takes, with its kind. */
export const RECIPIENTS: readonly (readonly [text: string, kind: RecipientKind])[] = [
  [TEST_X25519.recipient, "x25519"],
  [HYBRID_RECIPIENT, "hybrid"],
  [TEST_PLUGIN.recipient, "plugin"],
  [lowerBech32("age1tag", new Uint8Array(33)), "plugin"],
  [TEST_SSH_ED25519, "ssh-ed25519"],
  [TEST_SSH_RSA, "ssh-rsa"],
  [TEST_SSH_ED25519.split(" ").slice(0, 2).join(" "), "ssh-ed25519"],
];

/** What SOPS refuses, with what the message must say. */
export const REFUSED_RECIPIENTS: Readonly<Record<string, readonly [text: string, found: RegExp]>> = {
  "nothing": ["", /something that is no recipient/],
  "a word": ["alice", /something that is no recipient/],
  "upper case": [TEST_X25519.recipient.toUpperCase(), /something that is no recipient/],
  "a leading blank": [` ${TEST_X25519.recipient}`, /something that is no recipient/],
  "an ECDSA ssh key": ["ecdsa-sha2-nistp256 AAAA", /something that is no recipient/],
  "a DSA ssh key": ["ssh-dss AAAA", /something that is no recipient/],
  "mixed case": [TEST_X25519.recipient.replace(/.$/, "C"), /wrong checksum, letter or case/],
  "a wrong checksum": [TEST_X25519.recipient.replace(/.$/, "q"), /wrong checksum/],
  "a trailing comment": [`${TEST_X25519.recipient} laptop`, /wrong checksum/],
  "31 bytes": [lowerBech32("age", new Uint8Array(31)), /wrong length/],
  "a hybrid recipient of 1215 bytes": [lowerBech32("age1pq", new Uint8Array(1215)), /wrong length/],
  "a hybrid recipient with a low coefficient too large": [hybridWith(0, 0x01, 0x0d), /wrong length or content/],
  "a hybrid recipient with a high coefficient too large": [hybridWith(1149, 0, 0x10, 0xd0), /wrong length or content/],
  "a plugin recipient with a bad name": [lowerBech32("age1a/b", new Uint8Array(9)), /wrong length or content/],
  "an ssh key without its Base64": ["ssh-ed25519 ", /damaged ssh public key/],
  "an ssh key with broken Base64": ["ssh-ed25519 AAA", /damaged ssh public key/],
  "an ssh key with padding in the middle": ["ssh-ed25519 A=======", /damaged ssh public key/],
  "an ssh key cut short": [TEST_SSH_ED25519.split(" ").slice(0, 2).join(" ").slice(0, -4), /damaged ssh public key/],
  "an ssh key with half a length": ["ssh-ed25519 AAAA", /damaged ssh public key/],
  "an ssh key of another type than it says": [TEST_SSH_ED25519.replace("ed25519", "rsa"), /another type than it says/],
  "an RSA key with too few fields": [sshLine("ssh-rsa", new Uint8Array(3)), /damaged ssh public key/],
  "an Ed25519 key of 31 bytes": [sshLine("ssh-ed25519", new Uint8Array(31)), /damaged ssh public key/],
  "an RSA key of zero": [sshLine("ssh-rsa", Uint8Array.of(3), new Uint8Array(256)), /less than 2048 bits/],
  "a small RSA key": [TEST_SSH_RSA_SMALL, /less than 2048 bits/],
};

/** A hybrid recipient of zero bytes but for some at an offset. */
export function hybridWith(offset: number, ...bytes: number[]): string {
  const key = new Uint8Array(1216);
  key.set(bytes, offset);
  return lowerBech32("age1pq", key);
}

/** An ssh public key line of any fields. */
export function sshLine(type: string, ...fields: Uint8Array[]): string {
  const wire = [new TextEncoder().encode(type), ...fields].flatMap((
    field,
  ) => [0, 0, field.length >> 8, field.length & 255, ...field]);
  return `${type} ${btoa(String.fromCharCode(...wire))}`;
}
