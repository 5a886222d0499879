/**
 * `vault …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { VaultListFlags } from "./list.ts";
import type { VaultShowFlags } from "./show.ts";
import { JSON_FLAG, VAULT_CONFIG_FLAGS } from "../shared/shared_flags.ts";

/** `vault …`. */
export const VAULT_COMMANDS: readonly CommandSpec[] = [
  command<VaultListFlags>({
    words: ["vault", "list"],
    aliases: ["ls"],
    brief: "List the vaults and where each half of their keys lives",
    description: ['Vaults come from atmos.yaml or sopsmith.yaml; without any there is the built-in vault "default".'],
    flags: { json: JSON_FLAG, ...VAULT_CONFIG_FLAGS },
    examples: [{ line: "sopsmith vault list", purpose: "all vaults of this repository" }],
    load: async () => (await import("./list.ts")).vaultList,
  }),
  command<VaultShowFlags>({
    words: ["vault", "show"],
    brief: "Show one vault: its files, its rule, its keys file",
    description: ["Never shows key material."],
    arguments: [{ name: "VAULT", completes: "vault" }],
    flags: { json: JSON_FLAG, ...VAULT_CONFIG_FLAGS },
    examples: [
      { line: "sopsmith vault show", purpose: "the only vault" },
      { line: "sopsmith vault show prod-sops", purpose: "a named vault" },
    ],
    load: async () => (await import("./show.ts")).vaultShow,
  }),
];
