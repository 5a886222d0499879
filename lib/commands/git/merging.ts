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

/** Says who can read the merged file and could not before, and who does not get the data key. */
export function reportRecipients(
  { report }: Session,
  { added, refused }: Pick<SealedMerge, "added" | "refused">,
  { path, fileRule: { config, rule } }: Pick<RuledMergeOptions, "fileRule" | "path">,
): void {
  const name = (keys: SealedMerge["added"]): string =>
    formatList(keys.map((key) => formatKeyName(nameKey(key, config, rule))));
  const file = report.path(path);
  if (added.length > 0) report.note(`${file} is now also for ${name(added)}, as its rule says`);
  if (refused.length > 0) {
    report.warning(`${file} is not for ${name(refused)}: only the other side names them, and no rule`);
  }
}
