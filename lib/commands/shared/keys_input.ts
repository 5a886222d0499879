/**
 * The keys files that `identity` commands read: a file, standard input, or the default place; also protected with a
 * passphrase, with a byte order mark or in UTF-16. I/O through the host. Spec: keys §1.
 *
 * @module
 */
import { suggestKeygen } from "./keygen_hint.ts";
import { UserError } from "../../base/error.ts";
import { MAX_KEYS_FILE_BYTES, readCapped, readStdinCapped, STDIN_NAME } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { decodeKeysText } from "../../keys/file/encoding.ts";
import { type KeysFile, parseKeysFile } from "../../keys/file/keys_file.ts";
import { defaultKeysFile } from "../../keys/places/keys_path.ts";
import { readPipe } from "../../keys/places/read_place.ts";
import type { KeysUnlocker } from "../../keys/file/unlock.ts";

/** What stands for standard input among arguments. */
export const STDIN_ARGUMENT = "-";

/** @returns the absolute path of the named keys file, or of the one that SOPS reads by itself */
export function findKeysPath(host: Host, file: string | undefined): string {
  return host.paths.resolve(host.cwd, file ?? defaultKeysFile(host).path);
}

/**
 * Reads the bytes of a keys file.
 *
 * @param file as typed; `-` is standard input, undefined the file that SOPS reads by itself
 * @returns the bytes and the absolute path, or the name of the standard input
 * @throws {UserError} `not-found` without the file; `malformed` when it is too large; `io`, `denied`
 */
export async function readKeysBytes(
  host: Host,
  file: string | undefined,
): Promise<{ readonly bytes: Uint8Array; readonly path: string }> {
  const limits = { maxBytes: MAX_KEYS_FILE_BYTES };
  if (file === STDIN_ARGUMENT) return { bytes: await readStdinCapped(host, limits), path: STDIN_NAME };
  const path = findKeysPath(host, file);
  const bytes = isPipe(host, path) ? await readPipe(host, path) : readCapped(host, path, limits);
  if (bytes !== undefined) return { bytes, path };
  throw new UserError("not-found", `cannot read the keys file "${path}": no such file`, {
    hints: [file === undefined ? await suggestKeygen(host) : "pass the path of a keys file, or - for standard input"],
    location: { path },
  });
}

function isPipe(host: Host, path: string): boolean {
  try {
    return host.files.stat(path)?.kind === "other";
  } catch {
    return false; // who reads it is told why that fails
  }
}

/**
 * Reads a keys file, whatever form it has: its problems are those of its text, not of its encoding or protection.
 *
 * @param file as for {@link readKeysBytes}
 * @throws {UserError} as {@link readKeysBytes}, and as `KeysUnlocker.open()`
 */
export async function readKeysInput(host: Host, file: string | undefined, unlocker: KeysUnlocker): Promise<KeysFile> {
  const { bytes, path } = await readKeysBytes(host, file);
  return parseKeysFile(decodeKeysText(await unlocker.open(bytes, path)).bytes, path);
}
