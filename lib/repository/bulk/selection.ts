/**
 * The encrypted files that a command is about: those of the whole repository, or of the files and folders that a person
 * names, each with its rule. One at a time, in bounded memory; what is wrong with one of them is a value.
 *
 * A folder gives its encrypted files, found by content; what git ignores and other repositories are left out. A named file
 * counts whatever git says of it. Reads only.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { findChosenConfig } from "../../config/config_choice.ts";
import { readIfFile, scanFile, type ScannedFile, scanRepository } from "../scan/encrypted_files.ts";
import type { FileRules, RuledFile } from "../scan/file_rules.ts";
import { listIgnored } from "../scan/ignored.ts";
import { MetadataPool } from "../scan/scanned_metadata.ts";
import { isInShard, type Shard } from "./shard.ts";

/** What is selected. */
export interface SelectionOptions {
  /** As typed; none: the repository. */
  readonly paths: readonly string[];
  readonly rules: FileRules;
  readonly shard?: Shard | undefined;
  /** Whether damaged data keys are looked for. */
  readonly findsDamage?: boolean | undefined;
  /** Told of the files beside which a killed run has left something; see `WalkOptions`. */
  readonly onLeftOver?: (path: string) => void;
}

/** A named file, or a part of the repository, that cannot be looked at. */
export interface Unseen {
  /** Absolute. */
  readonly path: string;
  readonly error: UserError;
}

/** @returns the folder that stands for the repository: the root of the work tree, else that of its `.sops.yaml`, else here */
export function findRepositoryRoot(host: Host): string {
  const config = findChosenConfig(host, host.cwd);
  return findGitRoot(host, host.cwd) ?? (config === undefined ? host.cwd : host.paths.dirname(config));
}

/** @returns each file once, those of a folder in the order of their paths */
export async function* selectFiles(
  host: Host,
  { paths, rules, shard, ...scan }: SelectionOptions,
): AsyncGenerator<RuledFile | Unseen, void> {
  const root = findRepositoryRoot(host);
  const named = paths.length === 0 ? [root] : paths.map((path) => host.paths.resolve(host.cwd, path));
  const seen = new Set<string>();
  const pool = new MetadataPool();
  for (const path of new Set(named)) {
    for await (
      const found of host.files.stat(path)?.kind === "directory"
        ? scanFolder(host, path, scan)
        : [readFile(host, path, { pool, findsDamage: scan.findsDamage })]
    ) {
      if (shard !== undefined && !isInShard(shard, slashPath(host, root, found.path))) continue;
      if (named.length > 1) {
        if (seen.has(found.path)) continue;
        seen.add(found.path);
      }
      if ("error" in found) {
        yield found;
        continue;
      }
      const fileRule = await rules.find(found.path);
      yield { ...found, fileRule, differences: rules.compare(found.metadata, fileRule.rule) };
    }
  }
}

/** @returns the path below the root with `/`, as git has it: the same for everybody, wherever the repository lies */
export function slashPath({ paths }: Host, root: string, path: string): string {
  return paths.relative(root, path).replaceAll(paths.separator, "/");
}

async function* scanFolder(
  host: Host,
  folder: string,
  { onLeftOver, findsDamage }: Pick<SelectionOptions, "onLeftOver" | "findsDamage">,
): AsyncGenerator<ScannedFile | Unseen, void> {
  const ignored = await listIgnored(host, folder);
  const unseen: Unseen[] = [];
  const progress = new Progress(host, "looking for encrypted files, folders");
  const files = scanRepository(host, folder, {
    enters: (path) => !ignored.has(path),
    accepts: (relativePath) => ignored.size === 0 || !ignored.has(host.paths.join(folder, relativePath)),
    progress,
    onLeftOver,
    findsDamage,
    onNote: ({ reason, relativePath, message }) => {
      if (reason === "nested-repository") return;
      const error = new UserError(reason === "unreadable" ? "denied" : "unsupported", message);
      unseen.push({ path: host.paths.join(folder, relativePath), error });
    },
  });
  try {
    for (const file of files) {
      yield* unseen.splice(0);
      yield file;
    }
    yield* unseen;
  } finally {
    progress.end();
  }
}

function readFile(
  host: Host,
  path: string,
  { pool, findsDamage }: Pick<SelectionOptions, "findsDamage"> & { readonly pool: MetadataPool },
): ScannedFile | Unseen {
  const relativePath = host.paths.basename(path);
  try {
    const bytes = readIfFile(host, path);
    const file = bytes && scanFile({ path, relativePath }, bytes, { pool, findsDamage });
    if (file !== undefined) return file;
    const isThere = host.files.stat(path) !== undefined;
    throw new UserError(
      isThere ? "malformed" : "not-found",
      isThere
        ? `cannot read "${path}": it is not encrypted, expected a file of SOPS`
        : `cannot read "${path}": no such file`,
      { hints: isThere ? [] : ["check the path for a typing mistake"], location: { path } },
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path, error };
  }
}
