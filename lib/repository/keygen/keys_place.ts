/**
 * Where a private half goes, who else could read it there, and whether it could be committed from there by accident.
 * Spec: vaults §3.
 *
 * @module
 */
import type { EditTarget } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { MAX_KEYS_FILE_BYTES } from "../../base/files/read_files.ts";
import type { FileInfo, Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { KeychainEntry } from "../../keys/keychain/entry.ts";
import { isIgnoredByGit } from "../scan/work_tree.ts";

/** The keys file that a new identity is appended to, or the keychain entry that it is added to. */
export interface KeysPlace {
  /** Of a keychain entry: no file, but what stands for it in a plan. */
  readonly target: EditTarget;
  /** Undefined for a file. */
  readonly keychain?: KeychainEntry;
  /** Whether the file is, or is to be, protected with a passphrase; absent: it is not. */
  readonly isProtected?: boolean;
  /** The file in the user's configuration folder, whose mode is ours to narrow. */
  readonly isDefault: boolean;
  /** SOPS finds it without any further variable. */
  readonly isFoundBySops: boolean;
  /** What a keys file that git would commit is: the configuration of a vault or a flag may have said so. */
  readonly inWorkTree: "refused" | "warned" | "allowed";
}

/** What a shell makes of `<(command)`. */
const SHELL_PIPE = /^\/(?:dev|proc\/[^/]+)\/fd\//;

/**
 * @param path absolute
 * @throws {UserError} `refused` for what can only be read once
 * @returns a keys file as an edit needs it: what is made is readable by nobody else
 */
export function keysTarget(path: string): EditTarget {
  if (SHELL_PIPE.test(path)) {
    throw new UserError(
      "refused",
      `cannot write a private key to "${path}": it is a pipe of a shell, expected a file`,
      {
        hints: ["name a file in SOPS_AGE_KEY_FILE, or unset it: unset SOPS_AGE_KEY_FILE"],
        location: { path },
      },
    );
  }
  return { path, maxBytes: MAX_KEYS_FILE_BYTES, newFileMode: 0o600, newFolderMode: 0o700 };
}

/** Who can read a keys file after an edit; `narrowed`: others could until then, `wide`: they still can. */
export type KeysMode = "private" | "narrowed" | "wide";

/** The permission bits of everybody but the owner. */
const OTHERS_MODE = 0o077;

/** @returns whether the mode lets others at the file; false for one that is not there, and where there are no modes */
export function isOpenToOthers(info: FileInfo | undefined): boolean {
  return ((info?.mode ?? 0) & OTHERS_MODE) !== 0;
}

/** @param isNarrowing whether the edit takes the file from others, if they can read it */
export function deriveKeysMode(
  info: FileInfo | undefined,
  { isNarrowing }: { readonly isNarrowing: boolean },
): KeysMode {
  if (!isOpenToOthers(info)) return "private";
  return isNarrowing ? "narrowed" : "wide";
}

/** @returns a keychain entry as a place of identities; SOPS finds it through a command only */
export function keychainPlace(keychain: KeychainEntry): KeysPlace {
  return {
    target: keysTarget(keychain.service),
    keychain,
    isDefault: false,
    isFoundBySops: false,
    inWorkTree: "allowed",
  };
}

/**
 * @param realPath of the keys file, symlinks resolved: a link into a work tree is as dangerous as a file in it
 * @returns whether the file lies in a git work tree and is not ignored there
 */
export async function couldBeCommitted(host: Host, realPath: string): Promise<boolean> {
  const root = findGitRoot(host, host.paths.dirname(realPath));
  return root !== undefined && !await isIgnoredByGit(host, realPath);
}

/** @throws {UserError} `refused` when the keys file could be committed and nobody said that this is meant */
export async function refusePlaceInWorkTree(host: Host, place: KeysPlace, realPath: string): Promise<void> {
  if (place.inWorkTree !== "refused" || !await couldBeCommitted(host, realPath)) return;
  throw wouldBeCommitted(host, place.target.path, realPath, ["--allow-in-repo writes it all the same"]);
}

/**
 * @param path of the keys file as it was named; absolute
 * @param otherWays hints to what else can be done than keeping git from the file
 * @returns the error for a keys file that {@link couldBeCommitted}; to be thrown by the caller
 */
export function wouldBeCommitted(
  { paths }: Host,
  path: string,
  realPath: string,
  otherWays: readonly string[] = [],
): UserError {
  const found = realPath === path ? "git would commit it" : `it leads to "${realPath}", which git would commit`;
  const ignore = `add ${paths.basename(realPath)} to .gitignore`;
  return new UserError("refused", `cannot write a private key to "${path}": ${found}, expected an ignored file`, {
    hints: [`${ignore}, or set SOPS_AGE_KEY_FILE to a file outside of the repository`, ...otherWays],
    location: { path },
  });
}
