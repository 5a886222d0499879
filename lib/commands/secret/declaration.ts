/**
 * `secret …` as the command table has it: data, bound to bodies that are loaded when they run. Names and flags are those of
 * atmos. Spec: vaults §5.
 *
 * @module
 */
import { type ArgumentSpec, command, type CommandSpec } from "../shared/command.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG, VAULT_CONFIG_FLAGS } from "../shared/shared_flags.ts";
import type { SecretDeleteFlags } from "./delete.ts";
import type { SecretExecFlags } from "./exec.ts";
import type { SecretGetFlags } from "./get.ts";
import type { SecretListFlags } from "./list.ts";
import type { SecretSetFlags } from "./set.ts";
import type { SecretInitFlags } from "./init.ts";
import type { SecretValidateFlags } from "./validate.ts";
import type { SecretImportFlags, SecretPullFlags, SecretPushFlags } from "./transfer.ts";

/** Where the secrets are. */
const SECRET_FLAGS = {
  ...VAULT_CONFIG_FLAGS,
  stack: { brief: "the stack that the secrets are for (default: ATMOS_STACK)", letter: "s", value: "NAME" },
  component: { brief: "the component that the secrets are for (default: ATMOS_COMPONENT)", letter: "c", value: "NAME" },
  vault: {
    brief: "the vault, whatever is declared (default: the declared one, else the only one)",
    value: "VAULT",
    completes: "vault",
  },
  type: { brief: "which of two components with one name: terraform, helmfile, …", value: "TYPE" },
  ...PASSPHRASE_FLAGS,
  json: JSON_FLAG,
} as const;

/** Flags of atmos that there are none of. */
const REFUSED = { identity: "it logs in to a cloud, and this program uses no network; atmos does it" };

/** How values are written to or read from text. */
const VALUES_FORMAT = { brief: "env or json (default: env)", value: "FORMAT" } as const;

/** Values on standard output are for programs; people see them when they say so. */
const MASK = { brief: "false: show values on a terminal, too", value: "true|false" } as const;

/** The secret that a command is about. */
const SECRET_NAME: ArgumentSpec = { name: "NAME", isRequired: true };

const { json: _, ...WITHOUT_JSON } = SECRET_FLAGS;
const DRY_RUN = { brief: "show the change, write nothing" } as const;
const WHERE = [
  "The file follows from what the stack manifests declare, or is that of the vault for the stack and the component;",
  "without any configuration it is secrets/secrets.yaml, or secrets/STACK.yaml.",
];

