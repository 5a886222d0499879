/**
 * Reads YAML to nodes with places, as go-yaml reads it: block collections by their columns, brackets, anchors, tags.
 *
 * One pass over the text, without a list of tokens: what a token could be is decided by looking ahead on its line. Comments
 * go into the container that go-yaml takes them for. Refuses what SOPS refuses. Pure.
 * Reference: go.yaml.in/yaml v3.0.4; spec: sops-engine §4.2, §4.4.
 *
 * @module
 */
import { RefusedScalar, resolvePlainScalar, resolveTaggedScalar } from "../plain_scalar.ts";
import type { Scalar } from "../scalar.ts";
import { Anchors } from "./anchors.ts";
import { scanBlockScalar } from "./block_scalar.ts";
import { readList, readMapping } from "./block.ts";
import { CHAR, type Cursor, isAboveComment, isBlankOrEnd, isIndicator } from "./cursor.ts";
import { type Atom, scanDoubleQuoted, scanPlain, scanSingleQuoted } from "./flow_scalars.ts";
import { readFlowCollection } from "./flow.ts";
import {
  type PlacedNode,
  type Properties,
  STYLE,
  type Style,
  type YamlAlias,
  YamlLeaf,
  type YamlNode,
} from "./nodes.ts";
import { readName, readProperties, type TagHandles } from "./properties.ts";

/** The most collections inside each other. */
const MAX_DEPTH = 500;

/** Longest key on one line, in code units; go-yaml looks no further for its `:`. */
const MAX_KEY_LENGTH = 1024;

const NOT_A_KEY = "a `:` where no key can stand, or a key without a `:`";

/** What starts something else than an atom. */
const STARTS_SPECIAL: ReadonlySet<number> = new Set([..."&!-?:|>"].map((character) => character.charCodeAt(0)));

/** Where a node stands. */
export interface NodeContext {
  /** Column of the block around it, -1 for the document. */
  readonly indent: number;
  /** Whether a block collection may start here: on a new line, or behind `-` or `?`. */
  readonly canOpenBlock: boolean;
  /** Whether a list may start in the column of the block around it, as below a key. */
  readonly canBeFlush: boolean;
  /** Where the text of a value would go if there is none. */
  readonly offset: number;
}

interface Frame extends NodeContext {
  readonly outer: number;
  /** Column of the node: of its properties where they stand on its line. */
  readonly column: number;
  readonly properties: Properties | undefined;
  readonly isOnLine: boolean;
}

/** Reads one text. */
export class Reader {
  readonly aliases: YamlAlias[] = [];
  readonly anchors = new Anchors();
  handles: TagHandles = new Map();
  /** Whether duplicate keys are refused: SOPS looks in the first document only. */
  refusesDuplicates = true;
  /** Column of the mapping on top: comments at the end of the text lie before the metadata block that comes there. */
  rootColumn = 0;
  /** Where the text of the last value ends. */
  lastEnd = 0;
  #depth = 0;

  /** @param cursor at the start of the text */
  constructor(readonly cursor: Cursor) {}

