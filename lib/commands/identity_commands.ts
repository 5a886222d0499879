/**
 * `identity …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "./command.ts";
import type { IdentityPublicFlags } from "./identity_public.ts";
import { JSON_FLAG } from "./shared_flags.ts";

/** `identity …`. */
export const IDENTITY_COMMANDS: readonly CommandSpec[] = [
  command<IdentityPublicFlags>({
    words: ["identity", "public"],
    brief: "Print the recipients (public halves) of a keys file",
    description: [
      'Reads FILE, or standard input for "-", or without an argument the keys file that SOPS reads; prints one recipient',
      "for each identity, as age-keygen -y does.",
    ],
    arguments: [{ name: "FILE" }],
    flags: { json: JSON_FLAG },
    examples: [
      { line: "sopsmith identity public", purpose: "the recipients that this machine can decrypt for" },
      { line: "sopsmith identity public keys.txt", purpose: "those of a file" },
    ],
    load: async () => (await import("./identity_public.ts")).identityPublic,
  }),
];
