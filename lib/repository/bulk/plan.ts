/**
 * What becomes of every file that was selected, before anything is opened or written: changed, left as it is, or a
 * failure. One at a time as they are found; what is kept of each is small, and what is the same for many is shared.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { StoreFormat } from "../../sops/metadata/metadata.ts";
import type { FileRule, RuledFile } from "../scan/file_rules.ts";
import { rememberAnswers } from "../scan/remember.ts";
import type { ScannedMetadata } from "../scan/scanned_metadata.ts";
import type { KeyChange } from "./key_change.ts";
import type { Unseen } from "./selection.ts";

/** A file that is to be changed. */
export interface PlannedFile {
  readonly state: "to-change";
  /** Absolute. */
  readonly path: string;
  readonly format: StoreFormat;
  readonly change: KeyChange;
  readonly fileRule: FileRule;
  /** Who can read it now. */
  readonly metadata: ScannedMetadata;
}

/** A file that stays as it is. */
export interface LeftFile {
  readonly state: "up-to-date" | "no-rule" | "no-config";
  readonly path: string;
  readonly fileRule: FileRule;
}

/** A file that nothing can be done with. */
export interface FailedFile {
  readonly state: "failed";
  readonly path: string;
  readonly error: UserError;
}

/** A file, and what is to become of it. */
export type FilePlan = PlannedFile | LeftFile | FailedFile;

/** How a plan is made. */
export interface PlanOptions {
  /** Stands behind "cannot" in the error of a file: `update`. */
  readonly verb: string;
  /** Whether a file without a rule is a failure, as one is that a person has named. */
  readonly needsRule: (path: string) => boolean;
  /** Instead of the format that the content is in. */
  readonly format?: StoreFormat | undefined;
  /** Told of every file that is to be changed. */
  readonly onPlanned: (path: string) => void;
  /** @returns undefined for a file that stays as it is */
  readonly change: (fileRule: FileRule, metadata: ScannedMetadata) => KeyChange | undefined;
}

/** @returns the files in their order */
export async function planFiles(
  files: AsyncIterable<RuledFile | Unseen>,
  { verb, needsRule, format, change, onPlanned }: PlanOptions,
): Promise<FilePlan[]> {
  const changeOf = rememberAnswers(change);
  const plans: FilePlan[] = [];
  for await (const file of files) {
    if ("error" in file) plans.push({ state: "failed", path: file.path, error: file.error });
    else {
      const { path, fileRule, metadata } = file;
      const planned = changeOf(fileRule, metadata);
      if (planned === undefined) plans.push(leave(file, { verb, isFailure: needsRule(path) }));
      else if (planned.problem !== undefined) {
        const { kind, message, hints } = planned.problem;
        const error = new UserError(kind, `cannot ${verb} "${path}": ${message}`, { hints, location: { path } });
        plans.push({ state: "failed", path, error });
      } else {
        plans.push({
          state: "to-change",
          path,
          format: format ?? metadata.format,
          change: planned,
          fileRule,
          metadata,
        });
        onPlanned(path);
      }
    }
  }
  return plans;
}

function leave(
  { path, fileRule }: RuledFile,
  { verb, isFailure }: { readonly verb: string; readonly isFailure: boolean },
): FilePlan {
  const { config, rule, problem } = fileRule;
  if (rule !== undefined) return { state: "up-to-date", path, fileRule };
  if (!isFailure) return { state: config === undefined ? "no-config" : "no-rule", path, fileRule };
  const error = config === undefined
    ? new UserError("not-found", `cannot ${verb} "${path}": ${problem ?? "there is no .sops.yaml"}`)
    : new UserError("refused", `cannot ${verb} "${path}": no rule of "${config.path}" matches it`, {
      hints: ["sopsmith rules explain shows what each rule says to a path"],
      location: { path: config.path },
    });
  return { state: "failed", path, error };
}
