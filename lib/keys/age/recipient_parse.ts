/**
 * Checks a recipient as age does: checksum, length, content.
 *
 * Every kind that SOPS takes is accepted and kept verbatim; plugin and ssh recipients stay opaque. Refuses an identity
 * in the place of a recipient without showing any of it. Pure. Spec: sops-engine §2.1, keys §1.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { type Bech32, decodeBech32 } from "../primitives/bech32.ts";
import { classifyRecipient, type RecipientKind } from "./recipient.ts";
import { findSshKeyProblem, findSshPublicKey } from "../ssh/public_key.ts";
import { X25519_BYTES } from "../primitives/x25519.ts";

/** A recipient that SOPS would accept. */
export interface ParsedRecipient {
  readonly kind: RecipientKind;
  /** As given: the identity of a recipient in SOPS is its exact text, an ssh comment included. */
  readonly text: string;
}

/** Encapsulation key of ML-KEM-768 in bytes (FIPS 203 §8): 768 coefficients of 12 bits, and a 32-byte seed. */
const ML_KEM_COEFFICIENT_BYTES = 1152;
const ML_KEM_BYTES = ML_KEM_COEFFICIENT_BYTES + 32;

/** Every coefficient of an ML-KEM key is below this (FIPS 203 §7.2). */
const ML_KEM_MODULUS = 3329;

/** `age1` and the name of the plugin; the characters are age's. */
const PLUGIN_PREFIX = /^age1[a-z0-9+\-._]+$/;

/**
 * Reads a recipient.
 *
 * @param text trimmed
 * @throws {UserError} `malformed` when SOPS would refuse it; an identity is named as such and never shown
 */
export function parseRecipient(text: string): ParsedRecipient {
  const kind = classifyRecipient(text);
  if (kind === undefined) {
    if (!looksLikeIdentity(text)) throw malformed("something that is no recipient");
    throw malformed("an identity, the private half of a key", [
      "pass the public half, which begins with age1 (sopsmith identity public FILE prints it)",
    ]);
  }
  const problem = findRecipientProblem(kind, text);
  if (problem !== undefined) throw malformed(problem);
  return { kind, text };
}

/** @returns whether SOPS would accept a recipient */
export function isRecipient(text: string): boolean {
  const kind = classifyRecipient(text);
  return kind !== undefined && findRecipientProblem(kind, text) === undefined;
}

function findRecipientProblem(kind: RecipientKind, text: string): string | undefined {
  if (kind === "ssh-ed25519" || kind === "ssh-rsa") {
    const key = findSshPublicKey(text);
    return key === undefined ? "a damaged ssh public key" : findSshKeyProblem(key);
  }
  const decoded = decodeBech32(text);
  if (decoded === undefined) return "a recipient with a wrong checksum, letter or case";
  return isValid(kind, decoded) ? undefined : "a recipient with a wrong length or content";
}

function isValid(kind: "x25519" | "hybrid" | "plugin", { prefix, bytes }: Bech32): boolean {
  switch (kind) {
    case "x25519":
      return prefix === "age" && bytes.length === X25519_BYTES;
    case "hybrid":
      return prefix === "age1pq" && bytes.length === ML_KEM_BYTES + X25519_BYTES && areCoefficientsReduced(bytes);
    case "plugin":
      return PLUGIN_PREFIX.test(prefix);
  }
}

/** The modulus check of FIPS 203 §7.2, without which age refuses a key. Two coefficients stand in three bytes. */
function areCoefficientsReduced(key: Uint8Array): boolean {
  for (let i = 0; i < ML_KEM_COEFFICIENT_BYTES; i += 3) {
    const [a = 0, b = 0, c = 0] = key.subarray(i, i + 3);
    if ((a | ((b & 0x0f) << 8)) >= ML_KEM_MODULUS || ((b >> 4) | (c << 4)) >= ML_KEM_MODULUS) return false;
  }
  return true;
}

function malformed(found: string, hints: readonly string[] = []): UserError {
  return new UserError("malformed", `cannot read the recipient: found ${found}, expected age1…`, { hints });
}
