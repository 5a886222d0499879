/**
 * What comes behind a change of rules: the encrypted files brought to it, after one question, with new data keys where
 * somebody is removed; and the values that whoever is removed has read.
 *
 * @module
 */
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { canAsk } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { tableOf } from "../../base/show/table.ts";
import { formatList } from "../../base/show/word_list.ts";
import { type ExposedFile, findExposed } from "../../repository/bulk/exposed.ts";
import { mayOpenHere } from "../../repository/file/own_keys.ts";
import type { ChangeOutcome, FileBehind } from "../../repository/recipients/change.ts";
import { nameKey } from "../../repository/scan/differences.ts";
import { outcomesAsJson } from "../bulk/outcome_json.ts";
import type { RunOutcome } from "../bulk/run_plan.ts";
import { UPDATE_STATES, updateFiles } from "../bulk/updatekeys.ts";
import { formatValuePath } from "../file/value_path.ts";
import { suggestUpdate } from "../shared/next_step.ts";
import { formatKeyName } from "../shared/rule_text.ts";

/** The flags that say what becomes of the encrypted files. */
export interface FollowUpFlags {
  /** Nothing is written. */
  readonly dryRun?: boolean;
  /** They are brought up to date without a question. */
  readonly yes?: boolean;
  /** Whoever is removed keeps the data key. */
  readonly keepDataKey?: boolean;
  /** The person agrees to lose files. */
  readonly withoutMe?: boolean;
  /** As typed. */
  readonly config?: string;
}

/** What was done about the files. */
export interface FollowUp {
  readonly exitCode: number;
  /** For `--json`, besides the change itself. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** How many files are listed with the values that could be read in them; the others are counted. */
const MAX_LISTED_FILES = 20;

/** How many values of a file are listed; the others are counted. */
const MAX_LISTED_VALUES = 8;

/** How many names a sentence holds; more are counted. */
const MAX_NAMES = 10;

/**
 * Follows a change.
 *
 * @param options `leaving`: the files that somebody could read who is to lose them
 * @throws {UserError} `cancelled` when the person gives up at a question
 */
export async function followChange(
  session: Session,
  outcome: ChangeOutcome,
  { leaving, flags }: { readonly leaving: readonly FileBehind[]; readonly flags: FollowUpFlags },
): Promise<FollowUp> {
  const { host, report } = session;
  const { behind, after } = outcome;
  const paths = behind.map(({ file }) => file.path);
  const who = nameLeavers(outcome, leaving);
  const exposed = await listExposed(session, leaving);
  if (leaving.length > 0) showExposed(session, { exposed, count: leaving.length, who });
  const json = { exposedValues: exposed.map(exposedAsJson) };
  if (paths.length === 0 || flags.dryRun) return { exitCode: EXIT.done, json };
  const rotates = leaving.length > 0 && !flags.keepDataKey;
  const update = flags.yes || canAsk(host) && await mayOpenSome(session, behind)
    ? await orSayHow(session, { paths, config: after.path, rotates }, () =>
      updateFiles(session, paths, {
        rotate: rotates,
        ...(flags.yes === undefined ? {} : { yes: flags.yes }),
        ...(flags.withoutMe === undefined ? {} : { withoutMe: flags.withoutMe }),
        ...(flags.config === undefined ? {} : { config: flags.config }),
      }, {
        givenUp: `the rules in ${report.path(after.path)} are changed, the encrypted files are not`,
        question: rotates ? (files) => `lock ${who} out of ${files}, with new data keys` : undefined,
        isQuiet: true,
        formerConfig: outcome.before,
      }))
    : undefined;
  const left = update === undefined ? paths : leftBy(update);
  if (left.length > 0) report.next(await suggestUpdate(session, left, { config: after.path, rotates }));
  if (update === undefined) return { exitCode: EXIT.done, json };
  return { exitCode: update.exitCode, json: { ...json, update: outcomesAsJson(update, UPDATE_STATES) } };
}

/** Whoever gives up at the question about the files is told how to bring them up to date later. */
async function orSayHow<Result>(
  session: Session,
  { paths, ...step }: { readonly paths: readonly string[]; readonly config: string; readonly rotates: boolean },
  update: () => Promise<Result>,
): Promise<Result> {
  try {
    return await update();
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== "cancelled") throw error;
    throw new UserError(error.kind, error.message, {
      hints: [await suggestUpdate(session, paths, step)],
      cause: error,
    });
  }
}

/** Whoever adds a key is often not yet able to read anything: nothing is offered then that cannot be done. */
async function mayOpenSome({ host }: Session, behind: readonly FileBehind[]): Promise<boolean> {
  const recipients = behind.flatMap(({ file }) => file.metadata.groups.flatMap(({ keys }) => keys));
  return await mayOpenHere(host, [...new Set(recipients.map(({ text }) => text))]);
}

function leftBy({ files }: RunOutcome): string[] {
  return files.filter(({ state }) => state === "left").map(({ plan }) => plan.path);
}

function nameLeavers({ before, rules }: ChangeOutcome, leaving: readonly FileBehind[]): string {
  const lost = new Set(rules.flatMap((rule) => rule.lost.map(({ text }) => text)));
  const keys = leaving.flatMap(({ rule, differences }) =>
    differences.extra.filter(({ key }) => lost.has(key.text)).map(({ key }) => nameKey(key, before, rule))
  );
  const names = [...new Set(keys.map(formatKeyName))];
  return names.length > MAX_NAMES ? formatCount(names.length, "recipient") : formatList(names);
}

/** All of them for a script, a few for a person. */
async function listExposed({ host, report }: Session, leaving: readonly FileBehind[]): Promise<ExposedFile[]> {
  const exposed: ExposedFile[] = [];
  for (const { file } of report.format === "json" ? leaving : leaving.slice(0, MAX_LISTED_FILES)) {
    exposed.push(await findExposed(host, file));
  }
  return exposed;
}

interface Exposure {
  readonly exposed: readonly ExposedFile[];
  /** Of how many files. */
  readonly count: number;
  readonly who: string;
}

function showExposed({ report }: Session, { exposed, count, who }: Exposure): void {
  report.note(`old versions stay readable for ${who}, in git and in backups: change these values where they come from`);
  const rows = exposed.slice(0, MAX_LISTED_FILES).map(({ path, values }) => [
    report.path(path),
    values === undefined ? "(the whole file)" : formatSome(values.map(formatValuePath), MAX_LISTED_VALUES),
  ]);
  report.details(tableOf(rows, { yields: [0] }));
  const rest = count - rows.length;
  if (rest > 0) report.detail(`… ${formatCount(rest, "more file")}`);
}

function exposedAsJson({ path, values }: ExposedFile): Record<string, unknown> {
  return { file: path, values: values?.map(formatValuePath) ?? null };
}
