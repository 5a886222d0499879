/**
 * Flags that the commands for many files share. Data.
 *
 * @module
 */
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
