/**
 * Comments that head several entries: a line above a list that names its group, not its first item. Pure.
 *
 * @module
 */
import { isAlias, isSeq } from "yaml";
import { commentOn, entriesOf, type Entry, type TokenizedText } from "./entries.ts";
import { positionAt } from "./position.ts";

/**
 * @returns whether a comment above an entry is about several: on the next line and in the same column stands one more
 * item, or one more key with a definition, without a comment of its own
 */
export function headsSeveral(text: TokenizedText, { owner, index, start }: Entry): boolean {
  const next = owner && entriesOf(text, owner)[index + 1];
  if (next === undefined) return false;
  const [own, below] = [positionAt(text, start), positionAt(text, next.start)];
  return below.lineNumber === own.lineNumber + 1 && below.column === own.column &&
    commentOn(text, below.lineNumber) === undefined && (isSeq(owner) || isDefinition(next));
}

function isDefinition({ value }: Entry): boolean {
  return value !== undefined && !isAlias(value) && value.anchor !== undefined;
}
