/**
 * A plan for many files carried out: shown, tried on what is there ("can all of these be opened here?"), confirmed once,
 * and written, each file for itself.
 *
 * @module
 */
import { unpackError, UserError } from "../../base/error.ts";
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import { sweepQuietly } from "../../base/files/lock.ts";
import { withInterrupt } from "../../base/host/signals.ts";
import type { Host } from "../../base/host/host.ts";
import { formatCount } from "../../base/show/counts.ts";
import { Progress } from "../../base/show/progress.ts";
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import type { ErrorJson, Report } from "../../base/show/report.ts";
import type { Session } from "../../base/show/session.ts";
import type { DataKeys } from "../../repository/bulk/data_keys.ts";
import type { KeyChange } from "../../repository/bulk/key_change.ts";
import type { FilePlan, PlannedFile } from "../../repository/bulk/plan.ts";
import { type RewriteFile, rewriteFiles, type RewriteJob, type RewriteResult } from "../../repository/bulk/rewrite.ts";
import type { BulkEngine } from "../../repository/bulk/threads.ts";
import { type Readership, readershipOf, requireConsent } from "../shared/own_key.ts";
import { type BulkWords, type Failure, listChanges, showFailures, showPlan } from "./plan_text.ts";

/** How a plan is carried out. */
export interface RunOptions {
  readonly words: BulkWords;
  readonly engine: BulkEngine;
  /** Of the files that are to be changed, in their order. */
  readonly dataKeys: DataKeys;
  /** How files are written; the changes come from the plan. */
  readonly job: Omit<RewriteJob, "changes">;
  /** Files beside which a killed run has left something, which is removed where files are written. */
  readonly leftOvers: readonly string[];
  /** Nobody is asked whether files are to be changed. */
  readonly isAgreed: boolean;
  /** Nobody is asked whether the person's own key may go. */
  readonly withoutMe: boolean;
  /** Nothing is written. */
  readonly isPreview: boolean;
  /** Says how many threads have helped. */
  readonly isVerbose: boolean;
  /** What is asked of so many files, without a question mark; absent: `update 17 files`. */
  readonly question?: ((files: string) => string) | undefined;
  /** What happens to the files, for the line before the question. */
  readonly heading: string;
  /** What giving up at the question means; absent: nothing was changed. */
  readonly givenUp?: string | undefined;
}

/** What became of a file. */
export interface FileOutcome {
  readonly plan: FilePlan;
  readonly state: "changed" | "would-change" | "up-to-date" | "no-rule" | "no-config" | "left" | "failed";
  readonly error?: UserError;
  readonly lostCommentCount: number;
}

/** What became of all. */
export interface RunOutcome {
  /** In the order of the plan. */
  readonly files: readonly FileOutcome[];
  /** What `--json` shows of the failures, by path. */
  readonly failures: ReadonlyMap<string, ErrorJson>;
  readonly exitCode: number;
}

/**
 * Carries a plan out, and ends the threads of the engine.
 *
 * @throws {UserError} `usage` where nobody can be asked; `cancelled` when the person gives up at a question
 */
export async function runPlan(
  session: Session,
  plans: readonly FilePlan[],
  options: RunOptions,
): Promise<RunOutcome> {
  try {
    return await carryOut(session, plans, options);
  } finally {
    options.engine.threads.end();
  }
}

async function carryOut(session: Session, plans: readonly FilePlan[], options: RunOptions): Promise<RunOutcome> {
  const { host, report } = session;
  const { words, isAgreed, isPreview } = options;
  showPlan(report, plans, words);
  const files = plans.filter((plan) => plan.state === "to-change");
  if (files.length > 0 && !isAgreed && !isPreview && !canAsk(host)) throw cannotAsk(files.length, words);
  return await withInterrupt(host, async (signal) => {
    const run = { session, options, signal };
    const outcomes = new Map<FilePlan, FileOutcome>();
    const opened = await openFiles(run, files, outcomes);
    const agrees = await consent(session, opened, options);
    const isGoingOn = agrees && opened.length > 0 && !isPreview && !signal.aborted &&
      (isAgreed || await ask(session, opened, options));
    if (isGoingOn || files.length === 0 && !isPreview) await sweepLeftOvers(host, options.leftOvers);
    if (isGoingOn) await writeFiles(run, opened, outcomes);
    else for (const { file } of opened) setOutcome(outcomes, file, isPreview ? "would-change" : "left");
    const helpers = options.engine.threads.helperCount;
    if (options.isVerbose && helpers > 0) report.say(`shared with ${formatCount(helpers, "other thread")}`);
    return finish(run, plans, outcomes);
  });
}

async function sweepLeftOvers(host: Host, targets: readonly string[]): Promise<void> {
  for (const target of targets) await sweepQuietly(host, target);
}

