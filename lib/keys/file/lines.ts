/**
 * The identities of a keys file with the comment lines above them as they stand there, to be shown or moved. Pure.
 *
 * @module
 */
import type { KeysEntry, KeysFile } from "./keys_file.ts";

/** An identity and its comment lines. */
export interface CommentedEntry {
  readonly entry: KeysEntry;
  /** The lines directly above, from top to bottom, each beginning with `#`, without line ends. */
  readonly comments: readonly string[];
}

/** Comments that say what else is known of an identity; every other one is a person's own. */
const KNOWN_COMMENT = /^#\s*(?:created|vault|public key|recipient|imported):/i;

const NAME_COMMENT = "# name: ";

/** @returns the identities in the order of the file */
export function readCommentedEntries({ bytes, entries }: KeysFile): readonly CommentedEntry[] {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n")
    .map((line) => line.replace(/\r$/, ""));
  return entries.map((entry) => {
    const end = entry.lineNumber - 1;
    let start = end;
    while (lines[start - 1]?.startsWith("#")) start--;
    return { entry, comments: lines.slice(start, end) };
  });
}

/** @returns the comment line that names an identity */
export function formatNameComment(name: string): string {
  return `${NAME_COMMENT}${name}`;
}

/**
 * @returns what a person calls an identity: the name that was given to it, else the vault that it was made for, else the
 * last comment of their own above it; undefined when there is none of them
 */
export function findEntryName({ entry, comments }: CommentedEntry): string | undefined {
  const named = comments.findLast((line) => line.startsWith(NAME_COMMENT))?.slice(NAME_COMMENT.length).trim();
  const own = comments.findLast((line) => !KNOWN_COMMENT.test(line))?.replace(/^#+/, "").trim();
  return named || entry.comments.mark?.vault || own || undefined;
}
