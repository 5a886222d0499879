/**
 * The encrypted files of a repository, found by content.
 *
 * Walks every folder below a root but those that are no part of the repository: what version control and package
 * managers keep (`.git`, `node_modules`, …), and folders that are a repository of their own (a submodule, a linked work
 * tree). Symlinks are not followed: their targets are found where they are. What cannot be read is noted and does not
 * end the scan. Reads only. Spec: vaults §3, sops-config §4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { DirectoryEntry, Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import type { Progress } from "../../base/show/progress.ts";
import { type FileMetadata, findMetadata } from "../../sops/metadata/metadata.ts";
import { createLimiter, type Limiter } from "../../base/limiter.ts";

/** Largest file, in bytes, whose metadata is looked for; larger ones are noted. */
export const MAX_ENCRYPTED_FILE_BYTES = 16 * 1024 * 1024;

/** How many folders are listed at the same time. */
const MAX_LISTS = 32;

/** How many files are held in memory at the same time. */
const MAX_READS = 8;

/** Folders that hold nothing of the repository itself. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", ".hg", ".jj", ".svn", ".direnv", "node_modules"]);

/** The configuration of SOPS, which is never encrypted itself. */
const CONFIG_NAMES: ReadonlySet<string> = new Set([".sops.yaml", ".sops.yml"]);

/** A file that SOPS has encrypted. */
export interface EncryptedFile {
  /** Absolute. */
  readonly path: string;
  /** From the root of the scan, with the separators of the system. */
  readonly relativePath: string;
  readonly metadata: FileMetadata;
}

/** Something that was left out of a scan, and why. */
export interface ScanNote {
  readonly relativePath: string;
  readonly reason: "unreadable" | "too-large" | "nested-repository";
  /** One sentence for people, with the path. */
  readonly message: string;
}

/** What a scan found, both sorted by `relativePath` (by UTF-16 code units). */
export interface EncryptedFiles {
  readonly files: readonly EncryptedFile[];
  readonly notes: readonly ScanNote[];
}

/** What a scan looks at. */
export interface ScanOptions {
  /** Asked for every file before it is read; those it turns down are not opened. Default: every file. */
  readonly accepts?: (relativePath: string) => boolean;
  /** Counts the folders. */
  readonly progress?: Progress;
}

/**
 * Finds the encrypted files below a folder.
 *
 * @param root absolute path of a folder
 */
export async function scanEncryptedFiles(host: Host, root: string, options: ScanOptions = {}): Promise<EncryptedFiles> {
  const scan: Scan = {
    host,
    accepts: options.accepts ?? ((): boolean => true),
    progress: options.progress,
    lists: createLimiter(MAX_LISTS),
    reads: createLimiter(MAX_READS),
    files: [],
    notes: [],
  };
  await scanFolder(scan, root, "");
  return { files: scan.files.toSorted(byPath), notes: scan.notes.toSorted(byPath) };
}

/**
 * Reads the metadata of one file.
 *
 * @param path absolute
 * @returns undefined when there is no such file, it is a folder, or it is not encrypted
 * @throws {UserError} `io` or `denied` when it cannot be read, `unsupported` when it is larger than 16 MiB
 */
export async function readMetadata(host: Host, path: string): Promise<FileMetadata | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = (await host.files.stat(path))?.kind === "file"
      ? await host.files.read(path, MAX_ENCRYPTED_FILE_BYTES)
      : undefined;
  } catch (error) {
    throw describeIoError("read", path, error);
  }
  if (bytes === undefined) return undefined;
  if (bytes.length > MAX_ENCRYPTED_FILE_BYTES) {
    throw new UserError("unsupported", `cannot read "${path}": larger than 16 MiB, expected at most that`, {
      location: { path },
    });
  }
  return findMetadata(bytes, path);
}

interface Scan {
  readonly host: Host;
  readonly accepts: (relativePath: string) => boolean;
  readonly progress: Progress | undefined;
  readonly lists: Limiter;
  readonly reads: Limiter;
  readonly files: EncryptedFile[];
  readonly notes: ScanNote[];
}

/** @param relativePath of the folder from the root of the scan; empty for the root itself */
async function scanFolder(scan: Scan, path: string, relativePath: string): Promise<void> {
  const entries = await noteFailure(scan, relativePath, path, () => scan.lists(() => listFolder(scan.host, path)));
  scan.progress?.step();
  if (entries === undefined) return;
  const prefix = relativePath === "" ? "" : relativePath + scan.host.paths.separator;
  if (relativePath !== "" && entries.some(({ name }) => name === ".git")) {
    const message = `"${relativePath}" is a repository of its own`;
    scan.notes.push({ relativePath, reason: "nested-repository", message });
    return;
  }
  const work: Promise<void>[] = [];
  for (const { name, kind } of entries) {
    const inner = scan.host.paths.join(path, name);
    if (kind === "directory" && !SKIPPED_FOLDERS.has(name)) work.push(scanFolder(scan, inner, prefix + name));
    if (kind === "file" && !CONFIG_NAMES.has(name) && scan.accepts(prefix + name)) {
      work.push(scan.reads(() => scanFile(scan, inner, prefix + name)));
    }
  }
  await Promise.all(work);
}

async function scanFile(scan: Scan, path: string, relativePath: string): Promise<void> {
  const bytes = await noteFailure(scan, relativePath, path, () => scan.host.files.read(path, MAX_ENCRYPTED_FILE_BYTES));
  if (bytes === undefined) return;
  if (bytes.length > MAX_ENCRYPTED_FILE_BYTES) {
    scan.notes.push({ relativePath, reason: "too-large", message: `"${relativePath}" is larger than 16 MiB` });
    return;
  }
  const metadata = findMetadata(bytes, path);
  if (metadata !== undefined) scan.files.push({ path, relativePath, metadata });
}

async function listFolder(host: Host, path: string): Promise<readonly DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  for await (const entry of host.files.list(path)) entries.push(entry);
  return entries;
}

/** Runs a file operation; a failure of the system becomes a note. */
async function noteFailure<T>(
  scan: Scan,
  relativePath: string,
  path: string,
  operation: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    const described = describeIoError("read", path, error);
    if (!(described instanceof UserError)) throw error;
    if (described.kind !== "not-found") {
      scan.notes.push({ relativePath, reason: "unreadable", message: described.message });
    }
    return undefined;
  }
}

function byPath(a: { readonly relativePath: string }, b: { readonly relativePath: string }): number {
  return a.relativePath < b.relativePath ? -1 : a.relativePath > b.relativePath ? 1 : 0;
}
