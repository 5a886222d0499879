/**
 * The command `access`, as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { SELECTION_FLAGS } from "../bulk/flags.ts";
import { command, type CommandSpec } from "../shared/command.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";
import type { AccessFlags } from "./access.ts";

/** `access`. */
export const ACCESS_COMMANDS: readonly CommandSpec[] = [
  command<AccessFlags>({
    words: ["access"],
    brief: "Show who can read what, by name: as a table, as a picture",
    description: [
      "Looks at the encrypted files themselves, not at the rules: who is in them can read them now. Files that the same",
      "people read stand together by folder. A PATH or a NAME shows only these files or people; your own keys are marked.",
      "Needs no key.",
    ],
    arguments: [{ name: "PATH|NAME", isRepeated: true, completes: "recipient-name" }],
    flags: {
      name: { brief: "only this person, also where a file is called so (repeatable)", value: "NAME", isRepeated: true },
      ...SELECTION_FLAGS,
      json: JSON_FLAG,
      mermaid: { brief: "as a diagram in the language of Mermaid, for Markdown" },
      svg: { brief: "as a picture in FILE, or on stdout with -", value: "FILE" },
    },
    examples: [
      { line: "sopsmith access", purpose: "the whole repository" },
      { line: "sopsmith access alice", purpose: "what one person can read" },
      { line: "sopsmith access secrets/db.yaml", purpose: "who can read one file, and what the rule says" },
      { line: "sopsmith access --svg access.svg", purpose: "a picture, for light and dark pages" },
    ],
    load: async () => (await import("./access.ts")).access,
  }),
];
