/**
 * `rules …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { RulesAddFlags } from "./add.ts";
import type { RulesExplainFlags } from "./explain.ts";
import type { RulesLintFlags } from "./lint.ts";
import type { RulesListFlags } from "./list.ts";
import { JSON_FLAG, RULES_CONFIG_FLAG, WITHOUT_ME_FLAG } from "../shared/shared_flags.ts";

/** `rules …`. */
export const RULES_COMMANDS: readonly CommandSpec[] = [
  command<RulesListFlags>({
    words: ["rules", "list"],
    aliases: ["ls"],
    brief: "List the creation rules of .sops.yaml with their recipients",
    description: ["Rules are tried from the top; the first one that matches a file wins, and rules never add up."],
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith rules list", purpose: "the rules that apply here" }],
    load: async () => (await import("./list.ts")).rulesList,
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
    load: async () => (await import("./explain.ts")).rulesExplain,
  }),
  command<RulesLintFlags>({
    words: ["rules", "lint"],
    brief: "Look for mistakes in .sops.yaml",
    description: [
      "Keys that SOPS ignores, rules that never win, recipients that it refuses, and more: docs/lint.md lists every",
      "kind of mistake with its code. Nothing is decrypted. Ends with 3 when something is found at or above --level.",
      "--fix repairs only what leaves the meaning of the file as it is: who reads what.",
    ],
    flags: {
      fix: { brief: "repair what can be repaired without changing who reads what" },
      dryRun: { brief: "with --fix: show the change, write nothing" },
      level: {
        brief: "the mildest that counts as a failure: note, warning or error (default: error)",
        value: "LEVEL",
        completes: "severity",
      },
      only: {
        brief: "look for this kind of mistake only, and repair it (repeatable)",
        value: "CODE",
        completes: "lint-code",
        isRepeated: true,
      },
      json: JSON_FLAG,
      config: RULES_CONFIG_FLAG,
    },
    examples: [
      { line: "sopsmith rules lint", purpose: "what is wrong here" },
      { line: "sopsmith rules lint --fix", purpose: "repair what is safe to repair" },
      { line: "sopsmith rules lint --fix --only windows-path", purpose: "make the rules match on Windows too" },
      { line: "sopsmith rules lint --level warning --json", purpose: "for a CI job" },
    ],
    load: async () => (await import("./lint.ts")).rulesLint,
  }),
  command<RulesAddFlags>({
    words: ["rules", "add"],
    brief: "Add a creation rule where it takes effect",
    description: [
      "PATTERN is a regular expression for paths below the folder of .sops.yaml. RECIPIENT is a name that the file",
      "knows, or a new key as NAME KEY or NAME=KEY. The rule goes before the first one that would win for its files, behind narrower ones. It is",
      "written as the file writes its rules; what is encrypted stays as in the rule that won until now, unless a flag",
      "says otherwise. A pattern that has a rule gets its recipients added there. When others would lose encrypted",
      "files, nothing is changed.",
    ],
    arguments: [
      { name: "PATTERN", isRequired: true },
      { name: "RECIPIENT", completes: "recipient-name", isRepeated: true },
    ],
    flags: {
      withRecipients: { brief: "the rule has the recipients of the rule that won until now, too" },
      onlyMe: { brief: "take encrypted files over although others lose them" },
      withoutMe: WITHOUT_ME_FLAG,
      encryptedRegex: { brief: "encrypt only values under keys that match", value: "REGEX" },
      unencryptedRegex: { brief: "leave values under keys that match in clear", value: "REGEX" },
      encryptedSuffix: { brief: "encrypt only values under keys with this ending", value: "TEXT" },
      unencryptedSuffix: { brief: "leave values under keys with this ending in clear", value: "TEXT" },
      encryptedCommentRegex: { brief: "encrypt only values behind a comment that matches", value: "REGEX" },
      unencryptedCommentRegex: { brief: "leave values behind a comment that matches in clear", value: "REGEX" },
      macOnlyEncrypted: { brief: "compute the MAC of files over encrypted values alone" },
      example: { brief: "a file that the rule is for, where none can be made up from the pattern", value: "FILE" },
      sshNative: { brief: "keep ssh keys as they are (SOPS 3.10 and newer) instead of converting them" },
      dryRun: { brief: "show the change, write nothing" },
      json: JSON_FLAG,
      config: RULES_CONFIG_FLAG,
    },
    examples: [
      {
        line: String.raw`sopsmith rules add '^secrets/prod/.*\.yaml$' alice bob`,
        purpose: "two people for one folder",
      },
      { line: "sopsmith rules add '^ci/' runner=age1... --with-recipients", purpose: "one more reader for one folder" },
    ],
    load: async () => (await import("./add.ts")).rulesAdd,
  }),
];
