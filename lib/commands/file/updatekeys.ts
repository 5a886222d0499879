/**
 * `updatekeys FILE...`: files encrypted for the recipients that their rule has now. Only the lists of recipients change.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import { confirm } from "../../base/ask/prompts.ts";
import type { ErrorJson } from "../../base/show/report.ts";
import type { Session } from "../../base/show/session.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { metadataGroupsOf, type NamedRuleKey, nameKey } from "../../repository/scan/differences.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import { type EncryptedFile, parseEncryptedFile, planRekey, rekeyFile, type RekeyPlan } from "../../sops/mod.ts";
import { formatShortKey, keyAsJson } from "../shared/rule_text.ts";
import { reportRule } from "./encrypt.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { changeExistingFile, type FileTarget, findTarget, readTarget, type TypeFlags } from "./target.ts";

/** The flags of `updatekeys`. */
export interface UpdatekeysFlags extends Omit<OpeningFlags, "ignoreMac">, Pick<TypeFlags, "inputType"> {
  readonly yes?: boolean;
  readonly rewrap?: boolean;
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What is to be done with one file. */
interface Work {
  readonly target: FileTarget;
  readonly groups: ReturnType<typeof metadataGroupsOf>;
  readonly plan: RekeyPlan;
  /** Names keys by what the config calls them. */
  readonly nameOf: (key: Parameters<typeof nameKey>[0]) => NamedRuleKey;
}

/** What became of one file. */
interface Outcome {
  readonly target: FileTarget;
  readonly change: "updated" | "up-to-date" | "would-update" | "left" | "failed";
  readonly work?: Work;
  readonly error?: UserError;
}

/**
 * Brings the recipients of files up to date. A file that fails does not stop the others.
 *
 * @param files as typed, at least one
 * @returns the exit code of the first failure, if any
 * @throws {UserError} `usage` without a terminal to ask on
 */
export async function updatekeys(flags: UpdatekeysFlags, files: readonly string[], session: Session): Promise<number> {
  const { report } = session;
  const targets = files.map((file) => findTarget(session, file, flags));
  const surroundings = openingOf(session, targets[0]!, flags);
  const rules = new FileRules(session.host, flags.config);
  const planned: (Work | Outcome)[] = [];
  for (const target of targets) {
    planned.push(await orFailure(target, () => planFile(session, target, { rules, flags })));
  }
  const works = planned.filter((item): item is Work =>
    "plan" in item && (item.plan.isChange || (flags.rewrap ?? false))
  );
  for (const work of works) showPlan(session, work);
  const isWanted = works.length === 0 || flags.yes || flags.dryRun || await confirm(session.host, {
    text: works.length === 1 ? `update ${works[0]!.target.name}` : `update ${works.length} files`,
    instead: "pass --yes to update them, or --dry-run to look only",
  });
  const outcomes: Outcome[] = [];
  for (const item of planned) {
    if (!("plan" in item)) outcomes.push(item);
    else if (!works.includes(item)) outcomes.push({ target: item.target, change: "up-to-date", work: item });
    else if (!isWanted) outcomes.push({ target: item.target, change: "left", work: item });
    else {
      outcomes.push(
        await orFailure(item.target, async (): Promise<Outcome> => {
          const { target, groups } = item;
          const opening = { ...surroundings, path: target.path ?? target.name, format: target.inputFormat };
          const { isChanged } = await changeExistingFile(
            session,
            { target, dryRun: flags.dryRun, reason: "the new recipients" },
            (content) => rekeyFile(content, groups, { ...opening, rewraps: flags.rewrap }),
          );
          return { target, change: flags.dryRun ? "would-update" : isChanged ? "updated" : "up-to-date", work: item };
        }),
      );
    }
  }
  const failures = new Map(
    outcomes.flatMap((outcome) => outcome.error === undefined ? [] : [[outcome, report.failure(outcome.error)]]),
  );
  reportOutcomes(session, outcomes);
  report.json({ files: outcomes.map((outcome) => outcomeAsJson(outcome, failures.get(outcome))) });
  const [failure] = outcomes.flatMap(({ error }) => error === undefined ? [] : [error]);
  return failure === undefined ? EXIT.done : exitCodeOf(failure.kind);
}

async function planFile(
  session: Session,
  target: FileTarget,
  { rules, flags }: { readonly rules: FileRules; readonly flags: UpdatekeysFlags },
): Promise<Work> {
  const { host } = session;
  if (target.path !== undefined && host.files.stat(target.path)?.kind === "directory") {
    throw new UserError("usage", `cannot update "${target.path}": it is a folder, expected files`, {
      hints: [`name the files: sopsmith updatekeys ${quoteForShell(target.name)}/*.yaml`],
    });
  }
  const encrypted: EncryptedFile = await parseEncryptedFile(await readTarget(host, target), {
    path: target.path ?? target.name,
    format: target.inputFormat,
  });
  const { config, matcher, comparedPath } = await rules.configOf(target.namedPath);
  const rule = matcher.findWinner(comparedPath);
  if (rule === undefined) {
    throw new UserError("refused", `cannot update "${target.path}": no rule of "${config.path}" matches it`, {
      hints: ["sopsmith rules explain shows what each rule says to a path"],
      location: { path: config.path },
    });
  }
  if (flags.verbose) reportRule(session, { config, rule });
  const wanted = metadataGroupsOf(rule);
  return {
    target,
    groups: wanted,
    plan: planRekey(encrypted.metadata, wanted),
    nameOf: (key) => nameKey(key, config, rule),
  };
}

async function orFailure<Result>(target: FileTarget, work: () => Promise<Result>): Promise<Result | Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
    return { target, change: "failed", error };
  }
}

