/**
 * Two changed versions of a sequence made one: what either side did to the base, and where both did something to the same
 * place. Pure.
 *
 * @module
 */
import { diffArrays } from "diff";

/** The three versions of something that is merged. */
export interface Versions<Value> {
  readonly base: Value;
  readonly ours: Value;
  readonly theirs: Value;
}

/** A run of units that is settled, or that both sides have changed. */
export type MergedPart =
  | { readonly kind: "settled"; readonly units: readonly string[] }
  | ({ readonly kind: "conflict" } & Versions<readonly string[]>);

/** What counts as a change of the same place. */
export interface SequenceOptions {
  /** Whether changes of units that stand side by side are about the same place, as git has it. */
  readonly touchingCollides: boolean;
  /** Whether as many new units as old ones are taken for changes of each of them, one by one. */
  readonly splitsRuns: boolean;
  /**
   * Whether what both sides have put at one place is kept, ours first: `added` where nothing was there, `changed` also where
   * both have put something equal beside it.
   */
  readonly joins: "nothing" | "added" | "changed";
  /** Whether the base is only what both sides have in common: whatever differs is a conflict. */
  readonly isBaseUnknown?: boolean;
}

/** The most units that may differ between two sequences before they count as different in one piece: time grows with the square. */
const MAX_DIFFERENCES = 2000;

/** What one side has put in the place of `start` to `end` of the base. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly units: readonly string[];
}

/** What both sides did to the base; the same for every way in which it is merged. */
export interface Differences {
  readonly ours: readonly Hunk[];
  readonly theirs: readonly Hunk[];
}

/** Hunks of both sides that are about the same place. */
interface Collision {
  readonly start: number;
  end: number;
  readonly ours: Hunk[];
  readonly theirs: Hunk[];
}

/** @returns what both sides did to the base */
export function findDifferences({ base, ours, theirs }: Versions<readonly string[]>): Differences {
  return { ours: findHunks(base, ours), theirs: findHunks(base, theirs) };
}

/** @returns the parts in order; none of them is empty */
export function mergeSequences(
  versions: Versions<readonly string[]>,
  options: SequenceOptions,
  differences: Differences = findDifferences(versions),
): MergedPart[] {
  const { base } = versions;
  const parts: MergedPart[] = [];
  let at = 0;
  const [ours, theirs] = [differences.ours, differences.theirs].map((hunks) =>
    options.splitsRuns ? hunks.flatMap(splitRun) : hunks
  );
  for (const collision of collide(ours!, theirs!, options)) {
    pushSettled(parts, base.slice(at, collision.start));
    for (const part of settle(base, collision, options)) {
      if (part.kind === "settled") pushSettled(parts, part.units);
      else parts.push(part);
    }
    at = collision.end;
  }
  pushSettled(parts, base.slice(at));
  return parts;
}

/** @returns the longest sequence that stands in both, as far as they are alike */
export function findCommon(one: readonly string[], other: readonly string[]): string[] {
  const hunks = findHunks(one, other);
  return one.filter((_, index) => !hunks.some(({ start, end }) => start <= index && index < end));
}

function pushSettled(parts: MergedPart[], units: readonly string[]): void {
  if (units.length === 0) return;
  const last = parts.at(-1);
  if (last?.kind === "settled") parts[parts.length - 1] = { kind: "settled", units: [...last.units, ...units] };
  else parts.push({ kind: "settled", units });
}

function findHunks(base: readonly string[], changed: readonly string[]): Hunk[] {
  const head = countEqual(base, changed);
  const tail = countEqual(base.slice(head).reverse(), changed.slice(head).reverse());
  const [old, now] = [base, changed].map((units) => units.slice(head, units.length - tail)) as [string[], string[]];
  if (old.length + now.length === 0) return [];
  const hunks: Hunk[] = [];
  let at = head;
  let open: { start: number; end: number; units: string[] } | undefined;
  const parts = diffArrays(old, now, { maxEditLength: MAX_DIFFERENCES });
  if (parts === undefined) return [{ start: head, end: head + old.length, units: now }];
  for (const part of parts) {
    if (!part.added && !part.removed) {
      if (open !== undefined) hunks.push(open);
      open = undefined;
      at += part.value.length;
      continue;
    }
    open ??= { start: at, end: at, units: [] };
    if (part.removed) {
      at += part.value.length;
      open.end = at;
    } else open.units.push(...part.value);
  }
  if (open !== undefined) hunks.push(open);
  return hunks;
}

