/**
 * Decrypts every value of a file and computes its MAC. Pure but for the native ciphers.
 *
 * All values are decrypted in one batch; nothing is answered before each is known to be what was encrypted.
 * Spec: sops-engine §3.4, §3.5, §3.7.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { decodeUtf8 } from "../../base/utf8.ts";
import type { BlockMetadata } from "../metadata/fields.ts";
import { type Comment, CommentText, type Document, type Leaf, type Scalar } from "../tree/tree.ts";
import type { ValueChanges } from "../tree/change.ts";
import { formatScalar, parseScalar, type ValueType } from "../tree/value.ts";
import { ByteQueue } from "./bytes.ts";
import { addEncoded, ENCODED_START, isEncodedComment } from "./encoded_value.ts";
import { GcmBatch, type GcmKey, opensSingle } from "./gcm.ts";
import { computeMac, computeMacPath, startMac } from "./mac.ts";
import type { Selector } from "./selectors.ts";
import { type Visitor, walkDocuments } from "./walk.ts";

/** A file without its encryption. */
export interface OpenedValues {
  /** What every encrypted leaf and comment held. */
  readonly values: ValueChanges;
  /** Whether the values are those that the MAC was made of; `absent` where the file's MAC cannot be decrypted. */
  readonly mac: "good" | "wrong" | "absent";
  /** Comments that the selector names but that are not encrypted, or not at this place: they stay as they are. */
  readonly leftComments: readonly Comment[];
}

/** What it takes to open the values of a file. */
export interface OpenOptions {
  readonly key: GcmKey;
  readonly selector: Selector;
  /** How long the text is, in UTF-16 code units: a guess at how much memory is needed. */
  readonly sourceLength: number;
  /** For messages. */
  readonly path: string;
}

/**
 * @throws {UserError} `integrity` when a value is not encrypted that should be, or is not what was encrypted at its place
 */
export async function openDocuments(
  documents: readonly Document[],
  metadata: BlockMetadata,
  options: OpenOptions,
): Promise<OpenedValues> {
  const opener = new Opener(metadata, options);
  walkDocuments(documents, options.selector, opener);
  return await opener.finish();
}

class Opener implements Visitor {
  readonly #metadata: BlockMetadata;
  readonly #options: OpenOptions;
  /** Values, with what is hashed but not encrypted between them. */
  readonly #values: GcmBatch;
  readonly #leaves: Leaf[] = [];
  readonly #types: ValueType[] = [];
  /** What is encrypted but not hashed: comments, and first of all the MAC. */
  readonly #others = new GcmBatch();
  readonly #comments: (Comment | Leaf)[] = [];
  readonly #leftComments: Comment[] = [];
  readonly #hasMac: boolean;
  /** How many of {@link #others} stand before the comments: whatever the file has as its MAC, text or not. */
  readonly #firstComment: number;
  /** Where the values start in what is hashed. */
  readonly #hashedStart: number;

