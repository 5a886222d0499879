/**
 * Encrypts the values of a file that are to be encrypted, and makes the MAC over all of them. Pure but for the native
 * ciphers; randomness is handed in.
 *
 * Values that are encrypted already stay untouched, and what was encrypted before at the same place with the same content
 * keeps its text. Spec: sops-engine §3.3 to §3.5, §3.7, §4.4 (comments).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type Comment, CommentText, type Document, type Leaf, type Scalar } from "../tree/tree.ts";
import type { ValueChanges } from "../tree/change.ts";
import { typeOfScalar, type ValueType } from "../tree/value.ts";
import { ByteQueue } from "./bytes.ts";
import { EncodedWriter, isEncodedComment } from "./encoded_value.ts";
import { GcmBatch, type GcmKey } from "./gcm.ts";
import { computeMac, computeMacPath, startMac } from "./mac.ts";
import { addScalar, isEmptyScalar } from "./open.ts";
import type { Selector } from "./selectors.ts";
import { type Visitor, walkDocuments } from "./walk.ts";

/** Bytes of the nonce that SOPS takes. */
const NONCE_LENGTH = 32;

/** What it takes to seal a file. */
export interface SealOptions {
  readonly key: GcmKey;
  readonly selector: Selector;
  readonly macOnlyEncrypted: boolean;
  /** RFC 3339, as it will be stored. */
  readonly lastModified: string;
  /** @returns so many random bytes */
  readonly random: (byteCount: number) => Uint8Array;
  /** What the leaves hold that are encrypted already: they are hashed, and stay as they are. */
  readonly opened?: ValueChanges;
  /** Encrypts those as well, under another key. */
  readonly renewsOpened?: boolean;
  /** Encrypted texts of another version of the file, to be taken again. */
  readonly earlier?: EarlierTexts;
  /** For messages. */
  readonly path: string;
}

/** A file with its encryption. */
export interface SealedValues {
  /** What every leaf and comment becomes that is encrypted now. */
  readonly values: ValueChanges;
  /** The encrypted MAC. */
  readonly mac: string;
  /** How many values, comments aside, are encrypted in all. */
  readonly encryptedCount: number;
  /** How many values are not encrypted. */
  readonly clearCount: number;
}

/**
 * @throws {UserError} `refused` when something encrypted would be in clear, or a comment could not be told from others
 */
export async function sealDocuments(documents: readonly Document[], options: SealOptions): Promise<SealedValues> {
  const sealer = new Sealer(options);
  walkDocuments(documents, options.selector, sealer);
  return await sealer.finish();
}

/** The encrypted texts of a file, by place and content: each can be taken once. */
export class EarlierTexts implements Visitor {
  readonly #texts = new Map<string, string[]>();
  readonly #opened: ValueChanges;
  readonly #otherwise: EarlierTexts | undefined;

  /**
   * @param opened what the file held when it was opened, under the same data key
   * @param otherwise texts of yet another version under that key, taken where this one has none
   */
  constructor(
    documents: readonly Document[],
    selector: Selector,
    { opened, otherwise }: { readonly opened: ValueChanges; readonly otherwise?: EarlierTexts },
  ) {
    this.#opened = opened;
    this.#otherwise = otherwise;
    walkDocuments(documents, selector, this);
    for (const texts of this.#texts.values()) texts.reverse();
  }

  visitLeaf(leaf: Leaf, path: ByteQueue): void {
    const value = this.#opened.get(leaf);
    if (typeof leaf.value !== "string" || value === undefined || value === null) return;
    if (value instanceof CommentText) this.#add("comment", path, value.text, leaf.value);
    else this.#add(typeOfScalar(value), path, value, leaf.value);
  }

  visitComment(comment: Comment, path: ByteQueue): void {
    const text = this.#opened.get(comment);
    if (typeof text === "string") this.#add("comment", path, text, comment.text);
  }

  /** @returns the text of such a value at such a place, in the order of the file; undefined when there is none left */
  take(type: ValueType, path: ByteQueue, value: Scalar): string | undefined {
    return this.#texts.get(keyOf(type, path, value))?.pop() ?? this.#otherwise?.take(type, path, value);
  }

  #add(type: ValueType, path: ByteQueue, value: Scalar, text: string): void {
    const key = keyOf(type, path, value);
    const texts = this.#texts.get(key);
    if (texts === undefined) this.#texts.set(key, [text]);
    else texts.push(text);
  }
}

function keyOf(type: ValueType, path: ByteQueue, value: Scalar): string {
  const content = new ByteQueue();
  addScalar(content, value);
  const decoder = new TextDecoder("latin1"); // one character a byte, whatever the bytes are
  return `${type} ${path.length} ${decoder.decode(path.view())}${decoder.decode(content.view())}`;
}

class Sealer implements Visitor {
  readonly #options: SealOptions;
  /** Values, with what is hashed but not encrypted between them. */
  readonly #values = new GcmBatch();
  readonly #leaves: Leaf[] = [];
  readonly #types: ValueType[] = [];
  /** What is encrypted but not hashed: comments, and last of all the MAC. */
  readonly #others = new GcmBatch();
  readonly #comments: (Comment | Leaf)[] = [];
  readonly #sealed = new Map<Leaf | Comment, Scalar>();
  #encryptedCount = 0;
  #clearCount = 0;

