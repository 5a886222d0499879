/**
 * The proof that an encrypted file holds what it should: read again from its bytes, decrypted, and compared.
 *
 * @module
 */
import { InternalError } from "../base/error.ts";
import { openFile, parseEncryptedFile, type ReadOptions, type Surroundings } from "./sops_file.ts";
import { compareDocuments, replaceValues } from "./tree/replace.ts";
import type { Document } from "./tree/tree.ts";

/** What a file is proved against. */
export interface ProofOptions extends ReadOptions, Pick<Surroundings, "compileRegex"> {
  readonly dataKey: Uint8Array;
  /** The documents that it should hold, in clear. */
  readonly expected: readonly Document[];
}

/**
 * Decrypts a file from its bytes and compares it with what was encrypted.
 *
 * @throws {InternalError} when a value is another one, or the file cannot be opened
 */
export async function proveEncrypted(bytes: Uint8Array, options: ProofOptions): Promise<void> {
  const opened = await openFile(await parseEncryptedFile(bytes, options), options);
  const documents = replaceValues(opened.file.documents, opened.values);
  if (compareDocuments(documents, options.expected, new Map()) === "values") {
    throw new InternalError("the encrypted file does not hold what was encrypted");
  }
}
