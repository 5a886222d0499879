/**
 * The flags of the `secret` commands, as the command table writes them; names are those of atmos. Data.
 *
 * @module
 */
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";
import { JSON_FLAG, VAULT_CONFIG_FLAGS } from "../shared/shared_flags.ts";
import type { ArgumentSpec } from "../shared/command.ts";

/** Where the secrets are. */
export const SECRET_FLAGS = {
  stack: { brief: "the stack that the secrets are for (default: ATMOS_STACK)", letter: "s", value: "NAME" },
  component: { brief: "the component that the secrets are for (default: ATMOS_COMPONENT)", letter: "c", value: "NAME" },
  vault: { brief: "the vault (default: the only one)", value: "VAULT", completes: "vault" },
  type: { brief: "accepted for scripts: the name of a component says enough", value: "TYPE" },
  ...PASSPHRASE_FLAGS,
  json: JSON_FLAG,
  ...VAULT_CONFIG_FLAGS,
} as const;

/** Flags of atmos that there are none of. */
export const REFUSED = { identity: "it logs in to a cloud, and this program uses no network; atmos does it" };

/** How values are written to or read from text. */
export const VALUES_FORMAT = { brief: "env or json (default: env)", value: "FORMAT" } as const;

/** Values on standard output are for programs; people see them when they say so. */
export const MASK = { brief: "false: show values on a terminal, too", value: "true|false" } as const;

/** The secret that a command is about. */
export const SECRET_NAME: ArgumentSpec = { name: "NAME", isRequired: true };
