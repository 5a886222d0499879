/**
 * AES-256-GCM for many values under one data key, with nonces of any length: SOPS's have 32 bytes, which WebCrypto refuses.
 *
 * AES itself is native: few values by WebCrypto's counter mode, many as one batch of counter blocks by `node:crypto`. The
 * key is expanded once, and so is the table of {@link Ghash}. Spec: NIST SP 800-38D §7; sops-engine §3.5; decision 013.
 *
 * @module
 */
import { encryptBlocks, isNodeCryptoLoaded, opensGcm } from "../../base/host/crypto.ts";
import { ByteQueue } from "./bytes.ts";
import { BLOCK_LENGTH, Ghash } from "./ghash.ts";

/** Bytes of a tag. */
export const TAG_LENGTH = 16;

/** From how many values on the batch pays for loading `node:crypto`. */
const BATCH_FROM_VALUES = 1000;

/** How much key stream is made at a time, in bytes: what the values of one round need together. */
const ROUND_BYTES = 1 << 17;

/** Values to be encrypted or decrypted in place, each with its nonce, its associated data and its tag. */
export class GcmBatch {
  /** What is encrypted, end to end; what lies between the values stays as it is. */
  readonly data: ByteQueue;
  readonly nonces: ByteQueue;
  readonly associated: ByteQueue;
  readonly tags: ByteQueue;
  /** Six numbers a value: where its data, its nonce and its associated data start and end. */
  #places = new Int32Array(6 * 16);
  #count = 0;

  /** @param expectedBytes of data */
  constructor(expectedBytes = 0) {
    this.data = new ByteQueue(expectedBytes);
    this.nonces = new ByteQueue();
    this.associated = new ByteQueue();
    this.tags = new ByteQueue();
  }

  /** How many values there are. */
  get count(): number {
    return this.#count;
  }

  /** Makes a value of what was added to the queues from these places on. */
  add(dataStart: number, nonceStart: number, associatedStart: number): void {
    if (this.#places.length < (this.#count + 1) * 6) {
      const grown = new Int32Array(this.#places.length * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    const at = 6 * this.#count++;
    this.#places[at] = dataStart;
    this.#places[at + 1] = this.data.length;
    this.#places[at + 2] = nonceStart;
    this.#places[at + 3] = this.nonces.length;
    this.#places[at + 4] = associatedStart;
    this.#places[at + 5] = this.associated.length;
  }

  /** @returns where the data of a value starts */
  dataStart(index: number): number {
    return this.#places[6 * index]!;
  }

  /** @returns where the data of a value ends */
  dataEnd(index: number): number {
    return this.#places[6 * index + 1]!;
  }

  /** @returns where the nonce of a value starts */
  nonceStart(index: number): number {
    return this.#places[6 * index + 2]!;
  }

  /** @returns where the nonce of a value ends */
  nonceEnd(index: number): number {
    return this.#places[6 * index + 3]!;
  }

  /** @returns where the associated data of a value starts */
  associatedStart(index: number): number {
    return this.#places[6 * index + 4]!;
  }

  /** @returns where the associated data of a value ends */
  associatedEnd(index: number): number {
    return this.#places[6 * index + 5]!;
  }

  /** @returns whether bytes are the associated data of a value */
  isAssociatedWith(index: number, { bytes, length }: ByteQueue): boolean {
    const start = this.associatedStart(index);
    if (this.associatedEnd(index) - start !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[i] !== this.associated.bytes[start + i]) return false;
    return true;
  }
}

/** A data key that is ready to encrypt and to decrypt. */
export class GcmKey {
  readonly #key: Uint8Array<ArrayBuffer>;
  /** Undefined where the block cipher itself is at hand. */
  readonly #counterKey: CryptoKey | undefined;
  readonly #ghash: Ghash;

  private constructor(key: Uint8Array<ArrayBuffer>, counterKey: CryptoKey | undefined, ghash: Ghash) {
    this.#key = key;
    this.#counterKey = counterKey;
    this.#ghash = ghash;
  }

  /** @param key 32 bytes */
  static async create(key: Uint8Array): Promise<GcmKey> {
    const copy = new Uint8Array(key);
    const zero = new Uint8Array(BLOCK_LENGTH);
    if (isNodeCryptoLoaded()) return new GcmKey(copy, undefined, new Ghash(await encryptBlocks(copy, zero)));
    const counterKey = await crypto.subtle.importKey("raw", copy, "AES-CTR", false, ["encrypt"]);
    return new GcmKey(copy, counterKey, new Ghash(await encryptCounters(counterKey, zero, BLOCK_LENGTH)));
  }

  /** Encrypts every value of a batch in place and adds its tag. */
  async seal(batch: GcmBatch): Promise<void> {
    batch.tags.reserve(batch.count * TAG_LENGTH);
    await this.#runRounds(batch, (index, stream, at) => {
      const { data } = batch;
      applyStream(data.bytes, batch.dataStart(index), batch.dataEnd(index), stream, at + BLOCK_LENGTH);
      this.#makeTag(batch, index, stream, at);
      batch.tags.addBytes(stream, at, at + TAG_LENGTH);
    });
  }

