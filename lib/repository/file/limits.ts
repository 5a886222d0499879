/**
 * How large an encrypted file may be, and how one is replaced. Data.
 *
 * @module
 */
import type { EditTarget } from "../../base/files/edit_files.ts";

/** Largest file that is read, in bytes. SOPS has no limit; an age-encrypted secret is far from it. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Mode of a new encrypted file; the person's umask may take permissions away. */
const ENCRYPTED_MODE = 0o644;

const FOLDER_MODE = 0o755;

/** @returns the file as it is read and replaced */
export function targetOf(path: string): EditTarget {
  return { path, maxBytes: MAX_FILE_BYTES, newFileMode: ENCRYPTED_MODE, newFolderMode: FOLDER_MODE };
}
