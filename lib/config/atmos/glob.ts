/**
 * Files by patterns as atmos writes them: `**`, `*`, `?`, `[a-z]`, `{a,b}`. Lists folders; opens nothing.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { ioErrorCode } from "../../base/host/io_error.ts";

/** Most entries that one pattern is compared with. Own limit, so that a pattern cannot walk a whole machine. */
const MAX_ENTRIES = 200_000;

/** Folders inside each other. Own limit. */
const MAX_DEPTH = 64;

const MAGIC = /[*?[{]/;

/**
 * @param pattern absolute path with patterns in it
 * @returns absolute paths of the files that match, in the order of their names, folder by folder
 * @throws {UserError} `unsupported` when there is too much to look at
 */
export function listGlob(host: Host, pattern: string): string[] {
  const { paths } = host;
  const slashed = toSlashes(host, pattern);
  const parts = slashed.split("/");
  const firstMagic = parts.findIndex((part) => MAGIC.test(part));
  if (firstMagic === -1) return statKind(host, pattern) === "file" ? [pattern] : [];
  const base = parts.slice(0, firstMagic).join("/") || "/";
  const matches = compileGlob(slashed);
  const isDeep = parts.slice(firstMagic).some((part) => part.includes("**") || /[{].*\//.test(part));
  const depth = isDeep ? MAX_DEPTH : parts.length - firstMagic;
  const found: string[] = [];
  let count = 0;
  const visit = (folder: string, left: number): void => {
    for (const { name, kind } of entriesOf(host, folder)) {
      if (++count > MAX_ENTRIES) {
        throw new UserError("unsupported", `cannot look for "${pattern}": more than ${MAX_ENTRIES} files`, {
          hints: ["make the pattern more special"],
        });
      }
      const path = paths.join(folder, name);
      const isLink = kind === "symlink";
      const isFolder = kind === "directory" || (isLink && statKind(host, path) === "directory");
      if (isLink && isFolder && isDeep) continue; // as in atmos, and so that there are no circles
      if (isFolder && left > 1) visit(path, left - 1);
      else if (!isFolder && matches(toSlashes(host, path))) found.push(path);
    }
  };
  visit(paths.normalize(base), depth);
  return found;
}

/** @returns the entries of a folder in the order of their names; none where it cannot be listed */
function entriesOf(host: Host, folder: string): { name: string; kind: string }[] {
  try {
    return [...host.files.list(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (ioErrorCode(error) === undefined) throw error;
    return [];
  }
}

function statKind(host: Host, path: string): string | undefined {
  try {
    return host.files.stat(path)?.kind;
  } catch (error) {
    if (ioErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

function toSlashes({ os }: Host, path: string): string {
  return os === "windows" ? path.replaceAll("\\", "/") : path;
}

/**
 * @param pattern with `/` between folders
 * @returns whether a path, with `/` as well, matches; a pattern that cannot be read matches nothing
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  try {
    const regex = new RegExp(`^${translate(pattern)}$`, "su");
    return (path) => regex.test(path);
  } catch {
    return () => false;
  }
}

/** The signs of a pattern, each with what it is in a regular expression. */
const SIGNS = /(^|\/)\*\*(?:\/|$)|\*+|\?|\[(!|\^)?([^\]]+)\]|[{},]|\\(.)|[^]/gu;

function translate(pattern: string): string {
  let depth = 0;
  return pattern.replace(SIGNS, (sign, lead?: string, not?: string, set?: string, escaped?: string) => {
    if (lead !== undefined) return `${lead}(?:${sign.endsWith("/") ? "[^/]+/" : "[^/]+(?:/|$)"})*`;
    if (sign.startsWith("*")) return "[^/]*";
    if (sign === "?") return "[^/]";
    if (set !== undefined) return `[${not === undefined ? "" : "^"}${set.replace(/[\\[]/g, "\\$&")}]`;
    if (escaped !== undefined) return quote(escaped);
    if (sign === "{") {
      depth++;
      return "(?:";
    }
    if (sign === "}" && depth > 0) {
      depth--;
      return ")";
    }
    if (sign === "," && depth > 0) return "|";
    return quote(sign);
  });
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
