/**
 * Identities of age plugins whose program is not here: told by `PATH`, no plugin is run. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { isOnPath } from "../../base/host/programs.ts";
import type { ExaminedPlace, LocalIdentity } from "./finding.ts";

/** @returns the places, with what keeps identities from being used whose plugin is missing */
export function withMissingPlugins(host: Host, places: readonly ExaminedPlace[]): readonly ExaminedPlace[] {
  return places.map((place) => ({ ...place, identities: place.identities.map((one) => withObstacle(host, one)) }));
}

function withObstacle(host: Host, identity: LocalIdentity): LocalIdentity {
  const { guess, obstacle } = identity;
  if (guess?.kind !== "plugin" || obstacle !== undefined) return identity;
  const program = `age-plugin-${guess.name}`;
  if (isOnPath(host, program)) return identity;
  return {
    ...identity,
    obstacle: {
      reason: "that program is not in PATH",
      repair: { kind: "set-up", step: `install ${program}, and see that it is in PATH` },
    },
  };
}

/** @returns the program of the plugin that a recipient is for; undefined where that is here */
export function findMissingPlugin(host: Host, recipient: string): string | undefined {
  const name = /^age1(.+)1[a-z0-9]+$/.exec(recipient)?.[1];
  if (name === undefined || name === "pq") return undefined;
  const program = `age-plugin-${name}`;
  return isOnPath(host, program) ? undefined : program;
}