interface Run {
  readonly session: Session;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** A file that can be opened. */
interface OpenedFile {
  readonly file: PlannedFile;
  /** The number of its data key. */
  readonly number: number;
}

function cannotAsk(count: number, { verb }: BulkWords): UserError {
  return new UserError("usage", `${formatCount(count, "file")} to ${verb} and no terminal to ask on`, {
    hints: [`pass --yes to ${verb} them, or --dry-run to look only`],
  });
}

/** Asked by itself: that files may be changed does not mean that the person wants to lose them. */
async function consent(
  session: Session,
  opened: readonly OpenedFile[],
  { withoutMe, isPreview }: RunOptions,
): Promise<boolean> {
  const changes = opened.filter(({ file: { change } }) => change.removed.length > 0)
    .map(({ file: { path, metadata, change } }) => ({ path, before: readershipOf(metadata), after: groupsOf(change) }));
  return await requireConsent(session, changes, { withoutMe, dryRun: isPreview });
}

function groupsOf({ wanted, neededGroups }: KeyChange): Readership {
  return { groups: wanted, neededGroups };
}

async function ask(
  { host, report }: Session,
  opened: readonly OpenedFile[],
  { words, question, heading, givenUp }: RunOptions,
): Promise<boolean> {
  const files = formatFiles(report, opened.map(({ file }) => file));
  const text = question?.(files) ?? `${words.verb} ${files}`;
  const instead = `pass --yes to ${words.verb} them, or --dry-run to look only`;
  return await confirm(host, { heading, text, instead, givenUp });
}

/** @returns one file by its name, more as a number */
function formatFiles(report: Report, files: readonly { readonly path: string }[]): string {
  return files.length === 1 ? report.path(files[0]!.path) : formatCount(files.length, "file");
}

/** @returns the files that can be opened here; the others have their outcome */
async function openFiles(
  { session: { host }, options: { dataKeys }, signal }: Run,
  files: readonly PlannedFile[],
  outcomes: Map<FilePlan, FileOutcome>,
): Promise<OpenedFile[]> {
  const progress = new Progress(host, "opening", files.length);
  try {
    await dataKeys.open((count) => progress.step(count), signal);
    return files.flatMap((file, number) => {
      const dataKey = dataKeys.get(number);
      if (dataKey instanceof Uint8Array) return [{ file, number }];
      setOutcome(outcomes, file, dataKey ?? "left");
      return [];
    });
  } finally {
    progress.end();
  }
}

async function writeFiles(
  { session: { host }, options, signal }: Run,
  opened: readonly OpenedFile[],
  outcomes: Map<FilePlan, FileOutcome>,
): Promise<void> {
  const changes = [...new Set(opened.map(({ file }) => file.change))];
  const indexOf = new Map(changes.map((change, index) => [change, index]));
  const files = opened.map(({ file: { path, format, change } }): RewriteFile => (
    { path, format, change: indexOf.get(change)! }
  ));
  const dataKeyOf = (index: number): Uint8Array => options.dataKeys.get(opened[index]!.number) as Uint8Array;
  const wanted = changes.map(({ wanted, neededGroups, present }) => (
    { wanted, neededGroups, ...(present === undefined ? {} : { present }) }
  ));
  const progress = new Progress(host, options.words.done, files.length);
  try {
    const results = await rewriteFiles(options.engine, { files, dataKeyOf, job: { ...options.job, changes: wanted } }, {
      onDone: (batches) => progress.step(batches.reduce((sum, batch) => sum + batch.length, 0)),
      signal,
    });
    opened.forEach(({ file }, index) => setResult(outcomes, file, results[index]));
  } finally {
    progress.end();
  }
}

function setResult(outcomes: Map<FilePlan, FileOutcome>, file: PlannedFile, result: RewriteResult | undefined): void {
  if (result === undefined) setOutcome(outcomes, file, "left");
  else if (result.state === "failed") setOutcome(outcomes, file, unpackError(result.error));
  else {
    const state = result.state === "written" ? "changed" : "up-to-date"; // somebody else was faster
    outcomes.set(file, { plan: file, state, lostCommentCount: result.lostCommentCount });
  }
}

function setOutcome(
  outcomes: Map<FilePlan, FileOutcome>,
  plan: FilePlan,
  outcome: UserError | FileOutcome["state"],
): void {
  const state = outcome instanceof UserError ? "failed" : outcome;
  const error = outcome instanceof UserError ? { error: outcome } : {};
  outcomes.set(plan, { plan, state, ...error, lostCommentCount: 0 });
}

function finish(
  { session: { report }, options, signal }: Run,
  plans: readonly FilePlan[],
  outcomes: ReadonlyMap<FilePlan, FileOutcome>,
): RunOutcome {
  const files = plans.map((plan) => outcomes.get(plan) ?? outcomeOf(plan));
  const failed = files.flatMap(({ plan, error }): Failure[] => {
    if (error === undefined) return [];
    return [{ path: plan.path, error, ...(plan.state === "to-change" ? { file: plan } : {}) }];
  });
  const failures = showFailures(report, failed, outcomes.size);
  const count = (state: FileOutcome["state"]): number => files.filter((file) => file.state === state).length;
  const { words } = options;
  const planned = files.flatMap(({ plan, state }) =>
    plan.state === "to-change" && state === "would-change" ? [plan] : []
  );
  if (planned.length > 0) report.answer([listChanges(report, planned)]);
  const changed = files.flatMap(({ plan, state }) => state === "changed" ? [plan] : []);
  if (changed.length > 0) report.done(`${words.done} ${formatFiles(report, changed)}`);
  const left = count("left");
  if (signal.aborted && left > 0) {
    report.warning(`interrupted: ${formatCount(left, "file")} left to ${words.verb}; the same command finishes`);
    return { files, failures, exitCode: EXIT.interrupted };
  }
  if (left > 0) report.say("the encrypted files stay as they are");
  const [failure] = failed;
  return { files, failures, exitCode: failure === undefined ? EXIT.done : exitCodeOf(failure.error.kind) };
}

function outcomeOf(plan: FilePlan): FileOutcome {
  if (plan.state === "failed") return { plan, state: "failed", error: plan.error, lostCommentCount: 0 };
  return { plan, state: plan.state === "to-change" ? "left" : plan.state, lostCommentCount: 0 };
}
