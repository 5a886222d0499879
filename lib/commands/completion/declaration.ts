/**
 * `completion` as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { CompletionFlags } from "./completion.ts";

/** `completion`. */
export const COMPLETION_COMMANDS: readonly CommandSpec[] = [
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
    load: async () => (await import("./completion.ts")).completion,
  }),
];
