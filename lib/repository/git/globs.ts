/**
 * A `path_regex` as patterns of git: what the rule matches, they match, and little besides. Pure.
 *
 * The patterns of git know one name of a path (`*`), one character of a name (`?`) and any number of folders (`**`); a
 * pattern that cannot be said so is left alone. Form: gitattributes(5), gitignore(5).
 *
 * @module
 */
import { parsePatternTree, type PatternTree } from "../../config/patterns/tree.ts";

/** A pattern of git. */
export interface Glob {
  /** Relative to the folder of the config, without a leading slash; what is special in a name stands behind a backslash. */
  readonly pattern: string;
  /** Whether git takes it for a path, from the same folder. */
  readonly matches: (path: string) => boolean;
  /** A path that it matches. */
  readonly sample: string;
}

/** A piece of a path. */
type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** One character of a name, any number of them, or any number of characters of a path. */
  | { readonly kind: "one" | "name" | "any" }
  | { readonly kind: "start" | "end" };

/** A rule that stands for more patterns is left alone. */
const MAX_GLOBS = 24;

const SLASH = 0x2f;

/** What nearly every repository has without any secret in it; a rule for all of it says nothing about a file. */
const BROAD = /^(?:\*\*\/)?\*?\*?(?:\.?(?:ya?ml|json|env|ini))?$/;

/** @returns the patterns; undefined for a rule that git cannot say, or that is for files of all kinds */
export function globsOf(pathRegex: string): readonly Glob[] | undefined {
  const tree = parsePatternTree(pathRegex);
  const paths = tree === undefined ? undefined : expand(tree);
  if (paths === undefined) return undefined;
  const globs: Glob[] = [];
  for (const path of paths) {
    const pieces = anchor(path);
    if (pieces === undefined) return undefined;
    globs.push(...writeGlobs(pieces).map(globOf));
  }
  const distinct = [...new Map(globs.map((glob) => [glob.pattern, glob])).values()];
  const patterns = new Set(distinct.map(({ pattern }) => pattern));
  const needed = distinct.filter(({ pattern }) => !patterns.has(`**/${pattern}`));
  return needed.length > MAX_GLOBS || needed.some(({ pattern }) => BROAD.test(pattern)) ? undefined : needed;
}

/** @returns every way through the alternatives; undefined for too many, and for what repeats a group */
function expand(tree: PatternTree): Piece[][] | undefined {
  switch (tree.kind) {
    case "edge":
      return [[{ kind: tree.edge }]];
    case "take":
      return [[pieceOf(tree.ranges)]];
    case "either": {
      const parts = tree.parts.map(expand);
      return parts.includes(undefined) ? undefined : limit(parts.flatMap((part) => part!));
    }
    case "repeat":
      return expandRepeat(tree);
    case "sequence": {
      let paths: Piece[][] = [[]];
      for (const part of tree.parts) {
        const endings = expand(part);
        const longer = endings && limit(paths.flatMap((path) => endings.map((ending) => [...path, ...ending])));
        if (longer === undefined) return undefined;
        paths = longer;
      }
      return paths;
    }
  }
}

function expandRepeat({ part, least, most }: PatternTree & { readonly kind: "repeat" }): Piece[][] | undefined {
  if (most === 1) {
    const once = expand(part);
    return once && (least === 0 ? [...once, []] : once);
  }
  if (part.kind !== "take") return undefined;
  return [[{ kind: mayBeSlash(part.ranges) ? "any" : "name" }]];
}

function limit(paths: Piece[][]): Piece[][] | undefined {
  return paths.length > MAX_GLOBS ? undefined : paths;
}

type Ranges = (PatternTree & { readonly kind: "take" })["ranges"];

/** A dot is a character of a name: who writes one means that, or a dot. */
function pieceOf(ranges: Ranges): Piece {
  const [range, ...others] = ranges;
  const isSingle = range !== undefined && others.length === 0 && range[0] === range[1];
  return isSingle ? { kind: "text", text: String.fromCodePoint(range[0]) } : { kind: "one" };
}

function mayBeSlash(ranges: Ranges): boolean {
  return ranges.some(([first, last]) => first <= SLASH && SLASH <= last);
}

/** @returns the path with anything before and behind it that the pattern lets stand there; undefined for an edge inside */
function anchor(path: readonly Piece[]): Piece[] | undefined {
  const isAtStart = path[0]?.kind === "start";
  const isAtEnd = path.at(-1)?.kind === "end";
  const inner = path.slice(isAtStart ? 1 : 0, isAtEnd ? -1 : path.length);
  if (inner.some(({ kind }) => kind === "start" || kind === "end")) return undefined;
  const pieces: Piece[] = [];
  for (
    const piece of [
      ...isAtStart ? [] : [{ kind: "any" } as const],
      ...inner,
      ...isAtEnd ? [] : [{ kind: "any" } as const],
    ]
  ) {
    const last = pieces.at(-1);
    if (piece.kind === "text" && last?.kind === "text") {
      pieces[pieces.length - 1] = { kind: "text", text: last.text + piece.text };
    } else if (isRun(piece) && last !== undefined && isRun(last)) {
      pieces[pieces.length - 1] = { kind: last.kind === "any" || piece.kind === "any" ? "any" : "name" };
    } else pieces.push(piece);
  }
  return pieces;
}

function isRun({ kind }: Piece): boolean {
  return kind === "name" || kind === "any";
}

/** Within a name any number of characters may or may not cross a slash: these are two patterns. */
function writeGlobs(pieces: readonly Piece[]): string[] {
  let written = [""];
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1];
    const isBeforeSlash = next?.kind === "text" && next.text.startsWith("/");
    const isLast = next === undefined;
    written = written.flatMap((text) => {
      switch (piece.kind) {
        case "text":
          return [text + escapeGlob(text.endsWith("/") || text === "" ? piece.text.replace(/^\//, "") : piece.text)];
        case "one":
          return [`${text}?`];
        case "name":
          return [`${text}*`];
        default: {
          if (text === "" || text.endsWith("/")) {
            return [isBeforeSlash ? `${text}**/` : isLast ? `${text}**` : `${text}**/*`];
          }
          if (isBeforeSlash) return [`${text}*/**/`];
          return [`${text}*`, isLast ? `${text}*/**` : `${text}*/**/*`];
        }
      }
    });
  }
  return written;
}

/** What is special in a pattern of git, taken for itself. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}

function globOf(pattern: string): Glob {
  const regex = new RegExp(`^${pattern.replace(GLOB_PART, translate)}$`, "s");
  const sample = pattern.replaceAll("**/", "").replace(GLOB_PART, (part) => {
    return part.startsWith("\\") ? part.slice(1) : part === "?" || part.startsWith("*") ? "x" : part;
  });
  return { pattern, matches: (path) => regex.test(path), sample };
}

/** What is special in a pattern of git, and what would be in a regular expression. */
const GLOB_PART = /\\.|(?<![^/])\*\*\/|(?<![^/])\*\*$|\*|\?|[.+^${}()|[\]]/gsu;

function translate(part: string): string {
  switch (part) {
    case "**/":
      return "(?:.*/)?";
    case "**":
      return ".+";
    case "*":
      return "[^/]*";
    case "?":
      return "[^/]";
    default:
      return part.startsWith("\\") ? `\\${part.slice(1)}` : `\\${part}`;
  }
}
