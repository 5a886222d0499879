/**
 * The one door to `node:crypto`: AES on many blocks at once, which WebCrypto does not offer.
 *
 * Loading the module takes about 20 ms, so it is loaded when it is needed and only where it saves more: a caller with few
 * values stays with WebCrypto. A static import would be pulled to the start of every command by the bundler.
 *
 * @module
 */

/**
 * Encrypts blocks, each for itself, with AES-256 (ECB). That is the bare block function: it hides nothing of equal
 * blocks and is of use only where the blocks are counters.
 *
 * @param key 32 bytes
 * @param blocks a whole number of 16-byte blocks
 */
export async function encryptBlocks(key: Uint8Array, blocks: Uint8Array): Promise<Uint8Array> {
  const { createCipheriv } = await import("node:crypto");
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(blocks);
}
