/**
 * What all JSON Schemas of the project share. Pure.
 *
 * @module
 */

/** A JSON Schema or a part of one. */
export type Schema = { readonly [key: string]: unknown };

/** The draft that editors know best. */
export const DRAFT = "http://json-schema.org/draft-07/schema#";

/** What the names of the schemas begin with; editors find the files by their path in the repository or a release. */
export const SCHEMA_BASE = "urn:sopsmith";

/** @returns a closed object whose keys are all there but for those that end with `?` */
export function objectOf(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ""), fields[name]])),
    required: names.filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

/** @returns a list of such values */
export function listOf(items: Schema): Schema {
  return { type: "array", items };
}

/** @returns such a value, or null */
export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** @returns one of these texts */
export function oneOfTexts(...texts: readonly string[]): Schema {
  return { enum: texts };
}

/** A text. */
export const TEXT: Schema = { type: "string" };

/** True or false. */
export const BOOLEAN: Schema = { type: "boolean" };

/** A whole number from 0 on. */
export const COUNT: Schema = { type: "integer", minimum: 0 };

/** A line, column, rule or group number. */
export const NUMBER: Schema = { type: "integer", minimum: 1 };
