/**
 * `recipient …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";

/** `recipient …`. */
export const RECIPIENT_COMMANDS: readonly CommandSpec[] = [];
