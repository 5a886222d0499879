/**
 * `secret …` as the command table has it: data, bound to bodies that are loaded when they run. Names and flags are those of
 * atmos. Spec: vaults §5.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { MASK, SECRET_FLAGS, SECRET_NAME, VALUES_FORMAT } from "./flags.ts";
import type { SecretDeleteFlags } from "./delete.ts";
import type { SecretExecFlags } from "./exec.ts";
import type { SecretGetFlags } from "./get.ts";
import type { SecretListFlags } from "./list.ts";
import type { SecretSetFlags } from "./set.ts";
import type { SecretImportFlags, SecretPullFlags, SecretPushFlags } from "./transfer.ts";

const { json: _, ...WITHOUT_JSON } = SECRET_FLAGS;
const DRY_RUN = { brief: "show the change, write nothing" } as const;
const WHERE = [
  "The file is that of the vault for the stack and the component; without any configuration it is",
  "secrets/secrets.yaml, or secrets/STACK.yaml.",
];

/** `secret …`, but for `secret keygen`. */
export const SECRET_COMMANDS: readonly CommandSpec[] = [
  command<SecretSetFlags>({
    words: ["secret", "set"],
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
      raw: { brief: "no line break at the end" },
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
    brief: "List the names of the secrets of a vault",
    description: ["Names stand in clear in the file, so no key is needed.", ...WHERE],
    flags: SECRET_FLAGS,
    examples: [{ line: "sopsmith secret list --stack prod", purpose: "names, one a line" }],
    load: async () => (await import("./list.ts")).secretList,
  }),
  command<SecretDeleteFlags>({
    words: ["secret", "delete"],
    brief: "Delete a secret of a vault",
    description: [
      "What git has stays readable for those who could read it: change the secret where it is used.",
      ...WHERE,
    ],
    arguments: [SECRET_NAME],
    flags: { force: { brief: "do not ask", letter: "f" }, dryRun: DRY_RUN, ...SECRET_FLAGS },
    examples: [{ line: "sopsmith secret delete OLD_TOKEN --force", purpose: "in a script" }],
    load: async () => (await import("./delete.ts")).secretDelete,
  }),
  command<SecretImportFlags>({
    words: ["secret", "import"],
    brief: "Set many secrets of a vault from a file",
    description: ["FILE has lines of NAME=VALUE, or is a JSON object; - is standard input.", ...WHERE],
    arguments: [{ name: "FILE", isRequired: true }],
    flags: { format: VALUES_FORMAT, dryRun: DRY_RUN, ...SECRET_FLAGS },
    examples: [{ line: "sopsmith secret import .env --stack dev", purpose: "take existing values over" }],
    load: async () => (await import("./transfer.ts")).secretImport,
  }),
  command<SecretPushFlags>({
    words: ["secret", "push"],
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
