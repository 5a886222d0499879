/**
 * `.narinfo` files of a Nix binary cache: read, the text that is signed, and signature lines added.
 *
 * Stricter than Nix, which takes the last of several `StorePath`, `NarHash`, `NarSize` or `References` lines and lets
 * other readers take the first: a file in which a field is doubled is refused, as is one with CRLF line ends or without a
 * final newline. Fields that are not known here are kept. Never changes a byte that is there.
 * Pure. Spec: keys §4; format: Nix manual, "Nix Archive (NAR) info".
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { findHash, formatHashBase32, type NixHash } from "./hash.ts";
import { findStorePath, formatStorePath, isStoreBaseName, type StorePath } from "./store_path.ts";

/** Largest `.narinfo` read, in bytes; one that refers to 10,000 paths is smaller. */
export const MAX_NARINFO_BYTES = 1024 * 1024;

/** What a `.narinfo` says of one store path. */
export interface NarInfo {
  readonly storePath: StorePath;
  /** SHA-256 of the archive, as it unpacks. */
  readonly narHash: NixHash;
  /** Bytes of the archive, as it unpacks; decimal digits, because it may be larger than a number holds exactly. */
  readonly narSize: string;
  /** Where the archive is, as seen from the folder of the `.narinfo`; a cache on the network may name an address. */
  readonly url: string;
  /** How the archive is compressed; `bzip2` where the file does not say. */
  readonly compression: string;
  /** Of the archive as it is stored; undefined when absent. Not part of what is signed. */
  readonly fileHash: NixHash | undefined;
  /** Bytes of the archive as it is stored, in decimal digits; undefined when absent. Not part of what is signed. */
  readonly fileSize: string | undefined;
  /** Full paths, sorted, each once; the path itself may be among them. */
  readonly references: readonly string[];
  /** The `CA` field; undefined when absent or empty. */
  readonly contentAddress: string | undefined;
  /** The values of the `Sig` lines, in the order of the file. */
  readonly signatures: readonly string[];
  /** Every line, without line ends. */
  readonly lines: readonly string[];
}

/** Fields that stand once at most. */
const SINGLE_FIELDS: ReadonlySet<string> = new Set([
  "StorePath",
  "URL",
  "Compression",
  "FileHash",
  "FileSize",
  "NarHash",
  "NarSize",
  "References",
  "Deriver",
  "System",
  "CA",
]);

/** Largest size that Nix reads, in bytes. */
const MAX_SIZE = 2n ** 64n - 1n;

/** What Nix takes the archive to be compressed with when the file does not say. */
const DEFAULT_COMPRESSION = "bzip2";

/** Version of the text that is signed. */
const FINGERPRINT_VERSION = "1";

const SIGNATURE_HEAD = "Sig: ";

/**
 * Reads a `.narinfo`.
 *
 * @param path for messages
 * @throws {UserError} `malformed` with the line
 */
export function parseNarInfo(bytes: Uint8Array, path: string): NarInfo {
  const lines = splitLines(bytes, path);
  const fields = new Map<string, Field>();
  const signatures: string[] = [];
  for (const [i, line] of lines.entries()) {
    const lineNumber = i + 1;
    const [, name, value] = /^([^:]+): (.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) throw malformed(path, "no NAME: VALUE", lineNumber);
    if (name === "Sig") signatures.push(value);
    if (!SINGLE_FIELDS.has(name)) continue;
    const earlier = fields.get(name);
    if (earlier !== undefined) {
      throw malformed(path, `a second ${name} (the first is in line ${earlier.lineNumber})`, lineNumber);
    }
    fields.set(name, { value, lineNumber });
  }
  const required = (name: string): Field => {
    const field = fields.get(name);
    if (field === undefined || field.value === "") throw malformed(path, `no ${name}`, field?.lineNumber);
    return field;
  };
  const optional = <T>(name: string, read: (name: string, field: Field, path: string) => T): T | undefined => {
    const field = fields.get(name);
    return field && read(name, field, path);
  };
  const storePath = readStorePath(required("StorePath"), path);
  return {
    storePath,
    narHash: readHash("NarHash", required("NarHash"), path),
    narSize: readSize("NarSize", required("NarSize"), path),
    url: required("URL").value,
    compression: fields.get("Compression")?.value || DEFAULT_COMPRESSION,
    fileHash: optional("FileHash", readHash),
    fileSize: optional("FileSize", readSize),
    references: readReferences(fields.get("References"), storePath, path),
    contentAddress: fields.get("CA")?.value || undefined,
    signatures,
    lines,
  };
}

