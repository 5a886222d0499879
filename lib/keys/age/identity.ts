/**
 * Identities, the private half of age keys: made, recognised, and turned into their recipient.
 *
 * Accepts exactly what age and SOPS accept (Bech32, upper case, 32 bytes) and never shows any of the text that it
 * refuses. Plugin identities are recognised and kept, not used. Pure, but for WebCrypto. Spec: keys §1, sops-engine §2.4.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { startsAsIdentity } from "../../base/identity_text.ts";
import { Secret } from "../../base/secret.ts";
import { decodeBech32, encodeBech32 } from "../primitives/bech32.ts";
import { deriveX25519PublicKey } from "../primitives/x25519.ts";

/** The kinds of identity that can be made here: X25519, and ML-KEM-768 + X25519 (post-quantum). */
export type NativeIdentityKind = "x25519" | "hybrid";

/** Every kind of identity that SOPS reads from a keys file. */
export type IdentityKind = NativeIdentityKind | "plugin";

/** An identity that SOPS would accept. */
export interface ParsedIdentity {
  readonly kind: IdentityKind;
  readonly secret: Secret;
}

/** Why a text is no identity. */
export type IdentityProblem =
  /** It is a recipient: the public half. */
  | "recipient"
  /** Nothing but white space, or an identity with white space around it. */
  | "blanks"
  /** An identity followed by more text, such as a comment. */
  | "trailing-text"
  /** An identity with lower-case letters. */
  | "lower-case"
  /** It begins as an identity, but the checksum or the length is wrong. */
  | "damaged"
  /** Anything else. */
  | "unknown";

/** What was found instead of an identity, to stand after "found" or "is". Never holds any of the text. */
export const IDENTITY_PROBLEM_TEXT: Readonly<Record<IdentityProblem, string>> = {
  "recipient": "a recipient, the public half of a key",
  "blanks": "white space around an identity, or nothing else",
  "trailing-text": "an identity with more text after it",
  "lower-case": "an identity with lower-case letters",
  "damaged": "an identity with a wrong checksum or length",
  "unknown": "no age identity",
};

/** Length of the secret inside a native identity, in bytes: an X25519 scalar, or the seed of a hybrid key. */
const SECRET_BYTES = 32;

const PREFIXES: Readonly<Record<NativeIdentityKind, string>> = {
  x25519: "age-secret-key-",
  hybrid: "age-secret-key-pq-",
};

/** The plugin's name between `age-plugin-` and the last `-`; the characters are age's. */
const PLUGIN_PREFIX = /^age-plugin-[a-z0-9+\-._]+-$/;

const LOOKS_LIKE_RECIPIENT = /^(?:age1|ssh-|ecdsa-|sk-)/i;

/**
 * Makes a new identity.
 *
 * @param randomBytes the secure random source
 * @throws {InternalError} when the random source gives another number of bytes than asked for
 */
export function generateIdentity(kind: NativeIdentityKind, randomBytes: (length: number) => Uint8Array): Secret {
  const bytes = randomBytes(SECRET_BYTES);
  if (bytes.length !== SECRET_BYTES) throw new InternalError("the random source gave too few or too many bytes");
  return new Secret(encodeBech32({ prefix: PREFIXES[kind], bytes }).toUpperCase());
}

/**
 * Recognises an identity, or says why SOPS would refuse the text.
 *
 * @param text one line of a keys file, without its line end
 */
export function classifyIdentity(text: string): ParsedIdentity | { readonly problem: IdentityProblem } {
  const kind = decodeIdentity(text)?.kind;
  return kind === undefined ? { problem: identityProblem(text) } : { kind, secret: new Secret(text) };
}

/**
 * Reads an identity.
 *
 * @param text the identity alone
 * @throws {UserError} `malformed` when SOPS would refuse it; the message holds none of the text
 */
export function parseIdentity(text: string): ParsedIdentity {
  const found = classifyIdentity(text);
  if ("problem" in found) throw malformed(found.problem);
  return found;
}

/**
 * Computes the recipient of an identity: what `age-keygen -y` prints.
 *
 * X25519 is done on WebCrypto: 0.2 ms each. The age library is loaded for a hybrid identity only: 15 to 25 ms once (an
 * empty program takes 20), then 2 ms each.
 *
 * @throws {UserError} `malformed` as {@link parseIdentity}; `unsupported` for a plugin identity, whose plugin alone knows
 */
export async function deriveRecipient(identity: Secret): Promise<string> {
  const text = identity.revealText();
  const decoded = decodeIdentity(text);
  if (decoded === undefined) throw malformed(identityProblem(text));
  switch (decoded.kind) {
    case "x25519":
      return encodeBech32({ prefix: "age", bytes: await deriveX25519PublicKey(decoded.bytes) });
    case "hybrid": {
      const { deriveHybridRecipient } = await import("./hybrid.ts");
      return await deriveHybridRecipient(identity);
    }
    case "plugin":
      throw new UserError(
        "unsupported",
        "cannot derive the recipient of a plugin identity: only its plugin knows it",
        { hints: ["look for the recipient in the comments above the identity, or ask the plugin for it"] },
      );
  }
}

function decodeIdentity(text: string): { readonly kind: IdentityKind; readonly bytes: Uint8Array } | undefined {
  // The decoder takes one case only, so this is what refuses lower case.
  if (!text.startsWith("AGE-")) return undefined;
  const decoded = decodeBech32(text);
  if (decoded === undefined) return undefined;
  const { prefix, bytes } = decoded;
  if (PLUGIN_PREFIX.test(prefix)) return { kind: "plugin", bytes };
  if (bytes.length !== SECRET_BYTES) return undefined;
  if (prefix === PREFIXES.x25519) return { kind: "x25519", bytes };
  return prefix === PREFIXES.hybrid ? { kind: "hybrid", bytes } : undefined;
}

function identityProblem(text: string): IdentityProblem {
  const trimmed = text.trim();
  if (LOOKS_LIKE_RECIPIENT.test(trimmed)) return "recipient";
  if (trimmed === "") return "blanks";
  if (!startsAsIdentity(trimmed)) return "unknown";
  if (/\s/.test(trimmed)) return "trailing-text";
  if (trimmed !== text) return "blanks";
  return text === text.toUpperCase() ? "damaged" : "lower-case";
}

function malformed(problem: IdentityProblem): UserError {
  return new UserError(
    "malformed",
    `cannot read the identity: found ${IDENTITY_PROBLEM_TEXT[problem]}, expected AGE-SECRET-KEY-1…`,
    problem === "recipient" ? { hints: ["pass the private half, which begins with AGE-SECRET-KEY-"] } : {},
  );
}

/** @returns the name of the plugin that an identity is for, in lower case; undefined for one that age reads itself */
export function findPluginName(identity: Secret): string | undefined {
  return /^AGE-PLUGIN-(.+)-1[^1]*$/.exec(identity.revealText())?.[1]?.toLowerCase();
}
