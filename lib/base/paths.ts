/**
 * Path arithmetic by the rules of a chosen operating system, so that Windows rules can be tested anywhere.
 *
 * @module
 */
import * as posix from "path-unified/posix";
import * as win32 from "path-unified/win32";
import type { Os } from "./host.ts";

/** The path functions that the program uses. Every function is pure: relative paths are never resolved by themselves. */
export interface Paths {
  /** `/` or `\`. */
  readonly separator: string;
  isAbsolute(path: string): boolean;
  join(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
  /** Removes `.`, `..` and doubled separators. */
  normalize(path: string): string;
  /** From one absolute path to another. */
  relative(from: string, to: string): string;
  /** @returns `path` when absolute, else `base` joined with it; normalized without a trailing separator */
  resolve(base: string, path: string): string;
  /** @returns whether `path` is `folder` itself or lies below it; both absolute and normalized */
  contains(folder: string, path: string): boolean;
}

const SEPARATORS: Record<Os, "/" | "\\"> = { linux: "/", darwin: "/", windows: "\\" };

/** @returns the path functions of an operating system */
export function pathsOf(os: Os): Paths {
  const rules = os === "windows" ? win32 : posix;
  const separator = SEPARATORS[os];
  function trimEnd(path: string): string {
    const normalized = rules.normalize(path);
    const withoutEnd = normalized.endsWith(separator) ? normalized.slice(0, -1) : normalized;
    return withoutEnd !== "" && rules.isAbsolute(withoutEnd) === rules.isAbsolute(normalized) ? withoutEnd : normalized;
  }
  return {
    separator,
    isAbsolute: rules.isAbsolute,
    join: rules.join,
    dirname: rules.dirname,
    basename: (path) => rules.basename(path),
    normalize: rules.normalize,
    relative: rules.relative,
    resolve: (base, path) => trimEnd(rules.isAbsolute(path) ? path : rules.join(base, path)),
    contains(folder, path) {
      const prefix = folder.endsWith(separator) ? folder : folder + separator;
      return path === folder || path.startsWith(prefix);
    },
  };
}
