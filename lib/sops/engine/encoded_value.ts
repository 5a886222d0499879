/**
 * The text form of an encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.
 *
 * Reads as leniently as SOPS (text behind the last `]` does not count), and never repeats a text that it could not read:
 * it may be a secret that somebody left in clear. Pure. Spec: sops-engine §3.5.
 *
 * @module
 */
import type { ValueType } from "../tree/value.ts";
import { ByteQueue } from "./bytes.ts";
import { type GcmBatch, TAG_LENGTH } from "./gcm.ts";

/** What every encrypted value starts with. */
export const ENCODED_START = "ENC[AES256_GCM,data:";

const TYPES: ReadonlySet<string> = new Set<ValueType>(["str", "int", "float", "bool", "time", "comment", "bytes"]);

/**
 * Adds what a text holds to the queues of a batch: data, nonce and tag. The caller makes it a value of the batch.
 *
 * @returns the type of the value; undefined, with nothing added, when the text is no encrypted value
 */
export function addEncoded(text: string, batch: GcmBatch): ValueType | undefined {
  if (!text.startsWith(ENCODED_START)) return undefined;
  const nonce = text.indexOf(",iv:", ENCODED_START.length);
  const tag = text.indexOf(",tag:", nonce + 4);
  const type = text.indexOf(",type:", tag + 5);
  if (nonce === -1 || tag === -1 || type === -1) return undefined;
  const name = readType(text, type + 6);
  if (name === undefined) return undefined;
  const { data, nonces, tags } = batch;
  const [dataStart, nonceStart, tagStart] = [data.length, nonces.length, tags.length];
  const isRead = data.addBase64(text, ENCODED_START.length, nonce) && nonces.addBase64(text, nonce + 4, tag) &&
    tags.addBase64(text, tag + 5, type);
  const isWhole = data.length > dataStart && nonces.length > nonceStart && tags.length === tagStart + TAG_LENGTH;
  if (isRead && isWhole) return name;
  data.length = dataStart;
  nonces.length = nonceStart;
  tags.length = tagStart;
  return undefined;
}

/** The type goes up to the last `]` of the line. */
function readType(text: string, start: number): ValueType | undefined {
  const lineEnd = text.indexOf("\n", start);
  const end = text.lastIndexOf("]", lineEnd === -1 ? text.length : lineEnd);
  const name = text.slice(start, Math.max(start, end));
  return TYPES.has(name) ? name as ValueType : undefined;
}

/** @returns whether a text is an encrypted comment: how SOPS writes a comment inside a list */
export function isEncodedComment(text: string): boolean {
  if (!text.startsWith(ENCODED_START)) return false;
  const type = text.indexOf(",type:");
  return type !== -1 && readType(text, type + 6) === "comment";
}

/** What stands between the parts of an encrypted value, in bytes. */
const PARTS = {
  start: new TextEncoder().encode(ENCODED_START),
  nonce: new TextEncoder().encode(",iv:"),
  tag: new TextEncoder().encode(",tag:"),
  type: new TextEncoder().encode(",type:"),
} as const;

function addAll(queue: ByteQueue, bytes: Uint8Array): void {
  queue.addBytes(bytes, 0, bytes.length);
}

/** Builds the texts of many encrypted values in one piece of memory. */
export class EncodedWriter {
  readonly #queue: ByteQueue;
  readonly #ends: number[] = [];

  /** @param expectedBytes of text */
  constructor(expectedBytes: number) {
    this.#queue = new ByteQueue(expectedBytes);
  }

  /** Adds the text of a sealed value of a batch. */
  add(batch: GcmBatch, index: number, type: ValueType): void {
    const queue = this.#queue;
    addAll(queue, PARTS.start);
    queue.addAsBase64(batch.data.bytes, batch.dataStart(index), batch.dataEnd(index));
    addAll(queue, PARTS.nonce);
    queue.addAsBase64(batch.nonces.bytes, batch.nonceStart(index), batch.nonceEnd(index));
    addAll(queue, PARTS.tag);
    queue.addAsBase64(batch.tags.bytes, index * TAG_LENGTH, (index + 1) * TAG_LENGTH);
    addAll(queue, PARTS.type);
    queue.addText(type);
    queue.addText("]");
    this.#ends.push(queue.length);
  }

  /** @returns the texts, in the order in which they were added */
  texts(): string[] {
    const all = new TextDecoder().decode(this.#queue.view());
    let start = 0;
    return this.#ends.map((end) => all.slice(start, start = end));
  }
}
