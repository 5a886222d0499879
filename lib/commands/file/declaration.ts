/**
 * The commands for one encrypted file, as the command table has them: data, bound to bodies that are loaded when they
 * run. Names and flags are those of SOPS. Spec: sops-engine §5, §10.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { RULES_CONFIG_FLAG } from "../shared/shared_flags.ts";
import {
  COMMON,
  DRY_RUN,
  FILE,
  FILENAME_OVERRIDE,
  FOREIGN_KEYS,
  IDEMPOTENT,
  IGNORE_MAC,
  INPUT_TYPE,
  LAYOUT,
  OUTPUT,
  PATH,
  READING,
  SELECTION,
  TYPES,
  VALUE_SOURCES,
} from "./flags.ts";
import type { DecryptFlags } from "./decrypt.ts";
import type { EncryptFlags } from "./encrypt.ts";
import type { FilestatusFlags } from "./filestatus.ts";
import type { GetFlags } from "./get.ts";
import type { SetFlags } from "./set.ts";
import type { UnsetFlags } from "./unset.ts";

/** The commands for one encrypted file. */
export const FILE_COMMANDS: readonly CommandSpec[] = [
  command<EncryptFlags>({
    words: ["encrypt"],
    brief: "Encrypt a file for the recipients of its rule",
    description: [
      "Prints the encrypted file; -i writes it back. The layout stays: comments, blank lines, order and quotes of what is",
      "not encrypted. Without FILE, standard input is read, and --filename-override says which rule and format count.",
    ],
    arguments: [{ name: "FILE" }],
    flags: {
      ...OUTPUT,
      ...SELECTION,
      ...TYPES,
      filenameOverride: FILENAME_OVERRIDE,
      ...LAYOUT,
      config: RULES_CONFIG_FLAG,
      dryRun: DRY_RUN,
      ...COMMON,
    },
    refused: FOREIGN_KEYS,
    examples: [
      { line: "sopsmith encrypt -i secrets/db.yaml", purpose: "in place, by its rule in .sops.yaml" },
      { line: "sopsmith encrypt --age age1… plain.yaml > secret.yaml", purpose: "for someone, without a rule" },
    ],
    load: async () => (await import("./encrypt.ts")).encrypt,
  }),
  command<DecryptFlags>({
    words: ["decrypt"],
    brief: "Print an encrypted file in clear",
    description: [
      "Checks that nobody without the key has changed a value, then prints the author's text. Without FILE, standard input",
      "is read. Exit code 4: no identity of this machine opens it (sopsmith doctor FILE says why); 5: it was tampered with.",
    ],
    arguments: [{ ...FILE, isRequired: false }],
    flags: {
      extract: { brief: `print one value only: '["db"]["password"]'`, value: "PATH" },
      ...OUTPUT,
      ...TYPES,
      filenameOverride: FILENAME_OVERRIDE,
      ignoreMac: IGNORE_MAC,
      ...LAYOUT,
      dryRun: DRY_RUN,
      ...READING,
    },
    examples: [
      { line: "sopsmith decrypt secrets/db.yaml", purpose: "the whole file" },
      { line: `sopsmith decrypt --extract '["password"]' secrets/db.yaml`, purpose: "one value, without a line break" },
    ],
    load: async () => (await import("./decrypt.ts")).decrypt,
  }),
  command<GetFlags>({
    words: ["get"],
    brief: "Print one value of an encrypted file",
    description: [
      `PATH is written as SOPS has it, '["db"]["hosts"][0]', or with dots where no key holds one: db.hosts.0. Text is`,
      "printed as it is, without a line break at its end; a mapping or list in the format of the file.",
    ],
    arguments: [FILE, PATH],
    flags: { ...TYPES, ignoreMac: IGNORE_MAC, ...READING },
    examples: [{ line: `sopsmith get secrets/db.yaml '["password"]'`, purpose: "one value" }],
    load: async () => (await import("./get.ts")).get,
  }),
  command<SetFlags>({
    words: ["set"],
    brief: "Set one value of an encrypted file",
    description: [
      'VALUE is JSON: "text" in quotes, a number, true, null, a list or a mapping. Only that value\'s line, the date and',
      "the authentication code change. A value on the command line can be read by every process of this machine and stays",
      "in the history of the shell: --value-stdin and --value-file do not show it.",
    ],
    arguments: [FILE, PATH, { name: "VALUE" }],
    flags: {
      ...VALUE_SOURCES,
      idempotent: IDEMPOTENT,
      ignoreMac: IGNORE_MAC,
      ...TYPES,
      dryRun: DRY_RUN,
      ...READING,
    },
    examples: [
      { line: `sopsmith set secrets/db.yaml '["port"]' 5432`, purpose: "a number" },
      { line: `pass db | jq -R . | sopsmith set --value-stdin secrets/db.yaml '["password"]'`, purpose: "not shown" },
    ],
    load: async () => (await import("./set.ts")).set,
  }),
  command<UnsetFlags>({
    words: ["unset"],
    brief: "Remove one value of an encrypted file",
    description: ["Removes the key or list item at PATH, and nothing else."],
    arguments: [FILE, PATH],
    flags: { idempotent: IDEMPOTENT, ignoreMac: IGNORE_MAC, ...TYPES, dryRun: DRY_RUN, ...READING },
    examples: [{ line: `sopsmith unset secrets/db.yaml '["old_password"]'`, purpose: "one value" }],
    load: async () => (await import("./unset.ts")).unset,
  }),
  command<FilestatusFlags>({
    words: ["filestatus"],
    brief: "Say whether a file is encrypted, as JSON",
    description: [`Prints {"encrypted":true} or {"encrypted":false}. Needs no key.`],
    arguments: [FILE],
    flags: {
      inputType: INPUT_TYPE,
      config: READING.config,
      verbose: READING.verbose,
      decryptionOrder: READING.decryptionOrder,
    },
    examples: [{ line: "sopsmith filestatus secrets/db.yaml", purpose: "for scripts" }],
    load: async () => (await import("./filestatus.ts")).filestatus,
  }),
];
