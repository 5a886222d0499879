/**
 * The one door of the engine: encrypted files read, made, changed, rotated and given to other people.
 *
 * Bytes in, bytes out; keys, randomness and time are handed in, and nothing here touches a disk. What is written is
 * proved to read as it was planned before it is answered.
 *
 * @module
 */
import type { ReadOptions } from "./sops_file.ts";

export { DATA_KEY_LENGTH } from "./metadata/fields.ts";
export { NoDataKeyError, openDataKey, rememberOpenings } from "./data_key.ts";
export type { Effort, FailedIdentity, FailedKey, KeyOpener, KeyOpening, KeyWrapper } from "./data_key.ts";
export {
  decryptedDocuments,
  decryptFile,
  type DecryptOptions,
  type DecryptResult,
  type ExtractOptions,
  extractValue,
  openEncryptedFile,
  type OpenOptions,
  writeDecrypted,
} from "./decrypt.ts";
export { editFile, type EditOptions, replacePlaintext } from "./edit.ts";
export { encryptFile, type EncryptOptions, type EncryptResult, type Layout } from "./encrypt.ts";
export { listEncryptedPaths } from "./encrypted_paths.ts";
export { proveEncrypted } from "./proof.ts";
export { hasSameOrder, rekeyFile, RekeyMemory, type RekeyOptions, rotateFile, type RotateOptions } from "./rekey.ts";
export {
  parseNewValue,
  type SetOptions,
  setTexts,
  setValue,
  type TextsChange,
  type UnsetOptions,
  unsetValue,
} from "./set_value.ts";
export { type EncryptedFile, type OpenedFile, openFile, parseEncryptedFile, parseSopsFile } from "./sops_file.ts";
export type { ReadOptions, SopsFile, Surroundings } from "./sops_file.ts";
export { formatFlatScalar } from "./stores/flat_value.ts";
export type { StoreWarning } from "./stores/store.ts";
export type { Document } from "./tree/tree.ts";
export { extractNode, formatTreePath, parseTreePath, type PathStep } from "./tree_path.ts";

/** What `filestatus` says. */
export interface FileStatus {
  readonly encrypted: boolean;
}

/** @returns whether SOPS would take the file for encrypted; no key is needed to tell */
export async function fileStatus(bytes: Uint8Array, { path }: ReadOptions): Promise<FileStatus> {
  const { findMetadata } = await import("./metadata/metadata.ts");
  return { encrypted: findMetadata(bytes, path) !== undefined };
}
