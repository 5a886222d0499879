/**
 * A change of who is in the rules of a `.sops.yaml`, from the file on disk to what it means for the encrypted files:
 * planned under the lock, proved with the rule matcher, written.
 *
 * Proves that every encrypted file whose rule the change is not about resolves to the same recipients as before. Never
 * touches an encrypted file. I/O through the host. Spec: sops-config §4.
 *
 * @module
 */
import { type Planner, runEdit } from "../../base/files/edit_files.ts";
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { createRuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, RuleKey, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import type { ChosenConfig } from "../../config/config_choice.ts";
import { compareWithRule, isAsRuleSays, type RuleDifferences } from "../scan/differences.ts";
import type { ScanNote } from "../scan/encrypted_files.ts";
import { findGovernedFiles, type GovernedFile } from "../scan/governed_files.ts";
import { configTarget } from "../../config/config_target.ts";

/** A planned new text of the config. */
export interface PlannedChange {
  readonly after: SopsConfig;
  /** The rules, by their index before, that the change is about; it may leave them as they were. */
  readonly concerned: ReadonlySet<number>;
  /** Those of them that are gone afterwards. */
  readonly dropped: ReadonlySet<number>;
}

/** A rule that a change is about, and what it gains and loses. */
export interface ConcernedRule {
  /** As it stood before. */
  readonly before: Rule;
  /** As it stands now; undefined when it is gone. */
  readonly after: Rule | undefined;
  readonly gained: readonly RuleKey[];
  readonly lost: readonly RuleKey[];
}

/** An encrypted file that is not as its rule says. */
export interface FileBehind {
  readonly file: GovernedFile;
  readonly rule: Rule;
  readonly differences: RuleDifferences;
}

/** An encrypted file whose rule is gone. */
export interface MovedFile {
  readonly file: GovernedFile;
  /** The rule that wins for it now; undefined when none does. */
  readonly to: Rule | undefined;
}

/** What a change did, or would do. */
export interface ChangeOutcome {
  readonly before: SopsConfig;
  readonly after: SopsConfig;
  readonly isChanged: boolean;
  /** One for each rule that the change is about, in the order of the file. */
  readonly rules: readonly ConcernedRule[];
  /** The encrypted files of those rules, and of rules that take files over, that differ from their rule now. */
  readonly behind: readonly FileBehind[];
  readonly moved: readonly MovedFile[];
  /** What could not be looked at. */
  readonly unseen: readonly ScanNote[];
}

/**
 * Changes a config.
 *
 * @param mode `preview`: write nothing
 * @param plan is asked again when the file turns out to have changed; must not ask a person anything
 * @throws {UserError} what `plan` throws; `not-found` when the config vanishes; `malformed`, `io`, `denied` as reading and
 * writing it do
 * @throws {InternalError} when an encrypted file would resolve to other recipients that the change is not about
 */
export async function changeConfig(
  host: Host,
  chosen: ChosenConfig,
  mode: "write" | "preview",
  plan: (config: SopsConfig) => Promise<PlannedChange>,
): Promise<ChangeOutcome> {
  const governed = await findGovernedFiles(host, chosen);
  const target = configTarget(chosen.path);
  const planner: Planner<ChangeOutcome> = async ([snapshot]) => {
    if (snapshot?.content === undefined) {
      throw new UserError("not-found", `cannot change "${chosen.path}": no such file`, {
        hints: ["make one with: sopsmith keygen"],
      });
    }
    const before = parseSopsConfig(decodeYaml(snapshot.content, chosen.path), chosen.path);
    const planned = await plan(before);
    const { after } = planned;
    const isChanged = after.document.source !== before.document.source;
    const outcome: ChangeOutcome = {
      before,
      after,
      isChanged,
      rules: describeConcerned(before, planned),
      ...await resolveFiles(before, planned, governed.files),
      unseen: governed.unseen,
    };
    if (!isChanged) return { changes: [], outcome };
    const content = new TextEncoder().encode(after.document.source);
    return { changes: [{ path: chosen.path, after: content, reason: "the rules" }], outcome };
  };
  return await runEdit(host, mode, [target], planner);
}

function describeConcerned(before: SopsConfig, { after, concerned, dropped }: PlannedChange): ConcernedRule[] {
  return before.rules.filter(({ index }) => concerned.has(index)).map((rule) => {
    const now = dropped.has(rule.index) ? undefined : ruleAfter(after, rule, dropped);
    const [old, current] = [keysOf(rule), now === undefined ? [] : keysOf(now)];
    return { before: rule, after: now, gained: withoutKeys(current, old), lost: withoutKeys(old, current) };
  });
}

/** @returns the same rule in the new file */
function ruleAfter(after: SopsConfig, rule: Rule, dropped: ReadonlySet<number>): Rule {
  const shift = [...dropped].filter((index) => index < rule.index).length;
  const found = after.rules[rule.index - shift];
  if (found === undefined) throw new InternalError("the planned edit would lose a rule");
  return found;
}

function keysOf({ groups }: Rule): readonly RuleKey[] {
  return groups.flatMap(({ keys }) => keys);
}

/** @returns the keys that stand among the others less often, or not at all */
export function withoutKeys(keys: readonly RuleKey[], others: readonly RuleKey[]): RuleKey[] {
  const rest = others.map(idOf);
  return keys.filter((key) => {
    const at = rest.indexOf(idOf(key));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function idOf({ type, text }: Pick<RuleKey, "type" | "text">): string {
  return `${type} ${text}`;
}

/** Asks both versions for every file. */
async function resolveFiles(
  before: SopsConfig,
  { after, concerned, dropped }: PlannedChange,
  files: readonly GovernedFile[],
): Promise<Pick<ChangeOutcome, "behind" | "moved">> {
  const oldMatcher = await createRuleMatcher(before);
  const newMatcher = await createRuleMatcher(after, oldMatcher);
  const behind: FileBehind[] = [];
  const moved: MovedFile[] = [];
  for (const file of files) {
    const old = oldMatcher.findWinner(file.comparedPath);
    const now = newMatcher.findWinner(file.comparedPath);
    const isDropped = old !== undefined && dropped.has(old.index);
    if (isDropped) moved.push({ file, to: now });
    else proveWinner(file, old, now, { after, concerned, dropped });
    if (now === undefined || !(isDropped || (old !== undefined && concerned.has(old.index)))) continue;
    const differences = compareWithRule(file.metadata, now);
    if (!isAsRuleSays(differences)) behind.push({ file, rule: now, differences });
  }
  return { behind, moved };
}

/** The same rule wins, and has the same keys unless the change is about it. */
function proveWinner(file: GovernedFile, old: Rule | undefined, now: Rule | undefined, planned: PlannedChange): void {
  const expected = old && ruleAfter(planned.after, old, planned.dropped);
  if (now !== expected) throw new InternalError(`another rule would win for "${file.relativePath}"`);
  if (old === undefined || now === undefined || planned.concerned.has(old.index)) return;
  const describe = ({ groups }: Rule): string => JSON.stringify(groups.map(({ keys }) => keys.map(idOf)));
  if (describe(old) !== describe(now)) {
    throw new InternalError(`"${file.relativePath}" would be for other recipients, which nobody asked for`);
  }
}
