/**
 * The commands for the encrypted files of a whole repository, as the command table has them: data, bound to bodies that are
 * loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import {
  ADDED_FOREIGN_KEYS,
  COMMON,
  DRY_RUN,
  IGNORE_MAC,
  INPUT_TYPE,
  OUTPUT,
  REMOVED_FOREIGN_KEYS,
  TYPES,
} from "../file/flags.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG, WITHOUT_ME_FLAG } from "../shared/shared_flags.ts";
import { PATHS, SELECTION_FLAGS } from "./flags.ts";
import type { RotateFlags } from "./rotate.ts";
import type { StatusFlags } from "./status.ts";
import type { UpdatekeysFlags } from "./updatekeys.ts";

/** What a person is asked before files are written. */
const YES = { brief: "do not ask", letter: "y" } as const;

/** The commands for many files. */
export const BULK_COMMANDS: readonly CommandSpec[] = [
  command<StatusFlags>({
    words: ["status"],
    brief: "Show every encrypted file: its rule, who can read it, what is out of date",
    description: [
      "Finds the encrypted files of the repository by their content, or those below PATH; what git ignores is left out.",
      "`+` stands before who is to be added by the rule, `-` before who is to be taken away. Needs no key.",
    ],
    arguments: [PATHS],
    flags: { ...SELECTION_FLAGS, json: JSON_FLAG },
    examples: [
      { line: "sopsmith status", purpose: "the whole repository" },
      { line: "sopsmith status secrets/prod --json", purpose: "one folder, for a script" },
    ],
    load: async () => (await import("./status.ts")).status,
  }),
  command<UpdatekeysFlags>({
    words: ["updatekeys"],
    brief: "Encrypt files for the recipients that their rule has now",
    description: [
      "Every encrypted file of the repository, or those below PATH, each by its own rule. Shows who would be added and",
      "removed, tries whether all of it can be opened here, and asks once. Only the lists of recipients change: values,",
      "date and layout stay. Who is removed may have kept the data key: --rotate makes a new one. A second run finishes",
      "what was interrupted; a file that fails does not stop the others.",
    ],
    arguments: [PATHS],
    flags: {
      yes: YES,
      rotate: { brief: "with a new data key for files that change: locks out who was removed" },
      reorder: { brief: "also where only the order of the recipients is another one" },
      rewrap: { brief: "encrypt the data key anew for those who stay, too, in every file" },
      withoutMe: WITHOUT_ME_FLAG,
      ...SELECTION_FLAGS,
      inputType: INPUT_TYPE,
      dryRun: { brief: "list what would change, write nothing" },
      json: JSON_FLAG,
      ...PASSPHRASE_FLAGS,
      ...COMMON,
    },
    examples: [
      { line: "sopsmith updatekeys", purpose: "the whole repository, after .sops.yaml has changed" },
      { line: "sopsmith updatekeys -y secrets/*.yaml", purpose: "some files, without a question" },
    ],
    load: async () => (await import("./updatekeys.ts")).updatekeys,
  }),
  command<RotateFlags>({
    words: ["rotate"],
    brief: "Encrypt files anew with other data keys",
    description: [
      "Every value is encrypted with a new data key, which the recipients of the file get. Whoever was removed cannot read",
      "the new file, but still what git has: change the values themselves, too. Recipients that the rule does not know are",
      "named, and get the new key only with --yes or when asked. One FILE is printed, and written back with -i; several, a",
      "folder, or the whole repository (no PATH) are written in place, after one question.",
    ],
    arguments: [PATHS],
    flags: {
      ...OUTPUT,
      addAge: { brief: "also encrypt for these recipients, with commas", value: "RECIPIENTS" },
      rmAge: { brief: "no longer encrypt for these recipients, with commas", value: "RECIPIENTS" },
      ...REMOVED_FOREIGN_KEYS,
      withoutMe: WITHOUT_ME_FLAG,
      yes: { brief: "do not ask; also for recipients that the rule does not know", letter: "y" },
      ...SELECTION_FLAGS,
      ...TYPES,
      ignoreMac: IGNORE_MAC,
      dryRun: DRY_RUN,
      json: JSON_FLAG,
      ...PASSPHRASE_FLAGS,
      ...COMMON,
    },
    refused: ADDED_FOREIGN_KEYS,
    examples: [
      { line: "sopsmith rotate -i secrets/db.yaml", purpose: "a new data key" },
      { line: "sopsmith rotate -i --rm-age age1… secrets/db.yaml", purpose: "and one recipient less" },
      { line: "sopsmith rotate", purpose: "the whole repository" },
    ],
    load: async () => (await import("./rotate.ts")).rotate,
  }),
];
