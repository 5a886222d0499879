/**
 * Puts a new plaintext in the place of what an encrypted file holds: under the same data key, for the same people, and with
 * the old ciphertext of every value that has not changed. Pure but for the native ciphers.
 *
 * Spec: sops-engine §3.5 (IV stash), §5.4.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { openEncryptedFile, type OpenOptions } from "./decrypt.ts";
import { type Layout, SOPS_VERSION, writeEncrypted } from "./encrypt.ts";
import { EarlierTexts } from "./engine/seal.ts";
import { encodeText, formatLastModified, type OpenedFile, parseSopsFile, type Surroundings } from "./sops_file.ts";

/** How a file is edited. */
export interface EditOptions extends Surroundings {
  /** Write it as SOPS would; absent: the layout of the new plaintext stays. */
  readonly canonical?: Layout | undefined;
}

/**
 * @param opened the file as it was opened for the editor
 * @param plaintext what it is to hold, in the same format
 * @throws {UserError} as reading a plain file does
 */
export async function editFile(opened: OpenedFile, plaintext: Uint8Array, options: EditOptions): Promise<Uint8Array> {
  const { file, metadata, key, selector, path, values } = opened;
  const plain = await parseSopsFile(plaintext, { path, format: file.format });
  if (plain.file.block !== undefined) {
    throw new UserError("malformed", `cannot encrypt "${path}": the new text has metadata of SOPS`, {
      hints: ["take the part named sops out of the text"],
    });
  }
  const { text } = await writeEncrypted(
    plain,
    {
      ...metadata,
      lastModified: formatLastModified(options.now()),
      version: newerVersion(metadata.version, SOPS_VERSION),
    },
    {
      ...options,
      key,
      selector,
      earlier: () => new EarlierTexts(file.documents, selector, { opened: values }),
    },
  );
  return encodeText(text);
}

/** Opens a file and puts a new plaintext into it: `edit --from`. */
export async function replacePlaintext(
  bytes: Uint8Array,
  plaintext: Uint8Array,
  options: OpenOptions & EditOptions,
): Promise<Uint8Array> {
  return await editFile(await openEncryptedFile(bytes, options), plaintext, options);
}

/** @returns the later of two versions of SOPS: the one that has to be able to read the file does not go back */
export function newerVersion(one: string, other: string): string {
  const [numbers, others] = [one, other].map((text) => text.replace(/^v/, "").split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (numbers![i] || 0) - (others![i] || 0);
    if (difference !== 0) return difference > 0 ? one : other;
  }
  return one;
}
