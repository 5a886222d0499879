/**
 * What the metadata blocks of many files have in common. Most differ in nothing but their ciphertexts and the time, so what
 * one of them says of readers and settings, all of the same shape say, and they need not be parsed one by one. Pure.
 * Decision 048.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { parseTimestamp } from "../tree/value.ts";
import type { BlockMetadata, WrappedKey } from "./fields.ts";
import { hasMarkers } from "./markers.ts";
import { findBlockMetadata } from "./metadata.ts";
import { storeOfName } from "./store_name.ts";
import { findBlockLines, scanBlock } from "./yaml.ts";

/** A block taken apart. */
export interface BlockParts {
  /** The lines of the block. */
  readonly source: string;
  /** What stands between the variables: one more than those. */
  readonly literals: readonly string[];
  /** What every file has for itself, as it stands there: the lines of age files, encrypted values, the time. */
  readonly variables: readonly string[];
  /** The same text for blocks of the same shape. */
  readonly shape: string;
}

const ARMOR_HEAD = "-----BEGIN AGE ENCRYPTED FILE-----\n";
const ARMOR_TAIL = "-----END AGE ENCRYPTED FILE-----";
const BASE64 = "[A-Za-z0-9+/=]+";

/**
 * The variables. None is ever empty, and no letter in one could end what it stands in: lines of Base64 in the column of
 * the armor, an encrypted value, a time.
 */
const VARIABLE = new RegExp(
  [
    String.raw`(?<=^( *)${ARMOR_HEAD})(?:\1${BASE64}\n)+(?=\1${ARMOR_TAIL}$)`,
    String.raw`ENC\[AES256_GCM,data:${BASE64},iv:${BASE64},tag:${BASE64},type:str\]`,
    String.raw`(?<=^ +lastmodified: ")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?="$)`,
  ].join("|"),
  "gm",
);

/** @param source the lines of a block */
export function splitBlock(source: string): BlockParts {
  const literals: string[] = [];
  const variables: string[] = [];
  let end = 0;
  for (const { 0: variable, index } of source.matchAll(VARIABLE)) {
    const isTime = /^\d/.test(variable) && variable.endsWith("Z");
    if (isTime && parseTimestamp(variable) === undefined) continue; // SOPS reads no time there
    literals.push(source.slice(end, index));
    variables.push(variable);
    end = index + variable.length;
  }
  literals.push(source.slice(end));
  return { source, literals, variables, shape: literals.join("\0") };
}

/** @returns the lines of a block */
export function joinBlock({ literals, variables }: Pick<BlockParts, "literals" | "variables">): string {
  return literals.map((literal, i) => literal + (variables[i] ?? "")).join("");
}

/**
 * @param bytes a file in which there is something encrypted
 * @returns the parts of its block; undefined for what is no YAML in the form that SOPS writes
 */
export function splitFile(bytes: Uint8Array, path: string): BlockParts | undefined {
  if (storeOfName(path) !== "yaml") return undefined;
  const text = new TextDecoder().decode(bytes);
  const lines = findBlockLines(text);
  return typeof lines === "string" ? undefined : splitBlock(text.slice(lines.start, lines.end));
}

/** How many shapes are known at a time. A repository has few, but for files that no two people wrote alike. */
const MAX_SHAPES = 1000;

/** What is known of blocks by their shape. */
export class ShapeMemory<Known> {
  readonly #known = new Map<string, Known>();

  get({ shape }: BlockParts): Known | undefined {
    return this.#known.get(shape);
  }

  set({ shape }: BlockParts, known: Known): void {
    if (this.#known.size >= MAX_SHAPES) this.#known.clear();
    this.#known.set(shape, known);
  }
}

/** A shape, and what blocks of it say. */
export class KnownShape {
  /** Of the first block. */
  readonly #metadata: BlockMetadata;
  /** The variable of each key, by group. */
  readonly #keys: readonly (readonly number[])[];
  readonly #mac: number;
  readonly #lastModified: number;

  private constructor(
    metadata: BlockMetadata,
    { keys, mac, lastModified }: { keys: readonly (readonly number[])[]; mac: number; lastModified: number },
  ) {
    this.#metadata = metadata;
    this.#keys = keys;
    this.#mac = mac;
    this.#lastModified = lastModified;
  }

  /**
   * @param metadata what the block says
   * @returns undefined where more of it than the variables is different in every file, where two variables are the same,
   * which they need not be in others, and where the block refers to what stands outside of it
   */
  static learn({ source, variables }: BlockParts, metadata: BlockMetadata): KnownShape | undefined {
    if (metadata.format !== "yaml" || new Set(variables).size < variables.length) return undefined;
    const armors = variables.map(readArmor);
    const keys = metadata.groups.map((group) => group.keys.map(({ enc }) => armors.indexOf(enc)));
    const [mac, lastModified] = [variables.indexOf(metadata.mac), variables.indexOf(metadata.lastModified)];
    const isWhole = mac !== -1 && lastModified !== -1 && !keys.flat().includes(-1);
    return isWhole && scanBlock(source) !== undefined
      ? new KnownShape(metadata, { keys, mac, lastModified })
      : undefined;
  }

