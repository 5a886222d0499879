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
import { collectFiles, type ScannedFile, type ScannedFiles, type ScanNote, scanRepository } from "./encrypted_files.ts";

/** An encrypted file, with the path that the rules are asked with. */
export interface GovernedFile extends ScannedFile {
  readonly comparedPath: string;
}

/**
 * Finds the files one by one.
 *
 * @param chosen a config that a person named is for all files below its folder, whatever other configs lie there
 * @param onNote told what was left out
 */
export function* scanGovernedFiles(
  host: Host,
  chosen: ChosenConfig,
  onNote: (note: ScanNote) => void,
): Generator<GovernedFile, void> {
  const { paths } = host;
  const progress = new Progress(host, "looking for encrypted files, folders");
  const hasNoConfig = (path: string, entries: readonly { readonly name: string }[]): boolean =>
    !entries.some(({ name }) => name === SOPS_CONFIG_NAME) ||
    findEntry(host, paths.join(path, SOPS_CONFIG_NAME)) === undefined;
  const nested = chosen.reason === "nearest" ? { enters: hasNoConfig } : {};
  try {
    for (const file of scanRepository(host, paths.dirname(chosen.path), { ...nested, onNote, progress })) {
      yield { ...file, comparedPath: sopsRelativePath(paths, chosen.path, file.path) };
    }
  } finally {
    progress.end();
  }
}

/** Finds the files, and keeps them; see {@link scanGovernedFiles}. */
export function findGovernedFiles(host: Host, chosen: ChosenConfig): ScannedFiles<GovernedFile> {
  return collectFiles((onNote) => scanGovernedFiles(host, chosen, onNote));
}
