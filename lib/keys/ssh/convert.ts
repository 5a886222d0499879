/**
 * From ssh keys to age keys, as `ssh-to-age` converts them: the public half by the map from edwards25519 to curve25519,
 * the private half by the hash that Ed25519 itself takes of its seed. Only ed25519 keys have an age form.
 *
 * The result is another recipient than the ssh key itself, which age and SOPS also take. Pure but for WebCrypto.
 * Spec: keys §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import { encodeBech32 } from "../primitives/bech32.ts";
import { findMontgomeryU } from "../primitives/edwards.ts";
import { refuseUnconvertible } from "./key_type.ts";
import type { OpensshPrivateKey } from "./private_key.ts";
import { findEd25519Point, type SshPublicKey } from "./public_key.ts";
import { deriveX25519PublicKey, X25519_BYTES } from "../primitives/x25519.ts";

/** An age key pair that was an ssh key. */
export interface ConvertedKey {
  readonly identity: Secret;
  readonly recipient: string;
}

/**
 * Converts the public half, where the key is known to be an ed25519 one.
 *
 * @returns an `age1…` recipient; undefined for another type, for a key that is no point of the curve, and for one that
 * nothing can be encrypted to
 */
export function findConvertedRecipient(key: SshPublicKey): string | undefined {
  const point = findEd25519Point(key);
  const u = point === undefined ? undefined : findMontgomeryU(point);
  return u === undefined ? undefined : encodeBech32({ prefix: "age", bytes: u });
}

/**
 * Converts the public half.
 *
 * @returns an `age1…` recipient
 * @throws {UserError} `unsupported` for a key of another type than ed25519; `malformed` for a key that is no point of the
 * curve, or one that nothing can be encrypted to
 */
export function convertSshPublicKey(key: SshPublicKey): string {
  refuseUnconvertible(key.type, "the ssh key");
  const recipient = findConvertedRecipient(key);
  if (recipient !== undefined) return recipient;
  throw new UserError("malformed", "cannot convert the ssh key: it is damaged, expected ed25519");
}

/**
 * Converts the private half.
 *
 * @returns both halves; the recipient is the one of {@link convertSshPublicKey}
 */
export async function convertSshPrivateKey(key: OpensshPrivateKey): Promise<ConvertedKey> {
  const seed = key.seed.reveal();
  const scalar = new Uint8Array(await crypto.subtle.digest("SHA-512", seed)).subarray(0, X25519_BYTES);
  const identity = new Secret(encodeBech32({ prefix: "age-secret-key-", bytes: scalar }).toUpperCase());
  const recipient = encodeBech32({ prefix: "age", bytes: await deriveX25519PublicKey(scalar) });
  return { identity, recipient };
}