/** @returns the text that is signed: `1;STORE PATH;HASH;SIZE;REFERENCES` */
export function formatFingerprint({ storePath, narHash, narSize, references }: NarInfo): string {
  return [
    FINGERPRINT_VERSION,
    formatStorePath(storePath),
    formatHashBase32(narHash),
    narSize,
    references.join(","),
  ].join(";");
}

/**
 * Plans a `.narinfo` with more signatures. They stand where Nix itself would write them: sorted among those that are
 * there, before the `CA` line.
 *
 * @param info as it was read
 * @param signatures `NAME:BASE64`; those that are there already are left out
 * @returns the whole new content; undefined when nothing is to be added
 */
export function planAddSignatures(info: NarInfo, signatures: readonly string[]): Uint8Array | undefined {
  const missing = new Set(signatures.filter((signature) => !info.signatures.includes(signature)));
  if (missing.size === 0) return undefined;
  const lines = [...info.lines];
  for (const signature of missing) lines.splice(findPlace(lines, signature), 0, SIGNATURE_HEAD + signature);
  const after = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  prove(info, after, missing);
  return after;
}

interface Field {
  readonly value: string;
  readonly lineNumber: number;
}

function splitLines(bytes: Uint8Array, path: string): string[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(path, "something that is not UTF-8");
  }
  const lines = text.split("\n");
  const rest = lines.pop();
  if (lines.length === 0) throw malformed(path, rest === "" ? "an empty file" : "a line without an end", 1);
  if (rest !== "") throw malformed(path, "a line without an end", lines.length + 1);
  const carriageReturn = lines.findIndex((line) => line.includes("\r"));
  if (carriageReturn >= 0) throw malformed(path, "a carriage return", carriageReturn + 1);
  return lines;
}

function readStorePath({ value, lineNumber }: Field, path: string): StorePath {
  const storePath = findStorePath(value);
  if (storePath === undefined) throw malformed(path, "a StorePath that is no store path", lineNumber);
  return storePath;
}

function readHash(name: string, { value, lineNumber }: Field, path: string): NixHash {
  const hash = findHash(value);
  if (hash?.algorithm !== "sha256") throw malformed(path, `a ${name} that is no SHA-256 hash`, lineNumber);
  return hash;
}

function readSize(name: string, { value, lineNumber }: Field, path: string): string {
  if (!/^[1-9][0-9]{0,19}$/.test(value) || BigInt(value) > MAX_SIZE) {
    throw malformed(path, `a ${name} that is no size in bytes`, lineNumber);
  }
  return value;
}

function readReferences(field: Field | undefined, { storeFolder }: StorePath, path: string): string[] {
  const names = (field?.value ?? "").split(" ").filter((name) => name !== "");
  if (!names.every(isStoreBaseName)) {
    throw malformed(path, "References with something that is not the name of a store path", field?.lineNumber);
  }
  return [...new Set(names)].sort().map((name) => `${storeFolder}/${name}`);
}

/** @returns the index of the line before which a signature belongs */
function findPlace(lines: readonly string[], signature: string): number {
  const line = SIGNATURE_HEAD + signature;
  const next = lines.findIndex((other) => other.startsWith(SIGNATURE_HEAD) && other > line);
  if (next >= 0) return next;
  const last = lines.findLastIndex((other) => other.startsWith(SIGNATURE_HEAD));
  if (last >= 0) return last + 1;
  const contentAddress = lines.findIndex((other) => other.startsWith("CA: "));
  return contentAddress >= 0 ? contentAddress : lines.length;
}

/** Reads the plan back: without the lines that were added, it is what was there. */
function prove(info: NarInfo, after: Uint8Array, added: ReadonlySet<string>): void {
  const read = parseNarInfo(after, "");
  const addedLines = new Set([...added].map((signature) => SIGNATURE_HEAD + signature));
  const rest = read.lines.filter((line) => !addedLines.has(line));
  const isProved = read.lines.length === info.lines.length + added.size &&
    rest.length === info.lines.length && rest.every((line, i) => line === info.lines[i]) &&
    formatFingerprint(read) === formatFingerprint(info);
  if (!isProved) throw new InternalError("the planned narinfo does not read back as planned");
}

function malformed(path: string, found: string, line?: number): UserError {
  const where = line === undefined ? "" : `line ${line}: `;
  return new UserError("malformed", `cannot read "${path}": ${where}found ${found}, expected a narinfo file`, {
    hints: ["restore the file, or copy the path to the cache again with nix copy"],
    location: { path, ...(line === undefined ? {} : { line }) },
  });
}
