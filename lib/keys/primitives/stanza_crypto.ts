/**
 * The few operations that the headers of age files are made of: X25519, HKDF and HMAC with SHA-256, ChaCha20-Poly1305.
 *
 * On WebCrypto, which costs nothing to start: a small file is opened without any library. Only ChaCha20-Poly1305 is younger
 * than the rest of it, so an older Deno takes that from noble. Pure but for the platform's `crypto`. Why not the age
 * library for all of it: `docs/decisions/014-age-stanzas-natively.md`. Reference: RFC 7748, RFC 5869, RFC 8439.
 *
 * @module
 */
import { importX25519Scalar, X25519_BYTES } from "./x25519.ts";

/** Length of every key and hash here, in bytes. */
export const KEY_BYTES = 32;

/** Length of the tag of ChaCha20-Poly1305, in bytes. */
export const TAG_BYTES = 16;

/** Length of the nonce of ChaCha20-Poly1305, in bytes. */
export const NONCE_BYTES = 12;

/** What HKDF derives a key from. */
export interface DerivationInput {
  /** The secret; may be empty. */
  readonly secret: Uint8Array;
  /** May be empty. */
  readonly salt: Uint8Array;
  readonly info: string;
}

/** What ChaCha20-Poly1305 works with. */
export interface CipherKey {
  /** {@link KEY_BYTES} bytes. */
  readonly key: Uint8Array;
  /** {@link NONCE_BYTES} bytes; all zero where a key is used once. */
  readonly nonce: Uint8Array;
}

/** The operations, of one provider. */
export interface StanzaCrypto {
  /**
   * @param scalar {@link X25519_BYTES} bytes; clamped as RFC 7748 says
   * @param point the u-coordinate, {@link X25519_BYTES} bytes
   * @returns undefined for a point of small order, whose product is zero
   */
  multiply(scalar: Uint8Array, point: Uint8Array): Promise<Uint8Array | undefined>;
  /** @returns {@link KEY_BYTES} bytes by HKDF with SHA-256 */
  derive(input: DerivationInput): Promise<Uint8Array>;
  /** @returns {@link KEY_BYTES} bytes of HMAC with SHA-256 */
  authenticate(key: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** @returns the ciphertext and its tag */
  seal(cipherKey: CipherKey, plain: Uint8Array): Promise<Uint8Array>;
  /** @returns undefined when the tag is wrong, or missing */
  open(cipherKey: CipherKey, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

/** A nonce for keys that are used once. */
export const ZERO_NONCE: Uint8Array = new Uint8Array(NONCE_BYTES);

/** The u-coordinate of the base point (RFC 7748). */
export const BASE_POINT: Uint8Array = Uint8Array.from({ length: X25519_BYTES }, (_, index) => index === 0 ? 9 : 0);

const CIPHER = "ChaCha20-Poly1305";

/** Imported scalars, by the array that holds them: an identity is used for many files. */
const scalars = new WeakMap<Uint8Array, Promise<CryptoKey>>();

/**
 * @param subtle the platform's, unless a test wants another one
 * @returns the operations on WebCrypto
 */
export function createWebStanzaCrypto(subtle: SubtleCrypto = crypto.subtle): StanzaCrypto {
  const cipher = createCipher(subtle);
  return {
    async multiply(scalar, point) {
      let key = scalars.get(scalar);
      if (key === undefined) scalars.set(scalar, key = importX25519Scalar(scalar));
      const publicKey = await subtle.importKey("raw", own(point), "X25519", false, []);
      try {
        return new Uint8Array(
          await subtle.deriveBits({ name: "X25519", public: publicKey }, await key, X25519_BYTES * 8),
        );
      } catch {
        return undefined;
      }
    },
    async derive({ secret, salt, info }) {
      const key = await subtle.importKey("raw", own(secret), "HKDF", false, ["deriveBits"]);
      const parameters = { name: "HKDF", hash: "SHA-256", salt: own(salt), info: new TextEncoder().encode(info) };
      return new Uint8Array(await subtle.deriveBits(parameters, key, KEY_BYTES * 8));
    },
    async authenticate(key, message) {
      const imported = await subtle.importKey("raw", own(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      return new Uint8Array(await subtle.sign("HMAC", imported, own(message)));
    },
    ...cipher,
  };
}

function createCipher(subtle: SubtleCrypto): Pick<StanzaCrypto, "seal" | "open"> {
  // Undefined once the platform has refused: then noble does it.
  let isSupported = true;
  const importCipherKey = async (key: Uint8Array): Promise<CryptoKey | undefined> => {
    if (!isSupported) return undefined;
    try {
      // The format and the name are younger than the types of TypeScript.
      return await subtle.importKey("raw-secret" as "raw", own(key), CIPHER, false, ["encrypt", "decrypt"]);
    } catch {
      isSupported = false;
      return undefined;
    }
  };
  return {
    async seal({ key, nonce }, plain) {
      const imported = await importCipherKey(key);
      if (imported === undefined) return (await loadNoble())(key, nonce).encrypt(plain);
      return new Uint8Array(await subtle.encrypt({ name: CIPHER, iv: own(nonce) }, imported, own(plain)));
    },
    async open({ key, nonce }, sealed) {
      if (sealed.length < TAG_BYTES) return undefined;
      const imported = await importCipherKey(key);
      try {
        if (imported === undefined) return (await loadNoble())(key, nonce).decrypt(sealed);
        return new Uint8Array(await subtle.decrypt({ name: CIPHER, iv: own(nonce) }, imported, own(sealed)));
      } catch {
        return undefined;
      }
    },
  };
}

async function loadNoble(): Promise<typeof import("@noble/ciphers/chacha.js").chacha20poly1305> {
  return (await import("@noble/ciphers/chacha.js")).chacha20poly1305;
}

/** WebCrypto takes no view into memory that workers share, which nothing here ever is. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
