/**
 * Every key of `.sops.yaml` that SOPS reads, with its type and what it is for: one table for the check of unknown keys
 * and for the JSON Schema. Pure data. Spec: sops-engine §1.2–1.4 (SOPS 3.13.2).
 *
 * The reader in `sops_config_read.ts` follows the same rules by its own hands; `tests/config/rules/sops_fields_test.ts` proves
 * that the two agree.
 *
 * @module
 */

/** The type of a value. */
export type FieldShape =
  | { readonly is: "text" }
  | { readonly is: "boolean" }
  | { readonly is: "integer" }
  /** A text, keys separated by commas, or a list of texts. */
  | { readonly is: "keys" }
  | { readonly is: "list"; readonly of: FieldShape }
  | { readonly is: "map"; readonly fields: FieldTable };

/** One key. */
export interface Field {
  readonly shape: FieldShape;
  /** What it is for, in one line. */
  readonly brief: string;
}

/** The keys of one kind of mapping. */
export type FieldTable = Readonly<Record<string, Field>>;

const TEXT = { is: "text" } as const;
const BOOLEAN = { is: "boolean" } as const;
const KEYS = { is: "keys" } as const;
const TEXTS = { is: "list", of: TEXT } as const;

function listOfMaps(fields: FieldTable): FieldShape {
  return { is: "list", of: { is: "map", fields } };
}

const KMS_FIELDS: FieldTable = {
  arn: { shape: TEXT, brief: "address of the AWS KMS key" },
  role: { shape: TEXT, brief: "role to assume for the key" },
  context: { shape: { is: "map", fields: {} }, brief: "encryption context: names with texts" },
  aws_profile: { shape: TEXT, brief: "profile of the AWS credentials" },
};

/** The keys of a key group. Its keys of every type are alternatives: a reader needs one of them. */
export const KEY_GROUP_FIELDS: FieldTable = {
  // A group may hold groups, whose keys it takes over.
  get merge(): Field {
    return { shape: listOfMaps(KEY_GROUP_FIELDS), brief: "key groups whose keys become keys of this one" };
  },
  age: { shape: TEXTS, brief: "age recipients: age1…, or ssh-ed25519 and ssh-rsa from SOPS 3.10 on" },
  pgp: { shape: TEXTS, brief: "PGP fingerprints" },
  kms: { shape: listOfMaps(KMS_FIELDS), brief: "AWS KMS keys" },
  gcp_kms: {
    shape: listOfMaps({ resource_id: { shape: TEXT, brief: "resource name of the key" } }),
    brief: "Google Cloud KMS keys",
  },
  hckms: {
    shape: listOfMaps({ key_id: { shape: TEXT, brief: "region and id of the key" } }),
    brief: "Huawei Cloud KMS keys",
  },
  azure_keyvault: {
    shape: listOfMaps({
      vaultUrl: { shape: TEXT, brief: "address of the vault" },
      key: { shape: TEXT, brief: "name of the key" },
      version: { shape: TEXT, brief: "version of the key" },
    }),
    brief: "Azure Key Vault keys",
  },
  hc_vault: { shape: TEXTS, brief: "addresses of HashiCorp Vault transit keys" },
};

/** The keys of a creation rule that hold keys beside no `key_groups`. */
export const FLAT_KEY_FIELDS: FieldTable = {
  age: { shape: KEYS, brief: "age recipients, separated by commas (a list: SOPS 3.11)" },
  pgp: { shape: KEYS, brief: "PGP fingerprints, separated by commas" },
  kms: { shape: KEYS, brief: "addresses of AWS KMS keys, separated by commas" },
  gcp_kms: { shape: KEYS, brief: "Google Cloud KMS keys, separated by commas" },
  hckms: { shape: TEXTS, brief: "Huawei Cloud KMS keys" },
  azure_keyvault: { shape: KEYS, brief: "addresses of Azure Key Vault keys, separated by commas" },
  hc_vault_transit_uri: { shape: KEYS, brief: "addresses of HashiCorp Vault transit keys, separated by commas" },
};

