/**
 * `nix store verify`: which paths of a binary cache on disk are signed by a trusted key, and with `--contents` whether
 * their archives are what is signed. Reads only. Spec: keys §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { judgeNarInfo, parseTrustedKeys, type TrustedKeys } from "../../nix/trust.ts";
import { formatStorePath } from "../../nix/store_path.ts";
import { readCacheEntry } from "../../nix/binary_cache.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { findNamedFiles, formatNixStore } from "./store_files.ts";
import { findingAsJson, type Judgement, reportFindings, type VerifyFinding } from "./store_verify_text.ts";

/** The flags of `nix store verify`. */
export interface NixStoreVerifyFlags {
  readonly trustedPublicKeys?: readonly string[];
  readonly sigsNeeded?: string;
  readonly recursive?: boolean;
  readonly contents?: boolean;
  readonly json?: boolean;
}

const KEYS_FLAG = "--trusted-public-keys";

/**
 * Runs `nix store verify FILE…`.
 *
 * @param args `.narinfo` files and folders of binary caches
 * @returns 3 when one of the paths is not trusted or its archive is not what it says, 1 when that could not be found out
 * for one, else 0
 * @throws {UserError} `usage` without a key, for a number that is none, or for what only Nix can verify; `malformed` for
 * a key; `not-found`, `io` or `denied` for a file that is named and not there, or a folder that cannot be listed
 */
export async function nixStoreVerify(
  flags: NixStoreVerifyFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const trusted = readTrustedKeys(flags);
  const needed = readNumber(flags.sigsNeeded);
  const keys = [...flags.trustedPublicKeys ?? []].join(" ");
  const files = findNamedFiles(
    host,
    args,
    (path) => [formatNixStore(`verify ${KEYS_FLAG} ${quoteForShell(keys)}`, path, flags)],
  );
  const findings = await judgeFiles(host, files, trusted, flags);
  const verdict = reportFindings(report, findings, needed);
  report.json({
    sigsNeeded: needed,
    trustedKeys: [...trusted.keys()],
    contents: flags.contents ?? false,
    paths: findings.map((finding) => findingAsJson(finding, needed)),
  });
  return { good: EXIT.done, bad: EXIT.differences, unknown: EXIT.failed }[verdict];
}

async function judgeFiles(
  host: Host,
  files: readonly string[],
  trusted: TrustedKeys,
  { contents }: NixStoreVerifyFlags,
): Promise<VerifyFinding[]> {
  const progress = new Progress(host, "verifying, files");
  const findings: VerifyFinding[] = [];
  try {
    for (const file of files) {
      findings.push(await judgeFile(host, file, { trusted, contents }));
      progress.step();
    }
    return findings;
  } finally {
    progress.end();
  }
}

function readTrustedKeys({ trustedPublicKeys = [] }: NixStoreVerifyFlags): TrustedKeys {
  const trusted = parseTrustedKeys(trustedPublicKeys, KEYS_FLAG);
  if (trusted.size > 0) return trusted;
  throw new UserError("usage", `${KEYS_FLAG} is missing: nothing says which keys to trust`, {
    hints: [`pass the public keys in quotes, with blanks between them: ${KEYS_FLAG} "NAME:BASE64 NAME:BASE64"`],
  });
}

function readNumber(text = "1"): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new UserError("usage", `--sigs-needed is "${text}", expected a number from 1`);
}

async function judgeFile(
  host: Host,
  file: string,
  { trusted, contents = false }: { readonly trusted: TrustedKeys; readonly contents: boolean | undefined },
): Promise<VerifyFinding> {
  try {
    const info = readCacheEntry(host, file);
    const judgement: Judgement = {
      file,
      storePath: formatStorePath(info.storePath),
      trust: await judgeNarInfo(info, trusted),
    };
    if (!contents) return judgement;
    const { checkArchive } = await import("../../nix/nar_archive.ts");
    return { ...judgement, archive: await checkArchive(host, file, info) };
  } catch (error) {
    if (error instanceof UserError) return { file, error };
    throw error;
  }
}
