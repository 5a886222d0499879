/**
 * The fingerprint of an ssh public key, as `ssh-keygen -l` and the owners of servers show it. Pure but for WebCrypto.
 *
 * @module
 */
import type { SshPublicKey } from "./public_key.ts";
import { decodePaddedBase64 } from "./wire.ts";

/** @returns `SHA256:` and the hash of the key in Base64 without padding; undefined for a key that is no Base64 */
export async function findSshFingerprint({ encoded }: SshPublicKey): Promise<string | undefined> {
  const bytes = decodePaddedBase64(encoded);
  if (bytes === undefined) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `SHA256:${hash.toBase64({ omitPadding: true })}`;
}
