/**
 * The JSON Schemas of rules, keys and differences, which several commands print. Pure.
 *
 * @module
 */
import { KEY_TYPES, SELECTORS } from "../../lib/config/rules/sops_config.ts";
import { BOOLEAN, COUNT, listOf, NUMBER, objectOf, oneOfTexts, orNull, TEXT } from "./schema.ts";

/** The fields of a key. */
export const KEY_FIELDS = { type: oneOfTexts(...KEY_TYPES), text: TEXT, name: orNull(TEXT) };
/** A key of a rule or file. */
export const KEY = objectOf(KEY_FIELDS);

/** A key of a list; `you`: a private key on this machine is its other half. */
export const LISTED_KEY_FIELDS = { ...KEY_FIELDS, you: BOOLEAN };
export const LISTED_KEY = objectOf(LISTED_KEY_FIELDS);

/** A key and the group that it is in. */
export const GROUPED_KEY = objectOf({ ...KEY_FIELDS, group: NUMBER });
const LISTED_GROUPED_KEY = objectOf({ ...LISTED_KEY_FIELDS, group: NUMBER });

/** A creation rule. */
export const RULE = objectOf({
  number: NUMBER,
  line: NUMBER,
  pathRegex: orNull(TEXT),
  groups: listOf(listOf(LISTED_KEY)),
  shamirThreshold: orNull({ type: "integer" }),
  selectors: objectOf(Object.fromEntries(SELECTORS.map((name) => [`${name}?`, TEXT]))),
  macOnlyEncrypted: BOOLEAN,
});

/** An encrypted file against its rule. */
export const DIFFERENCES = objectOf({
  missing: listOf(LISTED_GROUPED_KEY),
  extra: listOf(LISTED_GROUPED_KEY),
  threshold: orNull(objectOf({ file: COUNT, rule: COUNT })),
});
