/**
 * The commands for the encrypted files of a whole repository, as the command table has them: data, bound to bodies that are
 * loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";
import { PATHS, SELECTION_FLAGS } from "./flags.ts";
import type { StatusFlags } from "./status.ts";

/** `status`. */
export const BULK_COMMANDS: readonly CommandSpec[] = [
  command<StatusFlags>({
    words: ["status"],
    brief: "Show every encrypted file: its rule, who can read it, what is out of date",
    description: [
      "Finds the encrypted files of the repository by their content, or those below PATH; what git ignores is left out.",
      "`+` stands before who is to be added by the rule, `-` before who is to be taken away. Needs no key.",
    ],
    arguments: [PATHS],
    flags: { ...SELECTION_FLAGS, json: JSON_FLAG },
    examples: [
      { line: "sopsmith status", purpose: "the whole repository" },
      { line: "sopsmith status secrets/prod --json", purpose: "one folder, for a script" },
    ],
    load: async () => (await import("./status.ts")).status,
  }),
];