  /**
   * Reads a node outside of brackets; the cursor stands at its first token.
   *
   * @param outer column that comments have to be deeper than to belong to a collection that ends
   */
  readBlockNode(context: NodeContext, outer: number): YamlNode {
    const { cursor } = this;
    if (this.#isOutside(context)) return this.leafOf("", context.offset, context.offset, STYLE.absent, context.indent);
    const { code, column } = cursor;
    if (!context.canOpenBlock && !STARTS_SPECIAL.has(code)) { // the case of nearly all values
      const atom = this.readAtom(context.indent);
      if (isIndicator(cursor, CHAR.colon) && !cursor.isNewLine) cursor.fail(NOT_A_KEY);
      return this.nodeOf(atom, context.indent, undefined);
    }
    if (code !== CHAR.ampersand && code !== CHAR.exclamation) {
      return this.#readContent({ ...context, outer, column, properties: undefined, isOnLine: false });
    }
    const properties = this.openProperties();
    if (!cursor.isNewLine) {
      return this.#readContent({ ...context, outer, column, properties, isOnLine: true });
    }
    if (this.#isOutside(context)) {
      return this.close(this.leafOf("", properties.end, properties.end, STYLE.absent, context.indent, properties));
    }
    if (cursor.code === CHAR.ampersand || cursor.code === CHAR.exclamation) {
      cursor.fail("an anchor or a tag on the line below another, which is not supported here");
    }
    const frame = { ...context, canOpenBlock: true, outer, column: cursor.column, properties, isOnLine: false };
    return this.#readContent(frame);
  }

  /** Reads what follows the properties of a node. */
  #readContent({ indent, canOpenBlock, outer, column, properties, isOnLine }: Frame): YamlNode {
    const { cursor } = this;
    const { code } = cursor;
    if (isIndicator(cursor, CHAR.hyphen) || isIndicator(cursor, CHAR.question) || isIndicator(cursor, CHAR.colon)) {
      if (!canOpenBlock || isOnLine) cursor.fail(code === CHAR.hyphen ? "a `-` where no list can start" : NOT_A_KEY);
      this.enter();
      const node = code === CHAR.hyphen
        ? readList(this, outer, indent)
        : readMapping(this, undefined, { column, outer });
      this.leave();
      node.properties = properties;
      return this.close(node);
    }
    if (code === CHAR.pipe || code === CHAR.greater) {
      const { text, start, end } = scanBlockScalar(cursor, indent);
      cursor.skip();
      const style = code === CHAR.pipe ? STYLE.literal : STYLE.folded;
      return this.close(this.leafOf(text, start, end, style, indent, properties));
    }
    const atom = this.readAtom(indent);
    if (!isIndicator(cursor, CHAR.colon) || cursor.isNewLine) return this.nodeOf(atom, indent, properties);
    if (!canOpenBlock || !this.isKey(atom)) cursor.fail(NOT_A_KEY);
    this.enter();
    const first = { atom, properties: isOnLine ? properties : undefined };
    const node = readMapping(this, first, { column, outer });
    this.leave();
    if (!isOnLine) node.properties = properties;
    return isOnLine ? node : this.close(node);
  }

