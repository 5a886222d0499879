/**
 * How large an encrypted file may be, and how one is replaced. Data.
 *
 * @module
 */
import type { EditTarget } from "../../base/files/edit_files.ts";
import { MAX_FILE_BYTES } from "../scan/large_file.ts";

export { MAX_FILE_BYTES };

/** Mode of a new encrypted file; the person's umask may take permissions away. */
const ENCRYPTED_MODE = 0o644;

const FOLDER_MODE = 0o755;

/** @returns the file as it is read and replaced */
export function targetOf(path: string): EditTarget {
  return { path, maxBytes: MAX_FILE_BYTES, newFileMode: ENCRYPTED_MODE, newFolderMode: FOLDER_MODE };
}
