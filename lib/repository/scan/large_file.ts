/**
 * Files that are too large to be read whole only to find out that they are not encrypted: pictures, archives, dumps. Such a
 * one is read piece by piece, and whole where it holds an encrypted value. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { holdsEncryptedValue } from "../../sops/metadata/markers.ts";

/** Largest encrypted file that is read, in bytes. SOPS has no limit; an encrypted secret is far from it. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Largest piece that is read at a time, in bytes. */
export const MAX_PIECE_BYTES = 16 * 1024 * 1024;

/** How much of a piece is looked at again with the next one, in bytes: more than the mark of an encrypted value is long. */
const OVERLAP_BYTES = 64;

/** In how many bytes at the start a NUL tells what is no text; git looks at as many. */
const SNIFFED_BYTES = 8000;

/**
 * @param head the first {@link MAX_PIECE_BYTES} and one more
 * @returns the whole file where it holds an encrypted value; `too-large` where it does and is larger than
 * {@link MAX_FILE_BYTES}; undefined for a file that SOPS has not encrypted
 */
export function readLargeFile(host: Host, path: string, head: Uint8Array): Uint8Array | "too-large" | undefined {
  if (!isText(head) || !holdsEncryptedPiece(host, path, head)) return undefined;
  const bytes = host.files.read(path, MAX_FILE_BYTES);
  return bytes !== undefined && bytes.length > MAX_FILE_BYTES ? "too-large" : bytes;
}

/** What SOPS writes is text, whatever was in the file before. */
function isText(head: Uint8Array): boolean {
  return !head.subarray(0, SNIFFED_BYTES).includes(0);
}

function holdsEncryptedPiece(host: Host, path: string, head: Uint8Array): boolean {
  let piece: Uint8Array | undefined = head;
  for (let offset = 0; piece !== undefined;) {
    if (holdsEncryptedValue(piece)) return true;
    if (piece.length <= MAX_PIECE_BYTES) return false;
    offset += MAX_PIECE_BYTES - OVERLAP_BYTES;
    piece = host.files.read(path, MAX_PIECE_BYTES, offset);
  }
  return false;
}
