/**
 * What stands at a place where SOPS looks for identities: read as SOPS reads it, nothing opened, no command run. Whatever is
 * wrong there is a value, because the other places count all the same.
 *
 * I/O through the host. Spec: keys §2, sops-engine §2.3–2.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { MAX_KEYS_FILE_BYTES, readCapped } from "../../base/files/read_files.ts";
import type { FileInfo, Host } from "../../base/host/host.ts";
import { isSettledWithin, QUIET_MS } from "../../base/host/long_wait.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import type { Secret } from "../../base/secret.ts";
import { isProtected, type KeysEntry, type KeysFile, type KeysProblem, parseKeysFile } from "../file/keys_file.ts";
import type { SshPrivateKey } from "../ssh/private_identity.ts";
import type { KeysPlace, KeysSource } from "./keys_path.ts";

/** What was found. */
export type PlaceFound =
  /** Nothing to try, and why: `not set`, `no such file`. */
  | { readonly kind: "nothing"; readonly reason: string }
  /** A list of identities, with its problems. */
  | { readonly kind: "keys"; readonly keys: KeysFile }
  | { readonly kind: "ssh-key"; readonly key: SshPrivateKey }
  /** A command line, to be run when it is needed. */
  | { readonly kind: "command"; readonly command: string }
  /** A file that cannot be read, or no ssh key where one belongs. */
  | { readonly kind: "unreadable"; readonly error: UserError };

/** A place, and what is there. */
export interface PlaceReading {
  readonly source: KeysSource;
  /** Absolute; absent when the place is no file. */
  readonly path?: string;
  readonly found: PlaceFound;
}

/** What is to be known of a file before it is read. */
export interface FileToRead {
  /** Whether SOPS looks for an ssh key there, instead of a list of identities. */
  readonly isSshKey: boolean;
  /** What the file is called in messages; absent: by its path. */
  readonly name?: string;
}

/** @returns whether SOPS takes what is at a place for an ssh key */
export function isSshSource(source: KeysSource): boolean {
  return source.startsWith("SOPS_AGE_SSH_") || source.startsWith("~/.ssh/");
}

/** @returns what is at a place where SOPS looks */
export async function readPlace(host: Host, place: KeysPlace): Promise<PlaceReading> {
  const { source } = place;
  switch (place.kind) {
    case "none":
      return { source, found: { kind: "nothing", reason: place.reason } };
    case "text":
      return { source, found: { kind: "keys", keys: readVariable(place.text, source) } };
    case "command":
      return { source, found: { kind: "command", command: place.command } };
    case "file": {
      const path = host.paths.resolve(host.cwd, place.path);
      const { found } = await readPlaceFile(host, path, { isSshKey: isSshSource(source) });
      return { source, path, found };
    }
  }
}

/**
 * Reads a file as SOPS reads one at its places.
 *
 * @param path absolute
 */
export async function readPlaceFile(
  host: Host,
  path: string,
  { isSshKey, name = path }: FileToRead,
): Promise<{ readonly found: PlaceFound; readonly info?: FileInfo }> {
  let bytes: Uint8Array | undefined;
  let info: FileInfo | undefined;
  try {
    info = host.files.stat(path);
    if (info?.kind === "other") bytes = await readPipe(host, path);
    else if (info !== undefined) bytes = readCapped(host, path, { maxBytes: MAX_KEYS_FILE_BYTES });
  } catch (error) {
    const described = error instanceof UserError ? error : describeIoError("read", path, error);
    if (!(described instanceof UserError)) throw error;
    return { found: { kind: "unreadable", error: described } };
  }
  if (bytes === undefined || info === undefined) return { found: { kind: "nothing", reason: "no such file" } };
  const found = isSshKey ? await readSshKey(host, bytes, { name, path }) : readKeys(bytes, name);
  return { found, info };
}

/** How long a pipe may stay silent, in milliseconds: nobody may be there to write into it. */
const PIPE_WAIT_MS = 10_000;

/**
 * @param path of a pipe or device; absolute
 * @throws {UserError} `io` for a pipe that nobody writes into, `malformed` for one that does not end
 */
export async function readPipe(host: Host, path: string): Promise<Uint8Array> {
  const reading = host.files.readPipe(path, MAX_KEYS_FILE_BYTES);
  if (!await isSettledWithin(reading, QUIET_MS)) {
    host.sayWaiting(`waiting for somebody to write into the pipe "${path}"`);
    if (!await isSettledWithin(reading, PIPE_WAIT_MS - QUIET_MS)) {
      throw new UserError("io", `cannot read "${path}": nobody wrote into the pipe for ${PIPE_WAIT_MS / 1000} s`, {
        hints: ["start what writes into it first, or name a file"],
        location: { path },
      });
    }
  }
  const bytes = await reading;
  if (bytes.length <= MAX_KEYS_FILE_BYTES) return bytes;
  throw new UserError("malformed", `cannot read "${path}": the pipe does not end, expected a list of identities`, {
    location: { path },
  });
}

/** @param bytes what a list of identities holds @param name for messages */
export function readKeys(bytes: Uint8Array, name: string): PlaceFound {
  return { kind: "keys", keys: upToLongLine(parseKeysFile(bytes, name)) };
}

/** @param path of its file; absent for what a command has printed @returns an ssh key, or why it is none */
export async function readSshKey(
  host: Host,
  bytes: Uint8Array,
  source: { readonly name: string; readonly path?: string },
): Promise<PlaceFound> {
  // Most machines have no key in these places: what reads one is loaded where there is one.
  const { readSshPrivateKey } = await import("../ssh/private_identity.ts");
  try {
    return { kind: "ssh-key", key: await readSshPrivateKey(host, bytes, source) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: "unreadable", error };
  }
}

/**
 * Only of `SOPS_AGE_KEY` SOPS takes every word for an identity, not every line.
 *
 * @param source for messages
 */
export function readVariable(text: Secret, source: KeysSource): KeysFile {
  const bytes = text.reveal();
  if (isProtected(bytes)) return parseKeysFile(bytes, source);
  const lines = text.revealText().split("\n").map((line) =>
    line.startsWith("#") ? line : line.replace(/[ \t\r]+/g, "\n")
  );
  return upToLongLine(parseKeysFile(new TextEncoder().encode(lines.join("\n")), source));
}

/** SOPS reads up to a line that is too long for it, and says nothing of the rest. */
function upToLongLine(file: KeysFile): KeysFile {
  const end = file.problems.find(({ problem }) => problem === "line-too-long");
  if (end === undefined || !("lineNumber" in end)) return file;
  const isAbove = ({ lineNumber }: Pick<KeysEntry, "lineNumber">): boolean => lineNumber < end.lineNumber;
  const hasLine = (problem: KeysProblem): boolean => "lineNumber" in problem && isAbove(problem);
  return { ...file, entries: file.entries.filter(isAbove), problems: file.problems.filter(hasLine) };
}
