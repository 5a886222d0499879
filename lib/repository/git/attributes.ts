/**
 * The lines of a `.gitattributes` that give files their drivers. Pure. Form: gitattributes(5).
 *
 * @module
 */
import type { Driver } from "./drivers.ts";

/** Stands above the lines, for people. */
const HEADER = "# encrypted files: git shows and merges their values where `sopsmith git setup` has run";

/** A pattern with the drivers that it gives. */
export interface AttributeLine {
  /** As git reads it, from the root of the work tree. */
  readonly pattern: string;
  readonly drivers: readonly Driver[];
}

/** @returns the line as it is written */
function formatAttributeLine({ pattern, drivers }: AttributeLine): string {
  return `${quotePattern(pattern)} ${drivers.map((driver) => `${driver}=sopsmith`).join(" ")}`;
}

/** @param before the whole file; undefined when there is none @returns the file with the lines that it has not, at its end */
export function addAttributeLines(before: Uint8Array | undefined, lines: readonly AttributeLine[]): Uint8Array {
  const text = decode(before);
  const present = new Set(text.split(/\r?\n/));
  const missing = lines.map(formatAttributeLine).filter((line) => !present.has(line));
  if (missing.length === 0) return before ?? new Uint8Array();
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text === "" || text.endsWith("\n") ? "" : lineBreak;
  const head = present.has(HEADER) ? [] : [HEADER];
  const added = new TextEncoder().encode(gap + [...head, ...missing].map((line) => line + lineBreak).join(""));
  const after = new Uint8Array((before?.length ?? 0) + added.length);
  after.set(before ?? new Uint8Array());
  after.set(added, before?.length ?? 0);
  return after;
}

/** A line as {@link formatAttributeLine} writes it; what a person has added to one is theirs. */
const OWN_LINE = /^(?:"(?:[^"\\]|\\.)*"|[^\s#"]\S*) (?:diff=sopsmith merge=sopsmith|diff=sopsmith|merge=sopsmith)$/;

/** @returns the file without the lines that {@link addAttributeLines} writes */
export function removeAttributeLines(before: Uint8Array): Uint8Array {
  const lines = decode(before).split(/(?<=\n)/);
  const kept = lines.filter((line) => {
    const text = line.replace(/\r?\n$/, "");
    return text !== HEADER && !OWN_LINE.test(text);
  });
  return kept.length === lines.length ? before : new TextEncoder().encode(kept.join(""));
}

/** A name with blanks stands in quotes, as C writes them. */
function quotePattern(pattern: string): string {
  if (!/[\s"\p{Cc}]|^[#!]/u.test(pattern)) return pattern;
  const text = pattern.replace(/[\\"]/g, "\\$&").replace(/\p{Cc}/gu, (character) => {
    return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${text}"`;
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
