/**
 * `nix …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";

/** `nix …`. */
export const NIX_COMMANDS: readonly CommandSpec[] = [];