  /** @returns what another block of the shape says, but for the places of its keys */
  read(variables: readonly string[]): BlockMetadata {
    const groups = this.#metadata.groups.map(({ keys }, group) => ({
      keys: keys.map(({ type, text }, i): WrappedKey => (
        { type, text, enc: readArmor(variables[this.#keys[group]![i]!]!) }
      )),
    }));
    const [mac, lastModified] = [variables[this.#mac]!, variables[this.#lastModified]!];
    return { ...this.#metadata, groups, mac, lastModified };
  }
}

/** @returns the armored file whose lines these are */
function readArmor(lines: string): string {
  const indent = lines.length - lines.trimStart().length;
  const body = indent === 0 ? lines : lines.split("\n").map((line) => line.slice(indent)).join("\n");
  return `${ARMOR_HEAD}${body}${ARMOR_TAIL}\n`;
}

/** @param like lines of another age file @returns the lines of an armored file, in the same column */
export function layOutArmor(armored: string, like: string): string {
  const pad = like.slice(0, like.length - like.trimStart().length);
  return armored.slice(ARMOR_HEAD.length, -ARMOR_TAIL.length - 1).replace(/^(?=.)/gm, pad);
}

/** What a {@link MetadataReader} has found. */
export interface FoundBlock {
  /** Undefined where only the whole block tells what it says. */
  readonly shape: KnownShape | undefined;
  /** @returns as {@link findBlockMetadata}, but for the places of the keys */
  readonly readBlock: () => BlockMetadata;
}

/** Reads the metadata of many files, and parses those of a shape that it has not met. */
export class MetadataReader {
  readonly #known = new ShapeMemory<KnownShape>();

  /** @returns undefined as {@link findBlockMetadata} */
  find(bytes: Uint8Array, path: string): FoundBlock | undefined {
    if (!hasMarkers(bytes)) return undefined;
    const parts = splitFile(bytes, path);
    const known = parts && this.#known.get(parts);
    if (parts !== undefined && known !== undefined) {
      return { shape: known, readBlock: () => known.read(parts.variables) };
    }
    const metadata = findBlockMetadata(bytes, path);
    if (metadata === undefined) return undefined;
    const shape = parts && KnownShape.learn(parts, metadata);
    if (parts !== undefined && shape !== undefined) this.#known.set(parts, shape);
    return { shape, readBlock: () => metadata };
  }
}

/** Where a variable of a changed block comes from: one of the block as it was, or a key that is wrapped anew. */
type VariableSource = number | { readonly recipient: string };

/** How blocks of one shape become blocks of another: found out on the first, and the same for all others. */
export class ShapeChange {
  /** Of the blocks as they were. */
  readonly known: KnownShape;
  readonly #changed: BlockParts;
  readonly #sources: readonly VariableSource[];

  private constructor(known: KnownShape, changed: BlockParts, sources: readonly VariableSource[]) {
    this.known = known;
    this.#changed = changed;
    this.#sources = sources;
  }

  /**
   * @param before a block, and what it says
   * @param after what it has become
   * @returns undefined where it takes more than the variables to tell
   */
  static learn(
    before: { readonly parts: BlockParts; readonly metadata: BlockMetadata },
    after: { readonly parts: BlockParts; readonly metadata: BlockMetadata },
  ): ShapeChange | undefined {
    const known = KnownShape.learn(before.parts, before.metadata);
    if (known === undefined || KnownShape.learn(after.parts, after.metadata) === undefined) return undefined;
    const keys = after.metadata.groups.flatMap((group) => group.keys);
    const sources = after.parts.variables.map((variable): VariableSource | undefined => {
      const index = before.parts.variables.indexOf(variable);
      if (index !== -1) return index;
      const key = keys.find(({ enc }) => enc === readArmor(variable));
      return key && { recipient: key.text };
    });
    return sources.includes(undefined) ? undefined : new ShapeChange(known, after.parts, sources as VariableSource[]);
  }

  /**
   * @param variables of a block of the shape as it was
   * @param wrap wraps its data key
   * @returns the lines of the changed block
   */
  async apply(variables: readonly string[], wrap: (recipient: string) => Promise<string>): Promise<string> {
    const changed: string[] = [];
    for (const [i, source] of this.#sources.entries()) {
      const variable = typeof source === "number"
        ? variables[source]!
        : layOutArmor(await wrap(source.recipient), this.#changed.variables[i]!); // in order: a plugin may ask for a touch
      changed.push(variable);
    }
    const parts = splitBlock(joinBlock({ literals: this.#changed.literals, variables: changed }));
    const isAsPlanned = parts.shape === this.#changed.shape && parts.variables.every((text, i) => text === changed[i]);
    if (isAsPlanned) return parts.source;
    throw new InternalError("the metadata that would be written does not read as it was planned");
  }
}
