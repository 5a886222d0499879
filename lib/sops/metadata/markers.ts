/**
 * The cheap answer for the many files that are not encrypted: a search for bytes that every encrypted file holds. Pure.
 *
 * @module
 */
import { createSearch } from "../../base/byte_search.ts";

const findEncryptedValue = createSearch("ENC[AES256_GCM,");
const findName = createSearch("sops");

/** @returns false when the bytes cannot be an encrypted file: its MAC is always encrypted, and `sops` names its metadata */
export function hasMarkers(bytes: Uint8Array): boolean {
  return holdsEncryptedValue(bytes) && findName(bytes) !== -1; // the rarer one first
}

/** @returns whether a value that SOPS has encrypted stands anywhere in the bytes */
export function holdsEncryptedValue(bytes: Uint8Array): boolean {
  return findEncryptedValue(bytes) !== -1;
}
