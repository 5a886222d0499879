/**
 * `init` and `doctor …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";

/** `init` and `doctor …`. */
export const SETUP_COMMANDS: readonly CommandSpec[] = [];
