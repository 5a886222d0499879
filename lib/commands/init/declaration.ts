/**
 * `init` as the command table has it: data, bound to a body that is loaded when it runs.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { PASSPHRASE_FLAGS, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";

/** The flags of `init`. */
export interface InitFlags extends PassphraseFlagValues {
  readonly name?: string;
  readonly newKey?: boolean;
  readonly sshKey?: string;
  readonly recipient?: string;
  readonly postQuantum?: boolean;
  readonly schema?: string;
  readonly nixos?: boolean;
  readonly nixDarwin?: boolean;
  readonly homeManager?: boolean;
  readonly host?: string;
  readonly newConfig?: boolean;
  readonly rule?: readonly string[];
  readonly allRules?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const RULE_FLAG = {
  brief: "join this rule, by number or by a piece of its path_regex (repeatable)",
  value: "RULE",
  completes: "rule",
  isRepeated: true,
} as const;

/** `init`. */
export const INIT_COMMANDS: readonly CommandSpec[] = [
  command<InitFlags>({
    words: ["init"],
    brief: "Set up a repository, or join the rules that it has, with a key of yours",
    description: [
      "Takes the identity that is in your keys file, or the one that a flag names, or makes one, and keeps git from the",
      "keys file where that lies in the repository. Without a .sops.yaml it makes one, with a rule for secrets/; else it",
      "adds the public half to the rules that are there: the only one, those of --rule and --all-rules, or those that you",
      "choose on a terminal. What is encrypted already, somebody who can read it gives to you: the line for them is printed.",
      "Safe to run twice. The recipient is printed on stdout; with --nixos, --nix-darwin or --home-manager a module for",
      "sops-nix instead.",
    ],
    flags: {
      name: { brief: "what the key is called in .sops.yaml (default: your user name)", value: "NAME" },
      newKey: { brief: "make a key even if there is one" },
      sshKey: { brief: "use this ed25519 ssh key: its converted identity goes to the keys file", value: "FILE" },
      recipient: {
        brief: "use this recipient (AGE1 or NAME=AGE1), whose private half is in the keys file or elsewhere",
        value: "AGE1",
      },
      postQuantum: { brief: "make an ML-KEM-768 + X25519 key (needs SOPS 3.12 and age 1.3 everywhere)" },
      schema: { brief: "name this JSON Schema in a new .sops.yaml, for editors (URL or path)", value: "URL" },
      rule: RULE_FLAG,
      allRules: { brief: "join every rule" },
      nixos: { brief: "print the sops-nix settings for NixOS that fit this repository" },
      nixDarwin: { brief: "print the sops-nix settings for nix-darwin" },
      host: { brief: "for the machine that the rules call NAME (NixOS, nix-darwin), not this one", value: "NAME" },
      homeManager: { brief: "print the sops-nix settings for home-manager" },
      newConfig: { brief: "make a .sops.yaml here although SOPS finds one above the git root" },
      dryRun: { brief: "show the change of .sops.yaml, make no key, write nothing" },
      json: JSON_FLAG,
      ...PASSPHRASE_FLAGS,
    },
    examples: [
      { line: "sopsmith init", purpose: "the first command in a repository" },
      {
        line: "sopsmith init --name alice --ssh-key ~/.ssh/id_ed25519",
        purpose: "with your ssh key, without questions",
      },
      { line: "sopsmith init --all-rules", purpose: "join a repository, without questions" },
      { line: "sopsmith init --nixos > secrets.nix", purpose: "the module that decrypts these secrets" },
    ],
    load: async () => (await import("./init.ts")).init,
  }),
];
