/**
 * `ssh-to-age` as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";
import type { SshToAgeFlags } from "./ssh_to_age.ts";

/** `ssh-to-age`. */
export const SSH_TO_AGE_COMMANDS: readonly CommandSpec[] = [
  command<SshToAgeFlags>({
    words: ["ssh-to-age"],
    versionWords: ["-version", "--version"],
    brief: "Convert ed25519 ssh keys to age keys",
    description: [
      "Reads .pub files, authorized_keys, known_hosts and what ssh-keyscan prints, and prints one recipient for each",
      "ed25519 key; keys of other types are named and left out. With --private-key it reads one private key of OpenSSH",
      "and prints the identity; its passphrase comes from the terminal, SSH_TO_AGE_PASSPHRASE, or a flag.",
      "An age recipient is another recipient than the ssh key itself, which SOPS 3.10 and newer take as well.",
    ],
    flags: {
      in: { brief: "read FILE instead of standard input", letter: "i", value: "FILE" },
      out: {
        brief: "write FILE instead of standard output; an identity gets mode 0600",
        letter: "o",
        value: "FILE",
      },
      privateKey: { brief: "convert a private key; this reveals the identity" },
      names: { brief: "put the host names or the comment behind each recipient, as # comment" },
      stdinpass: { brief: "read the passphrase from standard input (with -i FILE)" },
      ...PASSPHRASE_FLAGS,
      json: JSON_FLAG,
    },
    examples: [
      { line: "sopsmith ssh-to-age -i ~/.ssh/id_ed25519.pub", purpose: "your own recipient" },
      { line: "ssh-keyscan server | sopsmith ssh-to-age --names", purpose: "that of a server" },
      { line: "sopsmith ssh-to-age --private-key -i ~/.ssh/id_ed25519 -o key.txt", purpose: "your own identity" },
    ],
    spellings: {
      "-private-key": "--private-key",
      "-stdinpass": "--stdinpass",
      "--i": "-i",
      "--o": "-o",
    },
    load: async () => (await import("./ssh_to_age.ts")).sshToAge,
  }),
];
