/**
 * Reading files that people name: size-capped, with errors that say what was found.
 *
 * Does not write; every write goes through `edit_files.ts`. I/O through the host.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { describeIoError } from "../host/io_error.ts";

/** Largest configuration file read, in bytes. Spec: vaults §3. */
export const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/** Largest keys file read, in bytes. Spec: vaults §3. */
export const MAX_KEYS_FILE_BYTES = 1024 * 1024;

/** What a capped read needs to know. */
export interface ReadLimits {
  /** Largest size in bytes that is accepted. */
  readonly maxBytes: number;
}

/**
 * Reads a whole file.
 *
 * @param path absolute
 * @returns the content; undefined when there is no such file
 * @throws {UserError} `malformed` when it is larger than the cap, `io` or `denied` when it cannot be read
 */
export function readCapped(host: Host, path: string, limits: ReadLimits): Uint8Array | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.files.read(path, limits.maxBytes);
  } catch (error) {
    throw describeIoError("read", path, error);
  }
  if (bytes !== undefined && bytes.length > limits.maxBytes) {
    throw new UserError(
      "malformed",
      `cannot read "${path}": larger than ${formatSize(limits.maxBytes)}, expected at most that`,
      { hints: ["check that it is the right file"], location: { path } },
    );
  }
  return bytes;
}

/** How standard input is called in messages. */
export const STDIN_NAME = "standard input";

/**
 * Reads all of standard input.
 *
 * @throws {UserError} `malformed` when it is larger than the cap
 */
export async function readStdinCapped({ stdin }: Host, { maxBytes }: ReadLimits): Promise<Uint8Array> {
  const bytes = await stdin.read(maxBytes);
  if (bytes.length <= maxBytes) return bytes;
  throw new UserError(
    "malformed",
    `cannot read ${STDIN_NAME}: larger than ${formatSize(maxBytes)}, expected at most that`,
  );
}

/** @returns the path with its symlinks resolved; undefined for what is not there or cannot be looked at */
export function findRealPath(host: Host, path: string): string | undefined {
  try {
    return host.files.realPath(path);
  } catch {
    return undefined; // who goes on to read it is told why
  }
}

/** @returns a size for people, in the largest binary unit that divides it: `16 MiB` */
export function formatSize(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size} ${units[unit]}`;
}
