/**
 * Ed25519, for Nix signing keys and ssh keys, on WebCrypto: no library is loaded.
 *
 * Signatures are deterministic, so signing the same text twice gives the same signature. Pure but for its use of the
 * platform's `crypto`. Reference: RFC 8032 §5.1, RFC 8410 §7. Spec: keys §3, §4.
 *
 * @module
 */

/** Length of the secret that a key pair is derived from, in bytes. */
export const SEED_BYTES = 32;

/** Length of a public key, in bytes. */
export const PUBLIC_KEY_BYTES = 32;

/** Length of a signature, in bytes. */
export const SIGNATURE_BYTES = 64;

/** The ASN.1 head of a PKCS #8 private key for Ed25519 (RFC 8410): WebCrypto reads raw bytes for public keys only. */
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

/**
 * Derives the public key of a seed.
 *
 * @param seed {@link SEED_BYTES} bytes
 * @returns {@link PUBLIC_KEY_BYTES} bytes
 */
export async function deriveEd25519PublicKey(seed: Uint8Array): Promise<Uint8Array> {
  const key = await importSeed(seed, { extractable: true });
  const { x = "" } = await crypto.subtle.exportKey("jwk", key); // the one export that holds the public half
  return Uint8Array.fromBase64(x, { alphabet: "base64url" });
}

/**
 * Signs a message.
 *
 * @param seed {@link SEED_BYTES} bytes
 * @returns {@link SIGNATURE_BYTES} bytes, always the same for the same seed and message
 */
export async function signEd25519(seed: Uint8Array, message: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await importSeed(seed, { extractable: false });
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, message));
}

/**
 * Checks a signature.
 *
 * @param publicKey {@link PUBLIC_KEY_BYTES} bytes
 * @param signature of any length; one that has not {@link SIGNATURE_BYTES} bytes is not right
 * @returns whether the signature was made over exactly this message with the seed of this public key
 */
export async function verifyEd25519(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return await crypto.subtle.verify("Ed25519", key, signature, message);
}

async function importSeed(seed: Uint8Array, { extractable }: { readonly extractable: boolean }): Promise<CryptoKey> {
  const encoded = new Uint8Array(PKCS8_HEAD.length + SEED_BYTES);
  encoded.set(PKCS8_HEAD);
  encoded.set(seed, PKCS8_HEAD.length);
  try {
    return await crypto.subtle.importKey("pkcs8", encoded, "Ed25519", extractable, ["sign"]);
  } finally {
    encoded.fill(0);
  }
}
