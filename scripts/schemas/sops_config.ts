/**
 * The JSON Schema of `.sops.yaml`, made of the table of fields that the check of unknown keys uses. Pure.
 *
 * @module
 */
import {
  type Field,
  type FieldShape,
  type FieldTable,
  FLAT_KEY_FIELDS,
  KEY_GROUP_FIELDS,
  RULE_FIELDS,
  SELECTOR_FIELDS,
  TOP_LEVEL_FIELDS,
} from "../../lib/config/rules/sops_fields.ts";
import { DRAFT, type Schema, SCHEMA_BASE } from "./schema.ts";

/** Mappings that stand in several places, by the name of their definition. */
const DEFINITIONS: ReadonlyMap<FieldTable, string> = new Map([
  [RULE_FIELDS, "rule"],
  [KEY_GROUP_FIELDS, "keyGroup"],
]);

/** @returns the schema of `.sops.yaml` */
export function createSopsConfigSchema(): Schema {
  return {
    $schema: DRAFT,
    $id: `${SCHEMA_BASE}:sops-config`,
    title: "Configuration of SOPS (.sops.yaml)",
    type: ["object", "null"],
    properties: {
      keys: { description: "public keys with names (&name), for use in the rules; SOPS itself does not read it" },
      ...propertiesOf(TOP_LEVEL_FIELDS),
    },
    // Any other key may hold anchors that the rules use.
    definitions: {
      rule: { ...closedMap(RULE_FIELDS), ...ruleConditions() },
      keyGroup: closedMap(KEY_GROUP_FIELDS),
    },
  };
}

/** SOPS ignores what it does not know; this finds it. */
function closedMap(fields: FieldTable): Schema {
  return { type: ["object", "null"], properties: propertiesOf(fields), additionalProperties: false };
}

function propertiesOf(fields: FieldTable): Schema {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, schemaOfField(field)]));
}

function schemaOfField({ shape, brief }: Field): Schema {
  return { description: brief, ...schemaOf(shape) };
}

/** A null counts as absent everywhere. */
function schemaOf(shape: FieldShape): Schema {
  switch (shape.is) {
    case "text":
      return { type: ["string", "number", "boolean", "null"] };
    case "boolean":
      return { type: ["boolean", "null"] };
    case "integer":
      return { type: ["integer", "null"] };
    case "keys":
      return { type: ["string", "array", "null"], items: { type: ["string", "null"] } };
    case "list":
      return { type: ["array", "null"], items: schemaOf(shape.of) };
    case "map": {
      const definition = DEFINITIONS.get(shape.fields);
      if (definition !== undefined) return { $ref: `#/definitions/${definition}` };
      return Object.keys(shape.fields).length === 0 ? { type: ["object", "null"] } : closedMap(shape.fields);
    }
  }
}

/** At most one selector, and no flat keys beside `key_groups`. */
function ruleConditions(): Schema {
  const selectors = Object.keys(SELECTOR_FIELDS);
  const hasText = (name: string): Schema => ({
    required: [name],
    properties: { [name]: { type: "string", minLength: 1 } },
  });
  const pairs = selectors.flatMap((first, at) =>
    selectors.slice(at + 1).map((second) => ({ not: { allOf: [hasText(first), hasText(second)] } }))
  );
  const hasGroups = { required: ["key_groups"], properties: { key_groups: { type: "array", minItems: 1 } } };
  const noFlatKeys = Object.fromEntries(Object.keys(FLAT_KEY_FIELDS).map((name) => [name, { type: "null" }]));
  return { allOf: pairs, if: hasGroups, then: { properties: noFlatKeys } };
}
