/**
 * `edit` as the command table has it: data, bound to a body that is loaded when it runs. Spec: sops-engine §5.4.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { RULES_CONFIG_FLAG } from "../shared/shared_flags.ts";
import { COMMON, DRY_RUN, FILE, FOREIGN_KEYS, IGNORE_MAC, READING, SELECTION, TYPES } from "../file/flags.ts";
import type { EditFlags } from "./edit.ts";

/** `edit`. */
export const EDIT_COMMANDS: readonly CommandSpec[] = [
  command<EditFlags>({
    words: ["edit"],
    brief: "Edit an encrypted file, or make one",
    description: [
      "Opens the values in clear in SOPS_EDITOR, else EDITOR; what is saved is encrypted again. Values that did not change",
      "keep their ciphertext, and the layout stays. The text in clear lies in a private folder in memory where the system",
      "has one, never beside FILE, and is gone afterwards. A FILE that is not there yet is made for the recipients of its",
      "rule. sopsmith FILE does the same.",
    ],
    arguments: [FILE],
    flags: {
      from: { brief: "take the new text from PATH (- for standard input) instead of an editor", value: "PATH" },
      showMasterKeys: { brief: "show who can read the file as comments at the top", letter: "s" },
      ...SELECTION,
      ...TYPES,
      ignoreMac: IGNORE_MAC,
      dryRun: DRY_RUN,
      ...READING,
      config: RULES_CONFIG_FLAG,
      ...COMMON,
    },
    refused: FOREIGN_KEYS,
    examples: [
      { line: "sopsmith edit secrets/db.yaml", purpose: "change values, or make the file" },
      { line: "sopsmith edit --from new.yaml secrets/db.yaml", purpose: "from a script, without an editor" },
    ],
    load: async () => (await import("./edit.ts")).edit,
  }),
];
