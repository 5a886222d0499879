/**
 * The read model of a keys file: its identities with their comments, and everything that makes SOPS or age drop the file.
 *
 * Reads lines as SOPS does (split at LF, one CR dropped, `#` only at the start of a line). A problem is a value here:
 * `refuseUnusable()` turns it into an error. Pure. Spec: keys §1, sops-engine §2.4.
 *
 * @module
 */
import { classifyIdentity, deriveRecipient, type IdentityKind, type IdentityProblem } from "../age/identity.ts";
import type { Secret } from "../../base/secret.ts";
import { findUtf16 } from "../../base/utf16.ts";
import { type KeysComments, readComments, type VaultMark } from "./comment.ts";
import { classifyRecipient } from "../age/recipient.ts";

/** One identity of a keys file. */
export interface KeysEntry {
  /** Counts from 1. */
  readonly lineNumber: number;
  readonly kind: IdentityKind;
  readonly secret: Secret;
  /** What the comment lines directly above claim. */
  readonly comments: KeysComments;
}

/** What is wrong with a line: SOPS drops every identity of the file because of it. */
export type LineProblem =
  | IdentityProblem
  | "byte-order-mark"
  | "invalid-utf8"
  /** Too long for the line reader of SOPS, which then ignores the rest of the file without a word. */
  | "line-too-long";

/** What a file is instead of a list of identities. */
export type FileProblem =
  | "utf16"
  /** Encrypted with a passphrase. SOPS and age read it, but text appended to it would destroy it. */
  | "age-encrypted"
  /** The armor of such a file, with something above it: SOPS and age then take it for a list of identities. */
  | "text-before-armor"
  /** An ssh or other private key in PEM form. */
  | "pem";

/** Why a keys file cannot be used or added to. A problem of the whole file is the only one of that file. */
export type KeysProblem =
  | { readonly problem: FileProblem }
  | { readonly problem: LineProblem; readonly lineNumber: number };

/** A keys file as read. */
export interface KeysFile {
  /** For messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** In the order of the file. Empty when a problem concerns the whole file. */
  readonly entries: readonly KeysEntry[];
  /** In the order of the file; empty when SOPS reads every identity. */
  readonly problems: readonly KeysProblem[];
}

/** An identity with its recipient, which has been derived, not read from a comment. */
export interface KeysMatch {
  readonly entry: KeysEntry;
  readonly recipient: string;
}

/** Longest line that the line reader of SOPS and age takes, in bytes, without its LF (Go's `bufio.MaxScanTokenSize`). */
export const MAX_LINE_BYTES = 64 * 1024 - 1;

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;

/** How SOPS recognises an encrypted file, binary or armored: by its first 14 bytes. */
const ENCRYPTED_HEADS = ["age-encryption", "-----BEGIN AGE"] as const;

/**
 * Reads a keys file.
 *
 * @param bytes the whole content; the caller caps its size
 * @param path for messages
 */
export function parseKeysFile(bytes: Uint8Array, path: string): KeysFile {
  if (isProtected(bytes)) return unusable(bytes, path, "age-encrypted");

  const entries: KeysEntry[] = [];
  const problems: KeysProblem[] = [];
  let comments: string[] = [];
  for (const { lineNumber, line, isTooLong } of eachLine(bytes)) {
    if (isTooLong) {
      problems.push({ problem: "line-too-long", lineNumber });
      comments = [];
      continue;
    }
    if (line[0] === HASH) {
      comments.push(decodeLenient(line));
      continue;
    }
    if (line.length > 0) {
      const found = readIdentityLine(line);
      if (!("problem" in found)) {
        entries.push({ lineNumber, ...found, comments: readComments(comments) });
      } else {
        const fileProblem = problems.length === 0 ? findFileProblem(bytes, line) : undefined;
        if (fileProblem !== undefined) return unusable(bytes, path, fileProblem);
        problems.push({ problem: found.problem, lineNumber });
      }
    }
    comments = [];
  }
  return { path, bytes, entries, problems };
}

/** @returns whether SOPS and age take a keys file for one that is encrypted with a passphrase, binary or armored */
export function isProtected(bytes: Uint8Array): boolean {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, ENCRYPTED_HEADS[0].length));
  return ENCRYPTED_HEADS.some((start) => head === start);
}

/**
 * Looks for the identity that was made for a vault of one configuration.
 *
 * @returns the last native one whose comment names both; undefined when there is none
 */
export function findIdentityForVault(file: KeysFile, mark: VaultMark): KeysEntry | undefined {
  return file.entries.findLast(({ kind, comments }) =>
    kind !== "plugin" && comments.mark?.vault === mark.vault && comments.mark.config === mark.config
  );
}

/**
 * Looks for an identity that one of the recipients belongs to.
 *
 * Comments are not believed: recipients are derived, from the end of the file up to the first match (0.2 ms each; a
 * hybrid one 2 ms, and only when a hybrid recipient is looked for).
 *
 * @returns the last native one in the file; undefined when there is none
 */
export async function findIdentityByRecipient(
  file: KeysFile,
  recipients: Iterable<string>,
): Promise<KeysMatch | undefined> {
  const wanted = new Set(recipients);
  const wantedKinds = new Set<string | undefined>(Array.from(wanted, classifyRecipient));
  for (const entry of file.entries.toReversed()) {
    if (entry.kind === "plugin" || !wantedKinds.has(entry.kind)) continue;
    const recipient = await deriveRecipient(entry.secret);
    if (wanted.has(recipient)) return { entry, recipient };
  }
  return undefined;
}

/** The lines as Go's `bufio.ScanLines` gives them: without LF and without one CR before it. */
function* eachLine(bytes: Uint8Array): Generator<{ lineNumber: number; line: Uint8Array; isTooLong: boolean }> {
  let start = 0;
  for (let lineNumber = 1; start < bytes.length; lineNumber++) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 ? bytes.length : found;
    const isTooLong = end - start > MAX_LINE_BYTES;
    const textEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
    yield { lineNumber, line: bytes.subarray(start, textEnd), isTooLong };
    start = end + 1;
  }
}

function readIdentityLine(line: Uint8Array): ReturnType<typeof classifyIdentity> | { readonly problem: LineProblem } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return { problem: "invalid-utf8" };
  }
  return text.startsWith("\ufeff") ? { problem: "byte-order-mark" } : classifyIdentity(text);
}

/** Comments may hold any bytes. */
function decodeLenient(line: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(line);
}

/** Asked at the first line that SOPS refuses: is the whole file something else? */
function findFileProblem(bytes: Uint8Array, line: Uint8Array): FileProblem | undefined {
  if (findUtf16(bytes) !== undefined) return "utf16";
  const text = decodeLenient(line).trimStart();
  if (text.startsWith("-----BEGIN AGE ENCRYPTED FILE-----")) return "text-before-armor";
  return text.startsWith("-----BEGIN ") ? "pem" : undefined;
}

function unusable(bytes: Uint8Array, path: string, problem: FileProblem): KeysFile {
  return { path, bytes, entries: [], problems: [{ problem }] };
}
