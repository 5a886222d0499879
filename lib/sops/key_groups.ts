/**
 * Whether groups of keys open, and with them a file. Pure. Spec: sops-engine §3.6.
 *
 * @module
 */

/** Whether something opens: `perhaps` where only trying would tell. */
export type Answer = "yes" | "perhaps" | "no";

/** @returns whether a group opens by one of its keys */
export function answerOfGroup(keys: readonly Answer[]): Answer {
  if (keys.includes("yes")) return "yes";
  return keys.includes("perhaps") ? "perhaps" : "no";
}

/** @returns whether enough of the groups open */
export function answerOfFile(groups: readonly Answer[], neededGroups: number): Answer {
  const open = groups.filter((answer) => answer === "yes").length;
  if (open >= neededGroups) return "yes";
  const possible = groups.filter((answer) => answer === "perhaps").length;
  return open + possible >= neededGroups ? "perhaps" : "no";
}