/** `secret …`, but for `secret keygen`. */
export const SECRET_COMMANDS: readonly CommandSpec[] = [
  command<SecretInitFlags>({
    words: ["secret", "init"],
    refused: REFUSED,
    brief: "Make a vault ready for its first secret",
    description: [
      "Offers to make a key where this machine has none that reads the file, asks for the declared secrets that have no",
      "value yet, or sets those of --input. Safe to run twice.",
      ...WHERE,
    ],
    flags: {
      all: { brief: "the declared secrets of every stack" },
      input: { brief: "a file with lines of NAME=VALUE to set; - is standard input", value: "FILE" },
      mode: { brief: "warn or strict: what names in --input mean that nobody has declared", value: "MODE" },
      force: { brief: "set values that are there, too", letter: "f" },
      dryRun: DRY_RUN,
      ...SECRET_FLAGS,
    },
    examples: [{ line: "sopsmith secret init --stack dev", purpose: "on a new machine, or in a new repository" }],
    load: async () => (await import("./init.ts")).secretInit,
  }),
  command<SecretSetFlags>({
    words: ["secret", "set"],
    aliases: ["add"],
    refused: REFUSED,
    brief: "Set a secret of a vault",
    description: [
      "Asks for the value, which is not shown, or reads it with --stdin. NAME=VALUE works too, and leaves the value",
      "in the history of the shell. A file that is not there yet is made, for the recipients of its rule.",
      ...WHERE,
    ],
    arguments: [{ name: "NAME[=VALUE]", isRequired: true }],
    flags: {
      stdin: { brief: "read the value from standard input" },
      force: { brief: "accepted for scripts: a value is replaced without a question", letter: "f" },
      dryRun: DRY_RUN,
      ...SECRET_FLAGS,
    },
    examples: [
      { line: "sopsmith secret set DB_PASSWORD", purpose: "asks for the value" },
      { line: "pass db | sopsmith secret set DB_PASSWORD --stdin --stack prod", purpose: "from another program" },
    ],
    load: async () => (await import("./set.ts")).secretSet,
  }),
  command<SecretGetFlags>({
    words: ["secret", "get"],
    refused: REFUSED,
    brief: "Print a secret of a vault",
    description: [
      "A pipe gets the value; on a terminal it is masked. The name SOPS_AGE_KEY gives the private key of the vault,",
      "wherever it lives.",
      ...WHERE,
    ],
    arguments: [SECRET_NAME],
    flags: {
      format: { brief: "text, json or env (default: text)", value: "FORMAT" },
      path: { brief: "one value of a mapping: .host", value: "PATH" },
      raw: { brief: "no line break at the end", letter: "r" },
      mask: MASK,
      ...SECRET_FLAGS,
    },
    examples: [
      { line: "sopsmith secret get DB_PASSWORD --stack prod | pbcopy", purpose: "for another program" },
      { line: "sopsmith secret get SOPS_AGE_KEY --mask=false", purpose: "the private key, to share or to back up" },
    ],
    load: async () => (await import("./get.ts")).secretGet,
  }),
  command<SecretListFlags>({
    words: ["secret", "list"],
    refused: REFUSED,
    aliases: ["ls"],
    brief: "List secrets, and whether they have a value",
    description: [
      "Lists what the stack manifests declare, for all stacks where none is named; without declarations the names in",
      "the file. Names stand in clear there, so no key is needed.",
      ...WHERE,
    ],
    flags: {
      format: {
        brief: "table, json, yaml, csv or tsv (default: a table; on a pipe, rows with tabs)",
        letter: "f",
        value: "FORMAT",
      },
      verbose: { brief: "with the descriptions", letter: "v" },
      verify: { brief: "accepted for scripts: files are always looked at" },
      ...SECRET_FLAGS,
    },
    examples: [{ line: "sopsmith secret list --stack prod", purpose: "what is declared for a stack" }],
    load: async () => (await import("./list.ts")).secretList,
  }),
  command<SecretDeleteFlags>({
    words: ["secret", "delete"],
    refused: REFUSED,
    aliases: ["rm", "unset"],
    brief: "Delete a secret, or all",
    description: [
      "What git has stays readable for those who could read it: change the secret where it is used.",
      ...WHERE,
    ],
    arguments: [{ name: "NAME" }],
    flags: {
      all: { brief: "every declared secret; without declarations every one in the file" },
      force: { brief: "do not ask", letter: "f" },
      dryRun: DRY_RUN,
      ...SECRET_FLAGS,
    },
    examples: [{ line: "sopsmith secret delete OLD_TOKEN --force", purpose: "in a script" }],
    load: async () => (await import("./delete.ts")).secretDelete,
  }),
  command<SecretValidateFlags>({
    words: ["secret", "validate"],
    refused: REFUSED,
    brief: "Check that secrets have a value",
    description: [
      "Exits with 3 when one of NAMES has no value; without NAMES when one does that is declared as required. No key",
      "is needed.",
      ...WHERE,
    ],
    arguments: [{ name: "NAMES", isRepeated: true }],
    flags: SECRET_FLAGS,
    examples: [{ line: "sopsmith secret validate DB_PASSWORD API_KEY --stack prod", purpose: "before a deployment" }],
    load: async () => (await import("./validate.ts")).secretValidate,
  }),
  command<SecretImportFlags>({
    words: ["secret", "import"],
    refused: REFUSED,
    brief: "Set many secrets of a vault from a file",
    description: ["FILE has lines of NAME=VALUE, or is a JSON object; - is standard input.", ...WHERE],
    arguments: [{ name: "FILE", isRequired: true }],
    flags: { format: VALUES_FORMAT, dryRun: DRY_RUN, ...SECRET_FLAGS },
    examples: [{ line: "sopsmith secret import .env --stack dev", purpose: "take existing values over" }],
    load: async () => (await import("./transfer.ts")).secretImport,
  }),
  command<SecretPushFlags>({
    words: ["secret", "push"],
    refused: REFUSED,
    brief: "Set many secrets of a vault from .env",
    description: ["The way back of secret pull.", ...WHERE],
    flags: {
      input: { brief: "another file than .env; - is standard input", value: "FILE" },
      format: VALUES_FORMAT,
      dryRun: DRY_RUN,
      ...SECRET_FLAGS,
    },
    examples: [{ line: "sopsmith secret push --input dev.env --stack dev", purpose: "after the file was changed" }],
    load: async () => (await import("./transfer.ts")).secretPush,
  }),
  command<SecretPullFlags>({
    words: ["secret", "pull"],
    refused: REFUSED,
    brief: "Print all secrets of a vault, or write them to a file",
    description: ["As lines of NAME=VALUE, or as a JSON object. A file is readable by you alone.", ...WHERE],
    flags: {
      output: { brief: "write to FILE", letter: "o", value: "FILE" },
      format: VALUES_FORMAT,
      mask: MASK,
      ...WITHOUT_JSON,
    },
    examples: [{ line: "sopsmith secret pull --stack dev -o .env", purpose: "for local development" }],
    load: async () => (await import("./transfer.ts")).secretPull,
  }),
  command<SecretExecFlags>({
    words: ["secret", "exec"],
    refused: REFUSED,
    brief: "Run a command with the secrets of a vault in its environment",
    description: [
      "Every secret becomes a variable of the command, by its name, and stands nowhere else. The exit status is that",
      "of the command.",
      ...WHERE,
    ],
    arguments: [{ name: "COMMAND", isRepeated: true }],
    flags: WITHOUT_JSON,
    examples: [{ line: "sopsmith secret exec --stack dev -- ./server --port 8080", purpose: "behind --" }],
    load: async () => (await import("./exec.ts")).secretExec,
  }),
];
