/**
 * Who can read what as a diagram in the language of Mermaid, which forges draw inside of Markdown. Pure.
 * Reference: https://mermaid.js.org/syntax/flowchart.html.
 *
 * @module
 */
import { formatCount } from "../../base/show/counts.ts";
import type { AccessView } from "./access.ts";
import { formatPlace, formatReader } from "./text.ts";

/** @returns people on the left, places on the right; a dotted line for those who need others to read */
export function formatMermaid({ readers, rows }: AccessView): string {
  const lines = [
    "flowchart LR",
    "  accTitle: Who can read what",
    `  accDescr: ${formatCount(readers.length, "reader")} of encrypted files in ${formatCount(rows.length, "place")}`,
    ...readers.map((reader, i) => `  p${i}(["${escape(formatReader(reader))}"])${reader.isYou ? ":::you" : ""}`),
    ...rows.map((row, i) => `  f${i}["${escape(formatPlace(row))}<br>${formatCount(row.files.length, "file")}"]`),
  ];
  for (const [i, { name }] of readers.entries()) {
    for (const [j, { access }] of rows.entries()) {
      const reading = access.readers.get(name);
      if (reading !== undefined) lines.push(`  p${i} ${reading === "alone" ? "-->" : "-.->"} f${j}`);
    }
  }
  if (readers.some(({ isYou }) => isYou)) lines.push("  classDef you stroke-width:3px,font-weight:bold");
  return lines.join("\n");
}

/** The signs that mean something in a quoted text, as entities of Mermaid. */
function escape(text: string): string {
  return text.replace(/["#<>&`;]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
