/**
 * One more line in a `.gitignore`. Pure. Form: gitignore(5).
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import type { Paths } from "../../base/host/paths.ts";

/**
 * Plans a line that makes git ignore one file.
 *
 * @param before the whole file; undefined when there is none
 * @param path of the file to ignore, relative to the folder of the `.gitignore`
 * @returns the whole new content, and the line
 */
export function planIgnoreLine(
  before: Uint8Array | undefined,
  path: string,
  paths: Paths,
): { readonly after: Uint8Array; readonly line: string } {
  if (paths.isAbsolute(path) || path === ".." || path.startsWith(`..${paths.separator}`)) {
    throw new InternalError("a file outside of the folder cannot be ignored there");
  }
  const line = `/${path.split(paths.separator).map(escapePattern).join("/")}`;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(before);
  const lineBreak = /\r\n/.test(text) ? "\r\n" : "\n";
  const separator = text === "" || text.endsWith("\n") ? "" : lineBreak;
  const added = new TextEncoder().encode(`${separator}${line}${lineBreak}`);
  const start = before ?? new Uint8Array();
  const after = new Uint8Array(start.length + added.length);
  after.set(start);
  after.set(added, start.length);
  return { after, line };
}

/** Escapes what is special in a pattern, and blanks at the end, which git would drop. */
function escapePattern(name: string): string {
  return name.replace(/[\\*?[\]]/g, "\\$&").replace(/ (?= *$)/g, "\\ ");
}