function splitRun({ start, end, units }: Hunk): Hunk[] {
  if (units.length !== end - start) return [{ start, end, units }];
  return units.map((unit, i) => ({ start: start + i, end: start + i + 1, units: [unit] }));
}

function* collide(ours: readonly Hunk[], theirs: readonly Hunk[], options: SequenceOptions): Generator<Collision> {
  const rest = { ours: [...ours], theirs: [...theirs] };
  while (rest.ours.length + rest.theirs.length > 0) {
    const side = comesFirst(rest.ours[0], rest.theirs[0]) ? "ours" : "theirs";
    const first = rest[side].shift()!;
    const collision: Collision = { start: first.start, end: first.end, ours: [], theirs: [] };
    collision[side].push(first);
    for (let grows = true; grows;) {
      grows = false;
      for (const name of ["ours", "theirs"] as const) {
        const [next] = rest[name];
        if (next === undefined || !isSamePlace(collision, next, options)) continue;
        collision[name].push(next);
        collision.end = Math.max(collision.end, next.end);
        rest[name].shift();
        grows = true;
      }
    }
    yield collision;
  }
}

/** What is added before a unit comes before what is done to the unit. */
function comesFirst(one: Hunk | undefined, other: Hunk | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.start !== other.start ? one.start < other.start : one.end <= other.end;
}

function isSamePlace({ start, end }: Collision, hunk: Hunk, { touchingCollides }: SequenceOptions): boolean {
  if (touchingCollides) return hunk.start <= end;
  return hunk.start < end || (hunk.start === start && hunk.end === start && end === start);
}

function settle(base: readonly string[], collision: Collision, options: SequenceOptions): MergedPart[] {
  const { start, end } = collision;
  const old = base.slice(start, end);
  const ours = applyHunks(base, collision, collision.ours);
  const theirs = applyHunks(base, collision, collision.theirs);
  const settled = (units: readonly string[]): MergedPart[] => [{ kind: "settled", units }];
  if (areEqual(ours, theirs)) return settled(ours);
  if (!options.isBaseUnknown) {
    if (areEqual(ours, old)) return settled(theirs);
    if (areEqual(theirs, old)) return settled(ours);
  }
  const head = countEqual(ours, theirs);
  const tail = countEqual(ours.slice(head).reverse(), theirs.slice(head).reverse());
  const [onlyOurs, onlyTheirs] = [ours, theirs].map((units) => units.slice(head, units.length - tail));
  const isJoined = options.joins !== "nothing" &&
    (old.length === 0 || (options.joins === "changed" && head + tail > 0));
  const middle: MergedPart = isJoined && !options.isBaseUnknown
    ? { kind: "settled", units: [...onlyOurs!, ...onlyTheirs!] }
    : { kind: "conflict", base: old, ours: onlyOurs!, theirs: onlyTheirs! };
  return [...settled(ours.slice(0, head)), middle, ...settled(ours.slice(ours.length - tail))];
}

/** @returns what one side has in the place of the collision */
function applyHunks(base: readonly string[], { start, end }: Collision, hunks: readonly Hunk[]): readonly string[] {
  const units: string[] = [];
  let at = start;
  for (const hunk of hunks) {
    units.push(...base.slice(at, hunk.start), ...hunk.units);
    at = hunk.end;
  }
  units.push(...base.slice(at, end));
  return units;
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && countEqual(one, other) === one.length;
}

/** @returns with how many equal units both begin */
function countEqual(one: readonly string[], other: readonly string[]): number {
  const length = Math.min(one.length, other.length);
  let count = 0;
  while (count < length && one[count] === other[count]) count++;
  return count;
}
