/**
 * How places and people are called in every form of the result of `access`. Pure.
 *
 * @module
 */
import { escapeName } from "../../base/show/terminal.ts";
import type { AccessRow } from "../../repository/access/folders.ts";
import { markOwn } from "../shared/rule_text.ts";
import type { Reader } from "../../repository/access/readers.ts";

/** @returns the name with the mark of one's own */
export function formatReader({ name, isYou }: Pick<Reader, "name" | "isYou">): string {
  return markOwn(name, isYou);
}

/** @returns the place of some files, for people */
export function formatPlace(row: AccessRow): string {
  return formatLabel(row) + formatMore(row);
}

/** @returns the first of the places, with its folders */
export function formatLabel({ label, files }: AccessRow): string {
  return label === "" && files.length > 1 ? "everything" : escapeName(label);
}

/** @returns how many other places there are, as it stands behind the first */
export function formatMore({ label, more }: AccessRow): string {
  return label === "" || more === 0 ? "" : ` and ${more} more`;
}
