/**
 * `keygen`, also reached as `secret keygen`, as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { KeygenFlags } from "./keygen.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG, VAULT_CONFIG_FLAGS } from "../shared/shared_flags.ts";

const KEYGEN: Omit<CommandSpec, "words"> = command<KeygenFlags>({
  words: [],
  brief: "Make an age key pair for a vault",
  description: [
    "The private half is appended to the keys file that SOPS reads; the public half becomes a rule in .sops.yaml.",
    "A vault whose age_key names a store of type keychain has its private half in the OS keychain instead.",
    'Safe to run twice: a vault that has its key keeps it. Without any configuration there is one vault, "default",',
    "for the files below secrets/. The recipient (the public half) is printed on stdout.",
  ],
  arguments: [{ name: "VAULT", completes: "vault" }],
  flags: {
    force: { brief: "make another key even if the vault has one", letter: "f" },
    postQuantum: { brief: "ML-KEM-768 + X25519 (needs SOPS 3.12 and age 1.3 everywhere; rage has none)" },
    name: { brief: "what the key is called in .sops.yaml (default: the vault's name)", value: "NAME" },
    withRecipients: { brief: "a new rule keeps the recipients of the rule that won until now" },
    onlyMe: { brief: "a new rule takes encrypted files over although others lose them" },
    allowInRepo: { brief: "write a keys file inside a git work tree even if git does not ignore it" },
    newConfig: { brief: "make a .sops.yaml here although SOPS finds one above the git root" },
    passphrase: { brief: "keep the keys file protected with a passphrase (SOPS 3.10 and newer read it)" },
    ...PASSPHRASE_FLAGS,
    dryRun: { brief: "show the change of .sops.yaml, make no key, write nothing" },
    json: JSON_FLAG,
    ...VAULT_CONFIG_FLAGS,
  },
  examples: [
    { line: "sopsmith keygen", purpose: "key for the only vault, or for this repository" },
    { line: "sopsmith keygen prod-sops", purpose: "key for a named vault" },
    { line: "sopsmith keygen --force", purpose: "one more key for a vault that has one" },
  ],
  load: async () => (await import("./keygen.ts")).keygen,
});

/** `keygen`. */
export const KEYGEN_COMMANDS: readonly CommandSpec[] = [{ ...KEYGEN, words: ["keygen"] }];

/** `secret keygen`, as in atmos. */
export const SECRET_KEYGEN_COMMANDS: readonly CommandSpec[] = [{ ...KEYGEN, words: ["secret", "keygen"] }];
