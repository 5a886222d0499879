/**
 * Adding identities to a keys file: blocks of comment lines and the identity, after everything that is there.
 *
 * Nothing that is there is changed. Refuses a file that SOPS or age would drop, and proves its own result by reading it
 * back. Pure: the caller writes. Spec: vaults §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Secret } from "../../base/secret.ts";
import { formatComments, type VaultMark } from "./comment.ts";
import { type KeysFile, MAX_LINE_BYTES, parseKeysFile } from "./keys_file.ts";
import { refuseUnusable } from "./problem.ts";

/** What is appended for a new identity. */
export interface IdentityBlock {
  readonly created: Date;
  /** The vault that it is for; absent when it is for none. */
  readonly mark?: VaultMark;
  readonly recipient: string;
  readonly identity: Secret;
}

/** An identity as it stands in a keys file. */
export interface IdentityLines {
  /** Comment lines, each beginning with `#`, without line ends. */
  readonly comments: readonly string[];
  readonly identity: Secret;
}

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;

/**
 * Plans the content of a keys file with one more identity, as keygen writes it.
 *
 * @param file what is there; undefined for a new file
 * @returns the whole new content
 * @throws {UserError} as {@link planAppendLines}
 */
export function planAppendIdentity(file: KeysFile | undefined, block: IdentityBlock): Uint8Array {
  const { created, mark, recipient, identity } = block;
  const after = planAppendLines(file, [{ comments: formatComments(created, mark, recipient), identity }]);
  const noted = parseKeysFile(after, "").entries.at(-1)?.comments.mark;
  if (noted?.vault !== mark?.vault || noted?.config !== mark?.config) throw notAsPlanned();
  return after;
}

/**
 * Plans the content of a keys file with more identities.
 *
 * Line ends are those of the file (LF for a new one), a missing final one is added first, and a comment at the end of the
 * file is kept apart by an empty line, so that it is not read as one of the first block's.
 *
 * @param file what is there; undefined for a new file
 * @returns the whole new content
 * @throws {UserError} `malformed` or `unsupported` as {@link refuseUnusable}; `refused` when a comment is too long for a
 * line that SOPS can read
 */
export function planAppendLines(file: KeysFile | undefined, blocks: readonly IdentityLines[]): Uint8Array {
  if (file !== undefined) refuseUnusable(file);
  const before = file?.bytes ?? new Uint8Array();
  const lines = blocks.flatMap(({ comments, identity }) => [...comments, identity.revealText()]);
  const lineEnd = findLineEnd(before);
  const added = new TextEncoder().encode(separator(before, lineEnd) + lines.map((line) => line + lineEnd).join(""));
  const after = new Uint8Array(before.length + added.length);
  after.set(before);
  after.set(added, before.length);
  prove(file, after, blocks);
  return after;
}

/** @returns the line end of the last ended line; LF when there is none */
function findLineEnd(bytes: Uint8Array): "\n" | "\r\n" {
  const last = bytes.lastIndexOf(LF);
  return last > 0 && bytes[last - 1] === CR ? "\r\n" : "\n";
}

/** @returns what must stand between the end of the file and the block */
function separator(bytes: Uint8Array, lineEnd: string): string {
  if (bytes.length === 0) return "";
  const isEnded = bytes.at(-1) === LF;
  const lastLineStart = isEnded ? bytes.subarray(0, -1).lastIndexOf(LF) + 1 : bytes.lastIndexOf(LF) + 1;
  // A CR at the very end of the file is half a line end: with another CR it would become a part of the line.
  const missingEnd = bytes.at(-1) === CR ? "\n" : lineEnd;
  return (isEnded ? "" : missingEnd) + (bytes[lastLineStart] === HASH ? lineEnd : "");
}

/** Reads the plan back: the old identities are all there, and the new ones after them. */
function prove(file: KeysFile | undefined, after: Uint8Array, blocks: readonly IdentityLines[]): void {
  const read = parseKeysFile(after, file?.path ?? "");
  const [tooLong] = read.problems;
  if (tooLong?.problem === "line-too-long") {
    throw new UserError(
      "refused",
      `cannot note what the identity is for: the comment is longer than a line may be (${MAX_LINE_BYTES} bytes)`,
      { hints: ["shorten the name of the vault, or the comment"] },
    );
  }
  const wanted = [...file?.entries.map(({ secret }) => secret) ?? [], ...blocks.map(({ identity }) => identity)];
  const isProved = read.problems.length === 0 && read.entries.length === wanted.length &&
    wanted.every((secret, i) => read.entries[i]?.secret.equals(secret));
  if (!isProved) throw notAsPlanned();
}

function notAsPlanned(): InternalError {
  return new InternalError("the planned keys file does not read back as planned");
}
