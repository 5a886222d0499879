/**
 * `nix store sign`: adds signatures to the `.narinfo` files of a binary cache on disk. Spec: keys §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { Progress } from "../../base/show/progress.ts";
import type { Report } from "../../base/show/report.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { SigningKey } from "../../nix/key.ts";
import { type SignedNarInfo, signNarInfoFiles } from "../../nix/sign.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { readSigningKey } from "./key_io.ts";
import { findNamedFiles, formatNixStore } from "./store_files.ts";

/** The flags of `nix store sign`. */
export interface NixStoreSignFlags {
  readonly keyFile?: readonly string[];
  readonly recursive?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/**
 * Runs `nix store sign FILE…`.
 *
 * @param args `.narinfo` files and folders of binary caches
 * @returns the exit code
 * @throws {UserError} `usage` without a key or for what only Nix can sign; `not-found`, `malformed`, `io` or `denied`
 * for a key or file, with nothing signed unless `details` says so
 */
export async function nixStoreSign(
  flags: NixStoreSignFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const keyFiles = flags.keyFile ?? [];
  if (keyFiles.length === 0) {
    throw new UserError("usage", "--key-file is missing: something has to be signed with", {
      hints: ["name the file of a secret key: --key-file FILE"],
    });
  }
  const files = findNamedFiles(
    host,
    args,
    (path) => keyFiles.map((key) => formatNixStore(`sign --key-file ${quoteForShell(key)}`, path, flags)),
  );
  const keys: SigningKey[] = [];
  for (const file of keyFiles) keys.push(await readSigningKey(host, file));
  const reading = new Progress(host, "reading, files");
  const signing = new Progress(host, "signing, files");
  let signed: readonly SignedNarInfo[];
  try {
    signed = await signNarInfoFiles(host, files, {
      keys,
      mode: flags.dryRun ? "preview" : "write",
      onRead: () => reading.step(),
      onFile: () => signing.step(),
    });
  } finally {
    reading.end();
    signing.end();
  }
  reportCounts(report, signed, keys, flags);
  const diff = flags.dryRun ? await createDiff(report, signed) : undefined;
  if (diff) report.data(diff);
  report.json({
    keys: keys.map(({ publicKey }) => publicKey.name),
    dryRun: flags.dryRun ?? false,
    files: signed.map(({ path, storePath, added }) => ({ path, storePath, added })),
    ...(diff === undefined ? {} : { diff }),
  });
  return EXIT.done;
}

function reportCounts(
  report: Report,
  signed: readonly SignedNarInfo[],
  keys: readonly SigningKey[],
  { dryRun }: NixStoreSignFlags,
): void {
  const names = [...new Set(keys.map(({ publicKey }) => publicKey.name))].join(" and ");
  const changed = signed.filter(({ added }) => added.length > 0).length;
  const rest = signed.length - changed;
  const others = rest === 0 ? "" : `; ${formatCount(rest, "path")} had the signature already`;
  if (changed === 0) report.say(`${formatCount(rest, "path")} had the signature of ${names} already; nothing changed`);
  else if (dryRun) report.say(`would sign ${formatCount(changed, "path")} with ${names}${others}`);
  else report.done(`signed ${formatCount(changed, "path")} with ${names}${others}`);
}

async function createDiff(report: Report, signed: readonly SignedNarInfo[]): Promise<string> {
  const { createUnifiedDiff } = await import("../../base/show/diff.ts");
  const decoder = new TextDecoder();
  return signed.flatMap(({ path, change }) =>
    change === undefined
      ? []
      : [createUnifiedDiff(report.diffPath(path), decoder.decode(change.before), decoder.decode(change.after))]
  ).join("\n");
}
