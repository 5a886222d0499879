/**
 * What every command that writes many files does first: finds them, plans what becomes of each, and begins to open them.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { DataKeys } from "../../repository/bulk/data_keys.ts";
import { type FilePlan, planFiles, type PlanOptions } from "../../repository/bulk/plan.ts";
import { selectFiles } from "../../repository/bulk/selection.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import { createBulkEngine } from "../../repository/bulk/threads.ts";
import { createSurroundings } from "../../repository/file/keys.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import type { CommonFlags } from "../file/report.ts";
import { parseFormat } from "../file/target.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import type { SelectionFlags } from "./flags.ts";
import type { RunOptions } from "./run_plan.ts";

/** The flags that commands for many files share. */
export interface BulkFlags extends CommonFlags, PassphraseFlagValues, SelectionFlags {
  readonly inputType?: string;
  readonly yes?: boolean;
  readonly withoutMe?: boolean;
  readonly dryRun?: boolean;
}

/** A plan, and what it takes to carry it out. */
export interface PreparedRun extends
  Pick<
    RunOptions,
    "engine" | "dataKeys" | "leftOvers" | "isAgreed" | "withoutMe" | "isPreview" | "isVerbose"
  > {
  readonly plans: readonly FilePlan[];
}

/**
 * @param paths files and folders; none: the repository
 * @throws {UserError} `usage` for flags that make no sense
 */
export async function prepareRun(
  { host }: Session,
  { paths, flags }: { readonly paths: readonly string[]; readonly flags: BulkFlags },
  options: Pick<PlanOptions, "verb" | "needsRule" | "change">,
): Promise<PreparedRun> {
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const rules = new FileRules(host, flags.config);
  const leftOvers: string[] = [];
  const engine = createBulkEngine(host, createSurroundings(host, findPassphraseSource(host, flags)));
  const dataKeys = new DataKeys(engine);
  const files = selectFiles(host, { rules, paths, shard, onLeftOver: (path) => leftOvers.push(path) });
  const plans = await planFiles(files, {
    ...options,
    format: parseFormat(flags.inputType, "--input-type"),
    onPlanned: (path) => dataKeys.add(path),
  });
  return {
    plans,
    engine,
    dataKeys,
    leftOvers,
    isAgreed: flags.yes ?? false,
    withoutMe: flags.withoutMe ?? false,
    isPreview: flags.dryRun ?? false,
    isVerbose: flags.verbose ?? false,
  };
}
