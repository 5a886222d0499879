/**
 * The command `check`, as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { PATHS, SELECTION_FLAGS } from "../bulk/flags.ts";
import { command, type CommandSpec } from "../shared/command.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";
import type { CheckFlags } from "./check.ts";

/** `check`. */
export const CHECK_COMMANDS: readonly CommandSpec[] = [
  command<CheckFlags>({
    words: ["check"],
    brief: "Find what is wrong in a repository, without any private key",
    description: [
      "Plaintext where a rule says encrypted, values and comments in clear, recipients that differ from the rule, files",
      "without a rule, damaged files, private keys, mistakes in .sops.yaml. What git ignores is left out. Ends with 3",
      "when it finds something at or above --level. docs/check.md lists the codes, and the lines for CI.",
    ],
    arguments: [PATHS],
    flags: {
      staged: { brief: "what is staged for the next commit, instead of the files as they are" },
      level: {
        brief: "the mildest that counts: note, warning or error (default: warning)",
        value: "LEVEL",
        completes: "severity",
      },
      exclude: { brief: "leave out this file or folder (repeatable)", value: "PATH", isRepeated: true },
      ...SELECTION_FLAGS,
      json: JSON_FLAG,
      sarif: { brief: "result as SARIF 2.1.0 on stdout, for code scanning" },
    },
    examples: [
      { line: "sopsmith check", purpose: "the whole repository" },
      { line: "sopsmith check --staged", purpose: "in a pre-commit hook" },
      { line: "sopsmith check --sarif > check.sarif", purpose: "for the code scanning of a forge" },
    ],
    load: async () => (await import("./check.ts")).check,
  }),
];
