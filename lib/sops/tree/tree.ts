/**
 * The content of a SOPS file as an ordered tree: what is hashed, encrypted and walked, in the order of the text.
 *
 * Order and duplicate keys count, so nothing here is a JavaScript object or a Map. Every node that stands in a text knows
 * its place there; a node that was made (or copied by an alias) has none. Pure data. Spec: sops-engine §3.1, §9.
 *
 * @module
 */

import type { Scalar } from "../../yaml/scalar.ts";

export { type Scalar, Timestamp } from "../../yaml/scalar.ts";

/** A half-open range of UTF-16 code units in the text of a file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A scalar at its place. */
export interface Leaf {
  readonly kind: "leaf";
  readonly value: Scalar;
  /** The scalar's own text, quotes and block header included, without comment, anchor and tag. */
  readonly range?: Range;
}

/**
 * What a leaf of a list becomes that SOPS wrote in the place of a comment (`- ENC[…,type:comment]`): a comment again.
 */
export class CommentText {
  /** @param text without the leading `#` */
  constructor(readonly text: string) {}
}

/** A comment. It is a leaf of the container that it stands in, and no part of the MAC. */
export interface Comment {
  readonly kind: "comment";
  /** Without the leading `#` (INI: without the marker). */
  readonly text: string;
  /** Whether it stands behind a value, on the value's line. */
  readonly isInline: boolean;
  /** From the marker to the end of the comment. */
  readonly range?: Range;
}

/** A key with its value. */
export interface Entry {
  readonly kind: "entry";
  readonly key: string;
  readonly value: Node;
  /** The text of the key. */
  readonly keyRange?: Range;
}

/** A mapping. Comments that belong to an entry stand before it. */
export interface Mapping {
  readonly kind: "mapping";
  readonly items: readonly (Entry | Comment)[];
  readonly range?: Range;
}

/** A list. */
export interface List {
  readonly kind: "list";
  readonly items: readonly (Node | Comment)[];
  /** Of a list that is wanted: its items are to stand in this order also where the same items are there already. */
  readonly isInOrder?: boolean;
  readonly range?: Range;
}

/** A value. */
export type Node = Leaf | Mapping | List;

/** One document of a file, without its metadata block. */
export interface Document {
  readonly root: Mapping;
}

/** @returns the value of a scalar of a mapping; undefined when there is no such key, or when it is no scalar */
export function findLeaf(mapping: Mapping, key: string): Scalar | undefined {
  for (const item of mapping.items) {
    if (item.kind === "entry" && item.key === key) return item.value.kind === "leaf" ? item.value.value : undefined;
  }
  return undefined;
}
