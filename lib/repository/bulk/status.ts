/**
 * What is to be said of each encrypted file: who can read it, and how it differs from its rule. Pure.
 *
 * @module
 */
import { isAsRuleSays } from "../scan/differences.ts";
import type { RuledFile } from "../scan/file_rules.ts";
import { compareSettings, type SettingDifference } from "../scan/settings.ts";

/** Where a file stands. `no-config`: there is none, or it cannot be read. */
export type FileState = "up-to-date" | "differs" | "no-rule" | "no-config";

/** A file and how it stands. */
export interface FileStatus extends RuledFile {
  readonly state: FileState;
  /** Settings that the rule has differently; none without a rule. */
  readonly settings: readonly SettingDifference[];
}

/** One list for all files that differ in nothing. */
const NO_DIFFERENCES: readonly SettingDifference[] = [];

/** What decides how a file stands. */
type Standing = Pick<RuledFile, "fileRule" | "differences" | "metadata">;

/** @returns the file, and how it stands to its rule */
export function statusOf<File extends Standing>(file: File): File & Pick<FileStatus, "settings" | "state"> {
  const { fileRule, differences, metadata } = file;
  const settings = fileRule.rule === undefined ? NO_DIFFERENCES : compareSettings(metadata, fileRule.rule);
  return {
    ...file,
    settings: settings.length === 0 ? NO_DIFFERENCES : settings,
    state: stateOf(file, differences !== undefined && settings.length === 0),
  };
}

function stateOf({ fileRule, differences }: Standing, hasSameSettings: boolean): FileState {
  if (fileRule.config === undefined) return "no-config";
  if (differences === undefined) return "no-rule";
  return hasSameSettings && isAsRuleSays(differences) ? "up-to-date" : "differs";
}
