/**
 * `recipient …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec, type FlagSpec } from "../shared/command.ts";
import type { RecipientAddFlags, RecipientImportFlags } from "./add.ts";
import type { RecipientListFlags } from "./list.ts";
import type { RecipientRemoveFlags } from "./remove.ts";
import type { RecipientRenameFlags } from "./rename.ts";
import type { RecipientSetFlags } from "./set.ts";
import { JSON_FLAG, RULES_CONFIG_FLAG, WITHOUT_ME_FLAG } from "../shared/shared_flags.ts";

const CONFIG_FLAGS = {
  dryRun: { brief: "show the change of .sops.yaml as a diff, write nothing" },
  json: JSON_FLAG,
  config: RULES_CONFIG_FLAG,
} as const;

const CHANGE_FLAGS = {
  rule: {
    brief: "rule by number or by a piece of its path_regex (repeatable)",
    value: "RULE",
    completes: "rule",
    isRepeated: true,
  },
  file: { brief: "the rule that wins for FILE (repeatable)", value: "FILE", isRepeated: true },
  allRules: { brief: "every rule" },
  group: { brief: "key group to change in a rule that has several, counted from 1", value: "N" },
  yes: { brief: "also bring the encrypted files up to date, without a question", letter: "y" },
  shared: { brief: "change a list that rules share for all of them, instead of making a copy" },
  ...CONFIG_FLAGS,
} as const;

const KEEP_DATA_KEY_FLAG: FlagSpec = { brief: "no new data key: who is removed can still open what is written" };

const SSH_NATIVE_FLAG: FlagSpec = { brief: "keep ssh keys as they are instead of converting them (needs SOPS 3.10)" };

const FROM_FLAG: FlagSpec = { brief: 'file of recipients, "RECIPIENT # name" to a line; - for stdin', value: "FILE" };

/** What all commands that change rules say. */
const NEXT_STEP =
  "At a terminal it asks whether to bring the encrypted files up to date; else the next step that is printed does it.";

