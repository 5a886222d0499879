/**
 * Writes another pattern where one is written in `.sops.yaml`, in the quoting that it has. Pure. Spec: sops-config §5.
 *
 * Refuses texts over several lines, texts with an anchor, which others may use, and quoted texts with escapes of other
 * characters than the backslash and the quote.
 *
 * @module
 */
import type { Scalar } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import { scalarText } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";

/**
 * @param value the scalar as written
 * @param pattern what it shall say
 * @returns no splice where the text cannot be replaced without touching something else
 */
export function repairPattern(document: YamlDocument, value: Scalar.Parsed, pattern: string): readonly Splice[] {
  const [start, end] = value.range;
  const source = document.source.slice(start, end);
  const written = value.anchor === undefined ? quoteAs(source, scalarText(value), pattern) : undefined;
  return written === undefined ? [] : [{ start, end, text: written }];
}

/** @returns the pattern quoted as the old one was; a plain one in single quotes, which take every pattern */
function quoteAs(source: string, text: string, pattern: string): string | undefined {
  switch (source) {
    case text:
    case quoteSingle(text):
      return quoteSingle(pattern);
    case quoteDouble(text):
      return quoteDouble(pattern);
    default:
      return undefined;
  }
}

function quoteSingle(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quoteDouble(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
