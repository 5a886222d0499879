/**
 * `updatekeys [PATH...]`: encrypted files brought to the recipients that their rule has now. Only the lists of recipients
 * change, unless a new data key is wanted as well.
 *
 * @module
 */
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { planUpdate } from "../../repository/bulk/key_change.ts";
import { DataKeys } from "../../repository/bulk/data_keys.ts";
import { type FilePlan, planFiles, type PlannedFile } from "../../repository/bulk/plan.ts";
import { selectFiles } from "../../repository/bulk/selection.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import { createBulkEngine } from "../../repository/bulk/threads.ts";
import { createSurroundings } from "../../repository/file/keys.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import { checkDecryptionOrder, type CommonFlags } from "../file/report.ts";
import { parseFormat } from "../file/target.ts";
import { suggestRotation } from "../shared/next_step.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { formatKeyName } from "../shared/rule_text.ts";
import type { SelectionFlags } from "./flags.ts";
import { noteLeftOut } from "./left_out.ts";
import { outcomesAsJson, type StateNames } from "./outcome_json.ts";
import type { BulkWords } from "./plan_text.ts";
import { type RunOptions, type RunOutcome, runPlan } from "./run_plan.ts";

/** The flags of `updatekeys`. */
export interface UpdatekeysFlags extends CommonFlags, PassphraseFlagValues, SelectionFlags {
  readonly yes?: boolean;
  /** With a new data key. */
  readonly rotate?: boolean;
  readonly rewrap?: boolean;
  readonly reorder?: boolean;
  readonly inputType?: string;
  readonly dryRun?: boolean;
  readonly withoutMe?: boolean;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** How many names a sentence holds; more are counted. */
const MAX_NAMES = 10;

/** What `--json` calls the files that were changed, and those that would be. */
export const UPDATE_STATES: StateNames = { changed: "updated", planned: "would-update" };

const WORDS: BulkWords = { verb: "update", done: "updated", isForAll: false };

/**
 * Brings recipients up to date.
 *
 * @param paths files and folders; none: the repository
 * @returns the exit code of the first failure, if any
 * @throws {UserError} `usage` for flags that make no sense, and without a terminal to ask on
 */
export async function updatekeys(flags: UpdatekeysFlags, paths: readonly string[], session: Session): Promise<number> {
  const outcome = await updateFiles(session, paths, flags);
  if (session.report.format === "json") session.report.json(outcomesAsJson(outcome, UPDATE_STATES));
  return outcome.exitCode;
}

/** How {@link updateFiles} speaks. */
export interface UpdateSpeech {
  /** Asked instead of whether the files are to be updated. */
  readonly question?: RunOptions["question"];
  /** What giving up at the question means; absent: nothing was changed. */
  readonly givenUp?: string;
  /** What it means that somebody is removed has been said. */
  readonly isQuiet?: boolean;
  /** The config before a change: it still names who was removed. */
  readonly formerConfig?: SopsConfig;
}

/** Brings recipients up to date; see {@link updatekeys}. */
export async function updateFiles(
  session: Session,
  paths: readonly string[],
  flags: UpdatekeysFlags,
  { question, givenUp, isQuiet = false, formerConfig }: UpdateSpeech = {},
): Promise<RunOutcome> {
  const { host, report } = session;
  checkDecryptionOrder(flags, host.env("SOPS_DECRYPTION_ORDER"));
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const rules = new FileRules(host, flags.config);
  const named = new Set(paths.map((path) => host.paths.resolve(host.cwd, path)));
  const { rotate: rotates = false, rewrap: rewraps = false, reorder: reorders = false } = flags;
  const leftOvers: string[] = [];
  const engine = createBulkEngine(host, createSurroundings(host, findPassphraseSource(host, flags)));
  const dataKeys = new DataKeys(engine);
  const plans = await planFiles(
    selectFiles(host, { rules, paths, shard, onLeftOver: (path) => leftOvers.push(path) }),
    {
      verb: WORDS.verb,
      needsRule: (path) => named.has(path),
      format: parseFormat(flags.inputType, "--input-type"),
      onPlanned: (path) => dataKeys.add(path),
      change: (fileRule, metadata) => planUpdate(fileRule, metadata, { rotates, rewraps, reorders, formerConfig }),
    },
  );
  if (flags.verbose) showRules(report, plans);
  await noteLeftOut(session, paths);
  const outcome = await runPlan(session, plans, {
    words: WORDS,
    heading: rotates
      ? "every value is encrypted anew, with a new data key"
      : "the values stay as they are; who can read them changes",
    givenUp,
    engine,
    dataKeys,
    leftOvers,
    job: { action: rotates ? "rotate" : "rekey", rewraps, reorders, ignoresMac: false, reason: "the new recipients" },
    isAgreed: flags.yes ?? false,
    withoutMe: flags.withoutMe ?? false,
    isPreview: flags.dryRun ?? false,
    isVerbose: flags.verbose ?? false,
    question,
  });
  if (!isQuiet || !rotates) await reportRemoved(session, outcome, rotates);
  return outcome;
}

function showRules(report: Report, plans: readonly FilePlan[]): void {
  for (const plan of plans) {
    if (plan.state === "failed") continue;
    const { config, rule } = plan.fileRule;
    const of = config === undefined
      ? "no config"
      : `${rule === undefined ? "no rule" : `rule ${rule.index + 1}`} of ${report.path(config.path)}`;
    report.say(`${report.path(plan.path)}: ${of}`);
  }
}

/** Whoever was removed has read what was there: says what that means, and what to do. */
async function reportRemoved(session: Session, { files }: RunOutcome, rotates: boolean): Promise<void> {
  const { report } = session;
  const left = files.flatMap(({ plan, state }): PlannedFile[] =>
    state === "changed" && plan.state === "to-change" && plan.change.removed.length > 0 ? [plan] : []
  );
  const names = new Set(left.flatMap(({ change }) => change.removed.map(({ key }) => formatKeyName(key))));
  if (names.size === 0) return;
  const who = names.size > MAX_NAMES ? formatCount(names.size, "recipient") : formatList([...names]);
  if (rotates) {
    report.note(`old versions stay readable for ${who}, in git and in backups: change the values themselves, too`);
    return;
  }
  report.note(`${who} may have kept the data key, and can read old versions: a new data key locks new ones`);
  const config = left[0]!.fileRule.config;
  if (config !== undefined) report.next(await suggestRotation(session, left.map(({ path }) => path), config.path));
}