  /**
   * Decrypts the values of a batch in place.
   *
   * @returns which ones are not what was encrypted under this key with this associated data; they stay as they are
   */
  async open(batch: GcmBatch): Promise<number[]> {
    const failures: number[] = [];
    await this.#runRounds(batch, (index, stream, at) => {
      this.#makeTag(batch, index, stream, at);
      let difference = 0;
      for (let i = 0; i < TAG_LENGTH; i++) difference |= stream[at + i]! ^ batch.tags.bytes[index * TAG_LENGTH + i]!;
      if (difference !== 0) failures.push(index);
      else applyStream(batch.data.bytes, batch.dataStart(index), batch.dataEnd(index), stream, at + BLOCK_LENGTH);
    });
    return failures;
  }

  /** Turns the first block of a value's key stream into the tag of its ciphertext. */
  #makeTag(batch: GcmBatch, index: number, stream: Uint8Array, at: number): void {
    const ghash = this.#ghash;
    const start = batch.dataStart(index);
    const end = batch.dataEnd(index);
    const associatedStart = batch.associatedStart(index);
    const associatedEnd = batch.associatedEnd(index);
    ghash.start();
    ghash.absorb(batch.associated.bytes, associatedStart, associatedEnd);
    ghash.absorb(batch.data.bytes, start, end);
    ghash.absorbLengths(associatedEnd - associatedStart, end - start);
    ghash.foldInto(stream, at);
  }

  /** Calls back for every value with the key stream: one block for the tag, then those for the data. */
  async #runRounds(
    batch: GcmBatch,
    onValue: (index: number, stream: Uint8Array, at: number) => void,
  ): Promise<void> {
    const counterKey = batch.count >= BATCH_FROM_VALUES ? undefined : this.#counterKey;
    const isBatched = counterKey === undefined;
    const counters = new ByteQueue(batch.count >= BATCH_FROM_VALUES ? 2 * ROUND_BYTES : 0);
    for (let first = 0; first < batch.count;) {
      let next = first;
      let byteCount = 0;
      while (next < batch.count && (next === first || byteCount < ROUND_BYTES)) {
        byteCount += streamLength(batch, next++);
      }
      const stream = isBatched
        ? await encryptBlocks(this.#key, this.#writeCounters(batch, { first, next, byteCount }, counters))
        : await this.#streamOneByOne(batch, { first, next, byteCount }, counterKey);
      for (let index = first, at = 0; index < next; index++) {
        onValue(index, stream, at);
        at += streamLength(batch, index);
      }
      first = next;
    }
  }

  async #streamOneByOne(
    batch: GcmBatch,
    { first, next, byteCount }: Round,
    counterKey: CryptoKey,
  ): Promise<Uint8Array> {
    const stream = new Uint8Array(byteCount);
    const parts: Promise<void>[] = [];
    for (let index = first, at = 0; index < next; index++) {
      const [place, length] = [at, streamLength(batch, index)];
      const counter = new Uint8Array(BLOCK_LENGTH);
      this.#writeFirstCounter(batch, index, counter, 0);
      parts.push(encryptCounters(counterKey, counter, length).then((part) => stream.set(part, place)));
      at += length;
    }
    await Promise.all(parts);
    return stream;
  }

  /** @param counters memory that every round uses again */
  #writeCounters(batch: GcmBatch, { first, next, byteCount }: Round, counters: ByteQueue): Uint8Array {
    counters.length = 0;
    counters.reserve(byteCount);
    const blocks = counters.bytes.subarray(0, byteCount).fill(0);
    for (let index = first, at = 0; index < next; index++) {
      this.#writeFirstCounter(batch, index, blocks, at);
      const end = at + streamLength(batch, index);
      let count = (blocks[at + 12]! << 24) | (blocks[at + 13]! << 16) | (blocks[at + 14]! << 8) | blocks[at + 15]!;
      for (let block = at + BLOCK_LENGTH; block < end; block += BLOCK_LENGTH) {
        for (let i = 0; i < 12; i++) blocks[block + i] = blocks[at + i]!;
        count = (count + 1) | 0; // only the last four bytes count, and they wrap around
        blocks[block + 12] = count >>> 24;
        blocks[block + 13] = count >>> 16;
        blocks[block + 14] = count >>> 8;
        blocks[block + 15] = count;
      }
      at = end;
    }
    return blocks;
  }

  /** Writes the counter block that a nonce stands for, over zeros. */
  #writeFirstCounter(batch: GcmBatch, index: number, blocks: Uint8Array, at: number): void {
    const { bytes } = batch.nonces;
    const start = batch.nonceStart(index);
    const end = batch.nonceEnd(index);
    if (end - start === 12) {
      for (let i = 0; i < 12; i++) blocks[at + i] = bytes[start + i]!;
      blocks[at + 15] = 1;
      return;
    }
    this.#ghash.start();
    this.#ghash.absorb(bytes, start, end);
    this.#ghash.absorbLengths(0, end - start);
    this.#ghash.foldInto(blocks, at);
  }
}

