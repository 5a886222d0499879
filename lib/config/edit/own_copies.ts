/**
 * Parts the paths of rules to their keys, so that an edit for some rules does not change others.
 *
 * Where a path of a named rule joins that of another one, the named rule gets a copy: of an alias's value, of a pair that
 * `<<` brings; a value that others alias hands its anchor on to them. Rules that are all named keep sharing. The file
 * means the same before and after. Pure. Spec: sops-config §1 (dialect 5), §3.
 *
 * @module
 */
import { isAlias } from "yaml";
import { InternalError } from "../../base/error.ts";
import { mapEntries, resolveNode } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { copyPair, formatFlowPair } from "../../yaml/edit/copy.ts";
import { handOnAnchor, replaceAlias } from "../../yaml/edit/detach.ts";
import { appendPair } from "../../yaml/edit/append.ts";
import { parseEdited } from "./draft.ts";
import { findKeyPaths, groupOf, type KeyPath, type KeyPaths, type Step } from "./key_paths.ts";
import type { SopsConfig } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

/** Finds the paths that will be changed; asked again after each change of the text. */
export type FindNamed = (config: SopsConfig, paths: KeyPaths) => readonly KeyPath[];

/** A file in which the named rules share nothing that is to be changed with others. */
export interface OwnCopies {
  readonly config: SopsConfig;
  readonly paths: KeyPaths;
  /** The named paths in it. */
  readonly named: readonly KeyPath[];
}

/**
 * Gives the named rules what they share with others as copies of their own.
 *
 * @throws {InternalError} when paths meet that no copy parts
 */
export function withOwnCopies(config: SopsConfig, findNamed: FindNamed): OwnCopies {
  let own = config;
  // Each round lets at least one alias or `<<` go; the copies of a round may hold aliases of their own.
  const maxRounds = 2 * (config.document.aliases.size + 1);
  for (let round = 0; round <= maxRounds; round++) {
    const paths = findKeyPaths(own);
    const named = findNamed(own, paths);
    const splices = planCopies(own, paths, named);
    if (splices === undefined) return { config: own, paths, named };
    own = parseEdited(own, splices);
  }
  throw new InternalError("rules still share their keys after every copy");
}

/** @returns copies of the outermost steps that part the ways; undefined when nothing is shared */
function planCopies(config: SopsConfig, paths: KeyPaths, named: readonly KeyPath[]): Splice[] | undefined {
  const steps = findStepsToPart(paths, named);
  if (steps.size === 0) return undefined;
  const copies: Splice[] = [];
  const handOns: Splice[][] = [];
  for (const step of steps) {
    const copy = planCopy(config, step);
    if (copy !== undefined) copies.push(...copy);
    else handOns.push(planHandOn(config, step));
  }
  // An anchor that moves is nothing for a copy to refer to: one after the other.
  return copies.length > 0 ? copies : handOns[0];
}

function findStepsToPart(paths: KeyPaths, named: readonly KeyPath[]): Set<Step> {
  // Paths of one group to the same place are all changed or none.
  const isNamed = new Set(named.map(groupOf));
  const foreign = new Map<KeyPath["end"], Set<unknown> | undefined>();
  const steps = new Set<Step>();
  for (const path of named) {
    if (!foreign.has(path.end)) foreign.set(path.end, foreignPlaces(paths, path, isNamed));
    const places = foreign.get(path.end);
    if (places === undefined) continue;
    const at = [...path.steps, path.end].findIndex((place, index, all) =>
      index > 0 && !places.has(all[index - 1]) && (places.has(place) || index === all.length - 1)
    );
    if (at === -1) throw new InternalError("rules share their keys and no alias");
    steps.add(path.steps[at - 1]!);
  }
  return steps;
}

/** @returns what the paths of others pass that end in the same place; undefined when there are none */
function foreignPlaces(paths: KeyPaths, path: KeyPath, isNamed: ReadonlySet<string>): Set<unknown> | undefined {
  const others = paths.sharing(path).filter((other) => !isNamed.has(groupOf(other)));
  return others.length === 0 ? undefined : new Set(others.flatMap((other) => other.steps));
}

/**
 * Plans a copy in the place of an alias, or of a pair that `<<` brings.
 *
 * @returns undefined when the value is written in its place
 */
export function planCopy(config: SopsConfig, step: Step): Splice[] | undefined {
  const { document } = config;
  if (step.kind === "item") {
    return isAlias(step.node) ? replaceAlias(document, step.node) : undefined;
  }
  const { map, name, own } = step;
  if (own !== undefined) return isAlias(own.value) ? replaceAlias(document, own.value) : undefined;
  const entry = findEntry(mapEntries(document, map), name);
  if (entry === undefined) return undefined;
  const [useOffset] = map.range;
  const lines = copyPair(document, entry, { column: 0, useOffset });
  return appendPair(document, map, { lines, flow: formatFlowPair(document, entry, useOffset) });
}

function planHandOn(config: SopsConfig, step: Step): Splice[] {
  const written = step.kind === "item" ? step.node : step.own?.value;
  const value = resolveNode(config.document, written);
  const splices = value && handOnAnchor(config.document, value);
  if (splices === undefined) throw new InternalError("rules share a value that no alias stands for");
  return splices;
}
