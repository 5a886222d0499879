/**
 * What a scan keeps of the metadata of a file: who can read it, and by which settings it was encrypted. Files that say the
 * same share one object, so that a hundred thousand of them take little memory. Pure.
 *
 * @module
 */
import type { BlockMetadata, FileMetadata, MetadataKey } from "../../sops/metadata/metadata.ts";
import { type KnownShape, MetadataReader } from "../../sops/metadata/shape.ts";

/** A key of a file, by what tells it apart from others. */
export type FileKey = Pick<MetadataKey, "type" | "text">;

/** What is kept; the fields are those of {@link FileMetadata}. */
export interface ScannedMetadata
  extends Pick<FileMetadata, "format" | "shamirThreshold" | "selectors" | "macOnlyEncrypted"> {
  readonly groups: readonly { readonly keys: readonly FileKey[] }[];
}

/** The metadata of a file. */
export interface FoundMetadata {
  /** What is kept of it. */
  readonly metadata: ScannedMetadata;
  /** @returns all of it, but for the places of the keys */
  readonly readBlock: () => BlockMetadata;
}

/** Gives out one object for all metadata that say the same. */
export class MetadataPool {
  readonly #known = new Map<string, ScannedMetadata>();
  readonly #reader = new MetadataReader();
  readonly #byShape = new WeakMap<KnownShape, ScannedMetadata>();

  /** @returns the metadata of a file; undefined when it is not encrypted */
  find(bytes: Uint8Array, path: string): FoundMetadata | undefined {
    const found = this.#reader.find(bytes, path);
    if (found === undefined) return undefined;
    const { shape, readBlock } = found;
    const known = shape && this.#byShape.get(shape);
    const metadata = known ?? this.share(readBlock());
    if (shape !== undefined && known === undefined) this.#byShape.set(shape, metadata);
    return { metadata, readBlock };
  }

  /** @returns what is kept of the metadata */
  share({ format, shamirThreshold, selectors, macOnlyEncrypted, groups }: FileMetadata): ScannedMetadata {
    const keys = groups.map((group) => ({ keys: group.keys.map(({ type, text }) => ({ type, text })) }));
    const id = JSON.stringify({ format, groups: keys, shamirThreshold, selectors, macOnlyEncrypted });
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // Parsed anew: a piece of the text of a file would keep the whole text in memory.
    const shared: ScannedMetadata = { shamirThreshold, ...JSON.parse(id) };
    this.#known.set(id, shared);
    return shared;
  }
}
