/**
 * The comment lines above an identity in a keys file: written by keygen, read to find the identity of a vault.
 *
 * A comment is a claim, never a proof: nothing secret and no right depends on one. Vault names and paths that could be
 * misread, or that could end the line, are written as JSON strings, so that what is written reads back exactly.
 * Pure. Spec: vaults §3.
 *
 * @module
 */

/** Which vault an identity was made for. A name alone means nothing: every repository's built-in vault is `default`. */
export interface VaultMark {
  readonly vault: string;
  /** Absolute path of the file that defines the vault, or of `.sops.yaml` for the built-in one. */
  readonly config: string;
}

/** What the comments directly above an identity say. */
export interface KeysComments {
  readonly created?: Date;
  readonly mark?: VaultMark;
  /** The recipient, as claimed. */
  readonly publicKey?: string;
}

const CREATED = "# created: ";
const VAULT = "# vault: ";
const CONFIG = ", config: ";
const PUBLIC_KEY = "# public key: ";

/** What may be unsafe: to make {@link findUnsafe} takes half a millisecond, and nearly all text is printable ASCII. */
const NOT_PRINTABLE_ASCII = /[^\x20-\x7e]/;

/** A JSON string at the start, up to its closing quote. */
const JSON_STRING = /^"(?:[^"\\]|\\.)*"/;

/** @returns the comment lines for an identity, without line ends: created (UTC, whole seconds), vault, public key */
export function formatComments(created: Date, mark: VaultMark | undefined, publicKey: string): string[] {
  const lines = [`${CREATED}${created.toISOString().replace(/\.\d+Z$/, "Z")}`];
  if (mark !== undefined) lines.push(formatVaultMark(mark));
  lines.push(formatPublicKey(publicKey));
  return lines;
}

/** @returns the comment line that claims a recipient */
export function formatPublicKey(publicKey: string): string {
  return `${PUBLIC_KEY}${publicKey}`;
}

/**
 * Reads comment lines; whatever is not one of ours is passed over.
 *
 * @param lines from top to bottom; of two that say the same thing the lower one counts
 */
export function readComments(lines: readonly string[]): KeysComments {
  let comments: KeysComments = {};
  for (const line of lines) {
    if (line.startsWith(CREATED)) {
      const created = new Date(line.slice(CREATED.length));
      if (!Number.isNaN(created.getTime())) comments = { ...comments, created };
    } else if (line.startsWith(VAULT)) {
      const mark = findVaultMark(line);
      if (mark !== undefined) comments = { ...comments, mark };
    } else if (line.startsWith(PUBLIC_KEY)) {
      comments = { ...comments, publicKey: line.slice(PUBLIC_KEY.length) };
    }
  }
  return comments;
}

/** @returns the comment line that says which vault an identity was made for */
export function formatVaultMark({ vault, config }: VaultMark): string {
  return `${VAULT}${formatPart(vault, vault.includes(","))}${CONFIG}${formatPart(config, false)}`;
}

/** Plain where that reads back, else a JSON string with every unsafe character escaped. */
function formatPart(text: string, mustQuote: boolean): string {
  const isAscii = !NOT_PRINTABLE_ASCII.test(text);
  const isSafe = isAscii || text.search(findUnsafe()) === -1;
  const isPlain = !mustQuote && text !== "" && text === text.trim() && !text.startsWith('"') && isSafe;
  if (isPlain) return text;
  return isAscii ? JSON.stringify(text) : JSON.stringify(text).replace(findUnsafe(), escapeUnits);
}

/** Finds text that ends a line, that people cannot see, or that no encoder of UTF-8 keeps (lone surrogates). */
function findUnsafe(): RegExp {
  return /[\p{C}\p{Zl}\p{Zp}]/gu;
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}

function findVaultMark(line: string): VaultMark | undefined {
  const text = line.slice(VAULT.length);
  const written = JSON_STRING.exec(text)?.[0] ?? text.split(CONFIG, 1)[0] ?? "";
  if (!text.startsWith(CONFIG, written.length)) return undefined;
  const vault = readPart(written);
  const config = readPart(text.slice(written.length + CONFIG.length));
  return vault === undefined || config === undefined ? undefined : { vault, config };
}

/** @returns the text of a part, undefined when it is empty or no whole JSON string */
function readPart(written: string): string | undefined {
  if (!written.startsWith('"')) return written === "" ? undefined : written;
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