/** The keys that choose which values of a file are encrypted; a rule may have one of them. */
export const SELECTOR_FIELDS: FieldTable = {
  unencrypted_suffix: { shape: TEXT, brief: "values under keys with this ending stay in clear" },
  encrypted_suffix: { shape: TEXT, brief: "only values under keys with this ending are encrypted" },
  unencrypted_regex: { shape: TEXT, brief: "values under keys that match stay in clear" },
  encrypted_regex: { shape: TEXT, brief: "only values under keys that match are encrypted" },
  unencrypted_comment_regex: { shape: TEXT, brief: "values behind a comment that matches stay in clear" },
  encrypted_comment_regex: { shape: TEXT, brief: "only values behind a comment that matches are encrypted" },
};

/** The keys of a creation rule. */
export const RULE_FIELDS: FieldTable = {
  path_regex: {
    shape: TEXT,
    brief: "RE2 pattern, searched in the path below this file's folder; without it the rule is for every file",
  },
  key_groups: {
    shape: listOfMaps(KEY_GROUP_FIELDS),
    brief: "who can read the files; with more than one group, a reader needs one key of each",
  },
  ...FLAT_KEY_FIELDS,
  aws_profile: { shape: TEXT, brief: "profile of the AWS credentials" },
  shamir_threshold: {
    shape: { is: "integer" },
    brief: "of how many key groups a reader needs a key (default: of all)",
  },
  ...SELECTOR_FIELDS,
  mac_only_encrypted: { shape: BOOLEAN, brief: "compute the file's MAC over encrypted values alone" },
};

const DESTINATION_FIELDS: FieldTable = {
  path_regex: { shape: TEXT, brief: "RE2 pattern, searched in the path below this file's folder" },
  s3_bucket: { shape: TEXT, brief: "bucket of Amazon S3" },
  s3_prefix: { shape: TEXT, brief: "prefix in that bucket" },
  gcs_bucket: { shape: TEXT, brief: "bucket of Google Cloud Storage" },
  gcs_prefix: { shape: TEXT, brief: "prefix in that bucket" },
  vault_path: { shape: TEXT, brief: "path in HashiCorp Vault" },
  vault_address: { shape: TEXT, brief: "address of HashiCorp Vault" },
  vault_kv_mount_name: { shape: TEXT, brief: "mount of its key-value store" },
  vault_kv_version: { shape: { is: "integer" }, brief: "version of its key-value store" },
  recreation_rule: { shape: { is: "map", fields: RULE_FIELDS }, brief: "keys to encrypt to before publishing" },
  omit_extensions: { shape: BOOLEAN, brief: "publish under the name without its ending" },
};

const INDENT_FIELDS: FieldTable = {
  indent: { shape: { is: "integer" }, brief: "columns per level (default: 4 in YAML, a tab in JSON)" },
};

const STORES_FIELDS: FieldTable = {
  yaml: { shape: { is: "map", fields: INDENT_FIELDS }, brief: "how encrypted YAML files are written" },
  json: { shape: { is: "map", fields: INDENT_FIELDS }, brief: "how encrypted JSON files are written" },
  json_binary: { shape: { is: "map", fields: INDENT_FIELDS }, brief: "how encrypted binary files are written" },
  dotenv: { shape: { is: "map", fields: {} }, brief: "no settings yet" },
  ini: { shape: { is: "map", fields: {} }, brief: "no settings yet" },
};

/** The top-level keys that SOPS reads. */
export const TOP_LEVEL_FIELDS: FieldTable = {
  creation_rules: { shape: listOfMaps(RULE_FIELDS), brief: "the first rule whose path_regex matches a file wins" },
  destination_rules: { shape: listOfMaps(DESTINATION_FIELDS), brief: "where `sops publish` puts files" },
  stores: { shape: { is: "map", fields: STORES_FIELDS }, brief: "how encrypted files are written" },
};