/** `recipient …`. */
export const RECIPIENT_COMMANDS: readonly CommandSpec[] = [
  command<RecipientListFlags>({
    words: ["recipient", "list"],
    aliases: ["ls"],
    brief: "List the public keys of .sops.yaml by name, with their rules and files",
    description: [
      "A file counts for a key when it is really encrypted to it, whatever its rule says now. Keys that files are",
      "encrypted to and no rule or name of .sops.yaml knows come last.",
    ],
    flags: { json: JSON_FLAG, config: RULES_CONFIG_FLAG },
    examples: [{ line: "sopsmith recipient list", purpose: "who can read what" }],
    load: async () => (await import("./list.ts")).recipientList,
  }),
  command<RecipientAddFlags>({
    words: ["recipient", "add"],
    brief: "Give public keys to rules of .sops.yaml",
    description: [
      "Takes a public key with its name, NAME KEY or NAME=KEY (age1…, or an ssh-ed25519 key, which is converted), or the",
      "name of a key that the file knows, or one of the sources below. Written as the rule is written: as text, list, or key group; by alias",
      "where the file defines its keys by anchor.",
      NEXT_STEP,
    ],
    arguments: [{ name: "NAME", completes: "recipient-name" }, { name: "RECIPIENT", isRepeated: true }],
    flags: {
      from: FROM_FLAG,
      sshKey: { brief: "ssh key file; of a private one only the public half is read", value: "FILE" },
      sshHost: { brief: "ask HOST[:PORT] for its host key with ssh-keyscan", value: "HOST" },
      fingerprint: { brief: "with --ssh-host: the fingerprint that the host key must have", value: "SHA256:…" },
      githubKeys: { brief: "keys of a person as github.com/USER.keys has them; - for stdin", value: "FILE" },
      sshNative: SSH_NATIVE_FLAG,
      name: { brief: "what the key is called in .sops.yaml", value: "NAME" },
      ...CHANGE_FLAGS,
    },
    examples: [
      { line: "sopsmith recipient add laptop --ssh-key ~/.ssh/id_ed25519.pub --rule 2", purpose: "an ssh key" },
      { line: "sopsmith recipient add --ssh-host web1 --file hosts/web1/secrets.yaml", purpose: "a machine" },
      { line: "sopsmith recipient add --github-keys alice.keys --all-rules", purpose: "a person, everywhere" },
    ],
    load: async () => (await import("./add.ts")).recipientAdd,
  }),
  command<RecipientRemoveFlags>({
    words: ["recipient", "remove"],
    aliases: ["rm"],
    brief: "Take public keys from rules of .sops.yaml",
    description: [
      "The definition of a key goes with its last use. A rule is never left without a key.",
      NEXT_STEP,
      "Files get a new data key, so that who was removed is locked out of what is written from then on; old versions stay",
      "readable, and the values in them are listed: change them where they come from.",
    ],
    arguments: [{ name: "RECIPIENT", completes: "recipient-name", isRequired: true, isRepeated: true }],
    flags: {
      dropRule: { brief: "remove a rule that would be left without a key" },
      withoutMe: WITHOUT_ME_FLAG,
      keepDataKey: KEEP_DATA_KEY_FLAG,
      ...CHANGE_FLAGS,
    },
    examples: [
      { line: "sopsmith recipient remove bob --all-rules", purpose: "someone who leaves" },
      { line: "sopsmith recipient remove bob --rule prod/ --dry-run", purpose: "what it would change" },
    ],
    load: async () => (await import("./remove.ts")).recipientRemove,
  }),
  command<RecipientRenameFlags>({
    words: ["recipient", "rename"],
    brief: "Give a public key in .sops.yaml another name",
    description: ["Changes its anchor with every alias, or the comment that names it. Nobody gains or loses access."],
    arguments: [
      { name: "OLD", completes: "recipient-name", isRequired: true },
      { name: "NEW", isRequired: true },
    ],
    flags: CONFIG_FLAGS,
    examples: [{ line: "sopsmith recipient rename laptop old-laptop", purpose: "make room for a new key" }],
    load: async () => (await import("./rename.ts")).recipientRename,
  }),
  command<RecipientSetFlags>({
    words: ["recipient", "set"],
    brief: "Give rules of .sops.yaml exactly these public keys",
    description: [
      "Names that the file knows, and public keys, new ones as NAME KEY or NAME=KEY. Keys of other types (pgp, kms, …) stay in the rule.",
      NEXT_STEP,
    ],
    arguments: [{ name: "RECIPIENT", completes: "recipient-name", isRepeated: true }],
    flags: {
      from: FROM_FLAG,
      sshNative: SSH_NATIVE_FLAG,
      withoutMe: WITHOUT_ME_FLAG,
      keepDataKey: KEEP_DATA_KEY_FLAG,
      ...CHANGE_FLAGS,
    },
    examples: [{ line: "sopsmith recipient set alice bob --rule prod/", purpose: "alice and bob, nobody else" }],
    load: async () => (await import("./set.ts")).recipientSet,
  }),
  command<RecipientImportFlags>({
    words: ["recipient", "import"],
    brief: "Give all public keys of a file to rules of .sops.yaml",
    description: [
      'Reads "RECIPIENT # name" or "name RECIPIENT" lines, the keys: list of another .sops.yaml, authorized_keys,',
      "known_hosts, ssh-keyscan output and github.com/USER.keys. All or nothing: a line that is no public key refuses all.",
      NEXT_STEP,
    ],
    arguments: [{ name: "FILE", isRequired: true }],
    flags: { sshNative: SSH_NATIVE_FLAG, ...CHANGE_FLAGS },
    examples: [{ line: "sopsmith recipient import team.txt --rule 1", purpose: "a whole team" }],
    load: async () => (await import("./add.ts")).recipientImport,
  }),
];