  constructor(metadata: BlockMetadata, options: OpenOptions) {
    this.#metadata = metadata;
    this.#options = options;
    this.#values = new GcmBatch(options.sourceLength >> 2);
    startMac(this.#values.data, metadata.macOnlyEncrypted);
    this.#hashedStart = this.#values.data.length;
    this.#hasMac = addMac(metadata, this.#others);
    this.#firstComment = this.#others.count;
  }

  visitLeaf(leaf: Leaf, path: ByteQueue, isSelected: boolean, isInList: boolean): void {
    const { value } = leaf;
    if (isEmptyScalar(value)) return;
    if (!isSelected) {
      if (!this.#metadata.macOnlyEncrypted) addScalar(this.#values.data, value);
      return;
    }
    if (typeof value !== "string") throw this.#refuse(leaf, path, "is not encrypted");
    if (isInList && isEncodedComment(value)) {
      if (addValue(value, path, this.#others) === undefined) throw this.#refuse(leaf, path, "is damaged");
      this.#comments.push(leaf);
      return;
    }
    const type = addValue(value, path, this.#values);
    if (type === undefined || type === "comment") {
      throw this.#refuse(leaf, path, value.startsWith(ENCODED_START) ? "is damaged" : "is not encrypted");
    }
    this.#leaves.push(leaf);
    this.#types.push(type);
  }

  visitComment(comment: Comment, path: ByteQueue, isSelected: boolean): void {
    if (!isSelected || comment.text === "") return;
    if (addValue(comment.text, path, this.#others) === undefined) this.#leftComments.push(comment);
    else this.#comments.push(comment);
  }

  async finish(): Promise<OpenedValues> {
    const { key } = this.#options;
    const [wrongValue] = await key.open(this.#values);
    if (wrongValue !== undefined) throw this.#refuseValue(this.#values, wrongValue, this.#leaves[wrongValue]!);
    const wrongOthers = new Set(await key.open(this.#others));
    const values = new Map<Leaf | Comment, Scalar | CommentText>();
    const hashed = this.#readValues(values);
    const texts = readTexts(this.#others, 0);
    this.#comments.forEach((comment, i) => {
      const index = this.#firstComment + i;
      if (!wrongOthers.has(index)) {
        const text = asText(texts[index]!);
        values.set(comment, comment.kind === "leaf" ? new CommentText(text) : text);
      } else if (comment.kind === "leaf") throw this.#refuseValue(this.#others, index, comment);
      else this.#leftComments.push(comment);
    });
    if (!this.#hasMac || wrongOthers.has(0)) return { values, mac: "absent", leftComments: this.#leftComments };
    const isGood = await computeMac(hashed) === texts[0];
    return { values, mac: isGood ? "good" : "wrong", leftComments: this.#leftComments };
  }

  /** @returns the bytes of the MAC: those that were decrypted, but for values that SOPS would spell in another way */
  #readValues(values: Map<Leaf | Comment, Scalar | CommentText>): Uint8Array<ArrayBuffer> {
    const batch = this.#values;
    const texts = readTexts(batch, this.#hashedStart);
    const respelled = new Map<number, string>();
    this.#leaves.forEach((leaf, index) => {
      const type = this.#types[index]!;
      const text = texts[index]!;
      if (type === "str") {
        values.set(leaf, text);
      } else if (type === "bytes") {
        values.set(leaf, batch.data.bytes.slice(batch.dataStart(index), batch.dataEnd(index)));
      } else if (type !== "comment") {
        const value = parseScalar(type, asText(text));
        if (value === undefined) throw this.#refuseValue(batch, index, leaf);
        values.set(leaf, value);
        const spelling = formatScalar(value as Exclude<Scalar, Uint8Array>);
        if (spelling !== text) respelled.set(index, spelling);
      }
    });
    return respelled.size === 0 ? batch.data.view() : respell(batch, respelled);
  }

  #refuseValue(batch: GcmBatch, index: number, leaf: Leaf): UserError {
    const path = new ByteQueue();
    path.addBytes(batch.associated.bytes, batch.associatedStart(index), batch.associatedEnd(index));
    return this.#refuse(leaf, path, "is not what was encrypted at this place");
  }

  #refuse(_leaf: Leaf, path: ByteQueue, state: string): UserError {
    const keys = new TextDecoder().decode(path.view()).slice(0, -1);
    return new UserError("integrity", `cannot decrypt "${this.#options.path}": the value of "${keys}" ${state}`, {
      hints: ["take the file from a backup or from version control: it was changed by something that is not SOPS"],
      location: { path: this.#options.path },
    });
  }
}

/**
 * Tells whether a data key is that of a file's values, by its MAC: a file that was merged by hand, or by somebody who can
 * write it, may have the key of another one among its keys.
 */
export async function opensMac(
  dataKey: Uint8Array,
  metadata: Pick<BlockMetadata, "mac" | "lastModified">,
): Promise<boolean> {
  const batch = new GcmBatch();
  return addMac(metadata, batch) && await opensSingle(dataKey, batch);
}

/** @returns the MAC of a file in clear; undefined where it is none, or is not encrypted with this key */
export async function openMac(
  key: GcmKey,
  metadata: Pick<BlockMetadata, "mac" | "lastModified">,
): Promise<string | undefined> {
  const batch = new GcmBatch();
  if (!addMac(metadata, batch) || (await key.open(batch)).length > 0) return undefined;
  return new TextDecoder().decode(batch.data.view());
}

/** @returns whether the MAC of a file has the form of one */
function addMac({ mac, lastModified }: Pick<BlockMetadata, "mac" | "lastModified">, batch: GcmBatch): boolean {
  const path = new ByteQueue();
  path.addText(computeMacPath(lastModified));
  return addValue(mac, path, batch) === "str";
}

/** Adds an encrypted value with its associated data to a batch. */
function addValue(text: string, path: ByteQueue, batch: GcmBatch): ValueType | undefined {
  const [dataStart, nonceStart] = [batch.data.length, batch.nonces.length];
  const type = addEncoded(text, batch);
  if (type === undefined) return undefined;
  const associatedStart = batch.associated.length;
  batch.associated.addBytes(path.bytes, 0, path.length);
  batch.add(dataStart, nonceStart, associatedStart);
  return type;
}

/** @returns whether a value has no bytes: it is neither encrypted nor hashed */
export function isEmptyScalar(value: Scalar): value is null {
  return value === null || value === "" || (value instanceof Uint8Array && value.length === 0);
}

/** Adds the bytes of a value that are hashed. */
export function addScalar(queue: ByteQueue, value: Scalar): void {
  if (value instanceof Uint8Array) queue.addBytes(value, 0, value.length);
  else queue.addText(formatScalar(value));
}

/** @returns each value of a batch as text, or as bytes where it is no text */
function readTexts(batch: GcmBatch, start: number): (string | Uint8Array)[] {
  const { bytes, length } = batch.data;
  const all = decode(bytes.subarray(start, length));
  const texts: (string | Uint8Array)[] = [];
  let at = start;
  let units = 0;
  const isAscii = typeof all === "string" && all.length === length - start;
  for (let index = 0; index < batch.count; index++) {
    const [from, to] = [batch.dataStart(index), batch.dataEnd(index)];
    if (typeof all !== "string" || isInsideCharacter(bytes, from) || (to < length && isInsideCharacter(bytes, to))) {
      texts.push(decode(bytes.slice(from, to)));
      continue;
    }
    if (isAscii) {
      texts.push(all.slice(from - start, to - start));
      continue;
    }
    units += countUnits(bytes, at, from);
    const end = units + countUnits(bytes, from, to);
    texts.push(all.slice(units, end));
    units = end;
    at = to;
  }
  return texts;
}

function decode(bytes: Uint8Array<ArrayBuffer>): string | Uint8Array {
  try {
    return decodeUtf8(bytes);
  } catch {
    return bytes; // bytes that are no text are an expected answer here
  }
}

function asText(text: string | Uint8Array): string {
  return typeof text === "string" ? text : new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
}

function isInsideCharacter(bytes: Uint8Array, at: number): boolean {
  return (bytes[at]! & 0xc0) === 0x80;
}

/** How many UTF-16 code units a piece of well-formed UTF-8 takes. */
function countUnits(bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

/** @returns the data of a batch with other texts for some of its values */
export function respell(batch: GcmBatch, spellings: ReadonlyMap<number, string>): Uint8Array<ArrayBuffer> {
  const result = new ByteQueue(batch.data.length);
  let at = 0;
  for (const [index, text] of spellings) {
    result.addBytes(batch.data.bytes, at, batch.dataStart(index));
    result.addText(text);
    at = batch.dataEnd(index);
  }
  result.addBytes(batch.data.bytes, at, batch.data.length);
  return result.view();
}
