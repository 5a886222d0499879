/**
 * `identity …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { IdentityExportFlags } from "./export.ts";
import type { IdentityImportFlags } from "./import.ts";
import type { IdentityListFlags } from "./list.ts";
import type { IdentityProtectFlags } from "./protect.ts";
import type { IdentityPublicFlags } from "./public.ts";
import type { IdentityStoreFlags } from "./store.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG, VAULT_CONFIG_FLAGS } from "../shared/shared_flags.ts";

const PASSPHRASE_NOTE =
  "The passphrase comes from these flags, from SOPSMITH_PASSPHRASE, or is asked for on the terminal.";

/** `identity …`. */
export const IDENTITY_COMMANDS: readonly CommandSpec[] = [
  command<IdentityListFlags>({
    words: ["identity", "list"],
    aliases: ["ls"],
    brief: "List the identities (private keys) of this machine, by name and date",
    description: [
      "Looks into FILE, or without an argument into every place where SOPS looks for age identities: SOPS_AGE_KEY,",
      "SOPS_AGE_KEY_FILE and the default keys file. Shows names, public halves and dates, never a private key.",
      "Commands are not run, and ssh keys are not listed.",
    ],
    arguments: [{ name: "FILE", isRepeated: true }],
    flags: {
      vault: {
        brief: "look where this vault keeps its key, also into the OS keychain",
        value: "VAULT",
        completes: "vault",
      },
      unlock: { brief: "open files that are protected with a passphrase, too" },
      ...PASSPHRASE_FLAGS,
      json: JSON_FLAG,
      ...VAULT_CONFIG_FLAGS,
    },
    examples: [
      { line: "sopsmith identity list", purpose: "what SOPS can decrypt with on this machine" },
      { line: "sopsmith identity list keys.txt", purpose: "the identities of a file" },
    ],
    load: async () => (await import("./list.ts")).identityList,
  }),
  command<IdentityPublicFlags>({
    words: ["identity", "public"],
    brief: "Print the recipients (public halves) of a keys file",
    description: [
      'Reads FILE, or standard input for "-", or without an argument the keys file that SOPS reads; prints one recipient',
      "for each identity, as age-keygen -y does.",
    ],
    arguments: [{ name: "FILE" }],
    flags: { ...PASSPHRASE_FLAGS, json: JSON_FLAG },
    examples: [
      { line: "sopsmith identity public", purpose: "the recipients that this machine can decrypt for" },
      { line: "sopsmith identity public keys.txt", purpose: "those of a file" },
    ],
    load: async () => (await import("./public.ts")).identityPublic,
  }),
  command<IdentityImportFlags>({
    words: ["identity", "import"],
    brief: "Bring identities into the keys file that SOPS reads",
    description: [
      'Takes keys files, standard input ("-") and ssh keys; also files with a byte order mark or in UTF-16 (as PowerShell',
      "writes them), and files that are protected with a passphrase. Each identity is added once, with its comments;",
      "nothing is removed. A FILE that is the keys file itself is re-written so that SOPS can read it.",
      "The recipients (public halves) are printed on stdout.",
    ],
    arguments: [{ name: "FILE", isRepeated: true }],
    flags: {
      ssh: { brief: "convert a private ed25519 ssh key (repeatable)", value: "FILE", isRepeated: true },
      to: { brief: "the keys file to write (default: the one that SOPS reads)", value: "FILE" },
      name: { brief: "note a name for the identity", value: "NAME" },
      allowInRepo: { brief: "write a keys file inside a git work tree even if git does not ignore it" },
      ...PASSPHRASE_FLAGS,
      dryRun: { brief: "say what would be imported, write nothing" },
      json: JSON_FLAG,
    },
    examples: [
      { line: "sopsmith identity import old-keys.txt", purpose: "from another keys file" },
      { line: "sopsmith identity import --ssh ~/.ssh/id_ed25519", purpose: "your ssh key, converted" },
      { line: "age-keygen | sopsmith identity import - --name laptop", purpose: "from a pipe" },
    ],
    load: async () => (await import("./import.ts")).identityImport,
  }),
  command<IdentityExportFlags>({
    words: ["identity", "export"],
    brief: "Print identities (private keys) for the program that needs them",
    description: [
      "Made for SOPS_AGE_KEY_CMD: SOPS (3.12 and newer) says which recipient it tries in SOPS_AGE_RECIPIENT, and only the",
      "identity that belongs to it is printed; exit 4 when none does. Reads FILE, or the place where a vault keeps its",
      "key (also the OS keychain), or without either the keys file that SOPS reads. Of a vault, only its own identities",
      "are printed: a keys file may hold those of other vaults, too. Shows nothing on a terminal without --reveal.",
    ],
    arguments: [{ name: "FILE" }],
    flags: {
      vault: { brief: "the place where this vault keeps its key", value: "VAULT", completes: "vault" },
      all: { brief: "with --vault: also the identities of others that the place holds" },
      keychain: { brief: "the OS keychain, also for a vault that keeps its key in a file" },
      recipient: { brief: "only the identity that belongs to it (default: $SOPS_AGE_RECIPIENT)", value: "RECIPIENT" },
      reveal: { brief: "show private keys even on a terminal" },
      ...PASSPHRASE_FLAGS,
      ...VAULT_CONFIG_FLAGS,
    },
    examples: [
      {
        line: 'export SOPS_AGE_KEY_CMD="sopsmith identity export --vault prod-sops"',
        purpose: "let sops take it from there",
      },
      { line: "sopsmith identity export | age --decrypt -i - secret.age", purpose: "for another program" },
      { line: "sopsmith identity export --reveal", purpose: "on the terminal, for a backup on paper" },
    ],
    load: async () => (await import("./export.ts")).identityExport,
  }),
  command<IdentityProtectFlags>({
    words: ["identity", "protect"],
    brief: "Protect a keys file with a passphrase",
    description: [
      "Encrypts FILE, or without it the keys file that SOPS reads, in the age format (scrypt). SOPS 3.10 and newer and age",
      "read it in the place of the plain one, and ask for the passphrase. keygen --passphrase adds to it.",
      PASSPHRASE_NOTE,
    ],
    arguments: [{ name: "FILE" }],
    flags: {
      ...PASSPHRASE_FLAGS,
      dryRun: { brief: "say what would be done, write nothing" },
      json: JSON_FLAG,
    },
    examples: [
      { line: "sopsmith identity protect", purpose: "asks for a new passphrase twice" },
      {
        line: "sopsmith identity protect --passphrase-file <(pass show age | head -n 1)",
        purpose: "takes it from a program",
      },
    ],
    load: async () => (await import("./protect.ts")).identityProtect,
  }),
  command<IdentityProtectFlags>({
    words: ["identity", "unprotect"],
    brief: "Take the passphrase away from a keys file",
    description: [
      "Decrypts FILE, or without it the keys file that SOPS reads, and writes it as plain text that only you can read.",
      PASSPHRASE_NOTE,
    ],
    arguments: [{ name: "FILE" }],
    flags: {
      ...PASSPHRASE_FLAGS,
      dryRun: { brief: "say what would be done, write nothing" },
      json: JSON_FLAG,
    },
    examples: [{ line: "sopsmith identity unprotect", purpose: "asks for the passphrase" }],
    load: async () => (await import("./protect.ts")).identityUnprotect,
  }),
  command<IdentityStoreFlags>({
    words: ["identity", "store"],
    brief: "Put the key of a vault into the OS keychain",
    description: [
      "Takes the identity that was made for VAULT, or the only one, from its keys file, and adds it to the entry that atmos",
      "uses for the vault too. Linux: the Secret Service, through secret-tool; macOS: the login keychain; Windows: the",
      "Credential Manager. The keys file stays as it is. The recipient (public half) is printed on stdout.",
    ],
    arguments: [{ name: "VAULT", completes: "vault" }],
    flags: {
      from: { brief: "the keys file that holds it (default: that of the vault)", value: "FILE" },
      recipient: { brief: "the identity that belongs to it", value: "RECIPIENT" },
      ...PASSPHRASE_FLAGS,
      dryRun: { brief: "say what would be stored, write nothing" },
      json: JSON_FLAG,
      ...VAULT_CONFIG_FLAGS,
    },
    examples: [
      { line: "sopsmith identity store", purpose: "the key of the only vault, or of this repository" },
      { line: "sopsmith identity store prod-sops --from keys.txt", purpose: "that of a named vault, from a file" },
    ],
    load: async () => (await import("./store.ts")).identityStore,
  }),
];
