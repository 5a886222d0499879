/**
 * From the bytes of a YAML file to text, strictly: UTF-8 only, nothing replaced, byte order mark kept. Pure.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { findUtf16 } from "../base/utf16.ts";

/**
 * Decodes the bytes of a YAML file.
 *
 * @param bytes the whole file
 * @param path for messages
 * @returns the text, with its byte order mark as U+FEFF when it has one
 * @throws {UserError} `malformed` for UTF-16, for bytes that are not UTF-8 and for NUL bytes
 */
export function decodeYaml(bytes: Uint8Array, path: string): string {
  if (findUtf16(bytes) !== undefined) {
    throw new UserError("malformed", `cannot read "${path}": it is UTF-16 text, expected UTF-8`, {
      hints: ["save the file again with the encoding UTF-8"],
      location: { path },
    });
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) throw badByte(bytes, path, nul, "a NUL byte, expected text");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badByte(bytes, path, findInvalidUtf8(bytes), "a byte that is not UTF-8");
  }
}

function badByte(bytes: Uint8Array, path: string, byteOffset: number, problem: string): UserError {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < byteOffset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    start = at + 1;
  }
  const message = `cannot read "${path}": line ${line}, byte ${byteOffset - start + 1} of the line: ${problem}`;
  return new UserError("malformed", message, {
    hints: ["save the file again with the encoding UTF-8"],
    location: { path, line },
  });
}

/** @returns the offset of the first byte that no longer is UTF-8: the longest prefix that decodes, by bisection */
function findInvalidUtf8(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (isUtf8Prefix(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return invalid - 1;
}

/** @returns whether the bytes are UTF-8, the last character possibly cut off */
function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
