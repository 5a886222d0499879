/**
 * A file whose merge git has not finished, for `edit`: the text that both sides come to, with markers where a person has to
 * decide. Whatever stands in the work tree, it is merged from the versions that git keeps. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatSome } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { findUnmerged, isUntouched, readBlob, type UnmergedFile } from "../../repository/scan/unmerged.ts";
import type { Opening } from "../file/opening.ts";
import type { FileTarget } from "../file/target.ts";
import { MAX_NAMED, mergeOptionsFor, reportRecipients } from "../git/merging.ts";
import { quotePath } from "../shared/next_step.ts";
import type { EditFlags, Start } from "./edit.ts";

/** What is edited, and how it is opened. */
export interface MergeEdit {
  readonly target: FileTarget;
  readonly content: Uint8Array;
  readonly opening: Opening;
  readonly flags: EditFlags;
}

/**
 * @returns undefined for a file that is merged, that only one side has, or that somebody has changed since: that is edited
 * as any other
 * @throws {UserError} as opening the versions does; `usage` for a flag that makes no sense here
 */
export async function startMerge(
  session: Session,
  { target, content, opening, flags }: MergeEdit,
): Promise<Start | undefined> {
  const { host, report } = session;
  const path = target.path!;
  const unmerged = await findUnmerged(host, path);
  if (unmerged?.ours === undefined || unmerged.theirs === undefined) return undefined;
  const next = `git add ${quotePath(report, path)}`;
  if (!await isUntouched(host, path, { unmerged, content })) {
    report.note(`${target.name} is not merged in git, but was changed since: what stands there is edited`);
    return undefined;
  }
  const { isAnyEncrypted, mergeOpened, openVersions, sealMerge } = await import("../../sops/merge/files.ts");
  const blobs = await readVersions(session, path, unmerged);
  if (!isAnyEncrypted(blobs, path)) return undefined;
  if (flags.showMasterKeys) {
    throw new UserError("usage", `--show-master-keys does not go with "${path}", whose merge is not finished`, {
      hints: ["leave the flag out; sopsmith status shows who can read what"],
    });
  }
  const options = { ...await mergeOptionsFor(host, path, opening), ignoresMac: opening.ignoresMac };
  const versions = await openVersions(blobs, options);
  const merged = await mergeOpened(versions);
  if (merged === undefined) {
    throw new UserError("unsupported", `cannot merge "${path}": both sides have changed it, and it is no text`, {
      hints: [
        `keep ours with: git checkout --ours -- ${quotePath(report, path)}`,
        `keep theirs with: git checkout --theirs -- ${quotePath(report, path)}`,
      ],
    });
  }
  const { conflicts } = merged;
  if (conflicts.length > 0) report.say(`${target.name}: both sides have changed ${formatSome(conflicts, MAX_NAMED)}`);
  return {
    content,
    plaintext: merged.plaintext,
    merge: { isClean: conflicts.length === 0 },
    next,
    async encrypt(plaintext) {
      await refuseMarkers(path, plaintext);
      const sealed = await sealMerge(versions, plaintext, options);
      return {
        bytes: sealed.bytes,
        tell: () => reportRecipients(session, sealed, { ...options, ours: versions.ours.bytes }),
      };
    },
  };
}

async function readVersions(
  { host }: Session,
  path: string,
  { base, ours, theirs }: UnmergedFile,
): Promise<{ base: Uint8Array | undefined; ours: Uint8Array; theirs: Uint8Array }> {
  const folder = host.paths.dirname(path);
  const [old, own, other] = await Promise.all(
    [base, ours, theirs].map(async (blob) => blob === undefined ? undefined : await readBlob(host, folder, blob)),
  );
  if (own !== undefined && other !== undefined) return { base: old, ours: own, theirs: other };
  throw new UserError("io", `cannot read the versions of "${path}": git has them no more`, {
    hints: ["see what git says with: git status"],
  });
}

/** @throws {UserError} `malformed` for a text in which a person has not decided everything */
async function refuseMarkers(path: string, plaintext: Uint8Array): Promise<void> {
  const { MARKERS } = await import("../../sops/merge/texts.ts");
  const lines = new TextDecoder().decode(plaintext).split(/\r?\n/);
  const index = lines.findIndex((line) => line === MARKERS.ours || line === MARKERS.theirs);
  if (index === -1) return;
  throw new UserError("malformed", `cannot merge "${path}": line ${index + 1} is still a conflict marker`, {
    hints: ["keep one of the two versions, or write another, and take the three marker lines out"],
    location: { path, line: index + 1 },
  });
}
