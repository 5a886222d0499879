/**
 * The one door to `node:crypto`: AES on many blocks at once, which WebCrypto does not offer.
 *
 * Loading the module takes about 20 ms, so it is loaded when it is needed and only where it saves more: a caller with few
 * values stays with WebCrypto. A static import would be pulled to the start of every command by the bundler.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";

type NodeCrypto = typeof import("node:crypto");

/** Length of the tags of AES-GCM and of ChaCha20-Poly1305, in bytes. */
const TAG_BYTES = 16;

let loaded: NodeCrypto | undefined;

async function loadNodeCrypto(): Promise<NodeCrypto> {
  return loaded ??= await import("node:crypto");
}

/** @returns whether the module has been loaded, so that nothing is saved by doing without */
export function isNodeCryptoLoaded(): boolean {
  return loaded !== undefined;
}

/** Loads the module for work that will need it many times. */
export async function prepareNodeCrypto(): Promise<void> {
  await loadNodeCrypto();
}

/**
 * Encrypts blocks, each for itself, with AES-256 (ECB). That is the bare block function: it hides nothing of equal
 * blocks and is of use only where the blocks are counters.
 *
 * @param key 32 bytes
 * @param blocks a whole number of 16-byte blocks
 */
export async function encryptBlocks(key: Uint8Array, blocks: Uint8Array): Promise<Uint8Array> {
  const { createCipheriv } = loaded ?? await loadNodeCrypto();
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const encrypted = cipher.update(blocks);
  cipher.final(); // gives the key back: without an end it stays in memory as long as the program runs
  return encrypted;
}

/** A value that AES-256-GCM has encrypted. */
export interface GcmValue {
  /** Of any length. */
  readonly nonce: Uint8Array;
  readonly associated: Uint8Array;
  readonly data: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

/** @param key 32 bytes @returns whether the value was encrypted under the key with its associated data */
export async function opensGcm(key: Uint8Array, { nonce, associated, data, tag }: GcmValue): Promise<boolean> {
  const { createDecipheriv } = loaded ?? await loadNodeCrypto();
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated).setAuthTag(tag).update(data);
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** @returns the hash of the bytes by SHA-512: 64 bytes */
export async function hashSha512(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (loaded === undefined) return new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
  return loaded.createHash("sha512").update(bytes).digest();
}

/** What the headers of age files are made of, in calls that return at once: for many of them, where promises cost more. */
export interface HeaderCrypto {
  /** @param scalar as PKCS #8; may be wiped afterwards @returns what {@link HeaderCrypto.multiplyX25519} multiplies by */
  importX25519(scalar: Uint8Array): X25519Scalar;
  /** @returns undefined for a point of small order */
  multiplyX25519(scalar: X25519Scalar, point: Uint8Array): Uint8Array | undefined;
  /** @returns the scalar's own point: its product with the base point, in a third of the time */
  derivePoint(scalar: X25519Scalar): Uint8Array;
  /** HKDF with SHA-256, 32 bytes. */
  derive(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array;
  /** HMAC with SHA-256. */
  authenticate(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305. @returns the ciphertext and its tag */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array;
  /** @returns undefined when the tag is wrong */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** A scalar, or a point, as `node:crypto` keeps it. */
type X25519Key = import("node:crypto").KeyObject;

/** A scalar as `node:crypto` keeps it. */
export type X25519Scalar = X25519Key;

const CHACHA = "chacha20-poly1305";

/** The ASN.1 head of an X25519 public key (RFC 8410). */
const X25519_SPKI_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0);

/** Loads the operations of {@link HeaderCrypto}: 20 ms, after which each X25519 stanza costs a third of WebCrypto's. */
export async function loadHeaderCrypto(): Promise<HeaderCrypto> {
  const node = await loadNodeCrypto();
  // What comes out are bytes of the web, not buffers of Node.
  const bytes = (buffer: ArrayBuffer | Uint8Array): Uint8Array => new Uint8Array(buffer);
  /** By the array that holds the point: a recipient is wrapped for in many files. */
  const points = new WeakMap<Uint8Array, X25519Key>();
  const importPoint = (point: Uint8Array): X25519Key => {
    const known = points.get(point);
    if (known !== undefined) return known;
    const key = concatBytes(X25519_SPKI_HEAD, point);
    const imported = node.createPublicKey({ key: key as never, format: "der", type: "spki" });
    points.set(point, imported);
    return imported;
  };
  return {
    // The types of Node want a buffer where any bytes will do.
    importX25519: (scalar) => node.createPrivateKey({ key: scalar as never, format: "der", type: "pkcs8" }),
    multiplyX25519(privateKey, point) {
      try {
        const product = bytes(node.diffieHellman({ privateKey, publicKey: importPoint(point) }));
        return product.every((byte) => byte === 0) ? undefined : product;
      } catch {
        return undefined;
      }
    },
    derivePoint(privateKey) {
      const spki = node.createPublicKey(privateKey as never).export({ format: "der", type: "spki" });
      return bytes(spki).subarray(X25519_SPKI_HEAD.length);
    },
    derive: (secret, salt, info) => bytes(node.hkdfSync("sha256", secret, salt, info, 32)),
    authenticate: (key, message) => bytes(node.createHmac("sha256", key).update(message).digest()),
    seal(key, nonce, plain) {
      const cipher = node.createCipheriv(CHACHA, key, nonce, { authTagLength: TAG_BYTES });
      const sealed = cipher.update(plain);
      cipher.final(); // a stream cipher, so nothing is left over
      return concatBytes(sealed, cipher.getAuthTag());
    },
    open(key, nonce, sealed) {
      const end = sealed.length - TAG_BYTES;
      const decipher = node.createDecipheriv(CHACHA, key, nonce, { authTagLength: TAG_BYTES });
      try {
        decipher.setAuthTag(sealed.subarray(end));
        const plain = bytes(decipher.update(sealed.subarray(0, end)));
        decipher.final();
        return plain;
      } catch {
        return undefined;
      }
    },
  };
}
