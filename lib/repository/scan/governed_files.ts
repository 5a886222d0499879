/**
 * The encrypted files that one `.sops.yaml` is for: below its folder, and not below a folder with a config of its own.
 *
 * Reads only. Spec: sops-config §4.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { sopsRelativePath } from "../../config/patterns/matcher.ts";
import { SOPS_CONFIG_NAME } from "../../config/sops_config_find.ts";
import { findEntry } from "../../config/upward.ts";
import type { ChosenConfig } from "../../config/config_choice.ts";
import { type EncryptedFile, scanEncryptedFiles, type ScanNote } from "./encrypted_files.ts";

/** An encrypted file, with the path that the rules are asked with. */
export interface GovernedFile extends EncryptedFile {
  readonly comparedPath: string;
}

/** What was found. */
export interface GovernedFiles {
  /** Sorted by path. */
  readonly files: readonly GovernedFile[];
  /** What could not be read, so that encrypted files in it are missing here. */
  readonly unseen: readonly ScanNote[];
}

/**
 * Finds the files.
 *
 * @param chosen a config that a person named is for all files below its folder, whatever other configs lie there
 */
export async function findGovernedFiles(host: Host, chosen: ChosenConfig): Promise<GovernedFiles> {
  const root = host.paths.dirname(chosen.path);
  const progress = new Progress(host, "looking for encrypted files, folders");
  let found: Awaited<ReturnType<typeof scanEncryptedFiles>>;
  try {
    found = await scanEncryptedFiles(host, root, { progress });
  } finally {
    progress.end();
  }
  const hasOwnConfig = chosen.reason === "nearest"
    ? createNestedSearch(host, root)
    : (): Promise<boolean> => Promise.resolve(false);
  const files: GovernedFile[] = [];
  for (const file of found.files) {
    if (await hasOwnConfig(host.paths.dirname(file.path))) continue;
    files.push({ ...file, comparedPath: sopsRelativePath(host.paths, chosen.path, file.path) });
  }
  return { files, unseen: found.notes.filter(({ reason }) => reason !== "nested-repository") };
}

/** @returns tells whether a folder below the root, or one between the two, holds a config; remembers every folder */
function createNestedSearch(host: Host, root: string): (folder: string) => Promise<boolean> {
  const known = new Map<string, boolean>([[root, false]]);
  return async function hasOwnConfig(folder: string): Promise<boolean> {
    const answer = known.get(folder) ??
      (await findEntry(host, host.paths.join(folder, SOPS_CONFIG_NAME)) !== undefined ||
        await hasOwnConfig(host.paths.dirname(folder)));
    known.set(folder, answer);
    return answer;
  };
}
