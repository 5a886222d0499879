/**
 * The nodes of a scanned YAML text, with their places: small objects of fixed shape, since a file can hold 100,000.
 *
 * A node is its own range (`range` answers the node itself), so copying one with `{...node}` loses its place. What an
 * alias stands for is copied without places. Pure data.
 *
 * @module
 */
import type { Scalar } from "../scalar.ts";

/** A half-open range of UTF-16 code units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** How a scalar is written. */
export const STYLE = { plain: 0, single: 1, double: 2, literal: 3, folded: 4, absent: 5 } as const;

/** One of {@link STYLE}. */
export type Style = typeof STYLE[keyof typeof STYLE];

/** An anchor and a tag, in any order, before a node. */
export interface Properties extends Place {
  /** The name behind `&`, with its place, the `&` included. */
  readonly anchor?: Place & { readonly name: string };
  /** The tag in short form (`!!int`), with its place. */
  readonly tag?: Place & { readonly name: string };
}

/** A scalar. */
export class YamlLeaf {
  readonly kind = "leaf";

  /**
   * @param value what it means
   * @param start of its text; the place behind `:` or `-` where there is none
   * @param end of its text, the trailing blank lines of a block scalar included
   * @param style how it is written
   * @param indent column of the block around it, -1 for the document; its lines have to be deeper
   * @param isFlow whether it stands inside brackets
   * @param properties anchor and tag before it
   */
  constructor(
    readonly value: Scalar,
    readonly start: number,
    readonly end: number,
    readonly style: Style,
    readonly indent: number,
    readonly isFlow: boolean,
    readonly properties: Properties | undefined,
  ) {}

  /** The text of the scalar. */
  get range(): Place {
    return this;
  }
}

/** A comment, from its `#` to the end of its line. */
export class YamlComment {
  readonly kind = "comment";
  isInline = false;

  /** @param column of the `#`, from 0 */
  constructor(readonly text: string, readonly start: number, readonly end: number, readonly column: number) {}

  /** From the `#` to the end. */
  get range(): Place {
    return this;
  }
}

/** A key and its value. */
export class YamlEntry {
  readonly kind = "entry";

  /**
   * @param key what the key means
   * @param value its value
   * @param start of the text of the key
   * @param end of the text of the key
   * @param from where the entry starts: at its `?`, anchor, tag or text
   */
  constructor(
    readonly key: string,
    readonly value: YamlNode,
    readonly start: number,
    readonly end: number,
    readonly from: number,
  ) {}

  /** The text of the key. */
  get keyRange(): Place {
    return this;
  }
}

/** A mapping. */
export class YamlMapping {
  readonly kind = "mapping";
  readonly items: (YamlEntry | YamlComment)[] = [];
  end: number;

  /**
   * @param start of its first key or its `{`
   * @param column of its keys; in brackets the indent of the block around it
   * @param isFlow whether it is written in brackets (or as a pair inside brackets)
   * @param properties anchor and tag before it
   */
  constructor(
    readonly start: number,
    readonly column: number,
    readonly isFlow: boolean,
    public properties: Properties | undefined,
  ) {
    this.end = start;
  }

  /** From the first key or `{` to the end of the last value or `}`. */
  get range(): Place {
    return this;
  }
}

/** A list. */
export class YamlList {
  readonly kind = "list";
  readonly items: (YamlNode | YamlComment)[] = [];
  /** Where the `-` of each item stands, comments not counted; empty in brackets. */
  readonly dashes: number[] = [];
  end: number;

  /**
   * @param start of its first `-` or its `[`
   * @param column of its `-`; in brackets the indent of the block around it
   * @param isFlow whether it is written in brackets
   * @param properties anchor and tag before it
   */
  constructor(
    readonly start: number,
    readonly column: number,
    readonly isFlow: boolean,
    public properties: Properties | undefined,
  ) {
    this.end = start;
  }

  /** From the first `-` or `[` to the end of the last item or `]`. */
  get range(): Place {
    return this;
  }
}

/** What an alias stands for, without places. */
export type CopiedNode =
  | { readonly kind: "leaf"; readonly value: Scalar }
  | { readonly kind: "mapping"; readonly items: readonly (CopiedEntry | CopiedComment)[] }
  | { readonly kind: "list"; readonly items: readonly (CopiedNode | CopiedComment)[] };

/** A key and its value, without a place. */
export interface CopiedEntry {
  readonly kind: "entry";
  readonly key: string;
  readonly value: CopiedNode;
}

/** A comment, without a place. */
export interface CopiedComment {
  readonly kind: "comment";
  readonly text: string;
  readonly isInline: boolean;
}

/** A node that stands in the text. */
export type PlacedNode = YamlLeaf | YamlMapping | YamlList;

/** Any node of a scanned text. */
export type YamlNode = PlacedNode | CopiedNode;

/** An alias in the text. */
export interface YamlAlias extends Place {
  /** What stands in the tree for it; undefined where it is a key. */
  readonly node: CopiedNode | undefined;
  /** The node with the anchor. */
  readonly target: PlacedNode;
  /** Column of the block around it. */
  readonly indent: number;
  /** Whether it stands inside brackets. */
  readonly isFlow: boolean;
}

/** One document of a text. */
export interface YamlDocumentNode {
  /** The mapping on top: empty, without keys in the text, where the document is empty. */
  readonly root: YamlMapping;
  /** Text that says "nothing" and that a mapping would have to replace (`null`, `~`); undefined in most documents. */
  readonly nothing: Place | undefined;
  /** Where the content ends: at `...`, the next `---` or the end of the text. */
  readonly end: number;
}

/** A scanned text. */
export interface YamlScan {
  readonly documents: readonly YamlDocumentNode[];
  /** Every alias, in the order of the text. */
  readonly aliases: readonly YamlAlias[];
}
