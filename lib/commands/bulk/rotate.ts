/**
 * `rotate [PATH...]`: every value encrypted anew under another data key, for the recipients that each file has. One file
 * is printed, or written back with `-i`, as SOPS does it; several, folders and the repository in place, after a question.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Session } from "../../base/show/session.ts";
import { planRotation } from "../../repository/bulk/key_change.ts";
import type { FilePlan } from "../../repository/bulk/plan.ts";
import { checkDecryptionOrder, REMOVED_CAN_READ, warnOfLostComments } from "../file/report.ts";
import { parseKeyFlags, type RotateFileFlags, rotateOneFile } from "../file/rotate.ts";
import type { SelectionFlags } from "./flags.ts";
import { noteLeftOut } from "./left_out.ts";
import { outcomesAsJson } from "./outcome_json.ts";
import { type BulkWords, nameFiles } from "./plan_text.ts";
import { prepareRun } from "./prepare.ts";
import { type RunOutcome, runPlan } from "./run_plan.ts";

/** The flags of `rotate`. */
export interface RotateFlags extends RotateFileFlags, SelectionFlags {
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

const WORDS: BulkWords = { verb: "rotate", done: "rotated", isForAll: true };

/**
 * Rotates data keys.
 *
 * @param paths files and folders; none: the repository
 * @returns the exit code of the first failure, if any
 * @throws {UserError} `usage` for flags that make no sense, and without a terminal to ask on; for one file what reading,
 * opening and writing it throws
 */
export async function rotate(flags: RotateFlags, paths: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const [file, ...others] = paths;
  const isOneFile = file !== undefined && others.length === 0 && flags.shard === undefined && !flags.json &&
    host.files.stat(host.paths.resolve(host.cwd, file))?.kind !== "directory";
  if (isOneFile) return await rotateOneFile(flags, file, session);
  if (flags.output !== undefined || flags.outputType !== undefined) {
    throw new UserError("usage", "--output and --output-type are for one file, and there may be several", {
      hints: ["name one file, or leave the flag out: several files are written in place"],
    });
  }
  const outcome = await rotateFiles(session, paths, flags);
  if (report.format === "json") report.json(outcomesAsJson(outcome, { changed: "rotated", planned: "would-rotate" }));
  return outcome.exitCode;
}

async function rotateFiles(session: Session, paths: readonly string[], flags: RotateFlags): Promise<RunOutcome> {
  const { host, report } = session;
  checkDecryptionOrder(flags, host.env("SOPS_DECRYPTION_ORDER"));
  const wish = parseKeyFlags(flags);
  const { plans, ...prepared } = await prepareRun(session, { paths, flags }, {
    verb: WORDS.verb,
    needsRule: () => false,
    change: (fileRule, metadata) => planRotation(fileRule, metadata, wish),
  });
  warnOfUncompared(session, plans);
  await noteLeftOut(session, paths);
  const outcome = await runPlan(session, plans, {
    ...prepared,
    words: WORDS,
    heading: "every value is encrypted anew, with a new data key",
    job: {
      action: "rotate",
      rewraps: false,
      reorders: false,
      ignoresMac: flags.ignoreMac ?? false,
      reason: "the file under a new data key",
    },
  });
  const lost = outcome.files.filter(({ lostCommentCount }) => lostCommentCount > 0);
  const lostCount = lost.reduce((sum, { lostCommentCount }) => sum + lostCommentCount, 0);
  warnOfLostComments(session, lostCount, nameFiles(report, lost.map(({ plan }) => plan)));
  if (wish.removed.length > 0 && outcome.files.some(({ state }) => state === "changed")) {
    report.note(REMOVED_CAN_READ);
  }
  return outcome;
}

/** An entry that somebody has written there by hand would be one of the recipients. */
function warnOfUncompared({ report }: Session, plans: readonly FilePlan[]): void {
  const uncompared = plans.filter((plan) => plan.state === "to-change" && plan.fileRule.rule === undefined);
  if (uncompared.length === 0) return;
  const verb = uncompared.length === 1 ? "has" : "have";
  report.warning(`${nameFiles(report, uncompared)} ${verb} no rule, so the recipients are compared with nothing`);
}