  /** Whether the next token belongs to a block further out, so that there is no node here. */
  #isOutside({ indent, canBeFlush }: NodeContext): boolean {
    const { cursor } = this;
    if (cursor.isAtDocumentEnd) return true;
    if (!cursor.isNewLine || cursor.column > indent) return false;
    return !(canBeFlush && cursor.column === indent && isIndicator(cursor, CHAR.hyphen));
  }

  /** Reads an anchor and a tag; the anchor has no meaning until its node is closed. */
  openProperties(): Properties {
    const properties = readProperties(this.cursor, this.handles);
    if (properties.anchor !== undefined) this.anchors.open(properties.anchor.name);
    return properties;
  }

  /** The node of an anchor is read. */
  close<T extends PlacedNode>(node: T): T {
    const anchor = node.properties?.anchor;
    if (anchor !== undefined) this.anchors.set(anchor.name, node);
    return node;
  }

  /** A collection starts. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) this.cursor.fail(`more than ${MAX_DEPTH} levels inside each other`);
  }

  /** A collection ends. */
  leave(): void {
    this.#depth--;
  }

  /** Reads a scalar, an alias or brackets, and the blanks and comments behind it. */
  readAtom(indent: number): Atom {
    const { cursor } = this;
    const { code, pos: start } = cursor;
    switch (code) {
      case CHAR.doubleQuote:
        return this.#skipBehind(scanDoubleQuoted(cursor));
      case CHAR.singleQuote:
        return this.#skipBehind(scanSingleQuoted(cursor));
      case CHAR.asterisk: {
        const { name, end } = readName(cursor);
        cursor.skip();
        return { start, end, isOneLine: true, style: STYLE.plain, text: undefined, collection: undefined, alias: name };
      }
      case CHAR.openList:
      case CHAR.openMapping: {
        const { lineStart } = cursor;
        this.enter();
        const collection = readFlowCollection(this, indent);
        this.leave();
        const isOneLine = cursor.lineStart === lineStart;
        cursor.skip();
        const { end } = collection;
        return { start, end, isOneLine, style: STYLE.plain, text: undefined, collection, alias: undefined };
      }
    }
    if (!this.#canStartPlain(code)) cursor.fail(describeUnexpected(code));
    return this.#skipBehind(scanPlain(cursor, indent));
  }

  #canStartPlain(code: number): boolean {
    const { cursor } = this;
    if (code === CHAR.hyphen) return !isBlankOrEnd(cursor.source.charCodeAt(cursor.pos + 1));
    if (code === CHAR.question || code === CHAR.colon) {
      return cursor.flowDepth === 0 && !isBlankOrEnd(cursor.source.charCodeAt(cursor.pos + 1));
    }
    if (code === CHAR.percent) return false;
    return code === code && !CANNOT_START_PLAIN.has(code);
  }

  #skipBehind(atom: Atom): Atom {
    this.cursor.skip();
    return atom;
  }

  /** Whether an atom with a `:` behind it can be a key. */
  isKey(atom: Atom): boolean {
    return atom.isOneLine && this.cursor.pos - atom.start <= MAX_KEY_LENGTH;
  }

  /** Makes a node of an atom. */
  nodeOf(atom: Atom, indent: number, properties: Properties | undefined): YamlNode {
    if (atom.alias !== undefined) {
      if (properties !== undefined) this.cursor.fail("an anchor or a tag before an alias", properties.start);
      return this.#follow(atom.alias, atom, indent);
    }
    this.lastEnd = atom.end;
    if (atom.collection !== undefined) {
      atom.collection.properties = properties;
      return this.close(atom.collection);
    }
    return this.close(this.leafOf(atom.text ?? "", atom.start, atom.end, atom.style, indent, properties));
  }

  #follow(name: string, place: { start: number; end: number }, indent: number): YamlNode {
    const target = this.#findTarget(name, place.start);
    const { flowDepth, source } = this.cursor;
    const node = this.anchors.copy(target, flowDepth > 0 || isAboveComment(source, place.end));
    if (node === undefined) this.cursor.fail("the aliases up to here stand for too many values", place.start);
    const { start, end } = place;
    this.lastEnd = end;
    this.aliases.push({ start, end, node, target, indent, isFlow: this.cursor.flowDepth > 0 });
    return node;
  }

  #findTarget(name: string, offset: number): PlacedNode {
    const target = this.anchors.find(name);
    if (target === undefined) this.cursor.fail("an alias whose anchor does not stand before it", offset);
    if (target === "open") this.cursor.fail("an alias inside the value that it stands for", offset);
    return target;
  }

  /** Makes a leaf of a scalar. */
  leafOf(
    text: string,
    start: number,
    end: number,
    style: Style,
    indent: number,
    properties?: Properties,
  ): YamlLeaf {
    this.lastEnd = end;
    const value = this.#resolve(text, style, properties, start);
    return new YamlLeaf(value, start, end, style, indent, this.cursor.flowDepth > 0, properties);
  }

  #resolve(text: string, style: Style, properties: Properties | undefined, offset: number): Scalar {
    const tag = properties?.tag?.name;
    const isPlain = style === STYLE.plain || style === STYLE.absent;
    if (tag === undefined || tag === "!") {
      if (!isPlain) return text;
      const value = resolvePlainScalar(text);
      if (value instanceof RefusedScalar) this.cursor.fail(value.problem, offset);
      return value;
    }
    const value = resolveTaggedScalar(tag, text);
    if (value === undefined) this.cursor.fail("a tag that does not fit its value", offset);
    if (value instanceof RefusedScalar) this.cursor.fail(value.problem, offset);
    return value;
  }

  /** The text of a key. @throws {UserError} `malformed` for a key that is no text */
  keyOf(atom: Atom, properties: Properties | undefined): string {
    if (atom.alias !== undefined) {
      const target = this.#findTarget(atom.alias, atom.start);
      if (target.kind !== "leaf" || typeof target.value !== "string") this.#refuseKey(atom.start);
      this.aliases.push({
        start: atom.start,
        end: atom.end,
        node: undefined,
        target,
        indent: -1,
        isFlow: this.cursor.flowDepth > 0,
      });
      return target.value;
    }
    if (atom.text === undefined) this.#refuseKey(atom.start);
    const key = this.#resolve(atom.text, atom.style, properties, atom.start);
    if (typeof key !== "string") this.#refuseKey(atom.start);
    if (properties?.anchor !== undefined) {
      const { start, end, style } = atom;
      const isFlow = this.cursor.flowDepth > 0;
      this.anchors.set(properties.anchor.name, new YamlLeaf(key, start, end, style, -1, isFlow, properties));
    }
    return key;
  }

  #refuseKey(offset: number): never {
    this.cursor.fail("a key that is no text, which SOPS does not support: put it in quotes", offset);
  }
}

/** What a plain scalar cannot start with. */
const CANNOT_START_PLAIN: ReadonlySet<number> = new Set([...",[]{}#&*!|>'\"%@`\t"].map((c) => c.charCodeAt(0)));

function describeUnexpected(code: number): string {
  if (code === CHAR.tab) return "a tab used as indentation, where YAML allows only spaces";
  if (code !== code) return "the end of the text where a value was expected";
  return "a character that cannot start a value: put the value in quotes";
}
