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
import type { ChosenConfig } from "../../config/config_choice.ts";
import { configChanges, configTarget } from "../../config/config_target.ts";
import type { ConfigChange } from "../../config/edit/change.ts";
import { keyId, type RuleDiff } from "../../config/edit/diff.ts";
import { createRuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import { compareWithRule, isAsRuleSays, type RuleDifferences } from "../scan/differences.ts";
import type { ScanNote } from "../scan/encrypted_files.ts";
import { findGovernedFiles, type GovernedFile } from "../scan/governed_files.ts";

/** A change of the config, planned and proved. */
export interface PlannedChange {
  readonly change: ConfigChange;
  /** The rules, by their index before, that the change is about; it may leave them as they were. */
  readonly about: ReadonlySet<number>;
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
export interface ChangeOutcome extends ConfigChange {
  /** One for each rule that the change is about, in the order of the file. */
  readonly rules: readonly RuleDiff[];
  /** The encrypted files of those rules, and of rules that take files over, that differ from their rule now. */
  readonly behind: readonly FileBehind[];
  readonly moved: readonly MovedFile[];
  /** What could not be looked at. */
  readonly unseen: readonly ScanNote[];
}

/** How a config is changed. */
export interface ChangeRequest {
  /** `preview`: write nothing. */
  readonly mode: "write" | "preview";
  /** Asked again when the file turns out to have changed; must not ask a person anything. */
  readonly plan: (config: SopsConfig) => Promise<PlannedChange>;
}

/**
 * Changes a config.
 *
 * @throws {UserError} what `plan` throws; `not-found` when the config vanishes; `malformed`, `io`, `denied` as reading and
 * writing it do
 * @throws {InternalError} when an encrypted file would resolve to other recipients that the change is not about
 */
export async function changeConfig(
  host: Host,
  chosen: ChosenConfig,
  { mode, plan }: ChangeRequest,
): Promise<ChangeOutcome> {
  const { files, unseen } = findGovernedFiles(host, chosen);
  const planner: Planner<ChangeOutcome> = async ([snapshot]) => {
    if (snapshot?.content === undefined) {
      throw new UserError("not-found", `cannot change "${chosen.path}": no such file`, {
        hints: ["make one with: sopsmith init"],
      });
    }
    const planned = await plan(parseSopsConfig(decodeYaml(snapshot.content, chosen.path), chosen.path));
    const { change, about } = planned;
    const rules = change.rules.filter(({ before }) => about.has(before.index));
    const outcome = { ...change, rules, ...await resolveFiles(planned, files), unseen };
    return { changes: configChanges(change, "the rules"), outcome };
  };
  return await runEdit(host, { mode, targets: [configTarget(chosen.path)] }, planner);
}

/** Asks both versions for every file: the same rule wins, and has the same keys unless the change is about it. */
async function resolveFiles(
  { change, about }: PlannedChange,
  files: readonly GovernedFile[],
): Promise<Pick<ChangeOutcome, "behind" | "moved">> {
  const oldMatcher = await createRuleMatcher(change.before);
  const newMatcher = await createRuleMatcher(change.after, oldMatcher);
  const behind: FileBehind[] = [];
  const moved: MovedFile[] = [];
  for (const file of files) {
    const old = oldMatcher.findWinner(file.comparedPath);
    const now = newMatcher.findWinner(file.comparedPath);
    const diff = old && change.rules[old.index]!;
    const isAbout = old !== undefined && about.has(old.index);
    if (isAbout && diff!.after === undefined) moved.push({ file, to: now });
    else if (now !== diff?.after) throw new InternalError(`another rule would win for "${file.relativePath}"`);
    else if (diff !== undefined && !isAbout && !isSameFor(diff)) {
      throw new InternalError(`"${file.relativePath}" would be for other recipients, which nobody asked for`);
    }
    if (now === undefined || !isAbout) continue;
    const differences = compareWithRule(file.metadata, now);
    if (!isAsRuleSays(differences)) behind.push({ file, rule: now, differences });
  }
  return { behind, moved };
}

/** The same keys in the same order. */
function isSameFor({ before, after, groups }: RuleDiff): boolean {
  return before.groups.length === after?.groups.length &&
    groups.every(({ gained, lost, kept }, at) =>
      gained.length + lost.length === 0 &&
      kept.every((key, index) => keyId(key) === keyId(before.groups[at]!.keys[index]!))
    );
}
