/**
 * Flags that several commands take, as the command table writes them. Pure data.
 *
 * @module
 */
import type { FlagSpec } from "./command.ts";

/** Of commands that print data. */
export const JSON_FLAG: FlagSpec = { brief: "result as JSON on stdout" };

/** Of commands that may take a key away. */
export const WITHOUT_ME_FLAG: FlagSpec = {
  brief: "take away your own key, too, where it is the only one here that reads files",
};

/** Of commands that read vaults. */
export const VAULT_CONFIG_FLAGS = {
  config: {
    brief: "read vaults from FILE instead of searching (repeatable; later files win)",
    value: "FILE",
    isRepeated: true,
  },
  configPath: {
    brief: "read vaults from the configuration in DIR instead of searching (repeatable)",
    value: "DIR",
    isRepeated: true,
  },
  profile: {
    brief: "lay the profile NAME over the configuration (repeatable; default: ATMOS_PROFILE)",
    value: "NAME",
    isRepeated: true,
  },
  stack: { brief: "the vault as this stack defines it (default: ATMOS_STACK)", letter: "s", value: "NAME" },
  component: {
    brief: "the vault as this component defines it (default: ATMOS_COMPONENT)",
    letter: "c",
    value: "NAME",
  },
} as const;

/** Of commands that read a `.sops.yaml`. */
export const RULES_CONFIG_FLAG: FlagSpec = {
  brief: "use this .sops.yaml instead of searching",
  value: "FILE",
  completes: "rule-file",
};
