/**
 * The JSON Schemas of what commands print with `--json`, by the words of the command. Pure.
 *
 * The shapes are API: a key is never taken away, and its type never changes. `tests/scripts/schemas/schemas_test.ts` checks them against
 * what every command case really prints.
 *
 * @module
 */
import { ERROR_KINDS } from "../../lib/base/error.ts";
import { listCheckCodes } from "../../lib/repository/check/code.ts";
import { listLintCodes, SEVERITIES } from "../../lib/config/lint/code.ts";
import {
  BOOLEAN,
  COUNT,
  DRAFT,
  listOf,
  NUMBER,
  objectOf,
  oneOfTexts,
  orNull,
  type Schema,
  SCHEMA_BASE,
  TEXT,
} from "./schema.ts";
import { DOCTOR } from "./outputs_doctor.ts";
import { KEY_RESULTS } from "./outputs_keys.ts";
import { DIFFERENCES, GROUPED_KEY, KEY, LISTED_KEY, LISTED_KEY_FIELDS, RULE } from "./rule.ts";

const LOCATION = objectOf({ path: TEXT, "line?": NUMBER, "column?": NUMBER });

const ERROR_FIELDS = objectOf({
  kind: oneOfTexts(...ERROR_KINDS),
  message: TEXT,
  hints: listOf(TEXT),
  "details?": listOf(TEXT),
  "location?": LOCATION,
});

const ERROR = objectOf({ error: ERROR_FIELDS });

/** What `updatekeys` and `rotate` print, given what they call files that are changed and those that would be. */
function keyChangesOf(changed: string, planned: string): Schema {
  const states = [changed, planned, "up-to-date", "no-rule", "no-config", "left", "failed"];
  return objectOf({
    files: listOf(objectOf({
      file: TEXT,
      changed: BOOLEAN,
      state: oneOfTexts(...states),
      added: listOf(GROUPED_KEY),
      removed: listOf(GROUPED_KEY),
      threshold: orNull(objectOf({ file: NUMBER, rule: NUMBER })),
      "error?": ERROR_FIELDS,
    })),
    counts: objectOf(Object.fromEntries(states.map((state) => [`${state}?`, COUNT]))),
  });
}

const UPDATEKEYS = keyChangesOf("updated", "would-update");

const ROTATE = keyChangesOf("rotated", "would-rotate");

const STATUS = objectOf({
  files: listOf(objectOf({
    file: TEXT,
    state: oneOfTexts("up-to-date", "differs", "no-rule", "no-config"),
    config: orNull(TEXT),
    rule: orNull(NUMBER),
    problem: orNull(TEXT),
    damagedKeys: listOf(LISTED_KEY),
    readers: listOf(listOf(LISTED_KEY)),
    differences: orNull(DIFFERENCES),
    settings: listOf(objectOf({ name: TEXT, file: orNull(TEXT), rule: orNull(TEXT) })),
  })),
  failures: listOf(objectOf({ file: TEXT, error: ERROR_FIELDS })),
  counts: objectOf({ "up-to-date": COUNT, "differs": COUNT, "no-rule": COUNT, "no-config": COUNT }),
});

const CHECK = objectOf({
  findings: listOf(objectOf({
    code: oneOfTexts(...listCheckCodes(), ...listLintCodes()),
    severity: oneOfTexts(...SEVERITIES),
    file: TEXT,
    line: orNull(NUMBER),
    found: TEXT,
    expected: TEXT,
    next: TEXT,
  })),
  failures: listOf(objectOf({ file: TEXT, error: ERROR_FIELDS })),
  skipped: listOf(TEXT),
  counts: objectOf(Object.fromEntries(SEVERITIES.map((severity) => [severity, COUNT]))),
  checked: COUNT,
  encrypted: COUNT,
  unjudged: listOf(objectOf({ config: TEXT, rule: NUMBER, files: COUNT })),
});

const ACCESS = objectOf({
  readers: listOf(objectOf({
    name: TEXT,
    you: BOOLEAN,
    keys: listOf(objectOf({ type: TEXT, text: TEXT })),
    files: COUNT,
  })),
  files: listOf(objectOf({
    file: TEXT,
    readers: listOf(objectOf({ name: TEXT, reading: oneOfTexts("alone", "together") })),
    groups: objectOf({ needed: COUNT, count: COUNT }),
    asRuleSays: orNull(BOOLEAN),
  })),
  failures: listOf(objectOf({ file: TEXT, error: ERROR_FIELDS })),
});

/** Null where there are several, or none. */
const SECRET_PLACES = { vault: orNull(TEXT), file: orNull(TEXT), files: listOf(TEXT) };

