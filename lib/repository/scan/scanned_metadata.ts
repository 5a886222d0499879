/**
 * What a scan keeps of the metadata of a file: who can read it, and by which settings it was encrypted. Files that say the
 * same share one object, so that a hundred thousand of them take little memory. Pure.
 *
 * @module
 */
import type { FileMetadata, MetadataKey } from "../../sops/metadata/metadata.ts";

/** A key of a file, by what tells it apart from others. */
export type FileKey = Pick<MetadataKey, "type" | "text">;

/** What is kept; the fields are those of {@link FileMetadata}. */
export interface ScannedMetadata
  extends Pick<FileMetadata, "format" | "shamirThreshold" | "selectors" | "macOnlyEncrypted"> {
  readonly groups: readonly { readonly keys: readonly FileKey[] }[];
}

/** Gives out one object for all metadata that say the same. */
export class MetadataPool {
  readonly #known = new Map<string, ScannedMetadata>();

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
