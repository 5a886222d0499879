/**
 * Fingerprints of ssh public keys: as `ssh-keygen -l` and the owners of servers show them, and as age files name the key
 * that they are for. Pure but for WebCrypto.
 *
 * @module
 */
import { encodeBareBase64 } from "../primitives/base64.ts";
import type { SshPublicKey } from "./public_key.ts";
import { decodePaddedBase64 } from "./wire.ts";

/** How much of the hash stands in an age file, in bytes. Spec: sops-engine §2.5. */
const STANZA_BYTES = 4;

/** @returns `SHA256:` and the hash of the key in Base64 without padding; undefined for a key that is no Base64 */
export async function findSshFingerprint(publicKey: SshPublicKey): Promise<string | undefined> {
  const hash = await findHash(publicKey);
  return hash && `SHA256:${encodeBareBase64(hash)}`;
}

/** @returns the start of the hash as age files have it; undefined for a key that is no Base64 */
export async function findStanzaFingerprint(publicKey: SshPublicKey): Promise<string | undefined> {
  const hash = await findHash(publicKey);
  return hash && encodeBareBase64(hash.subarray(0, STANZA_BYTES));
}

/** @returns the key in the wire format of ssh; undefined for a key that is no Base64 */
export function findSshBlob({ encoded }: SshPublicKey): Uint8Array<ArrayBuffer> | undefined {
  return decodePaddedBase64(encoded);
}

async function findHash(publicKey: SshPublicKey): Promise<Uint8Array | undefined> {
  const blob = findSshBlob(publicKey);
  return blob && new Uint8Array(await crypto.subtle.digest("SHA-256", blob));
}
