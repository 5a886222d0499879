/**
 * The values that somebody could read who has a key of a file: whoever is removed has them still, whatever becomes of the
 * file, so they have to be changed where they come from. Needs no key. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import { listEncryptedPaths, parseEncryptedFile, type PathStep } from "../../sops/mod.ts";
import { MAX_FILE_BYTES } from "../file/limits.ts";
import type { ScannedFile } from "../scan/encrypted_files.ts";

/** A file and what could be read in it. */
export interface ExposedFile {
  /** Absolute. */
  readonly path: string;
  /** Where its values stand; undefined: the file is one value, or cannot be read. */
  readonly values: readonly (readonly PathStep[])[] | undefined;
}

/** @returns what could be read in a file */
export async function findExposed(
  host: Host,
  { path, metadata: { format } }: Pick<ScannedFile, "path" | "metadata">,
): Promise<ExposedFile> {
  try {
    const bytes = format === "binary" ? undefined : readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
    if (bytes === undefined) return { path, values: undefined };
    return { path, values: listEncryptedPaths((await parseEncryptedFile(bytes, { path, format })).file.documents) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path, values: undefined };
  }
}
