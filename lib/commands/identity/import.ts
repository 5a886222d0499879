/**
 * `identity import`: brings identities from other files into the keys file that SOPS reads, each once, with its comments.
 *
 * Takes keys files that SOPS cannot read as they are (byte order mark, UTF-16), protected ones, and ssh keys. Of the keys
 * file itself it makes one that SOPS can read. Nothing is ever removed. I/O through the host. Spec: keys §1, §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { type EditTarget, type Planner, runEdit } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { findRealPath } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { holdsIdentity } from "../../base/secret.ts";
import { formatCount } from "../../base/show/counts.ts";
import { decodeKeysText, ENCODING_NAMES, type KeysEncoding } from "../../keys/file/encoding.ts";
import { type ImportedIdentity, type ImportPlan, planImport, readImportedIdentities } from "../../keys/file/import.ts";
import { parseKeysFile } from "../../keys/file/keys_file.ts";
import { defaultKeysFile, isReadBySops } from "../../keys/places/keys_path.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { type KeysUnlocker, throughPassphrase } from "../../keys/file/unlock.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import {
  deriveKeysMode,
  type KeysMode,
  keysTarget,
  refusePlaceInWorkTree,
} from "../../repository/keygen/keys_place.ts";
import { findKeysPath, readKeysInput, STDIN_ARGUMENT } from "../shared/keys_input.ts";
import { createUnlocker } from "./unlock.ts";
import { reportKeysMode } from "../shared/secret_file_text.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `identity import`. */
export interface IdentityImportFlags extends PassphraseFlagValues {
  /** Private ssh keys to convert. */
  readonly ssh?: readonly string[];
  /** The keys file to write. */
  readonly to?: string;
  readonly name?: string;
  readonly allowInRepo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What was done, or would be. */
interface ImportOutcome extends Pick<ImportPlan, "added" | "present"> {
  /** What the keys file was in before; undefined when it was not asked to be re-written. */
  readonly rewrittenFrom: KeysEncoding | undefined;
  readonly mode: KeysMode;
}

/**
 * Runs `identity import FILE…`.
 *
 * @returns the exit code
 * @throws {UserError} `usage` with nothing to import, or one name for several; `not-found` for a missing file and one
 * without an identity; `malformed` for a line that is no identity; `unsupported` for what is no list of identities, and
 * for a plugin identity where the keys file is protected; `refused` for a keys file that git would commit; `io`, `denied`
 */
export async function identityImport(
  flags: IdentityImportFlags,
  files: readonly string[],
  session: Session,
): Promise<number> {
  const { host } = session;
  if (files.length === 0 && flags.ssh === undefined) {
    throw new UserError("usage", "nothing to import: no file is named", {
      hints: ["name a keys file, - for standard input, or an ssh key with --ssh FILE"],
    });
  }
  refuseBadName(flags);
  const target = keysTarget(findKeysPath(host, flags.to));
  const unlocker = createUnlocker(host, flags, files);
  const others: string[] = [];
  for (const file of files) if (!isSameFile(host, file, target.path)) others.push(file);
  const wanted = await readAll(others, flags, host, unlocker);
  if (flags.name !== undefined && wanted.length > 1) {
    throw new UserError("usage", `--name gives one name, and there are ${wanted.length} identities to import`, {
      hints: ["leave --name out: each keeps the name that it has"],
    });
  }
  const isRewriting = others.length < files.length;
  const planner = throughPassphrase(unlocker, createPlanner(host, target, wanted, isRewriting, flags), "plain");
  const outcome = await runEdit(host, { mode: flags.dryRun ? "preview" : "write", targets: [target] }, planner);
  reportImport(session, target, outcome, flags);
  return EXIT.done;
}

/** A file may have two names: the path that SOPS reads, and another one that leads there. */
function isSameFile(host: Host, file: string, target: string): boolean {
  if (file === STDIN_ARGUMENT) return false;
  const realPath = findRealPath(host, findKeysPath(host, file));
  return realPath !== undefined && realPath === findRealPath(host, target);
}

async function readAll(
  files: readonly string[],
  flags: IdentityImportFlags,
  host: Host,
  unlocker: KeysUnlocker,
): Promise<readonly ImportedIdentity[]> {
  const wanted: ImportedIdentity[] = [];
  for (const file of files) {
    const keysFile = await readKeysInput(host, file, unlocker);
    refuseUnusable(keysFile);
    if (keysFile.entries.length === 0) {
      throw new UserError("not-found", `cannot import from "${keysFile.path}": it holds no identity`, {
        hints: ["pass a file with lines that begin with AGE-SECRET-KEY-"],
        location: { path: keysFile.path },
      });
    }
    wanted.push(...await readImportedIdentities(keysFile, flags.name));
  }
  if (flags.ssh !== undefined) {
    const { readSshIdentity } = await import("./import_ssh.ts");
    const options = { name: flags.name, source: unlocker.source };
    for (const file of flags.ssh) wanted.push(await readSshIdentity(host, file, options));
  }
  return wanted.filter(({ identity }, i) => wanted.findIndex((other) => other.identity.equals(identity)) === i);
}

function createPlanner(
  host: Host,
  target: EditTarget,
  wanted: readonly ImportedIdentity[],
  isRewriting: boolean,
  { to, allowInRepo }: IdentityImportFlags,
): Planner<ImportOutcome> {
  const isDefault = to === undefined && defaultKeysFile(host).source === "user-config";
  return async ([snapshot]) => {
    if (snapshot === undefined) throw new InternalError("identity import needs one target");
    const { content, realPath, info } = snapshot;
    const decoded = content === undefined || !isRewriting ? undefined : decodeKeysText(content);
    const bytes = decoded?.bytes ?? content;
    const keysFile = bytes === undefined ? undefined : parseKeysFile(bytes, target.path);
    if (keysFile !== undefined) refuseUnusable(keysFile);
    const { after, added, present } = planImport(keysFile, wanted);
    const mode = deriveKeysMode(info, { isNarrowing: isDefault });
    const outcome: ImportOutcome = { added, present, rewrittenFrom: decoded?.encoding, mode };
    if (added.length === 0 && mode !== "narrowed" && (decoded === undefined || decoded.encoding === "utf-8")) {
      return { changes: [], outcome };
    }
    if (added.length > 0) {
      const place = {
        target,
        isDefault,
        isFoundBySops: isReadBySops(host, target.path),
        inWorkTree: allowInRepo ? "allowed" : "refused",
      } as const;
      await refusePlaceInWorkTree(host, place, realPath);
    }
    const narrowed = mode === "narrowed" ? { mode: target.newFileMode } : {};
    return { changes: [{ path: target.path, after, reason: "the identities", ...narrowed }], outcome };
  };
}

function reportImport(
  session: Session,
  { path }: EditTarget,
  { added, present, rewrittenFrom, mode }: ImportOutcome,
  { dryRun }: IdentityImportFlags,
): void {
  const { host, report } = session;
  const shown = report.path(path);
  const isRewritten = rewrittenFrom !== undefined && rewrittenFrom !== "utf-8";
  if (isRewritten) {
    say(`${dryRun ? "would re-write" : "re-wrote"} ${shown} as UTF-8; it was ${ENCODING_NAMES[rewrittenFrom]}`);
  }
  if (added.length > 0) {
    say(`${dryRun ? "would import" : "imported"} ${formatCount(added.length, "identity", "identities")} to ${shown}`);
    for (const identity of added) report.detail(describe(identity));
  }
  if (present.length > 0) {
    report.say(
      `${formatCount(present.length, "identity", "identities")} ${present.length === 1 ? "was" : "were"} there before`,
    );
    for (const identity of present) report.detail(describe(identity));
  }
  if (!isRewritten && added.length === 0) {
    report.say(rewrittenFrom === undefined ? "nothing changed" : `SOPS can read ${shown} as it is; nothing changed`);
  }
  if (mode !== "narrowed" || !dryRun) reportKeysMode(report, path, mode);
  if (added.length > 0 && !isReadBySops(host, path)) {
    report.note(`for sops itself: export SOPS_AGE_KEY_FILE=${quoteForShell(path)}`);
  }
  for (const { recipient } of [...added, ...present]) if (recipient !== undefined) report.data(recipient);
  report.json({
    path,
    dryRun: dryRun ?? false,
    rewrittenFrom: isRewritten ? rewrittenFrom : null,
    imported: added.map(asJson),
    present: present.map(asJson),
  });

  function say(text: string): void {
    if (dryRun) report.say(text);
    else report.done(text);
  }
}

function describe({ name, recipient, kind }: ImportedIdentity): string {
  const short = recipient === undefined ? `a ${kind} identity` : formatShortRecipient(recipient);
  return name === undefined ? short : `${name}  ${short}`;
}

function asJson({ name, recipient, kind }: ImportedIdentity): Record<string, unknown> {
  return { name: name ?? null, recipient: recipient ?? null, kind };
}

function refuseBadName({ name }: IdentityImportFlags): void {
  if (name === undefined) return;
  const isLine = /\S/.test(name) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
  if (isLine && !holdsIdentity(name)) return;
  const found = isLine ? "holds a private key" : "is empty or holds a control character";
  throw new UserError("usage", `--name ${found}, expected one line of text`, {
    hints: ["leave --name out: the identity keeps the name that it has"],
  });
}
