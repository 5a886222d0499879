/**
 * A Nix signing key in two files, `FILE` and `FILE.pub`: written together, the secret half first, and never over anything.
 *
 * Nix fails over an empty key file whenever it adds a path, so no file is there before it is whole. A run that was killed
 * between the two halves is completed by the same command. I/O through the host. Spec: keys §4.
 *
 * @module
 */
import {
  type Change,
  editFiles,
  type EditPlan,
  type EditTarget,
  planEdit,
  type Snapshot,
} from "../base/files/edit_files.ts";
import { UserError } from "../base/error.ts";
import type { Host } from "../base/host/host.ts";
import { formatPublicKey, generateSigningKey, MAX_SIGNING_KEY_BYTES, parseSigningKey, type SigningKey } from "./key.ts";

/** A key and its two files. */
export interface KeyPair {
  /** `made`, or `completed` when only the public half was missing. */
  readonly action: "made" | "completed";
  readonly key: SigningKey;
  /** Absolute. */
  readonly secretPath: string;
  /** Absolute. */
  readonly publicPath: string;
}

/**
 * Makes a key and writes both halves.
 *
 * @param path absolute path of the secret half; the public half gets `.pub` after it
 * @returns what was written
 * @throws {UserError} `exists` when a file is there, `io` or `denied` when one cannot be written
 */
export async function writeKeyPair(host: Host, name: string, path: string): Promise<KeyPair> {
  return await editFiles(host, targetsOf(path), await createPlanner(host, name, path));
}

/** As {@link writeKeyPair}, but nothing is written; the key of a pair that would be made is thrown away. */
export async function planKeyPair(host: Host, name: string, path: string): Promise<KeyPair> {
  return (await planEdit(host, targetsOf(path), await createPlanner(host, name, path))).outcome;
}

function targetsOf(path: string): EditTarget[] {
  const common = { maxBytes: MAX_SIGNING_KEY_BYTES, newFolderMode: 0o700 };
  return [
    { path, newFileMode: 0o600, ...common },
    { path: `${path}.pub`, newFileMode: 0o644, ...common },
  ];
}

/** One key for all attempts of an edit: one that starts over must find its own half again. */
async function createPlanner(
  host: Host,
  name: string,
  path: string,
): Promise<(snapshots: readonly Snapshot[]) => Promise<EditPlan<KeyPair>>> {
  const made = await generateSigningKey(name, host.randomBytes);
  return async ([secretFile, publicFile]) => {
    const found = secretFile?.content === undefined ? undefined : await findKey(secretFile.content, name);
    const isHalf = found !== undefined && publicFile?.content === undefined;
    if (secretFile?.content !== undefined && !isHalf) throw exists(secretFile);
    if (publicFile?.content !== undefined) throw exists(publicFile);
    const key = found ?? made;
    const changes: Change[] = found === undefined ? [change(path, made.secret.revealText(), "the secret key")] : [];
    changes.push(change(`${path}.pub`, formatPublicKey(key.publicKey), "the public key"));
    const isOwn = found === undefined || found.secret.equals(made.secret);
    return {
      changes,
      outcome: { action: isOwn ? "made" : "completed", key, secretPath: path, publicPath: `${path}.pub` },
    };
  };
}

/** @returns the key, if it is a whole one of that name */
async function findKey(content: Uint8Array, name: string): Promise<SigningKey | undefined> {
  try {
    const key = await parseSigningKey(content, "");
    return key.publicKey.name === name ? key : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function change(path: string, text: string, reason: string): Change {
  return { path, after: new TextEncoder().encode(text), reason };
}

function exists({ target: { path }, content }: Snapshot): UserError {
  const isEmpty = content?.length === 0;
  return new UserError("exists", `cannot write "${path}": ${isEmpty ? "an empty file" : "a file"} is there already`, {
    hints: [isEmpty ? "remove the empty file, and run the command again" : "name another file with --out"],
    location: { path },
  });
}
