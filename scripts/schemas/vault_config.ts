/**
 * The JSON Schema of `sopsmith.yaml`, which is that of the parts of `atmos.yaml` that are read. Pure.
 *
 * `tests/scripts/schemas/schemas_test.ts` proves that the reader knows every key of it and warns of every other one.
 *
 * @module
 */
import { DRAFT, type Schema, SCHEMA_BASE } from "./schema.ts";

/** A text, or a function such as `!env NAME` that gives one, which a schema cannot see. */
const TEXT: Schema = { type: ["string", "null"] };

function text(description: string): Schema {
  return { description, ...TEXT };
}

function map(description: string, properties: Schema): Schema {
  return { description, type: ["object", "null"], properties, additionalProperties: false };
}

const AGE_KEY: Schema = {
  description: "where the private half is kept, when it is not age_key_file",
  anyOf: [
    TEXT,
    map("a store, or a file", {
      store: text("an entry of the top-level stores, or file"),
      path: text("the name in the store (default: the vault's name); with store file, the keys file"),
      value: text("the key itself; take it from the environment with !env NAME"),
    }),
  ],
};

const SPEC: Schema = map("where the files and keys of the vault are", {
  file: text("Go template of a file's path, such as secrets/{{ .atmos_stack }}.enc.yaml"),
  path: text("folder of the files when file is absent (default: secrets)"),
  age_key_file: text("the keys file; ~ and $NAME are expanded"),
  recipients_file: text("the .sops.yaml, from the base path"),
  age_recipients: text("pinned recipients, separated by commas"),
  age_key: AGE_KEY,
});

const VAULT: Schema = map("a vault", {
  kind: text("sops/age for keys that sopsmith makes"),
  identity: text("the identity that atmos uses for cloud kinds"),
  spec: SPEC,
});

const KEYCHAIN_OPTIONS: Schema = map("options of a keychain store", {
  service: text("name of the service in the keychain"),
  prefix: text("what the names of entries begin with"),
  stack_delimiter: text("what separates the parts of a stack's name"),
});

const STORE: Schema = {
  description: "a store for private keys",
  type: ["object", "null"],
  properties: { kind: text("keychain"), type: text("keychain"), options: KEYCHAIN_OPTIONS },
};

/** @returns the schema of `sopsmith.yaml` */
export function createVaultConfigSchema(): Schema {
  return {
    $schema: DRAFT,
    $id: `${SCHEMA_BASE}:sopsmith-config`,
    title: "Vaults of sopsmith (sopsmith.yaml)",
    type: ["object", "null"],
    properties: {
      base_path: text("the folder that paths of vaults count from (default: the folder of this file)"),
      secrets: map("vaults", {
        providers: { description: "vaults by name", type: ["object", "null"], additionalProperties: VAULT },
        vars: { description: "of atmos; not read" },
      }),
      stores: { description: "stores by name", type: ["object", "null"], additionalProperties: STORE },
    },
  };
}
