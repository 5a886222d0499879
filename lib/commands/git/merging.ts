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
import { FileRules } from "../../repository/scan/file_rules.ts";
import type { MergeOptions, SealedMerge } from "../../sops/merge/files.ts";
import { formatKeyName } from "../shared/rule_text.ts";

/** How many values a message names. */
export const MAX_NAMED = 5;

/** @param path absolute path of the merged file @returns what the engine needs, with the rule that wins for the file */
export async function mergeOptionsFor(
  host: Host,
  path: string,
  surroundings: Pick<MergeOptions, "open" | "wrap" | "random" | "now" | "compileRegex"> = createSurroundings(host),
): Promise<MergeOptions> {
  const { rule } = await new FileRules(host, undefined).find(path);
  return { ...surroundings, path, rule: rule === undefined ? undefined : metadataGroupsOf(rule) };
}

/** Says who can read the merged file and could not before, and who does not get the data key. */
export async function reportRecipients(
  { host, report }: Session,
  { added, refused }: Pick<SealedMerge, "added" | "refused">,
  path: string,
): Promise<void> {
  if (added.length + refused.length === 0) return;
  const { config, rule } = await new FileRules(host, undefined).find(path);
  const name = (keys: SealedMerge["added"]): string =>
    formatList(keys.map((key) => formatKeyName(nameKey(key, config ?? { rules: [], keys: [] }, rule))));
  const file = report.path(path);
  if (added.length > 0) report.note(`${file} is now also for ${name(added)}, as its rule says`);
  if (refused.length > 0) {
    report.warning(`${file} is not for ${name(refused)}: only the other side names them, and no rule`);
  }
}
