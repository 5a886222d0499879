/**
 * `git merge BASE OURS THEIRS PATH`: the merge driver. The merged file, encrypted, takes the place of OURS; where a person
 * has to decide, OURS stays, and git is told that the file is not merged. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import { readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { formatSome } from "../../base/show/counts.ts";
import { Report } from "../../base/show/report.ts";
import type { Session } from "../../base/show/session.ts";
import { isAnyEncrypted, mergeOpened, openVersions, sealMerge } from "../../sops/merge/files.ts";
import { MAX_FILE_BYTES } from "../../repository/file/limits.ts";
import { changeFile } from "../file/target.ts";
import { quotePath } from "../shared/next_step.ts";
import { MAX_NAMED, mergeOptionsFor, reportRecipients } from "./merging.ts";

/** The flags of `git merge`. */
export interface MergeFlags {
  readonly forBase?: boolean;
}

/** The files that git hands over; absolute paths. */
interface MergeFiles {
  readonly base: string;
  /** Gets the result. */
  readonly ours: string;
  readonly theirs: string;
  /** What they are versions of. */
  readonly path: string;
}

/**
 * Merges three versions.
 *
 * @param args the files with the base, with our version and with theirs, and the path that they are versions of
 * @returns 1 when a person has to decide; nobody is asked about the base of a merge: a value that both have changed stays
 * what it was before. 4 or 5 when a version cannot be opened; OURS then stays as it is
 */
export async function merge(flags: MergeFlags, args: readonly string[], { host }: Session): Promise<number> {
  const [base, ours, theirs, path] = args.map((arg) => host.paths.resolve(host.cwd, arg));
  const files = { base, ours, theirs, path } as MergeFiles;
  // git runs this in the root of the work tree; what is printed is for the folder where the person stands
  const session = { host, report: new Report(host.in(host.env("GIT_PREFIX") || ".")) };
  try {
    return await mergeFiles(session, files, flags);
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
    const state = `"${files.path}" is not merged: git keeps both versions, and ours stands in the work tree`;
    session.report.failure(error.withDetails([state]));
    return exitCodeOf(error.kind);
  }
}

async function mergeFiles(session: Session, files: MergeFiles, flags: MergeFlags): Promise<number> {
  const { host, report } = session;
  const { path } = files;
  const [base, ours, theirs] = [files.base, files.ours, files.theirs].map((file) => read(host, file)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (!isAnyEncrypted({ ours, theirs }, path)) return await mergePlain(host, files);
  const options = await mergeOptionsFor(host, path);
  const versions = await openVersions({ base: base.length === 0 ? undefined : base, ours, theirs }, options);
  const merged = await mergeOpened(versions);
  if (merged !== undefined && merged.conflicts.length === 0) {
    const sealed = await sealMerge(versions, merged.plaintext, options);
    await replace(session, files.ours, sealed.bytes);
    await reportRecipients(session, sealed, { ...options, ours });
    return EXIT.done;
  }
  if (flags.forBase) {
    await replace(session, files.ours, base);
    return EXIT.done;
  }
  if (merged === undefined) {
    report.warning(`${report.path(path)}: both sides have changed it, and it is no text`);
    report.next(`git checkout --ours -- ${quotePath(report, path)}   # or --theirs`);
  } else {
    report.warning(`${report.path(path)}: both sides have changed ${formatSome(merged.conflicts, MAX_NAMED)}`);
    report.next(`sopsmith edit ${quotePath(report, path)}`);
  }
  return EXIT.failed;
}

async function replace(session: Session, path: string, bytes: Uint8Array): Promise<void> {
  await changeFile(session, { path, reason: "the merged values" }, () => {
    return Promise.resolve({ after: bytes, outcome: undefined });
  });
}

function read(host: Host, path: string): Uint8Array {
  const bytes = readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
  if (bytes !== undefined) return bytes;
  throw new UserError("not-found", `cannot read "${path}": no such file`, {
    hints: ["git calls this command: see sopsmith git setup --help"],
    location: { path },
  });
}

/** A file that is not encrypted is merged as git merges any text. */
async function mergePlain(host: Host, { base, ours, theirs }: MergeFiles): Promise<number> {
  const labels = ["ours", "base", "theirs"].flatMap((label) => ["-L", label]);
  const result = await host.run("git", ["merge-file", ...labels, "--", ours, base, theirs]);
  return result?.code === 0 ? EXIT.done : EXIT.failed;
}
