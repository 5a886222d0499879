/**
 * Flags and arguments that several commands for a file take, as the command table writes them. Pure data.
 *
 * @module
 */
import type { FlagSpec } from "../shared/command.ts";
import { PASSPHRASE_FLAGS } from "../shared/passphrase_flags.ts";

/** The formats as people read them. */
export const FORMATS = "yaml, json, dotenv, ini or binary";

/** The format of the input. */
export const INPUT_TYPE: FlagSpec = { brief: `read FILE as ${FORMATS}, whatever its name says`, value: "TYPE" };
/** The format of the output. */
export const OUTPUT_TYPE: FlagSpec = { brief: `write ${FORMATS} instead of the format of the name`, value: "TYPE" };
/** Both formats. */
export const TYPES = { inputType: INPUT_TYPE, outputType: OUTPUT_TYPE };
/** For input without a name. */
export const FILENAME_OVERRIDE: FlagSpec = {
  brief: "take format and rule as if the file were called NAME",
  value: "NAME",
};
/** Of commands that check who has changed the file. */
export const IGNORE_MAC: FlagSpec = { brief: "go on although the content was changed by someone without the key" };
/** Of `set` and `unset`. */
export const IDEMPOTENT: FlagSpec = { brief: "write nothing when nothing would change" };
/** Of commands that write. */
export const DRY_RUN: FlagSpec = { brief: "show the change, write nothing" };

/** Accepted everywhere, as SOPS accepts them before the command. */
export const COMMON = {
  verbose: { brief: "say which config and rule count" },
  decryptionOrder: { brief: "accepted for scripts; there is only one type of key here", value: "TYPES" },
} satisfies Record<string, FlagSpec>;

/** Of commands that open a file. */
export const READING = {
  ...PASSPHRASE_FLAGS,
  config: { brief: "accepted for scripts: only what writes new recipients reads a config", value: "FILE" },
  verbose: { brief: "accepted for scripts" },
  decryptionOrder: COMMON.decryptionOrder,
} satisfies Record<string, FlagSpec>;

/** Of commands that write a whole file. */
export const LAYOUT = {
  canonical: { brief: "lay the whole file out as SOPS does, instead of keeping the author's layout" },
  indent: { brief: "columns of one level, with --canonical", value: "N" },
} satisfies Record<string, FlagSpec>;

/** Of commands that print their result. */
export const OUTPUT = {
  inPlace: { brief: "write back to FILE", letter: "i" },
  output: { brief: "write to PATH (a new file with plain values is for nobody else to read)", value: "PATH" },
} satisfies Record<string, FlagSpec>;

/** For whom a file is encrypted, and what of it. */
export const SELECTION = {
  age: { brief: "encrypt for these recipients, with commas, instead of the rule's", letter: "a", value: "RECIPIENTS" },
  encryptedSuffix: { brief: "encrypt only below keys that end with TEXT", value: "TEXT" },
  unencryptedSuffix: { brief: "leave in clear what is below keys that end with TEXT", value: "TEXT" },
  encryptedRegex: { brief: "encrypt only below keys that match", value: "REGEX" },
  unencryptedRegex: { brief: "leave in clear what is below keys that match", value: "REGEX" },
  encryptedCommentRegex: { brief: "encrypt only what a comment that matches marks", value: "REGEX" },
  unencryptedCommentRegex: { brief: "leave in clear what a comment that matches marks", value: "REGEX" },
  macOnlyEncrypted: { brief: "authenticate the encrypted values only" },
  shamirSecretSharingThreshold: { brief: "key groups that are needed to decrypt", value: "N" },
} satisfies Record<string, FlagSpec>;

/** Why keys of services are refused. */
export const NO_SERVICE = "this program uses no network, and only the service can use its keys; encrypt with sops";

/** Keys of services, which `encrypt` of SOPS takes. */
export const FOREIGN_KEYS = Object.fromEntries(
  ["kms", "awsProfile", "encryptionContext", "pgp", "gcpKms", "hckms", "azureKv", "hcVaultTransit"].map((name) => [
    name,
    NO_SERVICE,
  ]),
);

/** Keys of services, which `rotate` of SOPS adds. */
export const ADDED_FOREIGN_KEYS = Object.fromEntries(
  ["addKms", "addPgp", "addGcpKms", "addHckms", "addAzureKv", "addHcVaultTransit"].map((name) => [name, NO_SERVICE]),
);

/** Taking a key away needs no service. */
export const REMOVED_FOREIGN_KEYS = {
  rmPgp: { brief: "no longer encrypt for these PGP keys", value: "KEYS" },
  rmKms: { brief: "no longer encrypt for these AWS KMS keys", value: "KEYS" },
  rmGcpKms: { brief: "no longer encrypt for these Google Cloud keys", value: "KEYS" },
  rmHckms: { brief: "no longer encrypt for these Huawei Cloud keys", value: "KEYS" },
  rmAzureKv: { brief: "no longer encrypt for these Azure keys", value: "KEYS" },
  rmHcVaultTransit: { brief: "no longer encrypt for these Vault keys", value: "KEYS" },
} satisfies Record<string, FlagSpec>;

/** Where the value of `set` comes from. */
export const VALUE_SOURCES = {
  valueFile: { brief: "VALUE is a file that holds the value" },
  valueStdin: { brief: "read the value from standard input; VALUE is left out" },
} satisfies Record<string, FlagSpec>;

/** The file. */
export const FILE = { name: "FILE", isRequired: true } as const;
/** The place of a value. */
export const PATH = { name: "PATH", isRequired: true } as const;
