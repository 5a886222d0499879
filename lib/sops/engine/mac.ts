/**
 * The MAC of a file: a hash of all values in their order, stored as an encrypted value.
 *
 * Pure but for the native hash. Spec: sops-engine §3.7.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { hashSha512 } from "../../base/host/crypto.ts";
import { parseTimestamp } from "../tree/value.ts";
import type { ByteQueue } from "./bytes.ts";

/** SHA-256 of `sops`: what the hash starts with where it covers encrypted values only, in hexadecimal. */
const ONLY_ENCRYPTED_START = "8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69";

/** Begins the bytes that are hashed. */
export function startMac(hashed: ByteQueue, isOnlyEncrypted: boolean): void {
  if (!isOnlyEncrypted) return;
  hashed.reserve(32);
  for (const pair of ONLY_ENCRYPTED_START.matchAll(/../g)) hashed.bytes[hashed.length++] = parseInt(pair[0], 16);
}

/** @returns the MAC of the bytes: 128 hexadecimal digits in upper case */
export async function computeMac(hashed: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await hashSha512(hashed);
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}

/**
 * @param lastModified as stored
 * @returns the associated data of the MAC: the time as SOPS spells it, without a fraction
 */
export function computeMacPath(lastModified: string): string {
  const time = parseTimestamp(lastModified);
  if (time === undefined) throw new InternalError("the time of the metadata was not checked");
  return time.text.replace(/\.\d+/, "");
}
