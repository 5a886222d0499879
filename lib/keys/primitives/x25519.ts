/**
 * The one curve operation that making and recognising X25519 keys needs, on WebCrypto.
 *
 * The age library can do it too, but loading it costs most of an empty program's start (see `deriveRecipient()`).
 * Pure but for its use of the platform's `crypto`. Reference: RFC 7748 §6.1, RFC 8410 §7.
 *
 * @module
 */

/** Length of an X25519 scalar and of a point, in bytes. */
export const X25519_BYTES = 32;

/** The ASN.1 head of a PKCS #8 private key for X25519 (RFC 8410): WebCrypto reads raw bytes for public keys only. */
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);

/** The u-coordinate of the base point (RFC 7748). */
const BASE_POINT_U = 9;

/**
 * Multiplies the base point by a scalar.
 *
 * @param scalar {@link X25519_BYTES} bytes; clamped as RFC 7748 says
 * @returns the public point, {@link X25519_BYTES} bytes
 */
export async function deriveX25519PublicKey(scalar: Uint8Array): Promise<Uint8Array> {
  const basePoint = new Uint8Array(X25519_BYTES);
  basePoint[0] = BASE_POINT_U;
  const [privateKey, publicKey] = await Promise.all([
    importX25519Scalar(scalar),
    crypto.subtle.importKey("raw", basePoint, "X25519", false, []),
  ]);
  const bits = await crypto.subtle.deriveBits({ name: "X25519", public: publicKey }, privateKey, X25519_BYTES * 8);
  return new Uint8Array(bits);
}

/** @returns a scalar as WebCrypto multiplies with it; it cannot be taken out again */
export async function importX25519Scalar(scalar: Uint8Array): Promise<CryptoKey> {
  const encoded = encodeX25519Scalar(scalar);
  try {
    return await crypto.subtle.importKey("pkcs8", encoded, "X25519", false, ["deriveBits"]);
  } finally {
    encoded.fill(0);
  }
}

/** @returns a scalar as PKCS #8 (RFC 8410): secret, to be wiped by the caller */
export function encodeX25519Scalar(scalar: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoded = new Uint8Array(PKCS8_HEAD.length + X25519_BYTES);
  encoded.set(PKCS8_HEAD);
  encoded.set(scalar, PKCS8_HEAD.length);
  return encoded;
}
