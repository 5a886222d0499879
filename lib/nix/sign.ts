/**
 * Signing the `.narinfo` files of a binary cache: all are read and checked before the first is written, each is replaced
 * at once or not at all, and a file that has the signatures already is left alone. One that cannot be written does not
 * stop the others. I/O through the host. Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { type FilePlan, replaceMany } from "../base/files/replace_many.ts";
import type { Host } from "../base/host/host.ts";
import { formatFingerprint, MAX_NARINFO_BYTES, type NarInfo, planAddSignatures } from "./narinfo.ts";
import { formatStorePath } from "./store_path.ts";
import { findSignature, nameOfSignature, type SigningKey, signWithKey } from "./key.ts";
import { parseCacheEntry, readCacheEntry, readNarInfoFile } from "./binary_cache.ts";

/** What was done, or is to be done, to one file. */
export interface SignedNarInfo {
  /** Absolute path of the file. */
  readonly path: string;
  /** The store path that it is about. */
  readonly storePath: string;
  /** Names of the keys whose signature was added; empty when all were there. */
  readonly added: readonly string[];
  /** Of a preview with something to add: the content before and after. */
  readonly change?: { readonly before: Uint8Array; readonly after: Uint8Array };
}

/** How a signing run goes about it. */
export interface SignOptions {
  readonly keys: readonly SigningKey[];
  /** Whether the files are written or only planned. */
  readonly mode: "write" | "preview";
  /** Called after each file of the look at all files that comes first. */
  readonly onRead?: () => void;
  /** Called after each file that is signed, or was already. */
  readonly onFile?: () => void;
}

/** How many files an error names; the others are counted. */
const MAX_NAMED_FILES = 5;

/**
 * Signs files with every key.
 *
 * @param paths absolute
 * @returns in the order of `paths`
 * @throws {UserError} `malformed`, `io`, `denied` or `not-found` when one cannot be read, with nothing written; `io` or
 * `denied` when one cannot be written, with the number of those that have been signed in `details`
 */
export async function signNarInfoFiles(
  host: Host,
  paths: readonly string[],
  options: SignOptions,
): Promise<readonly SignedNarInfo[]> {
  refuseUnreadable(host, paths, options);
  if (options.mode === "preview") return await previewSignatures(host, paths, options);
  const targets = paths.map((path) => ({
    path,
    maxBytes: MAX_NARINFO_BYTES,
    newFileMode: 0o644,
    newFolderMode: 0o755,
  }));
  const results = await replaceMany<SignedNarInfo>(host, targets, {
    plan: ({ target: { path }, content }) => planSignatures(host, path, options.keys, content),
    reason: "the signature",
    onDone: () => options.onFile?.(),
  });
  const failure = results.find((result) => result.state === "failed");
  if (failure !== undefined) throw sayHowFar(failure.error, results.filter(({ state }) => state === "written").length);
  return results.flatMap((result) => result.state === "failed" ? [] : [result.outcome]);
}

async function previewSignatures(
  host: Host,
  paths: readonly string[],
  { keys, onFile }: SignOptions,
): Promise<readonly SignedNarInfo[]> {
  const signed: SignedNarInfo[] = [];
  for (const path of paths) {
    const before = readNarInfoFile(host, path);
    const { after, outcome } = await planSignatures(host, path, keys, before);
    signed.push(after === undefined ? outcome : { ...outcome, change: { before, after } });
    onFile?.();
  }
  return signed;
}

async function planSignatures(
  host: Host,
  path: string,
  keys: readonly SigningKey[],
  before: Uint8Array | undefined,
): Promise<FilePlan<SignedNarInfo>> {
  if (before === undefined) {
    throw new UserError("not-found", `cannot sign "${path}": it has been removed meanwhile`, { location: { path } });
  }
  const info = parseCacheEntry(host, before, path);
  const fingerprint = formatFingerprint(info);
  const added: string[] = [];
  const signatures: string[] = [];
  for (const key of keys) {
    const signature = await signWithKey(key, fingerprint);
    signatures.push(signature);
    if (!info.signatures.includes(signature)) added.push(key.publicKey.name);
  }
  return {
    after: planAddSignatures(info, signatures),
    outcome: { path, storePath: formatStorePath(info.storePath), added },
  };
}

/** Nix stops at a line of the key's name that is no signature, so a right one beside it would be of no use. */
function refuseBlocking({ signatures }: NarInfo, path: string, keys: readonly SigningKey[]): void {
  const names = new Set(keys.map(({ publicKey }) => publicKey.name));
  const blocking = signatures.find((text) => findSignature(text) === undefined && names.has(nameOfSignature(text)));
  if (blocking === undefined) return;
  const name = nameOfSignature(blocking);
  throw new UserError(
    "malformed",
    `cannot sign "${path}": a Sig line of "${name}" is no signature, and Nix stops at it`,
    {
      hints: [`remove the line that begins with "Sig: ${name}:" and holds no signature`],
      location: { path },
    },
  );
}

/** Reads every file once before anything is written; what is wrong with several is told at once. */
function refuseUnreadable(host: Host, paths: readonly string[], { keys, onRead }: SignOptions): void {
  const errors: UserError[] = [];
  for (const path of paths) {
    try {
      refuseBlocking(readCacheEntry(host, path), path, keys);
      onRead?.();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first === undefined) return;
  const others = errors.slice(1, MAX_NAMED_FILES).map(({ message }) => message);
  const rest = errors.length - 1 - others.length;
  throw first.withDetails([
    ...others,
    ...(rest > 0 ? [`… ${rest} more of that kind`] : []),
    ...(paths.length > 1 ? ["nothing was signed"] : []),
  ]);
}

function sayHowFar(error: UserError, count: number): UserError {
  if (count === 0) return error;
  const files = count === 1 ? "1 file has been signed and stays so" : `${count} files have been signed and stay so`;
  return error.withDetails([files, "the same command, run again, finishes the job"]);
}
