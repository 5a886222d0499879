/**
 * The payload of an age file: chunks of 64 KiB, each with its number and whether it is the last. Pure but for the provider
 * of cryptography. Reference: age specification, "Payload".
 *
 * @module
 */
import { NONCE_BYTES, type StanzaCrypto, TAG_BYTES } from "../primitives/stanza_crypto.ts";

/** Length of the nonce in front of the payload, in bytes. */
export const PAYLOAD_NONCE_BYTES = 16;

/** Length of every chunk but the last, in bytes. */
const CHUNK_BYTES = 64 * 1024;

const INFO = "payload";

/**
 * @param fileKey the key of the file
 * @param nonce {@link PAYLOAD_NONCE_BYTES} random bytes
 * @returns the encrypted chunks, without the nonce
 */
export async function sealPayload(
  crypto: StanzaCrypto,
  { fileKey, nonce }: { readonly fileKey: Uint8Array; readonly nonce: Uint8Array },
  plain: Uint8Array,
): Promise<Uint8Array[]> {
  const key = await crypto.derive({ secret: fileKey, salt: nonce, info: INFO });
  const chunks: Uint8Array[] = [];
  for (let start = 0, number = 0; start === 0 || start < plain.length; start += CHUNK_BYTES, number++) {
    const isLast = start + CHUNK_BYTES >= plain.length;
    const chunk = plain.subarray(start, start + CHUNK_BYTES);
    chunks.push(await crypto.seal({ key, nonce: chunkNonce(number, isLast) }, chunk));
  }
  return chunks;
}

/**
 * @param fileKey the key of the file
 * @param payload the nonce and the encrypted chunks
 * @returns undefined for a payload that is not the one that was encrypted, or cut short
 */
export async function openPayload(
  crypto: StanzaCrypto,
  fileKey: Uint8Array,
  payload: Uint8Array,
): Promise<Uint8Array | undefined> {
  const salt = payload.subarray(0, PAYLOAD_NONCE_BYTES);
  const sealed = payload.subarray(PAYLOAD_NONCE_BYTES);
  const key = await crypto.derive({ secret: fileKey, salt, info: INFO });
  const chunks: Uint8Array[] = [];
  const sealedBytes = CHUNK_BYTES + TAG_BYTES;
  for (let start = 0, number = 0; start === 0 || start < sealed.length; start += sealedBytes, number++) {
    const isLast = start + sealedBytes >= sealed.length;
    const chunk = sealed.subarray(start, start + sealedBytes);
    const plain = await crypto.open({ key, nonce: chunkNonce(number, isLast) }, chunk);
    // Only an empty payload has an empty last chunk: else there were two files for one content.
    if (plain === undefined || (plain.length === 0 && number > 0)) return undefined;
    chunks.push(plain);
  }
  return chunks.length === 1 ? chunks[0] : await joined(chunks);
}

async function joined(chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** The number of the chunk, big-endian, and whether it is the last one. */
function chunkNonce(number: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 5, number);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}