const SECRET_CHANGE = objectOf({ ...SECRET_PLACES, changed: BOOLEAN, names: listOf(TEXT) });

const SECRET_LIST = objectOf({
  ...SECRET_PLACES,
  names: listOf(TEXT),
  secrets: listOf(objectOf({
    stack: TEXT,
    component: TEXT,
    secret: TEXT,
    scope: oneOfTexts("instance", "stack", "global"),
    provider: TEXT,
    status: oneOfTexts("initialized", "missing", "unknown", "error"),
    description: TEXT,
    required: BOOLEAN,
  })),
});

/** The private key of a vault is in no file of secrets. */
const SECRET_GET = objectOf({ vault: TEXT, file: orNull(TEXT), name: TEXT, value: {} });

const SECRET_VALIDATE = objectOf({
  ...SECRET_PLACES,
  required: listOf(TEXT),
  missing: listOf(TEXT),
  undeclared: listOf(TEXT),
  shared: listOf(objectOf({ path: TEXT, components: listOf(TEXT) })),
});

const RULES_LIST = objectOf({ config: TEXT, rules: listOf(RULE) });

const RULES_EXPLAIN = objectOf({
  files: listOf(objectOf({
    file: TEXT,
    config: objectOf({ path: TEXT, reason: oneOfTexts("flag", "environment", "nearest") }),
    path: TEXT,
    rules: listOf(objectOf({ number: NUMBER, line: NUMBER, pathRegex: orNull(TEXT), matches: BOOLEAN })),
    winner: orNull(RULE),
    isRefused: BOOLEAN,
    errors: listOf(objectOf({
      code: oneOfTexts(...listLintCodes()),
      line: NUMBER,
      column: NUMBER,
      message: TEXT,
      fix: orNull(TEXT),
    })),
    state: oneOfTexts("absent", "plain", "encrypted"),
    readers: orNull(listOf(listOf(LISTED_KEY))),
    differences: orNull(DIFFERENCES),
  })),
});

const FINDING = objectOf({
  code: oneOfTexts(...listLintCodes()),
  severity: oneOfTexts(...SEVERITIES),
  path: TEXT,
  line: NUMBER,
  column: NUMBER,
  message: TEXT,
  fix: orNull(TEXT),
  repair: oneOfTexts("none", "named", "always"),
});

const RULES_LINT = objectOf({
  config: orNull(TEXT),
  findings: listOf(FINDING),
  counts: objectOf(Object.fromEntries(SEVERITIES.map((severity) => [severity, COUNT]))),
  "dryRun?": BOOLEAN,
  "fixed?": listOf(FINDING),
  "diff?": TEXT,
});

const RULES_ADD = objectOf({
  changed: BOOLEAN,
  change: orNull(oneOfTexts("added", "extended")),
  dryRun: BOOLEAN,
  config: TEXT,
  rule: RULE,
  before: orNull(NUMBER),
  shadowed: listOf(NUMBER),
  filesToUpdate: listOf(TEXT),
  "diff?": TEXT,
});

const KEYGEN: Schema = {
  anyOf: [
    objectOf({ vault: TEXT, kind: TEXT, changed: BOOLEAN, reason: oneOfTexts("unsupported") }),
    objectOf({
      vault: TEXT,
      changed: BOOLEAN,
      change: orNull(oneOfTexts("recorded", "made")),
      dryRun: BOOLEAN,
      recipient: orNull(TEXT),
      keysFile: orNull(TEXT),
      "keychain?": objectOf({ service: TEXT, account: TEXT }),
      config: TEXT,
      rule: objectOf({ number: NUMBER, line: NUMBER, pathRegex: orNull(TEXT), isNew: BOOLEAN }),
      filesToUpdate: listOf(TEXT),
      "diff?": TEXT,
    }),
  ],
};

const PRIVATE_HALF: Schema = {
  anyOf: [
    objectOf({ place: oneOfTexts("file"), path: TEXT, reason: TEXT }),
    objectOf({ place: oneOfTexts("store"), store: TEXT, path: TEXT, storeKind: orNull(TEXT) }),
    objectOf({ place: oneOfTexts("configuration", "elsewhere") }),
    objectOf({ place: oneOfTexts("unknown"), problem: TEXT }),
  ],
};

const VAULT_FIELDS = {
  name: TEXT,
  kind: TEXT,
  definedFor: orNull(listOf(objectOf({ stack: orNull(TEXT), manifest: TEXT, component: orNull(TEXT) }))),
  definedAt: orNull(LOCATION),
  canGenerateKey: BOOLEAN,
};

