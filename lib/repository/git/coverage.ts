/**
 * Which lines `.gitattributes` needs, so that git shows and merges the encrypted files of a repository, and those that its
 * rules will encrypt. Asks git what it has already; reads only.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { findChosenConfig } from "../../config/config_choice.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { selectFiles, slashPath } from "../bulk/selection.ts";
import { FileRules } from "../scan/file_rules.ts";
import { runGit } from "../scan/work_tree.ts";
import type { AttributeLine } from "./attributes.ts";
import { type Driver, DRIVERS } from "./drivers.ts";
import { escapeGlob, type Glob, globsOf } from "./globs.ts";

/** What the attributes of a repository lack. */
export interface Coverage {
  readonly lines: readonly AttributeLine[];
  /** Paths that have a driver of somebody else, or none on purpose: they are left alone. */
  readonly others: readonly OtherDriver[];
  /** How many encrypted files there are. */
  readonly fileCount: number;
}

/** A file or pattern with a driver that is not ours. */
export interface OtherDriver {
  /** From the root of the work tree. */
  readonly path: string;
  readonly driver: Driver;
  /** As git names it: `unset` where there is none on purpose. */
  readonly value: string;
}

/** A pattern that may have to be written, with a path by which git is asked what it has. */
interface Candidate {
  readonly pattern: string;
  readonly sample: string;
}

/** What git says of a path that no line is about. */
const UNSPECIFIED = "unspecified";
const OURS = "sopsmith";

/** @param root absolute path of the work tree */
export async function findCoverage(host: Host, root: string): Promise<Coverage> {
  const inRoot = host.in(root);
  const rules = new FileRules(inRoot, undefined);
  const configs = new Map<string, SopsConfig>();
  const files: string[] = [];
  for await (const file of selectFiles(inRoot, { paths: [root], rules })) {
    if ("error" in file) continue; // what cannot be read has no values to show
    files.push(slashPath(host, root, file.path));
    if (file.fileRule.config !== undefined) configs.set(file.fileRule.config.path, file.fileRule.config);
  }
  const chosen = await findChosenConfig(host, root);
  if (chosen !== undefined && !configs.has(chosen)) {
    const { config } = await rules.find(host.paths.join(root, "any"));
    if (config !== undefined) configs.set(config.path, config);
  }
  const ofRules = [...configs.values()].flatMap((config) => candidatesOf(host, root, config));
  const literal = files.filter((path) => !ofRules.some(({ matches }) => matches(path)));
  const candidates = [...ofRules, ...literal.map((path) => ({ pattern: `/${escapeGlob(path)}`, sample: path }))];
  const found = await readDrivers(inRoot, [...candidates.map(({ sample }) => sample), ...files]);
  const lines = candidates.flatMap(({ pattern, sample }) => {
    const present = found.get(sample);
    const drivers = DRIVERS.filter((driver) => (present?.[driver] ?? UNSPECIFIED) === UNSPECIFIED);
    return drivers.length === 0 ? [] : [{ pattern, drivers }];
  });
  const others = files.flatMap((path) =>
    DRIVERS.flatMap((driver) => {
      const value = found.get(path)?.[driver] ?? UNSPECIFIED;
      return value === UNSPECIFIED || value === OURS ? [] : [{ path, driver, value }];
    })
  );
  return { lines, others, fileCount: files.length };
}

/** The patterns of the rules of a config, from the root of the work tree; none for one that lies above it. */
function candidatesOf(
  host: Host,
  root: string,
  { path, rules }: SopsConfig,
): (Candidate & { readonly matches: Glob["matches"] })[] {
  const folder = host.paths.dirname(path);
  if (folder !== root && !host.paths.contains(root, folder)) return [];
  const prefix = folder === root ? "" : `${slashPath(host, root, folder)}/`;
  const globs = rules.flatMap(({ pathRegex }) => pathRegex ? globsOf(pathRegex) ?? [] : []);
  const written = globs.map(({ pattern, sample, matches }) => ({
    pattern: fromRoot(prefix, pattern),
    sample: prefix + sample,
    matches: (file: string) => file.startsWith(prefix) && matches(file.slice(prefix.length)),
  }));
  return [...new Map(written.map((candidate) => [candidate.pattern, candidate])).values()];
}

/** A pattern without a slash is one for every folder, as is one that begins with `**`. */
function fromRoot(prefix: string, pattern: string): string {
  if (prefix !== "") return `/${escapeGlob(prefix)}${pattern}`;
  const [, name] = /^\*\*\/([^/]+)$/.exec(pattern) ?? [];
  return name ?? (pattern.startsWith("**/") ? pattern : `/${pattern}`);
}

/** @returns what git has for each path; paths without an answer where git fails */
async function readDrivers(
  host: Host,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<Driver, string>>>> {
  const found = new Map<string, Record<Driver, string>>();
  if (paths.length === 0) return found;
  const input = new TextEncoder().encode([...new Set(paths)].map((path) => `${path}\0`).join(""));
  const result = await runGit(host, host.cwd, ["check-attr", "--stdin", "-z", ...DRIVERS], { stdin: input });
  if (result?.code !== 0) return found;
  const fields = new TextDecoder().decode(result.stdout).split("\0");
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [path, driver, value] = fields.slice(i, i + 3) as [string, Driver, string];
    found.set(path, { ...found.get(path) ?? { diff: UNSPECIFIED, merge: UNSPECIFIED }, [driver]: value });
  }
  return found;
}
