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
import type { FilePlan, PlannedFile } from "../../repository/bulk/plan.ts";
import { checkDecryptionOrder } from "../file/report.ts";
import { suggestRotation } from "../shared/next_step.ts";
import { formatKeyName } from "../shared/rule_text.ts";
import { noteLeftOut } from "./left_out.ts";
import { outcomesAsJson, type StateNames } from "./outcome_json.ts";
import type { BulkWords } from "./plan_text.ts";
import { type BulkFlags, prepareRun } from "./prepare.ts";
import { type RunOptions, type RunOutcome, runPlan } from "./run_plan.ts";

/** The flags of `updatekeys`. */
export interface UpdatekeysFlags extends BulkFlags {
  /** With a new data key. */
  readonly rotate?: boolean;
  readonly rewrap?: boolean;
  readonly reorder?: boolean;
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
  const named = new Set(paths.map((path) => host.paths.resolve(host.cwd, path)));
  const { rotate: rotates = false, rewrap: rewraps = false, reorder: reorders = false } = flags;
  const { plans, ...prepared } = await prepareRun(session, { paths, flags }, {
    verb: WORDS.verb,
    needsRule: (path) => named.has(path),
    change: (fileRule, metadata) => planUpdate(fileRule, metadata, { rotates, rewraps, reorders, formerConfig }),
  });
  if (flags.verbose) showRules(report, plans);
  await noteLeftOut(session, paths);
  const outcome = await runPlan(session, plans, {
    ...prepared,
    words: WORDS,
    heading: rotates
      ? "every value is encrypted anew, with a new data key"
      : "the values stay as they are; who can read them changes",
    givenUp,
    job: { action: rotates ? "rotate" : "rekey", rewraps, reorders, ignoresMac: false, reason: "the new recipients" },
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