const VAULT_LIST = objectOf({
  files: listOf(TEXT),
  vaults: listOf({
    anyOf: [
      objectOf({ ...VAULT_FIELDS, problem: TEXT }),
      objectOf({ ...VAULT_FIELDS, privateHalf: PRIVATE_HALF, recipientsFile: TEXT }),
    ],
  }),
});

const VAULT_SHOW = objectOf({
  ...VAULT_FIELDS,
  isBuiltIn: BOOLEAN,
  basePath: TEXT,
  files: TEXT,
  pathRegex: TEXT,
  privateHalf: PRIVATE_HALF,
  keysFileExists: orNull(BOOLEAN),
  recipientsFile: TEXT,
  recipientsFileExists: BOOLEAN,
  ageRecipients: orNull(TEXT),
  hiddenConfig: orNull(TEXT),
});

const INIT = objectOf({
  recipient: orNull(TEXT),
  name: TEXT,
  source: oneOfTexts("keys file", "ssh key", "flag", "new"),
  changed: BOOLEAN,
  dryRun: BOOLEAN,
  keysFile: orNull(TEXT),
  config: TEXT,
  rule: objectOf({ number: NUMBER, pathRegex: orNull(TEXT), isNew: BOOLEAN }),
  ignored: orNull(TEXT),
  joined: listOf(NUMBER),
  filesToUpdate: listOf(TEXT),
  "diff?": TEXT,
  "module?": TEXT,
});

const CHANGE_FIELDS = {
  config: TEXT,
  changed: BOOLEAN,
  dryRun: BOOLEAN,
  rules: listOf(objectOf({
    number: NUMBER,
    pathRegex: orNull(TEXT),
    isDropped: BOOLEAN,
    gained: listOf(KEY),
    lost: listOf(KEY),
  })),
  filesToUpdate: listOf(TEXT),
  movedFiles: listOf(objectOf({ path: TEXT, rule: orNull(NUMBER) })),
  "diff?": TEXT,
};
const RECIPIENT_CHANGE = objectOf({
  ...CHANGE_FIELDS,
  exposedValues: listOf(objectOf({ file: TEXT, values: orNull(listOf(TEXT)) })),
  "update?": UPDATEKEYS,
});

const RECIPIENT_LIST = objectOf({
  config: TEXT,
  recipients: listOf(objectOf({
    ...LISTED_KEY_FIELDS,
    names: listOf(TEXT),
    kind: TEXT,
    rules: listOf(NUMBER),
    files: listOf(TEXT),
    isInConfig: BOOLEAN,
  })),
});

/** What a command prints on success, by its words; `secret keygen` prints what `keygen` does. */
const RESULTS: ReadonlyMap<string, Schema> = new Map([
  ...KEY_RESULTS,
  ["access", ACCESS],
  ["check", CHECK],
  ["doctor", DOCTOR],
  ["init", INIT],
  ["keygen", KEYGEN],
  ["recipient add", RECIPIENT_CHANGE],
  ["recipient import", RECIPIENT_CHANGE],
  ["recipient list", RECIPIENT_LIST],
  ["recipient remove", RECIPIENT_CHANGE],
  ["recipient rename", objectOf({ from: TEXT, to: TEXT, ...CHANGE_FIELDS })],
  ["recipient set", RECIPIENT_CHANGE],
  ["rotate", ROTATE],
  ["rules add", RULES_ADD],
  ["rules explain", RULES_EXPLAIN],
  ["rules lint", RULES_LINT],
  ["rules list", RULES_LIST],
  ["secret delete", SECRET_CHANGE],
  ["secret get", SECRET_GET],
  ["secret import", SECRET_CHANGE],
  ["secret init", SECRET_CHANGE],
  ["secret list", SECRET_LIST],
  ["secret push", SECRET_CHANGE],
  ["secret set", SECRET_CHANGE],
  ["secret validate", SECRET_VALIDATE],
  ["status", STATUS],
  ["updatekeys", UPDATEKEYS],
  ["vault list", VAULT_LIST],
  ["vault show", VAULT_SHOW],
]);

/** @returns the schemas by file name: the words of the command joined by `-`; each also takes the shape of an error */
export function createOutputSchemas(): ReadonlyMap<string, Schema> {
  return new Map([...RESULTS].map(([words, result]) => {
    const name = words.replaceAll(" ", "-");
    return [name, {
      $schema: DRAFT,
      $id: `${SCHEMA_BASE}:output:${name}`,
      title: `What "sopsmith ${words} --json" prints`,
      anyOf: [result, ERROR],
    }];
  }));
}
