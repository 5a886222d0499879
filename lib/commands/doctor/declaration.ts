/**
 * `doctor` and `completion` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { CompletionFlags } from "../completion/completion.ts";
import type { DoctorFlags } from "./doctor.ts";
import { JSON_FLAG, RULES_CONFIG_FLAG } from "../shared/shared_flags.ts";

/** `doctor` and `completion`. */
export const SETUP_COMMANDS: readonly CommandSpec[] = [
  command<DoctorFlags>({
    words: ["doctor"],
    brief: "Say why a file cannot be decrypted here, or what is wrong on this machine",
    description: [
      "Names every recipient of each FILE and the local identity that matches it, the rule that counts, every place where",
      "SOPS looks for identities, and one next step. Without FILE: all encrypted files of the repository.",
      "Decrypts nothing, asks for no passphrase, changes nothing and needs no sops; commands that SOPS_AGE_KEY_CMD and",
      "SOPS_AGE_SSH_PRIVATE_KEY_CMD name are run, as SOPS runs them.",
      "Exit code 4: a named FILE, or every file of the repository, cannot be decrypted here.",
    ],
    arguments: [{ name: "FILE", isRepeated: true }],
    flags: { config: RULES_CONFIG_FLAG, json: JSON_FLAG },
    examples: [
      { line: "sopsmith doctor secrets/db.yaml", purpose: "why can I not decrypt this?" },
      { line: "sopsmith doctor", purpose: "this machine, and the whole repository" },
    ],
    load: async () => (await import("./doctor.ts")).doctor,
  }),
  command<CompletionFlags>({
    words: ["completion"],
    brief: "Print the script that completes sopsmith in a shell",
    description: [
      "With Tab, the shell then offers commands, flags, files, and the names of vaults and recipients that are configured",
      "where you stand. Install the script once; it asks the program itself, so it fits every version.",
    ],
    arguments: [{ name: "bash|zsh|fish|powershell", completes: "shell", isRequired: true }],
    flags: {},
    examples: [
      { line: "sopsmith completion bash >> ~/.bashrc", purpose: "bash" },
      { line: "sopsmith completion zsh >> ~/.zshrc", purpose: "zsh, below the line that runs compinit" },
      { line: "sopsmith completion fish > ~/.config/fish/completions/sopsmith.fish", purpose: "fish" },
      { line: "sopsmith completion powershell >> $PROFILE", purpose: "PowerShell" },
    ],
    load: async () => (await import("../completion/completion.ts")).completion,
  }),
];
