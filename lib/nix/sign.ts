/**
 * Signing the `.narinfo` files of a binary cache: all are read and checked before the first is written, each is replaced
 * at once or not at all, and a file that has the signatures already is left alone. I/O through the host. Spec: keys §4.
 *
 * @module
 */
import { editFiles, type EditPlan, type EditTarget, planEdit, type Snapshot } from "../base/files/edit_files.ts";
import { UserError } from "../base/error.ts";
import type { Host } from "../base/host/host.ts";
import { formatFingerprint, MAX_NARINFO_BYTES, planAddSignatures } from "./narinfo.ts";
import { formatStorePath } from "./store_path.ts";
import { type SigningKey, signWithKey } from "./key.ts";
import { MAX_OPEN_NARINFOS, parseCacheEntry, readCacheEntry } from "./binary_cache.ts";
import { mapBounded } from "../base/bounded.ts";

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
  keys: readonly SigningKey[],
  options: SignOptions,
): Promise<readonly SignedNarInfo[]> {
  await refuseUnreadable(host, paths, options);
  let signedCount = 0;
  try {
    return await mapBounded(paths, MAX_OPEN_NARINFOS, async (path) => {
      const signed = await signFile(host, path, keys, options);
      if (signed.added.length > 0) signedCount++;
      options.onFile?.();
      return signed;
    });
  } catch (error) {
    throw sayHowFar(error, signedCount, options);
  }
}

async function signFile(
  host: Host,
  path: string,
  keys: readonly SigningKey[],
  { mode }: SignOptions,
): Promise<SignedNarInfo> {
  const target: EditTarget = { path, maxBytes: MAX_NARINFO_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
  const planner = (snapshots: readonly Snapshot[]): Promise<EditPlan<SignedNarInfo>> =>
    planSignatures(host, path, keys, snapshots[0]?.content);
  if (mode === "write") return await editFiles(host, [target], planner);
  let before = new Uint8Array();
  const { changes: [change], outcome } = await planEdit(host, [target], async (snapshots) => {
    before = new Uint8Array(snapshots[0]?.content ?? []);
    return await planner(snapshots);
  });
  return change === undefined ? outcome : { ...outcome, change: { before, after: change.after } };
}

async function planSignatures(
  host: Host,
  path: string,
  keys: readonly SigningKey[],
  before: Uint8Array | undefined,
): Promise<EditPlan<SignedNarInfo>> {
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
  const after = planAddSignatures(info, signatures);
  return {
    changes: after === undefined ? [] : [{ path, after, reason: "the signature" }],
    outcome: { path, storePath: formatStorePath(info.storePath), added },
  };
}

/** Reads every file once before anything is written; what is wrong with several is told at once. */
async function refuseUnreadable(host: Host, paths: readonly string[], { onRead }: SignOptions): Promise<void> {
  const results = await mapBounded(paths, MAX_OPEN_NARINFOS, async (path) => {
    try {
      await readCacheEntry(host, path);
      onRead?.();
      return undefined;
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  });
  const errors = results.filter((error) => error !== undefined);
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

function sayHowFar(error: unknown, count: number, { mode }: SignOptions): unknown {
  if (!(error instanceof UserError) || mode === "preview" || count === 0) return error;
  const files = count === 1 ? "1 file has been signed and stays so" : `${count} files have been signed and stay so`;
  return error.withDetails([files, "the same command, run again, finishes the job"]);
}
