/**
 * What `ssh-to-age -o` writes: recipients, which replace what was there, and an identity, which replaces nothing.
 *
 * Never replaces a file that holds a private key of any kind, nor the file that was read. I/O through the host.
 * Spec: keys §3.
 *
 * @module
 */
import { type Change, editFiles, type EditTarget, type Snapshot } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { mentionsPrivateKey } from "../../base/identity_text.ts";
import type { Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import type { Secret } from "../../base/secret.ts";
import { parseKeysFile } from "../../keys/file/keys_file.ts";
import { decodeSshText } from "../../keys/ssh/armour.ts";
import { isOpenToOthers, keysTarget } from "../../repository/keygen/keys_place.ts";

/** Largest file that is replaced, in bytes: more recipients than a `known_hosts` of 100,000 hosts has. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

const PRIVATE_MODE = 0o600;

/** Where something is written. */
export interface OutputPlace {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of the file that was read; absent for standard input. */
  readonly inputPath?: string;
}

/**
 * Writes recipients to a file, in place of what was there.
 *
 * @param text whole lines
 * @throws {UserError} `refused` for the file that was read and for one that holds a private key; what writing throws
 */
export async function writeRecipients(host: Host, { path, inputPath }: OutputPlace, text: string): Promise<void> {
  refuseSameFile(host, path, inputPath);
  const target: EditTarget = { path, maxBytes: MAX_OUTPUT_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
  const after = new TextEncoder().encode(text);
  await editFiles(host, [target], (snapshots) => {
    for (const { content } of snapshots) refusePrivateKey(content, path);
    return Promise.resolve({ changes: [{ path, after, reason: "the recipients" }], outcome: undefined });
  });
}

/** What is written of an identity. */
export interface NamedIdentity {
  /** The file's last line. */
  readonly identity: Secret;
  /** Stands above it when the file is made; may be empty. */
  readonly comment: string;
}

/**
 * Writes an identity to a file of its own, which nobody else may read.
 *
 * @returns whether it was written; false when the file has held this identity already
 * @throws {UserError} `refused` for the file that was read; `exists` for one that holds something else; what writing throws
 */
export async function writeIdentity(
  host: Host,
  { path, inputPath }: OutputPlace,
  { identity, comment }: NamedIdentity,
): Promise<boolean> {
  refuseSameFile(host, path, inputPath);
  const content = new TextEncoder().encode(`${comment}${identity.revealText()}\n`);
  return await editFiles(host, [keysTarget(path)], ([snapshot]) => {
    if (snapshot !== undefined && isThere(snapshot, identity)) {
      return Promise.resolve({ changes: planPrivacy(snapshot), outcome: false });
    }
    const change: Change = { path, after: content, reason: "the identity", mode: PRIVATE_MODE };
    return Promise.resolve({ changes: [change], outcome: true });
  });
}

/** @returns whether the file holds this identity and nothing else; false for no file and an empty one */
function isThere({ content, target: { path } }: Snapshot, identity: Secret): boolean {
  if (content === undefined || content.length === 0) return false;
  const { entries, problems } = parseKeysFile(content, path);
  const [entry] = entries;
  if (entries.length === 1 && problems.length === 0 && entry?.secret.equals(identity)) return true;
  throw new UserError("exists", `cannot write the identity to "${path}": the file holds something else`, {
    hints: ["name a new file; sopsmith identity import --ssh FILE adds it to your keys file"],
    location: { path },
  });
}

function planPrivacy({ target: { path }, content, info }: Snapshot): Change[] {
  if (content === undefined || !isOpenToOthers(info)) return [];
  return [{ path, after: content, reason: "the identity", mode: PRIVATE_MODE }];
}

function refusePrivateKey(content: Uint8Array | undefined, path: string): void {
  if (content === undefined || !mentionsPrivateKey(decodeSshText(content))) return;
  throw new UserError("refused", `cannot write the recipients to "${path}": it holds a private key`, {
    hints: ["name another file"],
    location: { path },
  });
}

function refuseSameFile(host: Host, path: string, inputPath: string | undefined): void {
  if (inputPath === undefined || !isSameFile(host, path, inputPath)) return;
  throw new UserError("refused", `cannot write to "${path}": it is the file that is read, expected another one`, {
    hints: ["name another file with -o"],
    location: { path },
  });
}

function isSameFile({ files }: Host, path: string, inputPath: string): boolean {
  if (path === inputPath) return true;
  try {
    const input = files.stat(inputPath);
    return input?.identity !== undefined && input.identity === files.stat(path)?.identity;
  } catch (error) {
    throw describeIoError("write", path, error);
  }
}
