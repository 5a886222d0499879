/**
 * Triple DES, for private keys that somebody once encrypted with it. Decrypts only. Loads `node:crypto`, because neither
 * WebCrypto nor the cipher packages have it. Pure.
 *
 * @module
 */

/**
 * Decrypts in CBC mode; looks for no padding.
 *
 * @param key 24 bytes
 * @param iv 8 bytes
 * @param data whole blocks of 8 bytes
 * @returns as many bytes as the data has
 */
export async function decryptTripleDesCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const { createDecipheriv } = await import("node:crypto");
  const decipher = createDecipheriv("des-ede3-cbc", key, iv);
  decipher.setAutoPadding(false);
  const plain = new Uint8Array(data.length);
  const start = decipher.update(data);
  plain.set(start);
  plain.set(decipher.final(), start.length);
  return plain;
}
