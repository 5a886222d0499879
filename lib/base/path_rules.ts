/**
 * How paths are written on Unix and on Windows: roots, separators, `.` and `..`.
 *
 * Equal to the rules of `node:path` for what {@link PathRules} offers (a test compares both), without loading it: that
 * module, or anything that touches `process`, costs as much start-up time as a whole empty program. Pure.
 * Reasons: `docs/decisions/`, the path library.
 *
 * @module
 */

/** The path functions of one family of systems. None of them looks at a working directory. */
export interface PathRules {
  readonly separator: "/" | "\\";
  isAbsolute(path: string): boolean;
  /** Joins with separators and normalizes; `.` for nothing. */
  join(...parts: readonly string[]): string;
  /** Removes `.`, `..` and doubled separators; keeps a separator at the end; `.` for nothing. */
  normalize(path: string): string;
  /** The path without its last part; a root is its own parent. */
  dirname(path: string): string;
  /** The last part; empty for a root and for `.`. */
  basename(path: string): string;
  /** The way from one absolute path to another; empty when equal; `to` itself when their roots differ. */
  relative(from: string, to: string): string;
}

/** A path taken apart. */
interface Parts {
  /** `""`, `/`, `C:`, `C:\` or `\\server\share\`, with this system's separators. */
  readonly root: string;
  /** What lies between separators, `.` and empty parts left out. */
  readonly segments: readonly string[];
  readonly endsInSeparator: boolean;
}

/** Paths of Linux, macOS and other Unix systems. */
export const UNIX_PATHS: PathRules = pathRules("/", /\//, (path) => path.startsWith("/") ? [1, "/"] : [0, ""]);

/** Paths of Windows: `/` is read as `\`, letters of both cases are equal. */
export const WINDOWS_PATHS: PathRules = pathRules("\\", /[\\/]/, (path) => {
  const share = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(path);
  if (share !== null) return [share[0].length, `\\\\${share[1]}\\${share[2]}\\`];
  const drive = /^([A-Za-z]:)([\\/]?)/.exec(path);
  if (drive !== null) return [drive[0].length, drive[2] === "" ? `${drive[1]}` : `${drive[1]}\\`];
  return /^[\\/]/.test(path) ? [1, "\\"] : [0, ""];
});

function pathRules(
  separator: "/" | "\\",
  separatorPattern: RegExp,
  splitRoot: (path: string) => readonly [length: number, root: string],
): PathRules {
  function parse(path: string): Parts {
    const [length, root] = splitRoot(path);
    const texts = path.slice(length).split(separatorPattern);
    return {
      root,
      segments: texts.filter((text) => text !== "" && text !== "."),
      endsInSeparator: separatorPattern.test(path.slice(length).slice(-1)),
    };
  }
  function isRooted(root: string): boolean {
    return root.endsWith(separator);
  }
  function resolveSegments({ root, segments }: Parts): string[] {
    const resolved: string[] = [];
    for (const segment of segments) {
      if (segment !== "..") resolved.push(segment);
      else if (resolved.length > 0 && resolved.at(-1) !== "..") resolved.pop();
      else if (!isRooted(root)) resolved.push("..");
    }
    return resolved;
  }
  function normalize(path: string): string {
    const parts = parse(path);
    const segments = resolveSegments(parts);
    if (segments.length === 0 && !isRooted(parts.root)) segments.push(".");
    const end = parts.endsInSeparator && segments.length > 0 ? separator : "";
    return parts.root + segments.join(separator) + end;
  }
  /** What is compared: on Windows without regard to case. */
  function comparable(text: string): string {
    return separator === "\\" ? text.toLowerCase() : text;
  }
  return {
    separator,
    normalize,
    isAbsolute: (path) => isRooted(splitRoot(path)[1]),
    join: (...parts) => normalize(parts.filter((part) => part !== "").join(separator)),
    dirname(path) {
      const { root, segments } = parse(path);
      return root + segments.slice(0, -1).join(separator) || ".";
    },
    basename: (path) => parse(path).segments.at(-1) ?? "",
    relative(from, to) {
      const [start, end] = [parse(from), parse(to)];
      if (comparable(start.root) !== comparable(end.root)) return to;
      const [up, down] = [resolveSegments(start), resolveSegments(end)];
      let common = 0;
      while (common < up.length && common < down.length && comparable(up[common]!) === comparable(down[common]!)) {
        common++;
      }
      return [...up.slice(common).map(() => ".."), ...down.slice(common)].join(separator);
    },
  };
}
