/**
 * The operations of age headers for one file and for thousands: WebCrypto, which costs nothing to start, until so many keys
 * were wrapped or unwrapped that `node:crypto` pays for being loaded.
 *
 * Measured: `docs/decisions/014-age-stanzas-natively.md`. Pure but for the platform's cryptography.
 *
 * @module
 */
import { type HeaderCrypto, isNodeCryptoLoaded, loadHeaderCrypto, type X25519Scalar } from "../../base/host/crypto.ts";
import { BASE_POINT, createWebStanzaCrypto, type StanzaCrypto, TAG_BYTES } from "./stanza_crypto.ts";
import { encodeX25519Scalar } from "./x25519.ts";

/** After so many multiplications, two for each wrapped or unwrapped key, loading has paid for itself. */
const MANY_MULTIPLICATIONS = 100;

/** @returns operations that become faster when there are many of them */
export function createStanzaCrypto(): StanzaCrypto {
  const web = createWebStanzaCrypto();
  let multiplications = 0;
  let loading: Promise<StanzaCrypto> | undefined;
  const current = (): StanzaCrypto | Promise<StanzaCrypto> => {
    if (multiplications < MANY_MULTIPLICATIONS && !isNodeCryptoLoaded()) return web;
    return loading ??= loadHeaderCrypto().then(createNodeStanzaCrypto);
  };
  return {
    async multiply(scalar, point) {
      multiplications++;
      return await (await current()).multiply(scalar, point);
    },
    derive: async (input) => await (await current()).derive(input),
    authenticate: async (key, message) => await (await current()).authenticate(key, message),
    seal: async (cipherKey, plain) => await (await current()).seal(cipherKey, plain),
    open: async (cipherKey, sealed) => await (await current()).open(cipherKey, sealed),
  };
}

/** @returns the operations on `node:crypto` */
export function createNodeStanzaCrypto(node: HeaderCrypto): StanzaCrypto {
  /** By the array that holds the scalar: an identity is used for many files. */
  const scalars = new WeakMap<Uint8Array, X25519Scalar>();
  return {
    multiply(scalar, point) {
      let imported = scalars.get(scalar);
      if (imported === undefined) {
        const encoded = encodeX25519Scalar(scalar);
        scalars.set(scalar, imported = node.importX25519(encoded));
        encoded.fill(0);
      }
      return Promise.resolve(
        point === BASE_POINT ? node.derivePoint(imported) : node.multiplyX25519(imported, point),
      );
    },
    derive: ({ secret, salt, info }) => Promise.resolve(node.derive(secret, salt, info)),
    authenticate: (key, message) => Promise.resolve(node.authenticate(key, message)),
    seal: ({ key, nonce }, plain) => Promise.resolve(node.seal(key, nonce, plain)),
    open: ({ key, nonce }, sealed) =>
      Promise.resolve(sealed.length < TAG_BYTES ? undefined : node.open(key, nonce, sealed)),
  };
}
