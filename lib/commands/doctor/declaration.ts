/**
 * `doctor` as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { DoctorFlags } from "./doctor.ts";
import { JSON_FLAG, RULES_CONFIG_FLAG } from "../shared/shared_flags.ts";

/** `doctor`. */
export const DOCTOR_COMMANDS: readonly CommandSpec[] = [
  command<DoctorFlags>({
    words: ["doctor"],
    brief: "Say why a file cannot be decrypted here, or what is wrong on this machine",
    description: [
      "Names every recipient of each FILE and the local identity that matches it, the rule that counts, every place where",
      "SOPS looks for identities, and one next step. Without FILE: all encrypted files of the repository; the values of",
      "more than 1,000 are only checked where a folder is named.",
      "Files that open without asking anybody are checked in memory: whether the values are those that were encrypted,",
      "and whether one is in clear that should not be. Shows no value, asks for no passphrase, starts no plugin, changes",
      "nothing and needs no sops; commands that SOPS_AGE_KEY_CMD and SOPS_AGE_SSH_PRIVATE_KEY_CMD name are run, as SOPS",
      "runs them.",
      "Exit code 5: a file is not what was encrypted; 4: a named FILE, or every file of the repository, cannot be",
      "decrypted here; 3: a .sops.yaml has mistakes, or a file differs from its rule.",
    ],
    arguments: [{ name: "FILE", isRepeated: true }],
    flags: { config: RULES_CONFIG_FLAG, json: JSON_FLAG },
    examples: [
      { line: "sopsmith doctor secrets/db.yaml", purpose: "why can I not decrypt this?" },
      { line: "sopsmith doctor", purpose: "this machine, and the whole repository" },
    ],
    load: async () => (await import("./doctor.ts")).doctor,
  }),
];
