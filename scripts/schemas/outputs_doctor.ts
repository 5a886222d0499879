/**
 * The JSON Schema of what `doctor --json` prints. Pure.
 *
 * @module
 */
import { BOOLEAN, COUNT, listOf, NUMBER, objectOf, oneOfTexts, orNull, type Schema, TEXT } from "./schema.ts";
import { DIFFERENCES, LISTED_KEY_FIELDS } from "./rule.ts";

const FILE_FIELDS = {
  path: TEXT,
  config: orNull(TEXT),
  configProblem: orNull(TEXT),
  rule: orNull(objectOf({ number: NUMBER, line: NUMBER, pathRegex: orNull(TEXT) })),
  decryptable: TEXT,
};

const READER = objectOf({
  ...LISTED_KEY_FIELDS,
  localIdentity: TEXT,
  from: orNull(TEXT),
  asksForPassphrase: BOOLEAN,
  obstacle: orNull(TEXT),
});

const FILE: Schema = {
  anyOf: [
    objectOf({ ...FILE_FIELDS, state: oneOfTexts("plain", "damaged") }),
    objectOf({
      ...FILE_FIELDS,
      state: oneOfTexts("encrypted"),
      valuesChecked: BOOLEAN,
      neededGroups: COUNT,
      groups: listOf(listOf(READER)),
      differences: orNull(DIFFERENCES),
      needsSops: orNull(objectOf({ version: TEXT, reason: TEXT })),
      cause: orNull(objectOf({ kind: TEXT, message: TEXT })),
    }),
  ],
};

const PLACE = objectOf({
  source: TEXT,
  path: orNull(TEXT),
  mode: orNull(TEXT),
  state: TEXT,
  reason: orNull(TEXT),
  identities: listOf(objectOf({
    recipient: orNull(TEXT),
    plugin: orNull(TEXT),
    asksForPassphrase: BOOLEAN,
    obstacle: orNull(TEXT),
  })),
});

/** What is known of the machine and of the files that were asked for. */
export const DOCTOR = objectOf({
  root: orNull(TEXT),
  files: listOf(FILE),
  places: listOf(PLACE),
  sops: objectOf({ version: orNull(TEXT), config: orNull(TEXT) }),
  findings: listOf(objectOf({ code: TEXT, severity: TEXT, message: TEXT, path: orNull(TEXT) })),
  next: orNull(TEXT),
});
