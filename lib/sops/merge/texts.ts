/**
 * Two changed versions of a plain text made one, in the author's layout: merged as text, and proved by the values.
 *
 * Lines are merged more boldly than git merges them, because what comes out is compared with what the merge of the values
 * says it must hold. Where both sides have changed the same value, the text has markers around both. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Store } from "../stores/store.ts";
import type { Document, Mapping, Node } from "../tree/tree.ts";
import { carryOver } from "./carry_over.ts";
import { findCommon, findDifferences, type MergedPart, mergeSequences, type SequenceOptions } from "./sequences.ts";
import { joinUnits, splitUnits } from "./units.ts";
import { type BaseDocuments, holdSameValues, type MergedValues, mergeValues } from "./values.ts";

/** What stands around the two versions of a place, as git writes it; a text that still has them is not done. */
export const MARKERS = { ours: "<<<<<<< ours", between: "=======", theirs: ">>>>>>> theirs" } as const;

/** A plain text with its values. */
export interface PlainText {
  readonly text: string;
  readonly documents: readonly Document[];
}

/** The texts that are merged; a base is `absent` where both sides have made the file, `unknown` where it cannot be read. */
export interface TextVersions {
  readonly base: PlainText | "absent" | "unknown";
  readonly ours: PlainText;
  readonly theirs: PlainText;
}

/** What a merge of texts comes to. */
export interface MergedText {
  readonly text: string;
  /** What both sides have changed: the text has markers there. None: the merge is clean. */
  readonly conflicts: readonly string[];
}

/** How the lines of a text with values are merged, the boldest way first. */
const WAYS: readonly SequenceOptions[] = [
  { touchingCollides: false, splitsRuns: true, joins: "changed" },
  { touchingCollides: false, splitsRuns: true, joins: "added" },
  { touchingCollides: false, splitsRuns: false, joins: "added" },
  { touchingCollides: false, splitsRuns: false, joins: "nothing" },
];

/** As git merges the lines of a text whose values nobody can tell apart. */
const LINES: SequenceOptions = { touchingCollides: true, splitsRuns: false, joins: "nothing" };

/** @param path for messages @returns the merged text, or one with markers */
export function mergeTexts(
  versions: TextVersions,
  { store, path }: { readonly store: Store; readonly path: string },
): MergedText {
  if (store.format === "binary") return mergeLines(versions);
  const { base, ours, theirs } = versions;
  const oldDocuments: BaseDocuments = typeof base === "string" ? base : base.documents;
  const values = mergeValues({ base: oldDocuments, ours: ours.documents, theirs: theirs.documents });
  if (values === undefined) return markEverything(versions);
  const holds = (text: string, documents: readonly Document[]): boolean => {
    try {
      const { documents: found, block } = store.parse(text, path);
      return block === undefined && holdSameValues(found, documents);
    } catch (error) {
      if (error instanceof UserError) return false; // what was merged by its lines does not have to make sense
      throw error;
    }
  };
  const units = unitsOf(versions);
  const differences = findDifferences(units);
  let marked: MergedText | undefined;
  for (const way of WAYS) {
    const parts = mergeSequences(units, { ...way, isBaseUnknown: base === "unknown" }, differences);
    if (!holds(pick(parts, "ours"), values.withOurs) || !holds(pick(parts, "theirs"), values.withTheirs)) continue;
    if (parts.every(({ kind }) => kind === "settled")) {
      if (values.conflicts.length === 0) return { text: pick(parts, "ours"), conflicts: [] };
      continue;
    }
    marked ??= { text: markConflicts(parts), conflicts: nameConflicts(values) };
  }
  if (values.conflicts.length === 0 && mayLeaveComments(versions)) {
    const text = carryOver(ours.text, values.withOurs, { store, path });
    if (text !== undefined) return { text, conflicts: [] };
  }
  return marked ?? markEverything(versions, nameConflicts(values));
}

/** The lines of a text that is one value. */
function mergeLines({ base, ours, theirs }: TextVersions): MergedText {
  const [own, other] = [ours.text.split("\n"), theirs.text.split("\n")];
  const old = typeof base === "string" ? findCommon(own, other) : base.text.split("\n");
  const parts = mergeSequences({ base: old, ours: own, theirs: other }, {
    ...LINES,
    isBaseUnknown: base === "unknown",
  });
  const isClean = parts.every(({ kind }) => kind === "settled");
  return { text: isClean ? pick(parts, "ours") : markConflicts(parts), conflicts: isClean ? [] : ["the text"] };
}

function unitsOf({ base, ours, theirs }: TextVersions): {
  readonly base: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
} {
  const [own, other] = [ours, theirs].map(({ text, documents }) => splitUnits(text, documents)) as [string[], string[]];
  const old = typeof base === "string" ? findCommon(own, other) : splitUnits(base.text, base.documents);
  return { base: old, ours: own, theirs: other };
}

/** Where only lines without a value differ, the text is all that can be named. */
function nameConflicts({ conflicts }: MergedValues): readonly string[] {
  return conflicts.length > 0 ? conflicts : ["comments or layout"];
}

/** Both texts whole, but for how they begin and end. */
function markEverything(versions: TextVersions, conflicts: readonly string[] = ["the whole file"]): MergedText {
  const { ours, theirs } = unitsOf(versions);
  const parts = mergeSequences({ base: [], ours, theirs }, { ...LINES, isBaseUnknown: true });
  const isSame = parts.every(({ kind }) => kind === "settled");
  return { text: isSame ? joinUnits(ours) : markConflicts(parts), conflicts: isSame ? [] : conflicts };
}

/** @returns the text with one side wherever both have changed something */
function pick(parts: readonly MergedPart[], side: "ours" | "theirs"): string {
  return joinUnits(parts.flatMap((part) => part.kind === "settled" ? part.units : part[side]));
}

function markConflicts(parts: readonly MergedPart[]): string {
  return joinUnits(
    parts.flatMap((part) =>
      part.kind === "settled"
        ? part.units
        : [MARKERS.ours, ...part.ours, MARKERS.between, ...part.theirs, MARKERS.theirs]
    ),
  );
}

/** Comments are not carried over: what the other side did to them must be nothing, or what we did. */
function mayLeaveComments({ base, ours, theirs }: TextVersions): boolean {
  const found = listComments(theirs.documents);
  return found === listComments(ours.documents) || (typeof base !== "string" && found === listComments(base.documents));
}

function listComments(documents: readonly Document[]): string {
  const found: string[] = [];
  const visit = (node: Mapping | Node): void => {
    if (node.kind === "leaf") return;
    for (const item of node.items) {
      if (item.kind === "comment") found.push(item.text.trim());
      else visit(item.kind === "entry" ? item.value : item);
    }
  };
  for (const { root } of documents) visit(root);
  return JSON.stringify(found);
}
