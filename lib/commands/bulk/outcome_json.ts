/**
 * What came of a plan for many files, for `--json`.
 *
 * @module
 */
import type { GroupedKey, NamedRuleKey } from "../../repository/scan/differences.ts";
import { keyAsJson } from "../shared/rule_text.ts";
import type { FileOutcome, RunOutcome } from "./run_plan.ts";

/** What a command calls the files that it has changed, and those that it would change. */
export interface StateNames {
  readonly changed: string;
  readonly planned: string;
}

/** @returns every file with what became of it, and how many of each there are */
export function outcomesAsJson({ files, failures }: RunOutcome, names: StateNames): Record<string, unknown> {
  const stateOf = ({ state }: FileOutcome): string =>
    state === "changed" ? names.changed : state === "would-change" ? names.planned : state;
  const counts: Record<string, number> = {};
  for (const file of files) counts[stateOf(file)] = (counts[stateOf(file)] ?? 0) + 1;
  return {
    files: files.values().map((file) => {
      const { plan, state } = file;
      const change = plan.state === "to-change" ? plan.change : undefined;
      const error = failures.get(plan.path);
      return {
        file: plan.path,
        changed: state === "changed",
        state: stateOf(file),
        added: change?.added.map(keyInGroup) ?? [],
        removed: change?.removed.map(keyInGroup) ?? [],
        threshold: change?.threshold ?? null,
        ...(error === undefined ? {} : { error }),
      };
    }),
    counts,
  };
}

function keyInGroup({ key, groupIndex }: GroupedKey<NamedRuleKey>): Record<string, unknown> {
  return { ...keyAsJson(key), group: groupIndex + 1 };
}
