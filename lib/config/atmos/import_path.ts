/**
 * Where an `import` leads: which addresses are another machine's, and from where local paths count. Looks at names only.
 * Spec: vaults §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { findEntry } from "../upward.ts";

/** What atmos would fetch: a URL, or an address as its downloader takes them (`git::…`, `github.com/…`). */
const REMOTE =
  /^(?:[a-z0-9+.-]+::?\/\/|[a-z0-9]+::|git@|(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)\/|[^/]+(?:\/[^/]+)*\/\/)/i;

/** @returns whether a path is one of another machine */
export function isRemote(path: string): boolean {
  return REMOTE.test(path.trim()) && !/^\.{0,2}\//.test(path.trim());
}

/** @returns whether a path starts with a dot, and so counts from where it is written */
export function isExplicitlyRelative(path: string): boolean {
  return /^\.{1,2}(?:[/\\]|$)/.test(path);
}

/** From where a path may count. */
export interface BaseOptions {
  /** Folder of the file that says it; absolute. */
  readonly folder: string;
  /** Undefined outside of a git work tree. */
  readonly gitRoot: string | undefined;
}

/**
 * @param path as in `base_path`; empty: nothing is said
 * @returns the folder that imports count from, absolute: as atmos looks for it, in the git work tree first
 */
export function resolveImportBase(host: Host, path: string, { folder, gitRoot }: BaseOptions): string {
  const { paths, cwd } = host;
  if (path === "") return gitRoot ?? folder;
  if (isExplicitlyRelative(path) || paths.isAbsolute(path)) return paths.resolve(folder, path);
  const [first = folder, ...others] = [gitRoot ?? folder, cwd].map((base) => paths.resolve(base, path));
  return [first, ...others].find((base) => findEntry(host, base) !== undefined) ?? first;
}
