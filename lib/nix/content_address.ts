/**
 * Whether the store path of a `.narinfo` is what its `CA` field makes it: such a path needs no signature, because its name
 * already says what its content must be. The path is made anew from the content address, the name and the references,
 * as Nix does.
 *
 * Stricter than Nix in one thing: where the content address and `NarHash` are hashes of the same archive, they must agree.
 * Nix finds a difference only when it unpacks the archive, which is not looked at here.
 *
 * Pure, but for WebCrypto. Spec: keys §4; format: Nix manual, "Content-addressing store objects".
 *
 * @module
 */
import { equalBytes } from "../base/bytes.ts";
import type { NarInfo } from "./narinfo.ts";
import { findHash, formatHashBase16, hashSha256, type NixHash } from "./hash.ts";
import { deriveStorePath, formatStorePath, type StorePath } from "./store_path.ts";

/** How a content address was made. */
interface ContentAddress {
  /** `text`: a text file; `flat`: a file; `archive`: the archive of a file or folder. */
  readonly method: "text" | "flat" | "archive";
  readonly hash: NixHash;
}

/** Whether there is a content address, and whether it makes the path. */
export type ContentAddressFinding = "own" | "other" | "absent";

/** @returns `other` also for a content address of a form that is not known here */
export async function judgeContentAddress(info: NarInfo): Promise<ContentAddressFinding> {
  if (info.contentAddress === undefined) return "absent";
  const address = findContentAddress(info.contentAddress);
  const derived = address && await derivePath(info, address);
  return derived?.hash === info.storePath.hash ? "own" : "other";
}

function findContentAddress(text: string): ContentAddress | undefined {
  const [, form, digits = ""] = /^(text:|fixed:r:|fixed:)([^:]+:[^:]+)$/.exec(text) ?? [];
  const hash = findHash(digits);
  if (form === undefined || hash === undefined) return undefined;
  return { method: form === "text:" ? "text" : form === "fixed:" ? "flat" : "archive", hash };
}

/** @returns the path that Nix gives such an object; undefined when there can be none */
async function derivePath(info: NarInfo, { method, hash }: ContentAddress): Promise<StorePath | undefined> {
  const { storePath, references, narHash } = info;
  const self = formatStorePath(storePath);
  const isSha256 = hash.algorithm === "sha256";
  if (method === "text") {
    return isSha256 ? await deriveStorePath(["text", ...references].join(":"), hash, storePath) : undefined;
  }
  if (method === "archive" && isSha256) {
    const others = references.filter((reference) => reference !== self);
    const refersToSelf = others.length < references.length;
    // The hash of an object that refers to itself leaves its own path out, so that it is not the hash of the archive.
    if (!refersToSelf && !equalBytes(hash.bytes, narHash.bytes)) return undefined;
    return await deriveStorePath(["source", ...others, ...(refersToSelf ? ["self"] : [])].join(":"), hash, storePath);
  }
  if (references.length > 0) return undefined;
  const inner = await hashSha256(`fixed:out:${method === "archive" ? "r:" : ""}${formatHashBase16(hash)}:`);
  return await deriveStorePath("output:out", inner, storePath);
}