  constructor(options: SealOptions) {
    this.#options = options;
    startMac(this.#values.data, options.macOnlyEncrypted);
  }

  visitLeaf(leaf: Leaf, path: ByteQueue, isSelected: boolean): void {
    const present = this.#options.opened?.get(leaf);
    if (present !== undefined && !isSelected) throw this.#refuseClear(path);
    if (present instanceof CommentText) {
      if (this.#options.renewsOpened) this.#addComment(leaf, present.text, path);
      return;
    }
    const value = present === undefined ? leaf.value : present;
    if (isEmptyScalar(value)) return;
    const { data } = this.#values;
    const start = data.length;
    if (!isSelected) {
      this.#clearCount++;
      if (!this.#options.macOnlyEncrypted) addScalar(data, value);
      return;
    }
    this.#encryptedCount++;
    addScalar(data, value);
    if ((present !== undefined && !this.#options.renewsOpened)) return;
    const type = typeOfScalar(value);
    const earlier = this.#options.earlier?.take(type, path, value);
    if (earlier !== undefined) {
      this.#sealed.set(leaf, earlier);
      return;
    }
    addToBatch(this.#values, start, path);
    this.#leaves.push(leaf);
    this.#types.push(type);
  }

  visitComment(comment: Comment, path: ByteQueue, isSelected: boolean, isInList: boolean): void {
    const present = this.#options.opened?.get(comment);
    if (present !== undefined && !isSelected) throw this.#refuseClear(path);
    if (!isSelected || (present !== undefined && !this.#options.renewsOpened)) return;
    if (present === undefined && isEncodedComment(comment.text)) return; // moved: encrypted twice, it could not go back
    const text = typeof present === "string" ? present : comment.text;
    if (text !== "" || isInList) this.#addComment(comment, text || " ", path); // SOPS takes an empty item for a value
  }

  #addComment(comment: Comment | Leaf, text: string, path: ByteQueue): void {
    const earlier = this.#options.earlier?.take("comment", path, text);
    if (earlier !== undefined) {
      this.#sealed.set(comment, earlier);
      return;
    }
    const start = this.#others.data.length;
    this.#others.data.addText(text);
    addToBatch(this.#others, start, path);
    this.#comments.push(comment);
  }

  async finish(): Promise<SealedValues> {
    const { key, lastModified, random } = this.#options;
    const path = new ByteQueue();
    path.addText(computeMacPath(lastModified));
    const macStart = this.#others.data.length;
    this.#others.data.addText(await computeMac(this.#values.data.view()));
    addToBatch(this.#others, macStart, path);
    for (const batch of [this.#values, this.#others]) {
      batch.nonces.bytes.set(random(batch.nonces.length));
      await key.seal(batch);
    }
    const writer = new EncodedWriter((this.#values.data.length + this.#values.count * 90) * 1.4);
    this.#leaves.forEach((_, index) => writer.add({ batch: this.#values, index, type: this.#types[index]! }));
    this.#comments.forEach((_, index) => writer.add({ batch: this.#others, index, type: "comment" }));
    writer.add({ batch: this.#others, index: this.#comments.length, type: "str" });
    const texts = writer.texts();
    this.#leaves.forEach((leaf, index) => this.#sealed.set(leaf, texts[index]!));
    this.#comments.forEach((comment, index) => this.#sealed.set(comment, texts[this.#leaves.length + index]!));
    this.#checkComments();
    return {
      values: this.#sealed,
      mac: texts.at(-1)!,
      encryptedCount: this.#encryptedCount,
      clearCount: this.#clearCount,
    };
  }

  /** An encrypted comment that the selector matches would be taken for one that turns encryption off. */
  #checkComments(): void {
    const { subject, encryptsMatches, matches } = this.#options.selector;
    if (subject !== "comments" || encryptsMatches) return;
    for (const [node, text] of this.#sealed) {
      if (node.kind !== "comment" || !matches(text as string)) continue;
      throw new UserError(
        "refused",
        `cannot encrypt "${this.#options.path}": unencrypted_comment_regex matches an encrypted comment`,
        { hints: ["make the regular expression more special, so that it matches no base64 text"] },
      );
    }
  }

  #refuseClear(path: ByteQueue): UserError {
    const keys = new TextDecoder().decode(path.view()).slice(0, -1);
    return new UserError(
      "refused",
      `cannot change "${this.#options.path}": a comment that selects would leave "${keys}" in clear`,
      { hints: ["use `edit`, where the comments can be changed as well"] },
    );
  }
}

/** Makes a value of the data from a place on; its nonce is filled in later. */
export function addToBatch(batch: GcmBatch, dataStart: number, path: ByteQueue): void {
  const nonceStart = batch.nonces.length;
  const associatedStart = batch.associated.length;
  batch.nonces.reserve(NONCE_LENGTH);
  batch.nonces.length += NONCE_LENGTH;
  batch.associated.addBytes(path.bytes, 0, path.length);
  batch.add(dataStart, nonceStart, associatedStart);
}
