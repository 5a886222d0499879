/**
 * Flags that the commands for many files share, and what they select. I/O through the host.
 *
 * @module
 */
import type { FileRules } from "../../repository/scan/file_rules.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import type { SelectionOptions } from "../../repository/bulk/selection.ts";
import { RULES_CONFIG_FLAG } from "../shared/shared_flags.ts";
import type { ArgumentSpec } from "../shared/command.ts";

/** Values of {@link SELECTION_FLAGS}. */
export interface SelectionFlags {
  readonly config?: string;
  readonly shard?: string;
}

/** Which files a command is about, besides its arguments. */
export const SELECTION_FLAGS = {
  config: RULES_CONFIG_FLAG,
  shard: { brief: "only share I of N of the files, the same every time", value: "I/N" },
} as const;

/** The files and folders that a command is about. */
export const PATHS: ArgumentSpec = { name: "PATH", isRepeated: true };

/** @throws {UserError} `usage` for a share that makes no sense */
export function selectionOf(rules: FileRules, paths: readonly string[], { shard }: SelectionFlags): SelectionOptions {
  return { rules, paths, shard: shard === undefined ? undefined : parseShard(shard) };
}
