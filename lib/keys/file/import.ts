/**
 * Bringing identities from elsewhere into a keys file: each once, with its comments, after everything that is there.
 *
 * Pure: the caller reads and writes.
 *
 * @module
 */
import type { Secret } from "../../base/secret.ts";
import { deriveRecipient, type IdentityKind } from "../age/identity.ts";
import { type IdentityLines, planAppendLines } from "./append.ts";
import { formatPublicKey } from "./comment.ts";
import type { KeysFile } from "./keys_file.ts";
import { type CommentedEntry, findEntryName, formatNameComment, readCommentedEntries } from "./lines.ts";

/** An identity to be brought in. */
export interface ImportedIdentity extends IdentityLines {
  readonly kind: IdentityKind;
  /** What it is called where it comes from; undefined when it has no name. */
  readonly name: string | undefined;
  /** Undefined for a plugin identity that no comment names the recipient of. */
  readonly recipient: string | undefined;
}

/** What an import comes to. */
export interface ImportPlan {
  /** The whole new content. */
  readonly after: Uint8Array;
  readonly added: readonly ImportedIdentity[];
  /** Those that were there before. */
  readonly present: readonly ImportedIdentity[];
}

/**
 * Prepares the identities of a keys file, which has no problem, to be brought into another one.
 *
 * @param name what they are to be called; undefined keeps their names
 */
export async function readImportedIdentities(file: KeysFile, name?: string): Promise<readonly ImportedIdentity[]> {
  const identities: ImportedIdentity[] = [];
  for (const commented of readCommentedEntries(file)) identities.push(await prepare(commented, name));
  return identities;
}

/**
 * Prepares an identity that comes from no keys file.
 *
 * @param identity an X25519 one
 * @param comments lines of its own, each beginning with `#`
 */
export async function prepareIdentity(
  identity: Secret,
  comments: readonly string[],
  name: string | undefined,
): Promise<ImportedIdentity> {
  const recipient = await deriveRecipient(identity);
  return {
    kind: "x25519",
    identity,
    recipient,
    name,
    comments: [...comments, ...nameLines(name), formatPublicKey(recipient)],
  };
}

/**
 * Plans a keys file that holds the identities too.
 *
 * @param file what is there, without problems; undefined for a new file
 * @param wanted each once
 * @throws {UserError} as `planAppendLines()`
 */
export function planImport(file: KeysFile | undefined, wanted: readonly ImportedIdentity[]): ImportPlan {
  const isThere = ({ identity }: ImportedIdentity): boolean =>
    file?.entries.some(({ secret }) => secret.equals(identity)) ?? false;
  const present = wanted.filter(isThere);
  const added = wanted.filter((each) => !isThere(each));
  const after = added.length === 0 ? file?.bytes ?? new Uint8Array() : planAppendLines(file, added);
  return { after, added, present };
}

async function prepare(commented: CommentedEntry, name: string | undefined): Promise<ImportedIdentity> {
  const { entry } = commented;
  const isNative = entry.kind !== "plugin";
  const recipient = isNative ? await deriveRecipient(entry.secret) : entry.comments.publicKey;
  const isNoted = !isNative || entry.comments.publicKey === recipient;
  return {
    kind: entry.kind,
    identity: entry.secret,
    recipient,
    name: name ?? findEntryName(commented),
    comments: [
      ...commented.comments,
      ...nameLines(name), // the lower of two names counts
      ...(isNoted || recipient === undefined ? [] : [formatPublicKey(recipient)]),
    ],
  };
}

function nameLines(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [formatNameComment(name)];
}
