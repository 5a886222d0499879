/**
 * Path arithmetic by the rules of an operating system; `posix_paths.ts` and `windows_paths.ts` are the two rule books.
 *
 * Pure: the working directory is never asked for. Two files, because the Windows rules cost 20 ms to load
 * (see `docs/decisions/002-path-library.md`), which only Windows pays.
 *
 * @module
 */

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

/** What a path library brings; both libraries follow `node:path`. */
export interface PathLibrary {
  isAbsolute(path: string): boolean;
  join(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
  normalize(path: string): string;
  relative(from: string, to: string): string;
}

/** @returns the path functions that a library and its separator give */
export function createPaths(library: PathLibrary, separator: "/" | "\\"): Paths {
  function withoutTrailingSeparator(path: string): string {
    const normalized = library.normalize(path);
    const isRoot = library.dirname(normalized) === normalized;
    return normalized.endsWith(separator) && !isRoot ? normalized.slice(0, -1) : normalized;
  }
  return {
    separator,
    isAbsolute: library.isAbsolute,
    join: library.join,
    dirname: library.dirname,
    basename: (path) => library.basename(path),
    normalize: library.normalize,
    relative: library.relative,
    resolve: (base, path) => withoutTrailingSeparator(library.isAbsolute(path) ? path : library.join(base, path)),
    contains(folder, path) {
      const prefix = folder.endsWith(separator) ? folder : folder + separator;
      return path === folder || path.startsWith(prefix);
    },
  };
}
