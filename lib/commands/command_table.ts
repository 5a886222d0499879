/**
 * Every command with its flags and examples, bound to its body, which is loaded only when it runs; and the groups that
 * the commands stand in. Data: the parser, `--help`, completion, the README's command table and the tests that walk all
 * commands are fed by it.
 *
 * @module
 */
import type { HelpSection } from "./help.ts";
import type { CommandSpec } from "./shared/command.ts";
import { IDENTITY_COMMANDS } from "./identity/declaration.ts";
import { INIT_COMMANDS } from "./init/declaration.ts";
import { ACCESS_COMMANDS } from "./access/declaration.ts";
import { CHECK_COMMANDS } from "./check/declaration.ts";
import { BULK_COMMANDS } from "./bulk/declaration.ts";
import { KEYGEN_COMMANDS, SECRET_KEYGEN_COMMANDS } from "./keygen/declaration.ts";
import { NIX_COMMANDS } from "./nix/declaration.ts";
import { RECIPIENT_COMMANDS } from "./recipient/declaration.ts";
import { RULES_COMMANDS } from "./rules/declaration.ts";
import { COMPLETION_COMMANDS } from "./completion/declaration.ts";
import { EDIT_COMMANDS } from "./edit/declaration.ts";
import { GIT_COMMANDS } from "./git/declaration.ts";
import { EXEC_COMMANDS } from "./exec/declaration.ts";
import { FILE_COMMANDS } from "./file/declaration.ts";
import { DOCTOR_COMMANDS } from "./doctor/declaration.ts";
import { SECRET_COMMANDS } from "./secret/declaration.ts";
import { SSH_TO_AGE_COMMANDS } from "./ssh_to_age/declaration.ts";
import { VAULT_COMMANDS } from "./vault/declaration.ts";

/** What the program is for. */
export const PROGRAM_BRIEF = "One program for every key behind SOPS-encrypted secrets";

/** What the groups of commands are for. */
export const GROUPS: Readonly<Record<string, string>> = {
  git: "Encrypted files in git diff and git merge",
  identity: "Private keys on this machine",
  nix: "Signing keys and signatures of Nix binary caches",
  "nix key": "Signing keys of Nix binary caches",
  "nix store": "Signatures of a binary cache folder",
  recipient: "The public keys in .sops.yaml, by name",
  rules: "The creation rules of .sops.yaml",
  secret: "Secrets by vault and name",
  vault: "Vaults: what is configured, and where each half of a key lives",
};

/** What the help of the whole program shows, the commands that matter first. Words that no command has are left out. */
export const HELP_SECTIONS: readonly HelpSection[] = [
  {
    title: "Start here",
    rows: [
      { words: ["init"], brief: "set up a repository, or join the rules that it has" },
      { words: ["edit"], brief: "edit an encrypted file, or make one" },
      { words: ["doctor"], brief: "why a file cannot be decrypted here, and what to do" },
    ],
  },
  {
    title: "Keys, and who can read what",
    rows: [
      { words: ["keygen"], brief: "make an age key pair" },
      { words: ["identity"], brief: "private keys: list, import, export, protect, keychain" },
      { words: ["recipient"], brief: "public keys in .sops.yaml: list, add, remove, rename" },
      { words: ["rules"], brief: "creation rules of .sops.yaml: list, explain, lint, add" },
      { words: ["ssh-to-age"], brief: "convert ed25519 ssh keys to age keys" },
    ],
  },
  {
    title: "Files",
    rows: [
      { words: ["encrypt", "decrypt"], brief: "a whole file" },
      { words: ["get", "set", "unset"], brief: "one value of a file" },
      { words: ["exec-env", "exec-file"], brief: "run a command with the values of a file" },
      { words: ["updatekeys", "rotate"], brief: "to the recipients of their rule; with a new data key" },
      { words: ["filestatus"], brief: "whether a file is encrypted" },
    ],
  },
  {
    title: "The whole repository",
    rows: [
      { words: ["status", "access"], brief: "every file, what is out of date, who can read it" },
      { words: ["check"], brief: "the same for CI, without a private key" },
      { words: ["git"], brief: "encrypted files in git diff and git merge" },
    ],
  },
  {
    title: "More",
    rows: [
      { words: ["secret", "vault"], brief: "secrets by vault and name, as in atmos" },
      { words: ["nix"], brief: "signing keys and signatures of Nix binary caches" },
      { words: ["completion"], brief: "what Tab offers in bash, zsh, fish and PowerShell" },
    ],
  },
];

/** Every command that works, in the order of help. */
export const COMMANDS: readonly CommandSpec[] = [
  ...KEYGEN_COMMANDS,
  ...INIT_COMMANDS,
  ...DOCTOR_COMMANDS,
  ...COMPLETION_COMMANDS,
  ...EDIT_COMMANDS,
  ...FILE_COMMANDS,
  ...BULK_COMMANDS,
  ...CHECK_COMMANDS,
  ...ACCESS_COMMANDS,
  ...EXEC_COMMANDS,
  ...GIT_COMMANDS,
  ...VAULT_COMMANDS,
  ...IDENTITY_COMMANDS,
  ...RECIPIENT_COMMANDS,
  ...RULES_COMMANDS,
  ...SECRET_COMMANDS,
  ...SECRET_KEYGEN_COMMANDS,
  ...SSH_TO_AGE_COMMANDS,
  ...NIX_COMMANDS,
];