/**
 * @param key 32 bytes, used for this value alone: nothing is prepared for more of them
 * @param batch with one value, which is used up
 * @returns whether it was encrypted under the key with its associated data
 */
export async function opensSingle(key: Uint8Array, batch: GcmBatch): Promise<boolean> {
  if (!isNodeCryptoLoaded()) return (await (await GcmKey.create(key)).open(batch)).length === 0;
  return await opensGcm(key, {
    nonce: batch.nonces.view(),
    associated: batch.associated.view(),
    data: batch.data.view(),
    tag: batch.tags.view(),
  });
}

/** Values whose key stream is made at a time. */
interface Round {
  readonly first: number;
  /** The number of the value behind the last one. */
  readonly next: number;
  readonly byteCount: number;
}

function streamLength(batch: GcmBatch, index: number): number {
  const blockCount = Math.ceil((batch.dataEnd(index) - batch.dataStart(index)) / BLOCK_LENGTH);
  return (1 + blockCount) * BLOCK_LENGTH;
}

/** @returns the encrypted counters from the given one on */
async function encryptCounters(
  key: CryptoKey,
  counter: Uint8Array<ArrayBuffer>,
  byteCount: number,
): Promise<Uint8Array> {
  const zeros = new Uint8Array(byteCount);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CTR", counter, length: 32 }, key, zeros));
}

function applyStream(data: Uint8Array, start: number, end: number, stream: Uint8Array, at: number): void {
  for (let i = start; i < end; i++) data[i]! ^= stream[at + i - start]!;
}
