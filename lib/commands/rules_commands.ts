/**
 * `rules …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "./command.ts";
import type { RulesExplainFlags } from "./rules_explain.ts";
import type { RulesListFlags } from "./rules_list.ts";
import { JSON_FLAG, RULES_CONFIG_FLAG } from "./shared_flags.ts";

/** `rules …`. */
export const RULES_COMMANDS: readonly CommandSpec[] = [
  command<RulesListFlags>({
    words: ["rules", "list"],
    brief: "List the creation rules of .sops.yaml with their recipients",
    description: ["Rules are tried from the top; the first one that matches a file wins, and rules never add up."],
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith rules list", purpose: "the rules that apply here" }],
    load: async () => (await import("./rules_list.ts")).rulesList,
  }),
  command<RulesExplainFlags>({
    words: ["rules", "explain"],
    brief: "Explain which rule wins for a file, and why",
    description: [
      "Shows the .sops.yaml used, the path that its rules are compared with, every rule up to the winner, and for an",
      "encrypted file how it differs from its rule. The file need not exist yet.",
    ],
    arguments: [{ name: "FILE", isRequired: true, isRepeated: true }],
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith rules explain secrets/db.yaml", purpose: "who will be able to read that file" }],
    load: async () => (await import("./rules_explain.ts")).rulesExplain,
  }),
];
