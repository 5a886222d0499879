/**
 * Whether the archive of a `.narinfo` is there and is what the file says: the size and hash of what is stored, and of
 * what it unpacks to, which is what is signed.
 *
 * Unpacks `none`, `xz`, `gzip` and `br`; of another compression only what is stored is compared. Holds one archive as it
 * is stored, and none of what it unpacks to but a window of it. Reads only. Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { equalBytes } from "../base/bytes.ts";
import { formatSize } from "../base/files/read_files.ts";
import type { Host } from "../base/host/host.ts";
import { describeIoError } from "../base/host/io_error.ts";
import type { NarInfo } from "./narinfo.ts";
import type { NixHash } from "./hash.ts";

/** What is found of an archive; `right` was unpacked, `stored` only compared as it is stored. */
export type ArchiveFinding =
  | { readonly state: "right" | "stored" | "missing" }
  | {
    readonly state: "wrong" | "unknown";
    /** What is wrong with it, or why that could not be found out, to stand after its path. */
    readonly why: string;
  };

/** Largest archive that is looked into, in bytes as it is stored: it is held in memory. */
export const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

/** A path within the cache: no address, nothing that leads out. */
const INNER_PATH = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/:\\?#][^:\\?#]*$/;

/** What `DecompressionStream` calls the compressions that it knows. */
const PLATFORM_FORMATS: ReadonlyMap<string, CompressionFormat> = new Map([["gzip", "gzip"], ["br", "brotli"]]);

/**
 * @param path absolute, of the `.narinfo`
 * @returns what is found, `unknown` when the archive cannot be read
 */
export async function checkArchive(host: Host, path: string, info: NarInfo): Promise<ArchiveFinding> {
  try {
    return await judgeArchive(host, path, info);
  } catch (error) {
    if (error instanceof UserError) return { state: "unknown", why: error.message };
    throw error;
  }
}

async function judgeArchive(host: Host, path: string, info: NarInfo): Promise<ArchiveFinding> {
  if (!INNER_PATH.test(info.url)) return { state: "unknown", why: "its URL leads out of the folder" };
  const archive = host.paths.join(host.paths.dirname(path), ...info.url.split("/"));
  const size = findSize(host, archive);
  if (size === undefined) return { state: "missing" };
  if (info.fileSize !== undefined && info.fileSize !== String(size)) {
    return { state: "wrong", why: `it has ${size} bytes, expected ${info.fileSize} (FileSize)` };
  }
  if (size > MAX_ARCHIVE_BYTES) {
    return { state: "unknown", why: `it is larger than ${formatSize(MAX_ARCHIVE_BYTES)}` };
  }
  const bytes = readArchive(host, archive);
  if (bytes === undefined) return { state: "missing" };
  if (info.fileHash !== undefined && !await hasHash(bytes, info.fileHash)) {
    return { state: "wrong", why: "it holds something else (FileHash)" };
  }
  try {
    return await judgeContent(archive, bytes, info);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: "wrong", why: "it cannot be unpacked" };
  }
}

function findSize(host: Host, path: string): number | undefined {
  try {
    const info = host.files.stat(path);
    return info?.kind === "directory" ? undefined : info?.size;
  } catch (error) {
    throw describeIoError("read", path, error);
  }
}

function readArchive(host: Host, path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = host.files.read(path, MAX_ARCHIVE_BYTES);
    return bytes && new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw describeIoError("read", path, error);
  }
}

async function hasHash(bytes: Uint8Array<ArrayBuffer>, expected: NixHash): Promise<boolean> {
  return equalBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), expected.bytes);
}

async function judgeContent(path: string, bytes: Uint8Array<ArrayBuffer>, info: NarInfo): Promise<ArchiveFinding> {
  const pieces = await unpack(path, bytes, info.compression);
  if (pieces === undefined) return storedOnly(info);
  const { sha256 } = await import("@noble/hashes/sha2.js"); // the platform hashes only what is in memory as a whole
  const hash = sha256.create();
  const expectedSize = BigInt(info.narSize);
  let size = 0n;
  for await (const piece of pieces) {
    size += BigInt(piece.length);
    if (size > expectedSize) break;
    hash.update(piece);
  }
  if (size !== expectedSize) {
    const found = size > expectedSize ? "more" : `${size} bytes`;
    return { state: "wrong", why: `it unpacks to ${found}, expected ${expectedSize} bytes (NarSize)` };
  }
  if (equalBytes(hash.digest(), info.narHash.bytes)) return { state: "right" };
  return { state: "wrong", why: "it unpacks to something else (NarHash)" };
}

/** @returns the unpacked archive in pieces; undefined for a compression that is not known here */
async function unpack(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  compression: string,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (compression === "none") return ReadableStream.from([bytes]);
  if (compression === "xz") {
    const { unpackXz } = await import("./xz.ts");
    return readUnpacked(path, unpackXz(bytes));
  }
  const format = PLATFORM_FORMATS.get(compression);
  return format && readUnpacked(path, ReadableStream.from([bytes]).pipeThrough(new DecompressionStream(format)));
}

async function* readUnpacked(path: string, unpacked: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked;
  } catch (error) {
    throw new UserError("malformed", `cannot unpack "${path}": the data is damaged`, { cause: error });
  }
}

function storedOnly({ compression, fileHash }: NarInfo): ArchiveFinding {
  if (fileHash !== undefined) return { state: "stored" };
  return { state: "unknown", why: `the compression "${compression}" is not unpacked here, and it has no FileHash` };
}
