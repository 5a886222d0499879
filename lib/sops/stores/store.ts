/**
 * What a format has to do for the engine: read a text to a tree with places, and write a change into the text.
 *
 * A store never decides what is encrypted, and never sees a key. It keeps the author's text: everything outside the
 * splices that it answers survives byte for byte. Pure. Spec: sops-engine §4, §9.
 *
 * @module
 */
import type { Splice } from "../../yaml/edit/splice.ts";
import type { StoreFormat } from "../metadata/fields.ts";
import type { StructureChange, ValueChanges } from "../tree/change.ts";
import type { Document, Mapping, Node } from "../tree/tree.ts";

export type { StructureChange, ValueChanges } from "../tree/change.ts";

/** A file as a store has read it. */
export interface StoreFile {
  readonly format: StoreFormat;
  /** The whole text, byte order mark included; every range counts in it. Empty for the binary store's plain form. */
  readonly source: string;
  /** At least one, without the metadata block. */
  readonly documents: readonly Document[];
  /**
   * The value of `sops` in the first document as it stands, with places as everywhere else; flat stores build it with
   * `unflatten`. Undefined in a file that is not encrypted.
   */
  readonly block: Mapping | undefined;
  /** What SOPS reads otherwise than the author may have meant it. */
  readonly warnings?: readonly StoreWarning[];
}

/** Something that SOPS takes in silence and that people should know of. */
export interface StoreWarning {
  readonly lineNumber: number;
  /** What SOPS does there, in words that hold no content. */
  readonly problem: string;
}

/** How canonical output is laid out. */
export interface CanonicalOptions {
  /** Columns of one level; absent: what SOPS takes (YAML 4, JSON a tab). */
  readonly indent?: number;
}

/** One format. */
export interface Store {
  readonly format: StoreFormat;
  /**
   * @param path for messages
   * @throws {UserError} `malformed` with line and column, never with content; `unsupported` for what would stay in clear
   */
  parse(source: string, path: string): StoreFile;
  /** The splices that give leaves and comments other values, in place, each in a style that the place allows. */
  changeValues(file: StoreFile, changes: ValueChanges): Splice[];
  /** @throws {UserError} `usage` where the format cannot hold the change */
  changeStructure(file: StoreFile, change: StructureChange): Splice[];
  /**
   * The splices that make the metadata block say this, in every document that has to hold it. Fields that stay as they
   * are keep their text: `compareMappings` of the tree (or of two flattened blocks) tells which do. Undefined takes the
   * block away.
   *
   * @param block the whole wanted block in the order of SOPS, without places
   */
  changeMetadata(file: StoreFile, block: Mapping | undefined): Splice[];
  /** What SOPS itself would write, byte for byte (but for the bugs named in sops-engine §4.3.1 and §4.4). */
  formatCanonical(
    documents: readonly Document[],
    block: Mapping | undefined,
    options: CanonicalOptions,
  ): string;
  /** One value as `decrypt --extract` and `get` print it. Spec: §5.3. */
  formatValue(node: Node, options: CanonicalOptions): string;
}
