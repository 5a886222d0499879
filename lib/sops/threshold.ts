/**
 * Key groups and their threshold. Pure. Spec: sops-engine §3.6.
 *
 * @module
 */

/** The key groups of a file or a rule. */
export interface Thresholded {
  readonly groups: readonly unknown[];
  /** `shamir_threshold`; absent or 0: none is set. */
  readonly shamirThreshold: number | undefined;
}

/** @returns of how many groups a reader needs a key: a threshold counts only among several, and without one all do */
export function countNeededGroups({ groups, shamirThreshold }: Thresholded): number {
  if (groups.length < 2) return 1;
  return shamirThreshold || groups.length;
}
