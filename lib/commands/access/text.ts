/**
 * How places and people are called in every form of the result of `access`. Pure.
 *
 * @module
 */
import type { AccessRow } from "../../repository/access/folders.ts";
import { markOwn } from "../shared/rule_text.ts";
import type { Reader } from "../../repository/access/readers.ts";

/** @returns the name with the mark of one's own */
export function formatReader({ name, isYou }: Pick<Reader, "name" | "isYou">): string {
  return markOwn(name, isYou);
}

/** @returns the place of some files, for people */
export function formatPlace({ label, more, files }: AccessRow): string {
  if (label === "") return files.length === 1 ? "" : "everything";
  return more === 0 ? label : `${label} and ${more} more`;
}

/** @returns the text with its middle left out where it is too long */
export function shortenPlace(text: string, max: number): string {
  if (text.length <= max) return text;
  const tail = Math.floor(max * 0.6);
  return `${text.slice(0, max - tail - 1)}…${text.slice(-tail)}`;
}
