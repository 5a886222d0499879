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
import { GcmBatch, TAG_LENGTH } from "./gcm.ts";

/** What every encrypted value starts with. */
export const ENCODED_START = "ENC[AES256_GCM,data:";

/** What stands between the parts of an encrypted value, in bytes. */
const PARTS = {
  start: bytesOf(ENCODED_START),
  nonce: bytesOf(",iv:"),
  tag: bytesOf(",tag:"),
  type: bytesOf(",type:"),
  end: bytesOf("]"),
} as const;

/** The types, the most frequent ones first. */
const TYPES = (["str", "int", "bool", "float", "time", "comment", "bytes"] as const satisfies ValueType[]).map((
  name,
) => (
  { name, text: bytesOf(name) }
));

const CODE = { lineFeed: 0x0a, comma: 0x2c, bracket: 0x5d } as const;

/** Where a text is turned into bytes. */
const SCRATCH = new ByteQueue(1024);

/**
 * Adds what a text holds to the queues of a batch: data, nonce and tag. The caller makes it a value of the batch.
 *
 * @returns the type of the value; undefined, with nothing added, when the text is no encrypted value
 */
export function addEncoded(text: string, batch: GcmBatch): ValueType | undefined {
  if (!text.startsWith(ENCODED_START)) return undefined;
  SCRATCH.length = 0;
  SCRATCH.addText(text);
  return addEncodedBytes(SCRATCH.bytes, { start: 0, end: SCRATCH.length }, batch);
}

/** A part of some bytes, from `start` up to `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/** The same for a text in bytes. */
export function addEncodedBytes(text: Uint8Array, { start, end }: Part, batch: GcmBatch): ValueType | undefined {
  if (!hasPart(text, start, PARTS.start)) return undefined;
  const data = start + PARTS.start.length;
  const dataEnd = findComma(text, data, end);
  const nonce = dataEnd + PARTS.nonce.length;
  const nonceEnd = findComma(text, nonce, end);
  const tag = nonceEnd + PARTS.tag.length;
  const tagEnd = findComma(text, tag, end);
  if (!hasPart(text, dataEnd, PARTS.nonce) || !hasPart(text, nonceEnd, PARTS.tag)) return undefined;
  if (tagEnd >= end || !hasPart(text, tagEnd, PARTS.type)) return undefined;
  const type = findType(text, tagEnd + PARTS.type.length, end);
  if (type === undefined) return undefined;
  const { data: values, nonces, tags } = batch;
  const valueStart = values.length;
  const nonceStart = nonces.length;
  const tagStart = tags.length;
  const isRead = values.addBase64(text, data, dataEnd) && nonces.addBase64(text, nonce, nonceEnd) &&
    tags.addBase64(text, tag, tagEnd);
  const isWhole = values.length > valueStart && nonces.length > nonceStart && tags.length === tagStart + TAG_LENGTH;
  if (isRead && isWhole) return type;
  values.length = valueStart;
  nonces.length = nonceStart;
  tags.length = tagStart;
  return undefined;
}

/** The type goes up to the last `]` of the line. */
function findType(text: Uint8Array, start: number, end: number): ValueType | undefined {
  let at = start;
  while (at < end && text[at] !== CODE.lineFeed) at++;
  do at--; while (at >= start && text[at] !== CODE.bracket);
  for (const { name, text: nameText } of TYPES) {
    if (nameText.length === at - start && hasPart(text, start, nameText)) return name;
  }
  return undefined;
}

/** @returns where a comma stands first; the end without one */
function findComma(text: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (text[at] === CODE.comma) return at;
  return end;
}

function hasPart(text: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (text[start + i] !== part[i]) return false;
  return true;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Where texts are taken apart that nobody decrypts. */
const TRIAL = new GcmBatch();

/** @returns the type of an encrypted value; undefined for a text that lacks a part of one, or has a damaged one */
export function findEncodedType(text: string): ValueType | undefined {
  for (const queue of [TRIAL.data, TRIAL.nonces, TRIAL.tags]) queue.length = 0;
  return addEncoded(text, TRIAL);
}

/** @returns whether a text is an encrypted comment: how SOPS writes a comment inside a list */
export function isEncodedComment(text: string): boolean {
  if (!text.startsWith(ENCODED_START)) return false;
  const type = text.indexOf(",type:");
  if (type === -1) return false;
  const lineEnd = text.indexOf("\n", type);
  const end = text.lastIndexOf("]", lineEnd === -1 ? text.length : lineEnd);
  return text.slice(type + PARTS.type.length, Math.max(type, end)) === "comment";
}

function addAll(queue: ByteQueue, bytes: Uint8Array): void {
  queue.addBytes(bytes, 0, bytes.length);
}

/** Adds the text of a sealed value of a batch. */
export function addEncodedText(queue: ByteQueue, { batch, index, type }: SealedValue): void {
  addAll(queue, PARTS.start);
  queue.addAsBase64(batch.data.bytes, batch.dataStart(index), batch.dataEnd(index));
  addAll(queue, PARTS.nonce);
  queue.addAsBase64(batch.nonces.bytes, batch.nonceStart(index), batch.nonceEnd(index));
  addAll(queue, PARTS.tag);
  queue.addAsBase64(batch.tags.bytes, index * TAG_LENGTH, (index + 1) * TAG_LENGTH);
  addAll(queue, PARTS.type);
  queue.addText(type);
  addAll(queue, PARTS.end);
}

/** A value of a batch that is encrypted. */
interface SealedValue {
  readonly batch: GcmBatch;
  readonly index: number;
  readonly type: ValueType;
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
  add(value: SealedValue): void {
    addEncodedText(this.#queue, value);
    this.#ends.push(this.#queue.length);
  }

  /** @returns the texts, in the order in which they were added */
  texts(): string[] {
    const all = new TextDecoder().decode(this.#queue.view());
    let start = 0;
    return this.#ends.map((end) => all.slice(start, start = end));
  }
}
