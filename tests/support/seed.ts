/**
 * Random tests try the same cases in every run of the gate, so that a failure is a change's own; `SOPSMITH_SEED` tries
 * those of another seed, and the long form (`SOPSMITH_STRESS=full`) new ones each time.
 *
 * @module
 */

/** The seed of everything random in this run. */
export const SEED: number = Number(
  Deno.env.get("SOPSMITH_SEED") ?? (Deno.env.get("SOPSMITH_STRESS") === "full" ? Date.now() % 1e6 : 20_261_129),
);
