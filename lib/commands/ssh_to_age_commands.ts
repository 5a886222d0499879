/**
 * `ssh-to-age …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";

/** `ssh-to-age …`. */
export const SSH_TO_AGE_COMMANDS: readonly CommandSpec[] = [];
