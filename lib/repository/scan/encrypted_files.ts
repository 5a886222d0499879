/**
 * The encrypted files of a repository, found by content, one at a time.
 *
 * Holds one file in memory, however large the repository is, and a piece of one that is large and not encrypted. What
 * cannot be read is noted and does not end the scan.
 * Reads only. Spec: vaults §3, sops-config §4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatSize } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import { listDamagedKeys } from "../../sops/facts/key_damage.ts";
import { type FileMetadata, findMetadata } from "../../sops/metadata/metadata.ts";
import { MAX_FILE_BYTES, MAX_PIECE_BYTES, readLargeFile } from "./large_file.ts";
import { type FileKey, MetadataPool, type ScannedMetadata } from "./scanned_metadata.ts";
import { noteFailure, type Place, type ScanNote, type WalkOptions, walkRepository } from "./walk.ts";

export type { ScanNote } from "./walk.ts";

/** A file that SOPS has encrypted. */
export interface ScannedFile extends Place {
  /** The same object for all files of a scan that say the same. */
  readonly metadata: ScannedMetadata;
  /** The keys whose data key is damaged, so that anybody can see it; absent where it was not asked for. */
  readonly damagedKeys?: readonly FileKey[];
}

/** What a scan looks at. */
export interface ScanOptions extends WalkOptions {
  /** Asked for every file before it is read; those it turns down are not opened. Default: every file. */
  readonly accepts?: (relativePath: string) => boolean;
  /** Whether damaged data keys are looked for. */
  readonly findsDamage?: boolean | undefined;
}

/** What {@link collectFiles} found. */
export interface ScannedFiles<File extends ScannedFile = ScannedFile> {
  readonly files: readonly File[];
  /** What could not be read, so that encrypted files in it are missing. */
  readonly unseen: readonly ScanNote[];
}

/**
 * Finds the encrypted files below a folder.
 *
 * @param root absolute path of a folder; one that does not exist holds nothing
 * @returns the files sorted by `relativePath` (by UTF-16 code units); each is read when it is asked for
 */
export function* scanRepository(host: Host, root: string, options: ScanOptions = {}): Generator<ScannedFile, void> {
  const pool = new MetadataPool();
  for (const place of walkRepository(host, root, options)) {
    const { path, relativePath } = place;
    if (options.accepts?.(relativePath) === false) continue;
    const bytes = noteFailure(place, options, () => {
      const head = host.files.read(path, MAX_PIECE_BYTES);
      return head !== undefined && head.length > MAX_PIECE_BYTES ? readLargeFile(host, path, head) : head;
    });
    if (bytes === undefined) continue;
    if (bytes === "too-large") {
      const message = `"${relativePath}" holds encrypted values and is larger than ${formatSize(MAX_FILE_BYTES)}`;
      options.onNote?.({ relativePath, reason: "too-large", message });
      continue;
    }
    const file = scanFile(place, bytes, { pool, findsDamage: options.findsDamage });
    if (file !== undefined) yield file;
  }
}

/** @returns undefined when the file is not encrypted; nothing of what is kept holds on to its text */
export function scanFile(
  place: Place,
  bytes: Uint8Array,
  { pool, findsDamage }: Pick<ScanOptions, "findsDamage"> & { readonly pool: MetadataPool },
): ScannedFile | undefined {
  const found = pool.find(bytes, place.path);
  if (found === undefined) return undefined;
  const { metadata, readBlock } = found;
  if (!findsDamage) return { ...place, metadata };
  const damagedKeys = listDamagedKeys(readBlock().groups).map(({ groupIndex, keyIndex }) =>
    metadata.groups[groupIndex]!.keys[keyIndex]!
  );
  return { ...place, metadata, damagedKeys };
}

/**
 * Keeps all that a scan finds, for those who need the files more than once.
 *
 * @param scan makes the scan, given what hears of the notes
 */
export function collectFiles<File extends ScannedFile>(
  scan: (onNote: (note: ScanNote) => void) => Iterable<File>,
): ScannedFiles<File> {
  const unseen: ScanNote[] = [];
  const files = Array.from(scan((note) => {
    if (note.reason !== "nested-repository") unseen.push(note);
  }));
  return { files, unseen };
}

/**
 * Reads the metadata of one file.
 *
 * @param path absolute
 * @returns undefined when there is no such file, it is a folder, or it is not encrypted
 * @throws {UserError} `io` or `denied` when it cannot be read, `unsupported` when it is larger
 */
export function readMetadata(host: Host, path: string): FileMetadata | undefined {
  const bytes = readIfFile(host, path);
  return bytes && findMetadata(bytes, path);
}

/** @returns undefined when there is no such file, or it is a folder @throws {UserError} as {@link readMetadata} */
export function readIfFile(host: Host, path: string): Uint8Array | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.files.stat(path)?.kind === "file" ? host.files.read(path, MAX_FILE_BYTES) : undefined;
  } catch (error) {
    throw describeIoError("read", path, error);
  }
  if (bytes === undefined || bytes.length <= MAX_FILE_BYTES) return bytes;
  const message = `cannot read "${path}": larger than ${formatSize(MAX_FILE_BYTES)}, expected at most that`;
  throw new UserError("unsupported", message, { location: { path } });
}
