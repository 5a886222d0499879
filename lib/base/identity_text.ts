/**
 * How private keys look in a text: age identities, and keys in PEM or PuTTY form. The one place that knows, for the guards
 * of everything that is shown as for those who say "this is the private half". Pure.
 *
 * @module
 */

/** `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…`, `AGE-PLUGIN-NAME-1…`, however they are spelt. */
const IDENTITY = /AGE-(?:SECRET-KEY|PLUGIN)-/i;

/** What every other form of private key is recognised by. */
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-/i;

/** What may stand before an identity that was pasted as the value of something. */
const PASTED_START = /^\s*["']?/;

const PEM_START = "-----BEGIN ";

/** @returns whether a text begins as an identity; nothing may stand before it */
export function startsAsIdentity(text: string): boolean {
  return IDENTITY.exec(text)?.index === 0;
}

/** @returns whether somebody has pasted an identity, or a private key in PEM form, where a recipient belongs */
export function looksLikeIdentity(text: string): boolean {
  const bare = text.replace(PASTED_START, "");
  return startsAsIdentity(bare) || bare.slice(0, PEM_START.length).toUpperCase() === PEM_START;
}

/** @returns whether an age identity stands anywhere in the text */
export function mentionsIdentity(text: string): boolean {
  return IDENTITY.test(text);
}

/** @returns whether a private key of any form stands anywhere in the text */
export function mentionsPrivateKey(text: string): boolean {
  return IDENTITY.test(text) || PRIVATE_KEY.test(text);
}
