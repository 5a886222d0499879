/**
 * Nix store paths: `/nix/store/HASH-NAME`, recognised and made. Pure, but for WebCrypto. Spec: keys §4; format: Nix
 * manual, "Store Path Specification".
 *
 * @module
 */
import { encodeNixBase32, formatHashBase16, hashSha256, type NixHash } from "./hash.ts";

/** A path of a Nix store. */
export interface StorePath {
  /** Absolute, without a final slash: `/nix/store`. */
  readonly storeFolder: string;
  /** The 32 digits before the name. */
  readonly hash: string;
  /** What follows the hash and a dash. */
  readonly name: string;
}

/** Bytes that a path's hash is folded to. */
const PATH_HASH_BYTES = 20;

/** `HASH-NAME`; a name is not `.` or `..`, not even up to a dash. */
const BASE_NAME = /^([0-9a-df-np-sv-z]{32})-((?!\.{1,2}(?:-|$))[0-9A-Za-z+\-._?=]{1,211})$/;

/** An absolute path without `.`, `..` and doubled slashes, and its last part. */
const ABSOLUTE = /^((?:\/(?!\.{1,2}\/)[^/]+)+)\/([^/]+)$/;

/** @returns the parts of a full store path; undefined when it is none */
export function findStorePath(path: string): StorePath | undefined {
  const [, storeFolder = "", base = ""] = ABSOLUTE.exec(path) ?? [];
  const [, hash, name] = BASE_NAME.exec(base) ?? [];
  return hash === undefined || name === undefined ? undefined : { storeFolder, hash, name };
}

/** @returns whether a text is the last part of a store path, `HASH-NAME` */
export function isStoreBaseName(text: string): boolean {
  return BASE_NAME.test(text);
}

/** @returns whether a text is the hash part of a store path */
export function isStoreHash(text: string): boolean {
  return /^[0-9a-df-np-sv-z]{32}$/.test(text);
}

/** @returns the full path */
export function formatStorePath({ storeFolder, hash, name }: StorePath): string {
  return `${storeFolder}/${hash}-${name}`;
}

/**
 * Makes the path that Nix gives an object.
 *
 * @param type what it is, with the full paths that it refers to: `text:/nix/store/…`
 * @param hash of what it is made from
 * @param place the store, and the name of the object
 */
export async function deriveStorePath(
  type: string,
  hash: NixHash,
  { storeFolder, name }: Pick<StorePath, "storeFolder" | "name">,
): Promise<StorePath> {
  const { bytes } = await hashSha256(`${type}:${formatHashBase16(hash)}:${storeFolder}:${name}`);
  const folded = new Uint8Array(PATH_HASH_BYTES);
  for (const [i, byte] of bytes.entries()) folded[i % PATH_HASH_BYTES] = (folded[i % PATH_HASH_BYTES] ?? 0) ^ byte;
  return { storeFolder, hash: encodeNixBase32(folded), name };
}
