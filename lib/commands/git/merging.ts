/**
 * What the commands that merge versions of an encrypted file share. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { formatList } from "../../base/show/word_list.ts";
import { createSurroundings } from "../../repository/file/keys.ts";
import { metadataGroupsOf, nameKey } from "../../repository/scan/differences.ts";
import { type FileRule, FileRules } from "../../repository/scan/file_rules.ts";
import type { MergeOptions, SealedMerge } from "../../sops/merge/files.ts";
import { haveSameKeys } from "../../sops/metadata/keys.ts";
import { findMetadata } from "../../sops/metadata/metadata.ts";
import { findClosing, readershipOf } from "../shared/own_key.ts";
import { formatKeyName } from "../shared/rule_text.ts";

/** How many values a message names. */
export const MAX_NAMED = 5;

/** What the engine needs to merge a file, and the rule that wins for it. */
export interface RuledMergeOptions extends MergeOptions {
  readonly fileRule: FileRule;
}

/** @param path absolute path of the merged file */
export async function mergeOptionsFor(
  host: Host,
  path: string,
  surroundings: Pick<MergeOptions, "open" | "wrap" | "random" | "now" | "compileRegex"> = createSurroundings(host),
): Promise<RuledMergeOptions> {
  const fileRule = await new FileRules(host, undefined).find(path);
  const { rule } = fileRule;
  return { ...surroundings, path, fileRule, rule: rule === undefined ? undefined : metadataGroupsOf(rule) };
}

/**
 * Says who can read the merged file and could not before, who does not get the data key, and that it is closed to the
 * person themselves: git asks nobody while it merges, and who is taken away was taken away on the other side.
 */
export async function reportRecipients(
  { host, report }: Session,
  { bytes, added, refused }: SealedMerge,
  { path, fileRule: { config, rule }, ours }: Pick<RuledMergeOptions, "fileRule" | "path"> & {
    /** Our version, encrypted or not. */
    readonly ours: Uint8Array;
  },
): Promise<void> {
  const name = (keys: SealedMerge["added"]): string =>
    formatList(keys.map((key) => formatKeyName(nameKey(key, config, rule))));
  const file = report.path(path);
  if (added.length > 0) report.note(`${file} is now also for ${name(added)}, as its rule says`);
  if (refused.length > 0) {
    report.warning(`${file} is not for ${name(refused)}: only the other side names them, and no rule`);
  }
  const [before, after] = [ours, bytes].map((version) => findMetadata(version, path));
  if (before === undefined || after === undefined || haveSameKeys(before.groups, after.groups)) return;
  const change = { path, before: readershipOf(before), after: readershipOf(after) };
  if ((await findClosing(host, [change])).length === 0) return;
  report.warning(`${file} is not for you any more: the other side has taken your key away`);
}
