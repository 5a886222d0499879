/**
 * Keys files in an encoding that SOPS and age cannot read: UTF-16 and byte order marks, as PowerShell's `>` and some
 * editors write them. Pure. Spec: keys §1.
 *
 * @module
 */
import { findUtf16 } from "../../base/utf16.ts";

/** How a file is encoded. SOPS and age read the first one only. */
export type KeysEncoding = "utf-8" | "utf-8-bom" | "utf-16";

/** The same for people. */
export const ENCODING_NAMES: Readonly<Record<KeysEncoding, string>> = {
  "utf-8": "UTF-8",
  "utf-8-bom": "UTF-8 with a byte order mark",
  "utf-16": "UTF-16",
};

/** A keys file's text as SOPS and age read it. */
export interface DecodedKeys {
  readonly bytes: Uint8Array;
  /** What it was before. */
  readonly encoding: KeysEncoding;
}

/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
const LF = 0x0a;

/**
 * Decodes UTF-16 of either byte order, and takes byte order marks away at the start of every line (files that were joined
 * have them inside). Bytes that are neither are left alone.
 */
export function decodeKeysText(bytes: Uint8Array): DecodedKeys {
  const encoding = findUtf16(bytes);
  const text = encoding === undefined
    ? bytes
    : new TextEncoder().encode(new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes));
  const bare = removeByteOrderMarks(text);
  if (encoding !== undefined) return { bytes: bare, encoding: "utf-16" };
  return { bytes: bare, encoding: bare.length === bytes.length ? "utf-8" : "utf-8-bom" };
}

function removeByteOrderMarks(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const isLineStart = i === 0 || bytes[i - 1] === LF;
    if (isLineStart) {
      while (BYTE_ORDER_MARK.every((byte, offset) => bytes[i + offset] === byte)) i += BYTE_ORDER_MARK.length;
    }
    const byte = bytes[i];
    if (byte !== undefined) kept[length++] = byte;
  }
  return kept.subarray(0, length);
}