function showPlan({ report }: Session, { target, plan, nameOf }: Work): void {
  report.say(target.name);
  const isGrouped = plan.groups.length > 1;
  for (const [index, group] of plan.groups.entries()) {
    const where = isGrouped ? `group ${index + 1}: ` : "";
    for (const key of group.added) report.detail(`+ ${where}${formatNamed(nameOf(key))}`);
    for (const key of group.removed) report.detail(`- ${where}${formatNamed(nameOf(key))}`);
  }
  const { present, wanted } = plan.threshold;
  if (present !== wanted) report.detail(`threshold ${present ?? "none"} -> ${wanted ?? "none"}`);
}

function formatNamed({ name, type, text }: NamedRuleKey): string {
  const shown = formatShortKey({ type, text });
  return name === undefined ? shown : `${name}  ${shown}`;
}

function reportOutcomes({ report }: Session, outcomes: readonly Outcome[]): void {
  const count = (change: Outcome["change"]): number => outcomes.filter((outcome) => outcome.change === change).length;
  for (const { target, change } of outcomes) if (change === "up-to-date") report.say(`${target.name} is up to date`);
  const updated = count("updated");
  if (updated > 0) {
    report.done(
      `updated ${
        updated === 1 ? outcomes.find(({ change }) => change === "updated")!.target.name : `${updated} files`
      }`,
    );
  }
  if (count("left") > 0) report.say("nothing was changed");
  const isSomebodyRemoved = outcomes.some(({ change, work }) =>
    change === "updated" && work?.plan.groups.some(({ removed }) => removed.length > 0)
  );
  if (isSomebodyRemoved) {
    report.note("whoever was removed still has the data key: sopsmith rotate -i FILE makes a new one");
  }
}

function outcomeAsJson({ target, change, work }: Outcome, error: ErrorJson | undefined): Record<string, unknown> {
  const list = (side: "added" | "removed"): unknown[] =>
    work?.plan.groups.flatMap((group, index) =>
      group[side].map((key) => ({ ...keyAsJson(work.nameOf(key)), group: index + 1 }))
    ) ?? [];
  return {
    file: target.path ?? target.name,
    changed: change === "updated",
    state: change,
    added: list("added"),
    removed: list("removed"),
    ...(error === undefined ? {} : { error }),
  };
}
