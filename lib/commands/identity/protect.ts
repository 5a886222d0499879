/**
 * `identity protect` and `identity unprotect`: a keys file with and without a passphrase, as SOPS and age read both.
 *
 * What is written is decrypted again before it replaces the file. I/O through the host. Spec: keys §1.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { type Planner, runEdit } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import { isProtected, parseKeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import type { KeysUnlocker } from "../../keys/file/unlock.ts";
import { isOpenToOthers, keysTarget } from "../../repository/keygen/keys_place.ts";
import { findKeysPath } from "../shared/keys_input.ts";
import { createUnlocker } from "./unlock.ts";
import { reportKeysMode, warnOfCommit } from "../shared/secret_file_text.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `identity protect` and `identity unprotect`. */
export interface IdentityProtectFlags extends PassphraseFlagValues {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What was done, or would be. */
interface ProtectOutcome {
  /** Whether the file is the other way round now. */
  readonly isChanged: boolean;
  /** How many identities it holds. */
  readonly count: number;
  /** Whether its mode was narrowed: what others may read encrypted, they may not read as plain text. */
  readonly isNarrowed: boolean;
}

/** Which way a file goes. */
type Direction = "protect" | "unprotect";

/**
 * Runs `identity protect [FILE]`.
 *
 * @returns the exit code
 * @throws {UserError} `not-found` without the file, or an identity in it; `malformed` for a line that is no identity;
 * `unsupported` for a plugin identity; what `readNewPassphrase()` throws; `io`, `denied`
 */
export function identityProtect(
  flags: IdentityProtectFlags,
  [file]: readonly string[],
  session: Session,
): Promise<number> {
  return changeProtection(session, { direction: "protect", file }, flags);
}

/**
 * Runs `identity unprotect [FILE]`.
 *
 * @returns the exit code
 * @throws {UserError} `not-found` without the file; `denied` for a wrong passphrase; `usage` when nobody can be asked;
 * `malformed` when something else than identities was protected; `unsupported` for a file that is encrypted to
 * recipients; `integrity` for a damaged one; `io`
 */
export function identityUnprotect(
  flags: IdentityProtectFlags,
  [file]: readonly string[],
  session: Session,
): Promise<number> {
  return changeProtection(session, { direction: "unprotect", file }, flags);
}

async function changeProtection(
  session: Session,
  { direction, file }: { readonly direction: Direction; readonly file: string | undefined },
  flags: IdentityProtectFlags,
): Promise<number> {
  const { host, report } = session;
  const path = findKeysPath(host, file);
  const unlocker = createUnlocker(host, flags, [file]);
  const planner = createPlanner(direction, path, unlocker, flags.dryRun ?? false);
  const targets = [keysTarget(path)];
  const mode = flags.dryRun ? "preview" : "write";
  const { isChanged, count, isNarrowed } = await runEdit(host, { mode, targets }, planner);
  const shown = report.path(path);
  const state = direction === "protect" ? "protected with a passphrase" : "plain text";
  if (!isChanged) report.say(`${shown} is ${state} already; nothing changed`);
  else if (flags.dryRun) report.say(`would ${direction} ${shown} (${formatCount(count, "identity", "identities")})`);
  else report.done(`${direction}ed ${shown} (${formatCount(count, "identity", "identities")})`);
  if (isChanged && !flags.dryRun && direction === "protect") {
    report.note("SOPS 3.10 and newer asks for the passphrase where it needs the file; nothing can be read without it");
    report.note("copies and backups made before are still plain text");
  }
  reportKeysMode(report, path, isNarrowed ? "narrowed" : "private");
  if (isChanged && direction === "unprotect") {
    await warnOfCommit(session, path, "keep it out of the next commit, or protect it again before");
  }
  report.json({ path, dryRun: flags.dryRun ?? false, isProtected: direction === "protect", changed: isChanged });
  return EXIT.done;
}

function createPlanner(
  direction: Direction,
  path: string,
  unlocker: KeysUnlocker,
  isPreview: boolean,
): Planner<ProtectOutcome> {
  return async ([snapshot]) => {
    const content = snapshot?.content;
    if (content === undefined) {
      throw new UserError("not-found", `cannot ${direction} "${path}": no such file`, {
        hints: ["pass the path of a keys file"],
        location: { path },
      });
    }
    if (isProtected(content) === (direction === "protect")) {
      if (direction === "unprotect") refuseUnusable(parseKeysFile(content, path)); // an armor below other lines is no plain text
      return { changes: [], outcome: { isChanged: false, count: 0, isNarrowed: false } };
    }
    const plain = await unlocker.open(content, path);
    const keysFile = parseKeysFile(plain, path);
    refuseUnusable(keysFile);
    const count = keysFile.entries.length;
    if (count === 0) {
      throw new UserError("not-found", `cannot ${direction} "${path}": it holds no identity`, {
        hints: ["check that it is the right file"],
        location: { path },
      });
    }
    if (isPreview) return { changes: [], outcome: { isChanged: true, count, isNarrowed: false } };
    const after = direction === "protect" ? await unlocker.seal(plain, path) : plain;
    const isNarrowed = direction === "unprotect" && isOpenToOthers(snapshot?.info);
    const mode = isNarrowed ? { mode: 0o600 } : {};
    return {
      changes: [{ path, after, reason: "the identities", ...mode }],
      outcome: { isChanged: true, count, isNarrowed },
    };
  };
}
